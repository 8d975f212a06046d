const CRASHES_ALLOWED = 3;
const WITHIN_MS = 60_000;
const LATER_MS = 10_000;

export interface Revival {
  readonly crashes: readonly number[]; // times of the last minute, ms
  readonly afterMs: number | undefined; // undefined: the page is left dead
}

/**
 * When a page whose process died is loaded anew: at once, a few times a minute. One that dies again and again is left dead,
 * but while a recording is under way it is tried for as long as that lasts, less often.
 */
export function reviveAt(before: readonly number[], nowMs: number, isRecording: boolean): Revival {
  const crashes = [...before.filter((atMs) => nowMs - atMs < WITHIN_MS), nowMs];
  if (crashes.length <= CRASHES_ALLOWED) return { crashes, afterMs: 0 };
  return { crashes, afterMs: isRecording ? LATER_MS : undefined };
}
