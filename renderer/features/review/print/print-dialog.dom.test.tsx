// @vitest-environment happy-dom
import { fireEvent, screen, within } from "@testing-library/react";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Api } from "../../../../preload/contract/channels.ts";
import { createFakeApi } from "../../../fake/fake.ts";
import { holding, onPage, press, says, settled, until } from "../../../fake/on-page.tsx";
import { rangeOf } from "../../../state/selection.ts";
import { atStart, openRecording, useSession } from "../../../state/session.ts";
import { testIds } from "../../../ui/test-ids.ts";
import { setLanguage } from "../../../ui/words.ts";
import { rememberedPlace } from "../place/remembered.ts";
import { ReviewPage } from "../review-page.tsx";

const CTG = "ctg-01";
const place = rememberedPlace(CTG, { durationS: 4200, pxPerS: 1 });

beforeEach(() => {
  useSession.setState(atStart, true);
  openRecording(CTG);
  place.selection.setState(place.selection.getInitialState(), true);
});
afterEach(() => setLanguage("en"));

const dialog = (): HTMLElement | null => document.querySelector("[role=dialog]");
const inside = () => within(dialog() ?? document.body);
const start = (): HTMLButtonElement => screen.getByTestId(testIds.printStart);
const box = (name: RegExp): HTMLInputElement => inside().getByRole("checkbox", { name });
const choose = async (name: RegExp): Promise<void> => {
  fireEvent.click(inside().getByRole("radio", { name }));
  await settled();
};

/** The strip under review, of which paper is asked for; what is written waits. */
async function asked(library: Api = createFakeApi(), range?: readonly [number, number]) {
  const { api, held } = holding(library, "report.start");
  onPage(<ReviewPage recordingId={CTG} />, api);
  await says("CTG 01");
  await settled(60);
  place.viewport.setState({ widthPx: 1000, startS: 600, pxPerS: 1 });
  if (range) place.selection.setState({ range: rangeOf(...range) });
  await settled();
  press("F8");
  await until(() => dialog() !== null, "the dialog");
  return held;
}
const intoFolder = async (): Promise<void> => {
  fireEvent.click(screen.getByRole("button", { name: /folder…|フォルダを選択/ }));
  await settled();
};

test("paper is written once, however fast its keys come, and not before there is a folder for it", async () => {
  const held = await asked();
  expect(start().disabled).toBe(true);
  press("Mod+Enter");
  await settled();
  expect(held).toEqual([]);
  await intoFolder();
  press("Mod+Enter");
  press("Mod+Enter");
  await settled();
  expect(held).toHaveLength(1);
  expect(held[0]?.params).toMatchObject({
    recordingIds: [CTG],
    span: { fromS: 0, toS: 4200 },
    files: ["pdf"],
  });
  await held[0]?.answer();
  await until(() => dialog() === null, "the strip without a dialog");
});

test("what is on screen, and what was selected, are the stretches they say they are", async () => {
  const held = await asked(createFakeApi(), [700, 1000]);
  expect(dialog()?.textContent).toContain("1 page of the strip"); // 5 min are 15 cm and less
  await intoFolder();
  await choose(/On screen/);
  press("Mod+Enter");
  await settled();
  expect(held[0]?.params).toMatchObject({ span: { fromS: 600, toS: 1600 } });
  await held[0]?.refuse({ code: "storage/disk-full", message: "No space left", detail: {} });
  await says("storage/disk-full");
  await choose(/Selection/);
  press("Mod+Enter");
  await settled();
  expect(held[0]?.params).toMatchObject({ span: { fromS: 700, toS: 1000 } });
});

test("without a selection none is offered, and a faster paper takes more pages", async () => {
  await asked();
  expect(inside().queryByRole("radio", { name: /Selection/ })).toBeNull();
  const pages = (): number => Number.parseInt(inside().getByText(/pages of the strip/).textContent, 10);
  await choose(/^1 cm/);
  const slow = pages();
  await choose(/^3 cm/);
  expect(pages()).toBeGreaterThan(2 * slow);
});

test("no file chosen is nothing to write, and those chosen keep their order", async () => {
  const held = await asked();
  await intoFolder();
  fireEvent.click(box(/PDF/));
  await settled();
  expect(start().disabled).toBe(true);
  press("Mod+Enter");
  await settled();
  expect(held).toEqual([]);
  fireEvent.click(box(/CSV/));
  fireEvent.click(box(/PDF/));
  await settled();
  press("Mod+Enter");
  await settled();
  expect(held[0]?.params).toMatchObject({ files: ["pdf", "csv"] });
});

test("who reads blind puts the strip alone on paper, and is told why", async () => {
  const blind = [{ recordingId: CTG, reader: "K. Sato" }];
  const held = await asked(createFakeApi(1, { settings: { blind } }));
  expect(dialog()?.textContent).toContain("You read this recording blind");
  for (const name of [/rule and by models/, /labels/]) {
    expect(box(name).disabled).toBe(true);
    expect(box(name).checked).toBe(false);
  }
  await intoFolder();
  press("Mod+Enter");
  await settled();
  expect(held[0]?.params).toMatchObject({ withOverlays: false, withAnnotations: false });
});

test("while paper is asked for the strip beneath hears no keys, and left it asks for nothing", async () => {
  const held = await asked(createFakeApi(), [700, 1000]);
  const before = place.selection.getState();
  press("A");
  press("ArrowRight");
  press("End");
  await settled();
  expect(place.selection.getState()).toEqual(before);
  expect(place.viewport.getState().startS).toBe(600);
  await intoFolder();
  press("Escape");
  await until(() => dialog() === null, "the strip without a dialog");
  press("Mod+Enter");
  await settled();
  expect(held).toEqual([]);
});

test("paper speaks the language of the screen unless another is chosen, and a wish is for one time alone", async () => {
  await setLanguage("ja");
  const held = await asked();
  expect(dialog()?.textContent).toContain("紙に出力");
  await intoFolder();
  press("Mod+Enter");
  await settled();
  expect(held[0]?.params).toMatchObject({ language: "ja", deidentify: false });
  await held[0]?.refuse({ code: "storage/disk-full", message: "No space left", detail: {} });
  await choose(/English/);
  fireEvent.click(screen.getByRole("switch", { name: /名前/ }));
  press("Mod+Enter");
  await settled();
  expect(held[0]?.params).toMatchObject({ language: "en", deidentify: true });
  await held[0]?.answer();
  await until(() => dialog() === null, "the strip without a dialog");
  press("F8");
  await until(() => dialog() !== null, "the dialog");
  expect(screen.getByRole<HTMLInputElement>("switch", { name: /名前/ }).checked).toBe(false);
});

test("muscles have no paper: the key does nothing on them", async () => {
  onPage(<ReviewPage recordingId="emg-01" />, createFakeApi());
  await says("Gestures 01");
  await settled(60);
  press("F8");
  await settled();
  expect(dialog()).toBeNull();
});
