// @vitest-environment happy-dom
import { fireEvent, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Api } from "../../../preload/contract/channels.ts";
import { unwrap } from "../../../preload/contract/errors.ts";
import { maskReasons } from "../../../preload/contract/mask.ts";
import { sure } from "../../../preload/contract/sure.ts";
import { answering } from "../../fake/drawn.tsx";
import { createFakeApi } from "../../fake/fake.ts";
import { holding, listening, onPage, pageText, press, says, settled, until } from "../../fake/on-page.tsx";
import { atStart, useSession } from "../../state/session.ts";
import { setLanguage } from "../../ui/words.ts";
import { LayersPage } from "./layers-page.tsx";

const EMG = "emg-01";
beforeEach(() => {
  useSession.setState(atStart, true);
  useSession.setState({ recordingId: EMG, layersAtS: 4 });
});
afterEach(() => void setLanguage("en"));

const layers = (): HTMLElement[] => screen.getAllByTestId("layer-row");
const selected = (): number => layers().findIndex((one) => one.getAttribute("aria-pressed") === "true");
const shown = async (api: Api): Promise<() => void> => {
  const leave = onPage(<LayersPage />, api);
  await until(() => screen.queryByTestId("layer-sentence") !== null, "the layers");
  await settled();
  return leave;
};

test("what the layers did is told in a sentence with a name and a share, before any picture", async () => {
  await shown(createFakeApi());
  const sentence = screen.getByTestId("layer-sentence").textContent;
  expect(sentence).toMatch(/leads \(\d+ % at the end|leads from the first layer on \(\d+ %/);
  expect(sentence).not.toMatch(/NaN|undefined|hand-close|“\d/);
  expect(layers().length).toBeGreaterThan(1);
  expect(pageText()).toMatch(/Layer 1.*from identity/);
});

test("layers are gone through by key to the last and no further, and the numbers are of the one chosen", async () => {
  await shown(createFakeApi());
  const last = layers().length - 1;
  expect(selected()).toBe(0);
  press("ArrowUp");
  await settled();
  expect(selected()).toBe(0);
  for (let step = 0; step < last + 2; step++) {
    press("ArrowDown");
    await settled(5);
  }
  expect(selected()).toBe(last);
  expect(screen.getAllByRole("heading").map((one) => one.textContent)).toContain(`Layer ${last + 1}`);
  fireEvent.click(sure(layers()[0]));
  await settled();
  expect(selected()).toBe(0);
});

test("windows are gone through by key from the moment asked for, at both ends no further", async () => {
  const { api, asked } = listening(createFakeApi());
  await shown(api);
  const at = (): number | undefined => {
    const last = asked.findLast(({ name }) => name === "layers.get");
    return last?.name === "layers.get" ? last.params.timeS : undefined;
  };
  expect(at()).toBe(4);
  press("ArrowRight");
  await settled();
  expect(at()).toBeGreaterThan(4);
  press("ArrowLeft");
  press("Shift+ArrowLeft");
  press("Shift+ArrowLeft");
  press("Shift+ArrowLeft");
  await settled();
  for (let times = 0; times < 12; times++) press("Shift+ArrowLeft");
  await settled();
  expect(useSession.getState().layersAtS).toBe(0);
  press("ArrowLeft");
  await settled();
  expect(useSession.getState().layersAtS).toBe(0);
});

test("relevance says for whom each input speaks, contribution how far it moved: switched by key, with other ends", async () => {
  await shown(createFakeApi());
  const hint = (): string => pageText().replaceAll(/\s+/g, " ");
  expect(hint()).toContain("Evidence of each layer for");
  press("R");
  await settled();
  expect(hint()).not.toContain("Evidence of each layer for");
  expect(hint()).toContain("How far each input has been raised above");
  expect(hint()).toMatch(/lowered −?\d/);
  press("R");
  await settled();
  expect(hint()).toContain("Evidence of each layer for");
});

test("where an input is missing it is said that a prediction averages over it, and nowhere else", async () => {
  const said = "a prediction averages over what it may have been";
  const library = createFakeApi();
  const leave = await shown(library);
  expect(pageText()).not.toContain(said);
  leave();
  const [run] = unwrap(await library.request("runs.list", {}));
  const asked = { runId: sure(run).id, recordingId: EMG, timeS: 4 };
  const report = unwrap(await library.request("layers.get", asked));
  await shown(answering(library, { "layers.get": { ...report, isIntegrated: true } }));
  expect(pageText()).toContain(said);
});

test("a mask that is laid on the recording is seen by the layers, which are asked for again", async () => {
  const { api, asked } = listening(createFakeApi());
  await shown(api);
  const times = (): number => asked.filter(({ name }) => name === "layers.get").length;
  const before = times();
  await api.request("masks.add", {
    ...{ recordingId: EMG, channel: 2, layer: "person", reason: maskReasons.artefactByPerson },
    ...{ onsetS: 0, durationS: 60, author: "Reader" },
  });
  await until(() => times() > before, "the layers once more");
});

test("Enter leads back to the window in the review", async () => {
  await shown(createFakeApi());
  press("Enter");
  await settled();
  expect(useSession.getState()).toMatchObject({ page: "review", recordingId: EMG });
});

test("layers that cannot be had say why and are asked for again; what was shown before stands while the next is asked", async () => {
  const { api, held } = holding(createFakeApi(), "layers.get");
  onPage(<LayersPage />, api);
  await until(() => held.length > 0, "the question");
  await held[0]?.refuse({ code: "model/not-trained", message: "No checkpoint", detail: {} });
  await says("model/not-trained");
  fireEvent.click(screen.getByRole("button", { name: "Try again" }));
  await settled();
  await held[0]?.answer();
  await until(() => screen.queryByTestId("layer-sentence") !== null, "the layers");
  press("ArrowRight");
  await settled();
  expect(screen.queryByTestId("layer-sentence"), "the window before").not.toBeNull();
  await held[0]?.answer();
});

test("without an open recording the first that fits is explained; without any that is said with the way on", async () => {
  useSession.setState({ recordingId: undefined });
  const library = createFakeApi();
  const leave = await shown(library);
  expect(pageText()).toContain("Gestures 01");
  leave();
  const rows = unwrap(await library.request("recordings.page", {}));
  const none: Api["request"] = async (name, params) => {
    const told = await library.request(name, params);
    return name === "recordings.page" && told.ok ? { ...told, value: { ...rows, rows: [] } as never } : told;
  };
  onPage(<LayersPage />, { ...listening(library).api, request: none });
  await says("No recording is open");
  fireEvent.click(screen.getByRole("button", { name: /Go to the library/ }));
  expect(useSession.getState().page).toBe("library");
});

test("in Japanese the sentence, the inputs and the hints are Japanese", async () => {
  void setLanguage("ja");
  await shown(createFakeApi());
  const text = screen.getByTestId("layer-sentence").textContent;
  expect(text).toMatch(/。$/);
  expect(text).not.toMatch(/[a-z]{4,}/);
  expect(pageText()).not.toMatch(/amplitude|slope|Layer \d|not observed|raised/);
});
