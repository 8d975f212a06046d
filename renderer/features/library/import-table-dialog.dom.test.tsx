// @vitest-environment happy-dom
import { fireEvent, screen, within } from "@testing-library/react";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { RequestName } from "../../../preload/contract/channels.ts";
import { createFakeApi } from "../../fake/fake.ts";
import { holding, listening, onPage, press, says, settled, until } from "../../fake/on-page.tsx";
import { testIds } from "../../ui/test-ids.ts";
import { setLanguage } from "../../ui/words.ts";
import { beginImport, useImportFlow } from "./import-flow.ts";
import { ImportTableDialog } from "./import-table-dialog.tsx";

beforeEach(() => useImportFlow.setState(useImportFlow.getInitialState(), true));
afterEach(() => setLanguage("en"));

const LATER_MS = 260; // what was changed is read anew a little later
const LONG = "/研究/分娩監視記録_産科病棟第二期_匿名化済み_判読者二名による確認後_最終版.csv";

const dialog = (): HTMLElement | null => document.querySelector("[role=dialog]");
const inside = () => within(dialog() ?? document.body);

/** These tables are asked about; what is read of them, or imported, may wait. */
async function asked(paths: readonly string[], ...waits: readonly RequestName[]) {
  const { api: told, asked: all } = listening(createFakeApi());
  const { api, held } = holding(told, ...waits);
  onPage(<ImportTableDialog />, api);
  await settled();
  await beginImport(paths);
  await until(() => dialog() !== null, "the dialog");
  await settled(LATER_MS);
  const imports = () => all.flatMap((one) => (one.name === "import.start" ? [one.params] : []));
  return { held, imports };
}

test("a table is imported as it is shown, once, however fast its keys come", async () => {
  const { imports } = await asked(["/data/one.csv"]);
  expect(dialog()?.textContent).toContain("one.csv");
  press("Mod+Enter");
  press("Mod+Enter");
  await settled();
  expect(imports()).toHaveLength(1);
  expect(imports()[0]).toMatchObject({ paths: ["/data/one.csv"] });
  expect(useImportFlow.getState().tables).toEqual([]);
});

test("who leaves has imported nothing, and is not asked about the others either", async () => {
  const { imports } = await asked(["/data/one.csv", "/data/two.csv"]);
  press("Escape");
  await until(() => dialog() === null, "the page");
  press("Mod+Enter");
  await settled();
  expect(imports()).toEqual([]);
  expect(useImportFlow.getState()).toMatchObject({ tables: [], events: [] });
});

test("tables of the same columns go together unless that is unticked; then each is asked about", async () => {
  const { imports } = await asked(["/data/one.csv", "/data/two.csv"]);
  fireEvent.click(inside().getByRole("checkbox"));
  await settled();
  press("Mod+Enter");
  await settled(LATER_MS);
  expect(imports().map(({ paths }) => paths)).toEqual([["/data/one.csv"]]);
  expect(dialog()?.textContent).toContain("two.csv");
  press("Mod+Enter");
  await settled();
  expect(imports().map(({ paths }) => paths)).toEqual([["/data/one.csv"], ["/data/two.csv"]]);
});

test("what a person sets is what is imported: a channel's name, the subject, and no more", async () => {
  const { imports } = await asked([LONG]);
  const [label] = inside().getAllByLabelText("Name");
  const name = "胎児心拍数（外測・超音波ドプラ法、左下腹部に装着、体位変換後に再装着）";
  fireEvent.change(label ?? document.body, { target: { value: name } });
  fireEvent.change(inside().getByLabelText("Subject"), { target: { value: "S-7" } });
  await settled(LATER_MS);
  expect(inside().getAllByLabelText<HTMLInputElement>("Name")[0]?.value).toBe(name);
  expect(dialog()?.textContent).toContain("最終版.csv");
  press("Mod+Enter");
  await settled();
  const said = JSON.stringify(imports()[0]);
  expect(said).toContain(name);
  expect(said).toContain('"subject":"S-7"');
  expect(said).not.toContain('"study"');
});

test("a file that cannot be looked at says why, and can be imported as it is all the same", async () => {
  const { api, asked: all } = listening(createFakeApi(1, { failing: ["import.preview"] }));
  onPage(<ImportTableDialog />, api);
  await settled();
  await beginImport(["/data/one.csv"]);
  await says("storage/disk-full");
  expect(screen.queryByTestId(testIds.importTableStart)).toBeNull();
  press("Mod+Enter");
  await settled();
  expect(all.map(({ name }) => name)).not.toContain("import.start");
  fireEvent.click(inside().getByRole("button", { name: /without settings/i }));
  await settled();
  expect(all.at(-1)).toMatchObject({
    name: "import.start",
    params: { paths: ["/data/one.csv"], options: {} },
  });
});

test("a rate that the file tells is measured anew by the import; one that a person gave goes with it", async () => {
  const rate = (): HTMLInputElement => inside().getByLabelText("Samples a second (Hz)");
  const { imports } = await asked(["/data/one.csv"]);
  expect(rate().value).toBe("4");
  press("Mod+Enter");
  await settled();
  expect(JSON.stringify(imports()[0])).not.toContain("sampleRate");
  await beginImport(["/data/two.csv"]);
  await until(() => dialog() !== null, "the dialog");
  await settled(LATER_MS);
  fireEvent.change(rate(), { target: { value: "2" } });
  await settled(LATER_MS);
  press("Mod+Enter");
  await settled();
  expect(JSON.stringify(imports()[1])).toContain('"sampleRate":2');
});
