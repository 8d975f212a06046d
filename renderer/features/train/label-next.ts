import { create } from "zustand";
import type { RankedWindow } from "../../../preload/contract/run.ts";
import { request } from "../../bridge/client.ts";
import { openAt } from "../../state/session.ts";
import { notifyFailure } from "../../ui/notify.tsx";

type Window = RankedWindow;

/** Windows already opened since the program started; the next key goes on after them. */
export interface NextWindows {
  readonly opened: ReadonlySet<string>;
}
export const useNextWindows = create<NextWindows>(() => ({ opened: new Set() }));

const keyOf = ({ recordingId, onsetS }: Pick<Window, "recordingId" | "onsetS">): string =>
  `${recordingId} ${onsetS}`;

/** The most uncertain window not opened yet; from the top again when all were. */
export const nextOf = (windows: readonly Window[], opened: ReadonlySet<string>): Window | undefined =>
  windows.find((one) => !opened.has(keyOf(one))) ?? windows[0];

export function openNext(window: Window): void {
  useNextWindows.setState(({ opened }) => ({ opened: new Set([...opened, keyOf(window)]) }));
  openAt(window.recordingId, window.onsetS, window.windowS);
}

/** From anywhere: the next window to label of this run. */
export async function openNextOf(runId: string): Promise<void> {
  try {
    const windows = await request("windows.next", { runId, limit: 200 });
    const next = nextOf(windows, useNextWindows.getState().opened);
    if (next) openNext(next);
  } catch (error) {
    notifyFailure(error);
  }
}
