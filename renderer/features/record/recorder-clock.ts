import { useEffect, useState } from "react";
import type { RecorderState } from "../../../preload/contract/acquisition.ts";
import { hostClock } from "../../state/host-clock.ts";

/** The recording's time at a moment of the page, as of `performance.now()`; now unless one is given. */
export type RecorderClock = (pageMs?: number) => number;

type Said = Pick<RecorderState, "elapsedS" | "hostTime">;

/** However long ago the state was said: both clocks go on meanwhile. */
export function recordedAt({ elapsedS, hostTime }: Said, pageMs: number): number {
  const hostS = hostClock.at(pageMs);
  return hostTime === undefined || hostS === undefined ? elapsedS : Math.max(0, hostS - hostTime.zeroS);
}

/** When what an event tells of happened, which a page that stands still hears of later. */
export const momentOf = ({ timeStamp }: { readonly timeStamp: number }): number =>
  Math.min(timeStamp, performance.now());

/** For frames between two states, and for presses. */
export function useRecorderClock(state: RecorderState): RecorderClock {
  const [clock] = useState(() => {
    let said: Said = state;
    return {
      hear: (next: Said) => (said = next),
      read: (pageMs = performance.now()) => recordedAt(said, pageMs),
    };
  });
  useEffect(() => {
    clock.hear(state);
  }, [clock, state]);
  return clock.read;
}
