import { constants, setPriority } from "node:os";

/**
 * Recording and what judges it as it comes go first: a process that gave way has what they leave of a core, and a tenth of
 * it where they want all. On Linux a priority is a thread's own, and threads have that of who begins them: to be called
 * before an engine is opened. There is no way back, so whoever must answer at once does not call it.
 */
export function giveWay(): void {
  try {
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // This system does not let a process lower itself: it computes like any other.
  }
}
