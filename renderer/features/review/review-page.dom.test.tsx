// @vitest-environment happy-dom
import { screen } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";
import type { Api } from "../../../preload/contract/channels.ts";
import { unwrap } from "../../../preload/contract/errors.ts";
import { answering } from "../../fake/drawn.tsx";
import { createFakeApi } from "../../fake/fake.ts";
import { holding, listening, onPage, pageText, press, says, settled } from "../../fake/on-page.tsx";
import { rangeOf } from "../../state/selection.ts";
import { atStart, openRecording, useSession } from "../../state/session.ts";
import { rememberedPlace } from "./place/remembered.ts";
import { ReviewPage } from "./review-page.tsx";

const CTG = "ctg-01";
const place = rememberedPlace(CTG, { durationS: 4200, pxPerS: 1 });

beforeEach(() => {
  useSession.setState(atStart, true);
  openRecording(CTG);
  place.selection.setState(place.selection.getInitialState(), true);
});

async function review(api: Api, id = CTG): Promise<() => void> {
  const leave = onPage(<ReviewPage recordingId={id} />, api);
  await says(id === CTG ? "CTG 01" : "Gestures 01");
  await settled(60);
  place.viewport.setState({ widthPx: 1000, startS: 0, pxPerS: 1 });
  return leave;
}
/** A stretch in sight, chosen by the reader. */
const choose = (fromS: number, toS: number): void => place.selection.setState({ range: rangeOf(fromS, toS) });
const labels = async (api: Api) => unwrap(await api.request("annotations.list", { recordingId: CTG }));
const said = (): string => screen.getByTestId("review-said").textContent;

test("a label whose key is pressed again before it is stored is one label", async () => {
  const library = createFakeApi();
  const before = await labels(library);
  const { api, held } = holding(library, "annotations.add");
  await review(api);
  choose(20, 60);
  await settled();
  press("A");
  press("A");
  await settled();
  expect(held).toHaveLength(1);
  await held[0]?.answer();
  await settled();
  expect(held).toHaveLength(0);
  const made = (await labels(library)).filter(({ id }) => !before.some((one) => one.id === id));
  expect(made).toMatchObject([{ onsetS: 20, durationS: 40, author: "K. Sato" }]);
  expect(said()).toContain("Acceleration");
  choose(20, 60); // meant anew once the first is stored
  await settled();
  press("A");
  await settled();
  await held[0]?.answer();
  expect(await labels(library)).toHaveLength(before.length + 2);
});

test("a label that is not stored says why, and nothing of it stands", async () => {
  const library = createFakeApi();
  const before = await labels(library);
  const { api, held } = holding(library, "annotations.add");
  await review(api);
  choose(20, 60);
  await settled();
  press("A");
  await settled();
  await held[0]?.refuse({ code: "storage/disk-full", message: "No space left", detail: {} });
  await says("storage/disk-full");
  expect(await labels(library)).toHaveLength(before.length);
  expect(place.selection.getState().range).toEqual({ fromS: 20, toS: 60 });
});

test("what is declared read is declared once, however often and however soon", async () => {
  const library = createFakeApi();
  const read = async (): Promise<number> =>
    unwrap(await library.request("readings.list", { recordingId: CTG })).filter(
      ({ author }) => author === "K. Sato",
    ).length;
  const { api, held } = holding(library, "readings.add");
  await review(api);
  press("W");
  press("W");
  await settled();
  expect(held).toHaveLength(1);
  await held[0]?.answer();
  await settled();
  expect(held).toHaveLength(0);
  expect(await read()).toBe(1);
  press("W");
  await settled();
  expect(held).toHaveLength(0);
});

test("steps pressed before their answers come are taken one after another", async () => {
  const library = createFakeApi();
  const before = await labels(library);
  const [first] = before;
  const { api, held } = holding(library, "annotations.remove", "annotations.undo");
  await review(api);
  place.selection.setState({ selected: { kind: "annotation", id: first?.id ?? "" } });
  await settled();
  press("Delete");
  press("Mod+Z");
  press("Delete"); // nothing is selected any more
  await settled();
  expect(held.map(({ name }) => name)).toEqual(["annotations.remove"]);
  await held[0]?.answer();
  await settled();
  expect(held.map(({ name }) => name)).toEqual(["annotations.undo"]);
  await held[0]?.answer();
  await settled();
  expect((await labels(library)).map(({ id }) => id)).toEqual(before.map(({ id }) => id));
});

test("a model predicts once, and what it says is in use also where the page was left", async () => {
  const library = createFakeApi();
  const { api, held } = holding(library, "predictions.make");
  const leave = await review(api, "emg-01");
  press("O");
  await settled();
  press("O");
  await settled();
  expect(held).toHaveLength(1);
  leave();
  const [run] = unwrap(await library.request("runs.list", {}));
  expect(useSession.getState().runId).toBeUndefined();
  await held[0]?.answer();
  expect(useSession.getState().runId).toBe(run?.id);
});

test("of a blind reader nothing of others or of models is shown or asked, by key neither", async () => {
  const blind = [{ recordingId: CTG, reader: "K. Sato" }];
  const { api, asked } = listening(createFakeApi(1, { settings: { blind }, findings: true, reading: true }));
  await review(api);
  press("O");
  press("Shift+C");
  await settled();
  expect(useSession.getState().page).toBe("review");
  expect(asked.map(({ name }) => name)).not.toContain("predictions.make");
  expect(asked.map(({ name }) => name)).not.toContain("ctg.read");
  expect(pageText()).not.toContain("generated");
});

test("a recording or its labels that cannot be read say why", async () => {
  onPage(<ReviewPage recordingId={CTG} />, createFakeApi(1, { failing: ["recordings.get"] }));
  await says("storage/disk-full");
  onPage(<ReviewPage recordingId={CTG} />, createFakeApi(1, { failing: ["annotations.list"] }));
  await says(/CTG 01.*storage\/disk-full/s);
});

test("keys go where they say: along the strip, to a time, through the channels, and back step by step", async () => {
  await review(createFakeApi(1, { reading: true, findings: true }));
  press("End");
  await settled();
  expect(place.viewport.getState().startS).toBeGreaterThan(3000);
  press("Home");
  await settled();
  expect(place.viewport.getState().startS).toBe(0);
  press("K");
  await settled();
  expect(place.selection.getState().channel).toBeDefined();
  press("ArrowRight");
  await settled();
  const { cursorS } = place.selection.getState();
  press("ArrowRight");
  await settled();
  expect(place.selection.getState().cursorS).toBeGreaterThan(cursorS ?? Infinity);
  press("]");
  await settled(60);
  press("G");
  await says("Go to");
});

test("of channels with long names the chip says the most that is missing, and all of them on hover", async () => {
  const library = createFakeApi();
  const told = unwrap(await library.request("recordings.get", { id: CTG }));
  const channels = told.channels.map((one) => ({ ...one, label: `${one.label} of the second transducer` }));
  await review(answering(library, { "recordings.get": { ...told, channels } }));
  const chip = screen.getByTestId("missing");
  expect(chip.textContent).toMatch(/^up to \d+(\.\d)? % missing \(/);
  for (const { label } of channels) expect(chip.title).toContain(label);
});
