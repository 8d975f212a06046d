import { MantineProvider } from "@mantine/core";
import { renderToStaticMarkup } from "react-dom/server";
import { afterEach, expect, test } from "vitest";
import { unwrap } from "../../../preload/contract/errors.ts";
import { createFakeApi } from "../../fake/fake.ts";
import { setLanguage } from "../../ui/words.ts";
import { SelectionPanel } from "./selection-panel.tsx";

afterEach(() => setLanguage("en"));
const nothing = () => undefined;

async function panel(count: number, hidden = 0): Promise<string> {
  const all = unwrap(await createFakeApi(1, { rows: 20 }).request("recordings.page", {})).rows;
  const html = renderToStaticMarkup(
    <MantineProvider>
      <SelectionPanel
        chosen={{ count, shown: count - hidden, first: all.slice(0, count) }}
        onExport={nothing}
        onRemove={nothing}
        onVerify={nothing}
        onCompare={nothing}
        onPredict={nothing}
        onAnalyse={nothing}
        onUc={nothing}
        isVerifying={false}
        onClear={nothing}
        onPush={undefined}
      />
    </MantineProvider>,
  );
  return html.replace(/<[^<>]+>/g, "|");
}

test("two ticked recordings are both named, and the bin is offered for two", async () => {
  const text = await panel(2);
  expect(text).toContain("2 recordings ticked");
  expect(text).toContain("CTG 01");
  expect(text).toContain("CTG 02");
  expect(text).toContain("Move 2 to bin");
  expect(text).not.toContain("hidden by the filters");
});

test("of many the first are named and the rest counted, and those a filter hides are told", async () => {
  await setLanguage("ja");
  const text = await panel(20, 3);
  expect(text).toContain("20件を選択中");
  expect(text).toContain("ほか8件");
  expect(text).toContain("うち3件は絞り込みのため表に出ていません。");
});
