import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { renderToStaticMarkup } from "react-dom/server";
import { afterEach, expect, test } from "vitest";
import { LabelSet } from "../../../preload/contract/label-set.ts";
import ctgEvents from "../../../resources/label-sets/ctg-events.json";
import emgGestures from "../../../resources/label-sets/emg-gestures.json";
import { unwrap } from "../../../preload/contract/errors.ts";
import { answering, drawn as page, textIn } from "../../fake/drawn.tsx";
import { createFakeApi } from "../../fake/fake.ts";
import { createQueryClient, requestKey } from "../../bridge/hooks.ts";
import { setLanguage } from "../../ui/words.ts";
import { LabelSetEditor } from "./label-set-editor.tsx";

afterEach(() => setLanguage("en"));

/** Each group of the first set as it is drawn: its code, the names in its fields, and what its buttons do. */
function drawn(set: unknown) {
  const client = createQueryClient();
  client.setQueryData(requestKey("labelSets.list", {}), [LabelSet.parse(set)]);
  client.setQueryData(requestKey("labelSets.usage", { id: LabelSet.parse(set).id }), []);
  const html = renderToStaticMarkup(
    <MantineProvider>
      <QueryClientProvider client={client}>
        <LabelSetEditor />
      </QueryClientProvider>
    </MantineProvider>,
  );
  return html
    .split('data-testid="editor-group" data-group="')
    .slice(1)
    .map((part) => ({
      code: part.slice(0, part.indexOf('"')),
      names: [...part.matchAll(/lang="en"[^>]* value="([^"]*)"/g)].map(([, name]) => name),
      buttons: [...part.matchAll(/<button[^>]*aria-label="([^"]*)"[^>]*>/g)].map(
        ([tag, name]) => `${name}${tag.includes("disabled=") ? " (off)" : ""}`,
      ),
    }));
}

test("each group is drawn with its labels under it, and what can be done with it is said by name", async () => {
  const groups = drawn(ctgEvents);
  expect(groups.map(({ code, names }) => [code, names.length - 1])).toEqual([
    ["heart-rate-events", 6],
    ["contractions", 1],
    ["baseline-state", 2],
    ["signal-quality", 1],
    ["notes", 1],
  ]);
  expect(groups[1]).toEqual({
    code: "contractions",
    names: ["Contractions", "Contraction"],
    buttons: [
      "Add a label to Contractions",
      "Move Contractions up",
      "Move Contractions down",
      "Remove Contractions; its labels join Heart-rate events",
      "Move Contraction up",
      "Move Contraction down",
      "Put Contraction in another group",
      "Remove Contraction",
    ],
  });
  expect(groups[0]?.buttons.slice(1, 5)).toEqual([
    "Move Heart-rate events up (off)",
    "Move Heart-rate events down",
    "Remove Heart-rate events; its labels join Contractions",
    "Move Acceleration up (off)",
  ]);
  await setLanguage("ja");
  expect(drawn(ctgEvents)[1]?.buttons).toContain("子宮収縮を別のグループへ");
});

test("the only group of a set cannot be removed, and its labels have no other to go to", () => {
  const [group, ...others] = drawn(emgGestures);
  expect(others).toEqual([]);
  expect(group?.names).toHaveLength(8);
  expect(group?.buttons).toContain("Remove All labels (off)");
  expect(group?.buttons.filter((name) => name.startsWith("Put"))).toEqual([]);
});

test("sets that cannot be read are a failure and no empty form, in which a set could be made twice", async () => {
  const asked = [["labelSets.list", {}]] as const;
  const failed = await page(<LabelSetEditor />, createFakeApi(1, { failing: ["labelSets.list"] }), asked);
  expect(textIn(failed)).toContain("storage/disk-full");
  expect(failed).not.toContain('data-testid="label-set-editor"');
});

test("a library without a set begins a new one, and what nobody changed is not offered to be saved", async () => {
  const api = createFakeApi();
  const asked = [["labelSets.list", {}]] as const;
  const saving = (html: string) => /<button[^>]*data-testid="editor-save"[^>]*>/.exec(html)?.[0] ?? "";
  const none = await page(<LabelSetEditor />, answering(api, { "labelSets.list": [] }), asked);
  expect(textIn(none)).toContain("not saved yet");
  const known = await page(<LabelSetEditor />, api, asked);
  expect(textIn(known)).toContain("version 1");
  for (const html of [none, known]) expect(saving(html)).toContain("disabled");
});

test("how often a label is used stands beside it", async () => {
  const api = createFakeApi();
  const id = "ctg-events";
  const [use] = unwrap(await api.request("labelSets.usage", { id }));
  if (!use) throw new Error("the study uses labels");
  const html = await page(<LabelSetEditor />, api, [
    ["labelSets.list", {}],
    ["labelSets.usage", { id }],
  ]);
  const cell = new RegExp(`data-testid="label-use" data-label="${use.label}"[^>]*>([^<]*)<`).exec(html);
  expect(cell?.[1]).toBe(String(use.annotations));
});
