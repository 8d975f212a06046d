import { useEffect, useState } from "react";
import type { RecorderState } from "../../../preload/contract/acquisition.ts";

/** The recording's time now: what the recorder said last, and what has passed since. For frames between two states. */
export function useRecorderClock(state: RecorderState): () => number {
  const [clock] = useState(() => {
    let said = { elapsedS: 0, atMs: performance.now() };
    return {
      hear: (elapsedS: number) => (said = { elapsedS, atMs: performance.now() }),
      read: () => said.elapsedS + (performance.now() - said.atMs) / 1000,
    };
  });
  useEffect(() => {
    clock.hear(state.elapsedS);
  }, [clock, state.elapsedS, state.recordingId]); // a recording begins at the 0 that was said before it, too
  return clock.read;
}
