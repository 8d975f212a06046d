import { create } from "zustand";
import type { Begun } from "./marking.ts";

const nothingBegun: Begun = new Map();

/** Kept beside the page: another one may be looked at between the two presses of a mark. */
const useHeld = create<{ readonly of: string | undefined; readonly begun: Begun }>(() => ({
  ...{ of: undefined, begun: nothingBegun },
}));

type Held = ReturnType<typeof useHeld.getState>;
const ofRecording =
  (recordingId: string | undefined) =>
  ({ of, begun }: Held): Begun =>
    of === recordingId ? begun : nothingBegun;

/** What was begun and not ended in this recording. */
export const useBegun = (recordingId: string | undefined): Begun => useHeld(ofRecording(recordingId));
export const begunNow = (recordingId: string | undefined): Begun =>
  ofRecording(recordingId)(useHeld.getState());
export const keepBegun = (recordingId: string | undefined, begun: Begun): void =>
  useHeld.setState({ of: recordingId, begun });
