// @vitest-environment happy-dom
import { act, fireEvent, screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import type { Api, RequestName } from "../../../preload/contract/channels.ts";
import { unwrap } from "../../../preload/contract/errors.ts";
import { sure } from "../../../preload/contract/sure.ts";
import { type Held, holding, onPage, pageText, press, says, settled } from "../../fake/on-page.tsx";
import { useSession } from "../../state/session.ts";
import { connected, monitor, recording } from "./live-page.fixtures.tsx";
import { RecordPage } from "./record-page.tsx";

const marks = async (library: Api, label: string) => {
  const { recordingId = "" } = unwrap(await library.request("recorder.state", {}));
  return unwrap(await library.request("annotations.list", { recordingId })).filter(
    (one) => one.label === label,
  );
};
/** What waits, of a library that is made later. */
function waiting(name: RequestName) {
  let held: readonly Held[] = [];
  const around = (api: Api): Api => {
    const waits = holding(api, name);
    held = waits.held;
    return waits.api;
  };
  return { around, held: () => held };
}
const noSpace = { code: "storage/disk-full" as const, message: "No space left", detail: {} };

test("devices that are connected store nothing until it is asked; letting them go takes one press", async () => {
  const { pass, times } = await connected(monitor);
  await pass(4);
  expect(pageText()).toContain("Nothing is stored yet");
  expect(screen.queryByTestId("record-elapsed")).toBeNull();
  expect(screen.queryAllByTestId("record-mark"), "nothing to mark in").toEqual([]);
  press("Mod+.");
  await says("Before it starts");
  expect([times("recorder.record"), times("recorder.stop")]).toEqual([0, 1]);
});

test("what cannot be started says why, is asked once, and can be started again", async () => {
  const { around, held } = waiting("recorder.record");
  const { library } = await connected(monitor, { around });
  press("Mod+Enter");
  await settled();
  press("Mod+Enter");
  fireEvent.click(screen.getByTestId("record-start"));
  await settled();
  expect(held()).toHaveLength(1);
  expect(screen.getByTestId<HTMLButtonElement>("record-start").disabled).toBe(true);
  await held()[0]?.refuse(noSpace);
  await says("storage/disk-full");
  expect(screen.getByTestId("record-page").dataset["phase"]).toBe("armed");
  press("Mod+Enter");
  await settled();
  await held()[0]?.answer();
  await says("on disk up to");
  expect(unwrap(await library.request("recorder.state", {})).phase).toBe("recording");
});

test("a recording ends with a second press; Escape calls the first off, and the way to what was recorded is offered", async () => {
  const { pass, times } = await recording(monitor);
  await pass(3);
  const stop = (): HTMLElement => screen.getByTestId("record-stop");
  press("Mod+.");
  await says("press again to end");
  expect(stop().dataset["pressed"]).toBe("once");
  expect(stop().querySelector("[aria-live=assertive]")?.textContent).toContain("press again");
  press("Escape");
  await settled();
  expect(stop().dataset["pressed"]).toBeUndefined();
  press("Mod+.");
  await settled();
  expect(times("recorder.stop"), "what was called off does not count").toBe(0);
  press("Mod+.");
  await says("Recording “S-1” is stored");
  expect(times("recorder.stop")).toBe(1);
  fireEvent.click(screen.getByRole("button", { name: /Open in the review/ }));
  const { page, recordingId } = useSession.getState();
  expect(page).toBe("review");
  expect(recordingId).toBeDefined();
});

test("one press of stop that nobody repeats is forgotten after three seconds", async () => {
  const { times } = await recording(monitor);
  vi.useFakeTimers();
  press("Mod+.");
  act(() => void vi.advanceTimersByTime(3100));
  vi.useRealTimers();
  expect(screen.getByTestId("record-stop").dataset["pressed"]).toBeUndefined();
  press("Mod+.");
  await settled();
  expect(times("recorder.stop")).toBe(0);
});

test("an interval is marked by two presses of its key, also where another page was looked at between them", async () => {
  const { library, pass, leave, times } = await recording(monitor);
  const key = (): HTMLElement =>
    sure(screen.getAllByTestId("record-mark").find(({ dataset }) => dataset["label"] === "contraction"));
  await pass(5);
  press("U");
  await settled();
  expect(key().getAttribute("aria-pressed")).toBe("true");
  expect(key().textContent).toContain("Contraction: end");
  expect(await marks(library, "contraction")).toEqual([]);
  leave();
  onPage(<RecordPage />, library);
  await says("Contraction: end");
  await pass(20);
  press("U");
  await says("Contraction");
  await settled();
  const [mark] = await marks(library, "contraction");
  expect(mark?.onsetS).toBeCloseTo(5, 0);
  expect(mark?.durationS).toBeCloseTo(20, 0);
  expect(key().getAttribute("aria-pressed")).toBe("false");
  expect(screen.getAllByTestId("record-marked").map((one) => one.textContent)).toEqual([
    expect.stringMatching(/^00:00:05.*Contraction.*20 s/) as string,
  ]);
  expect(times("recorder.begun")).toBe(1);
});

test("a note is of the moment its key was pressed; its letters are no marks; given up, nothing is noted", async () => {
  const { library, pass } = await recording(monitor);
  await pass(4);
  press("N");
  await settled();
  const field = (): HTMLInputElement => screen.getByTestId("record-note-field");
  expect(document.activeElement).toBe(field());
  await pass(30);
  press("D"); // as part of a word
  await settled();
  expect(screen.queryByText("Deceleration: end")).toBeNull();
  press("Escape");
  await settled();
  expect(screen.queryByTestId("record-note-field")).toBeNull();
  expect(await marks(library, "note")).toEqual([]);
  press("N");
  await settled();
  await pass(10);
  fireEvent.change(field(), { target: { value: " turned to the left " } });
  fireEvent.submit(sure(field().form));
  await says("turned to the left");
  const [note] = await marks(library, "note");
  expect(note).toMatchObject({ note: "turned to the left", durationS: 0, author: "K. Sato" });
  expect(note?.onsetS).toBeCloseTo(34, 0);
});

test("a mark that cannot be stored says why; what was begun and what was written are still there", async () => {
  const { around, held } = waiting("recorder.mark");
  const { library, pass } = await recording(monitor, { around });
  await pass(5);
  press("U");
  await pass(20);
  press("U");
  await settled();
  await held()[0]?.refuse(noSpace);
  await says("storage/disk-full");
  await says("Contraction: end");
  await pass(10);
  press("U");
  await settled();
  await held()[0]?.answer();
  const [mark] = await marks(library, "contraction");
  expect([mark?.onsetS, mark?.durationS].map((s) => Math.round(s ?? 0))).toEqual([5, 30]);
  press("N");
  await settled();
  const field = (): HTMLInputElement => screen.getByTestId("record-note-field");
  fireEvent.change(field(), { target: { value: "turned to the left" } });
  fireEvent.submit(sure(field().form));
  await settled();
  await held()[0]?.refuse(noSpace);
  await settled();
  expect(field().value).toBe("turned to the left");
  fireEvent.submit(sure(field().form));
  await settled();
  await held()[0]?.answer();
  await settled();
  expect(screen.queryByTestId("record-note-field")).toBeNull();
  expect(await marks(library, "note")).toMatchObject([{ note: "turned to the left" }]);
});
