import { create } from "zustand";
import type { NewMark, RecorderState } from "../../../preload/contract/acquisition.ts";
import { request } from "../../bridge/client.ts";
import { notifyFailure } from "../../ui/notify.tsx";
import type { Begun } from "./marking.ts";

/** Kept beside the page: another one may be looked at between the two presses of a mark. */
const useHeld = create<{ readonly of: string | undefined; readonly begun: Begun }>(() => ({
  ...{ of: undefined, begun: new Map() },
}));

type Held = ReturnType<typeof useHeld.getState>;
type Underway = Pick<RecorderState, "recordingId" | "begun">;

/** A window that has just opened, or was loaded anew, goes on with what the recorder was told before. */
const ofRecording =
  ({ recordingId, begun = [] }: Underway) =>
  (held: Held): Begun =>
    held.of === recordingId ? held.begun : new Map(begun.map(({ label, atS }) => [label, atS]));

/** What was begun and not ended in this recording. */
export function useBegun(state: Underway): Begun {
  const held = useHeld();
  return ofRecording(state)(held);
}
export const begunNow = (state: Underway): Begun => ofRecording(state)(useHeld.getState());

export const holdBegun = ({ recordingId }: Pick<Underway, "recordingId">, begun: Begun): void =>
  useHeld.setState({ of: recordingId, begun });

/** What could not be ended goes on, as long as its recording does and nobody began it anew. */
export function goesOn({ recordingId }: Underway, { label, atS = 0, labelSet, author }: NewMark): void {
  const held = useHeld.getState();
  if (held.of !== recordingId || held.begun.has(label)) return;
  const begun = new Map(held.begun).set(label, atS);
  holdBegun({ recordingId }, begun);
  tellBegun(begun, { labelSet, author });
}

/** The recorder is told too: it outlives the window, and ends what was begun with the recording. */
export function tellBegun(
  begun: Begun,
  { labelSet, author, zeroS }: Pick<NewMark, "labelSet" | "author" | "zeroS">,
): void {
  const marks = [...begun].map(([label, atS]) => ({ labelSet, label, author, atS }));
  void request("recorder.begun", { marks, zeroS }).catch(notifyFailure);
}
