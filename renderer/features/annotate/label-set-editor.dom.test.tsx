// @vitest-environment happy-dom
import { fireEvent } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import type { Api } from "../../../preload/contract/channels.ts";
import { unwrap } from "../../../preload/contract/errors.ts";
import { createFakeApi } from "../../fake/fake.ts";
import { holding, onPage, press, says, settled } from "../../fake/on-page.tsx";
import { setLanguage } from "../../ui/words.ts";
import { LabelSetEditor } from "./label-set-editor.tsx";

afterEach(() => setLanguage("en"));

/** The first set in the editor; what is saved waits. */
async function editing() {
  const library = createFakeApi();
  const { api, held } = holding(library, "labelSets.save");
  onPage(<LabelSetEditor />, api);
  await says("Save as version");
  await settled();
  return { library, held };
}
const names = (language: "en" | "ja"): HTMLInputElement[] => [
  ...document.querySelectorAll<HTMLInputElement>(`input[lang=${language}]`),
];
const type = async (field: HTMLInputElement | undefined, value: string): Promise<void> => {
  fireEvent.change(field ?? document.body, { target: { value } });
  await settled();
};
const versions = async (api: Api): Promise<number[]> =>
  unwrap(await api.request("labelSets.list", {})).map(({ version }) => version);

test("a set is saved once, however fast its keys come, and says its new version", async () => {
  const { library, held } = await editing();
  const before = await versions(library);
  await type(names("en").at(-1), "Something else");
  press("Mod+S");
  press("Mod+S");
  await settled();
  expect(held).toHaveLength(1);
  await held[0]?.answer();
  await settled();
  expect(held).toHaveLength(0);
  const after = await versions(library);
  expect(after.reduce((a, b) => a + b, 0)).toBe(before.reduce((a, b) => a + b, 0) + 1);
});

test("what is not changed is not saved, by key neither", async () => {
  const { held } = await editing();
  press("Mod+S");
  await settled();
  expect(held).toEqual([]);
});

test("a set with a label without a name is not saved: its field says so and has the focus", async () => {
  const { held } = await editing();
  const field = names("en").at(-1);
  await type(names("ja").at(-1), "");
  await type(field, "   "); // a name in one language would be enough
  press("Mod+S");
  await settled(60);
  expect(held).toEqual([]);
  expect(field?.getAttribute("aria-invalid")).toBe("true");
  expect(document.activeElement).toBe(field);
  await type(field, "Named");
  press("Mod+S");
  await settled();
  expect(held).toHaveLength(1);
});

test("what was typed stays when it could not be saved, and is saved with the next try", async () => {
  const { held } = await editing();
  await type(names("en").at(-1), "Something else");
  press("Mod+S");
  await settled();
  await held[0]?.refuse({ code: "storage/disk-full", message: "No space left", detail: {} });
  await says("storage/disk-full");
  expect(names("en").at(-1)?.value).toBe("Something else");
  press("Mod+S");
  await settled();
  expect(JSON.stringify(held[0]?.params)).toContain("Something else");
});

test("what was typed is put aside by one key, all of it, and nothing is left to be saved", async () => {
  const { held } = await editing();
  const before = names("en").map(({ value }) => value);
  await type(names("en")[0], "Another set");
  press("N");
  await settled();
  expect(names("en")).toHaveLength(before.length + 1);
  (document.activeElement as HTMLElement | null)?.blur();
  press("Mod+Backspace");
  await settled();
  expect(names("en").map(({ value }) => value)).toEqual(before);
  press("Mod+S");
  await settled();
  expect(held).toEqual([]);
});

test("letters typed into a name are letters: no label and no group comes of them", async () => {
  await editing();
  const before = names("en").length;
  const field = names("en")[1];
  field?.focus();
  press("N");
  press("G");
  await settled();
  expect(names("en")).toHaveLength(before);
});

test("long Japanese names are kept to the letter", async () => {
  await setLanguage("ja");
  const { api, held } = holding(createFakeApi(), "labelSets.save");
  onPage(<LabelSetEditor />, api);
  await says("として保存");
  await settled();
  const long = "胎児心拍数図における遷延一過性徐脈の疑い（判読者間で意見が分かれたもの）".repeat(2);
  await type(names("ja").at(-1), long);
  press("Mod+S");
  await settled();
  expect(JSON.stringify(held[0]?.params)).toContain(long);
});
