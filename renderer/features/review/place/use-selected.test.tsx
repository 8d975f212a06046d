import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import { createStore } from "zustand/vanilla";
import type { Prediction } from "../../../../preload/contract/run.ts";
import { ctgEvents } from "../../../fake/study.ts";
import { nothingSelected, stepBack, type Selection } from "../../../state/selection.ts";
import { bookKey, bookOf } from "../labels/events.ts";
import { reviewed } from "../reviewing.fixtures.ts";
import { selectingOf, useSelected, type SelectedInReview } from "./use-selected.ts";

/** Ten windows of ten seconds from the start; all say acceleration. */
const shown: Prediction = {
  ...{ runId: "run", recordingId: "r", classes: ["acceleration", "deceleration"], adaptation: "none" },
  ...{ windowS: 10, createdAt: "2026-11-24T10:00:00Z" },
  onsetS: Float64Array.from({ length: 10 }, (_, n) => 10 * n),
  probabilities: Float32Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? 0.9 : 0.1)),
  low: new Float32Array(20),
  high: new Float32Array(20).fill(1),
  aleatoric: new Float32Array(10),
  epistemic: new Float32Array(10),
  typicality: new Float32Array(10).fill(1),
  assessable: new Uint8Array(10).fill(1),
};

/** What is known of one selection. */
async function known(state: (first: string) => Partial<Selection>) {
  const review = await reviewed();
  const allEvents = await review.events();
  const first = allEvents[0];
  if (!first) throw new Error("the study has labels");
  // As it is at the start: what is rendered without a page reads no later state.
  const selection = createStore<Selection>()(() => ({ ...nothingSelected, ...state(first.id) }));
  let found: SelectedInReview | undefined;
  const Asking = () => {
    found = useSelected(selection, {
      ...{ allEvents, set: ctgEvents, scheme: "light", language: "en", shown },
      data: { masks: [], book: bookOf([ctgEvents]) },
      shownChannels: review.detail.channels,
    });
    return null;
  };
  renderToStaticMarkup(<Asking />);
  if (!found) throw new Error("nothing was rendered");
  return { ...found, first };
}

test("an event that is selected is what is meant, wherever the cursor stands; no prediction is offered over it", async () => {
  const { first, event, atS, selectedSpan, accepted, setName } = await known((id) => ({
    selected: { kind: "annotation", id },
    cursorS: 31,
  }));
  expect(event).toBe(first);
  expect(atS).toBe(first.onsetS + first.durationS / 2);
  expect(selectedSpan).toEqual({ fromS: first.onsetS, toS: first.onsetS + first.durationS });
  expect(accepted).toBeUndefined();
  expect(setName && bookKey(setName.id, setName.version)).toBe(bookKey(ctgEvents.id, ctgEvents.version));
});

test("at the cursor the prediction's window is meant, and the stretch of its class is offered", async () => {
  const { window, selectedSpan, accepted } = await known(() => ({ selected: { kind: "time" }, cursorS: 31 }));
  expect(window).toBe(3);
  expect(selectedSpan).toEqual({ fromS: 30, toS: 40 });
  expect(accepted).toEqual({ fromS: 0, toS: 100, label: "acceleration" });
});

test("what was deleted meanwhile selects nothing, and a label of another set is not shown as begun", async () => {
  const gone = await known(() => ({
    selected: { kind: "annotation", id: "gone" },
    pending: { label: "fist", startS: 3 },
  }));
  expect(gone).toMatchObject({ event: undefined, selectedSpan: undefined, pending: undefined });
  const begun = await known(() => ({ pending: { label: "contraction", startS: 3 } }));
  expect(begun.pending).toMatchObject({ startS: 3, name: "Contraction" });
});

test("Esc gives up a drag before anything that is selected; the next channel follows the last one from the top", async () => {
  const { reviewing, detail } = await reviewed();
  const { selection } = reviewing.place;
  selection.setState({ caliper: [3], range: { fromS: 1, toS: 2 } });
  const at = (isDragging: boolean, channelMeant: number | undefined) =>
    selectingOf(reviewing.place, {
      shownChannels: detail.channels,
      channelMeant,
      cancelDrag: () => isDragging,
    });
  const before = selection.getState();
  at(true, 0).stepBack();
  expect(selection.getState()).toBe(before);
  at(false, 0).stepBack();
  expect(selection.getState()).toEqual(stepBack(before));
  at(false, detail.channels.at(-1)?.position).nextChannel();
  expect(selection.getState().channel).toBe(detail.channels[0]?.position);
});
