import { create } from "zustand";
import type { RankedWindow } from "../../../preload/contract/run.ts";
import { on, request } from "../../bridge/client.ts";
import { openAt, useSession } from "../../state/session.ts";
import { currentLanguage, translate } from "../../ui/words.ts";
import { notify, notifyFailure } from "../../ui/notify.tsx";
import { trainWords } from "./words.ts";

type Window = RankedWindow;

export interface NextWindows {
  readonly opened: ReadonlySet<string>; // since the program started; the next key goes on after them
  readonly current: { readonly runId: string; readonly window: Window; readonly asked: number } | undefined; // being labelled
}
export const nothingNext: NextWindows = { opened: new Set(), current: undefined };
export const useNextWindows = create<NextWindows>(() => nothingNext);

const MOST = 500; // what main gives at once
const keyOf = ({ recordingId, onsetS }: Pick<Window, "recordingId" | "onsetS">): string =>
  `${recordingId} ${onsetS}`;

/** The most uncertain window not opened yet; from the top again when all were. */
export const nextOf = (windows: readonly Window[], opened: ReadonlySet<string>): Window | undefined =>
  windows.find((one) => !opened.has(keyOf(one))) ?? windows[0];

export function openNext(runId: string, window: Window): void {
  openAt(window.recordingId, window.onsetS, window.windowS, runId);
  const asked = useSession.getState().focus?.asked ?? 0;
  useNextWindows.setState(({ opened }) => ({
    opened: new Set([...opened, keyOf(window)]),
    current: { runId, window, asked },
  }));
}

/** How many windows are left, as far as main counts them. */
export const leftOf = (count: number): string => (count < MOST ? String(count) : `${MOST}+`);

/** From anywhere: the next window to label of this run. */
export async function openNextOf(runId: string): Promise<void> {
  try {
    const windows = await request("windows.next", { runId, limit: MOST });
    const next = nextOf(windows, useNextWindows.getState().opened);
    if (next) openNext(runId, next);
    else notify(translate(trainWords, currentLanguage())("nextNone"));
  } catch (error) {
    notifyFailure(error);
  }
}

/** Whether the window is still the one in front of the person: another page or stretch ends it. */
function isInFront({ window, asked }: NonNullable<NextWindows["current"]>): boolean {
  const { page, recordingId, focus } = useSession.getState();
  return page === "review" && recordingId === window.recordingId && focus?.asked === asked;
}

/** Somebody labelled it, took it out or declared it read. */
async function isAnswered({ recordingId, onsetS, windowS }: Window): Promise<boolean> {
  const marks = await Promise.all([
    request("annotations.list", { recordingId }),
    request("masks.list", { recordingId }),
    request("readings.list", { recordingId }),
  ]);
  return marks.flat().some((one) => one.onsetS < onsetS + windowS && one.onsetS + one.durationS > onsetS);
}

/**
 * Once the window opened from the list has its answer, a label or "cannot be assessed", the next one is opened. It has
 * it when the list no longer holds it: a mark beside it, or one that covers too little of it, leaves it where it is.
 */
async function goOn(recordingId: string): Promise<void> {
  const { current } = useNextWindows.getState();
  if (current?.window.recordingId !== recordingId || !isInFront(current)) return;
  const windows = await request("windows.next", { runId: current.runId, limit: MOST });
  if (useNextWindows.getState().current !== current || !isInFront(current)) return;
  if (windows.some((one) => keyOf(one) === keyOf(current.window))) return;
  if (!(await isAnswered(current.window))) return; // another window stands for it now
  const t = translate(trainWords, currentLanguage());
  const next = nextOf(windows, useNextWindows.getState().opened);
  if (next) {
    openNext(current.runId, next);
    notify(t("nextMoved", { count: windows.length, shown: leftOf(windows.length) }));
  } else {
    useNextWindows.setState({ current: undefined });
    notify(t("nextFinished"));
  }
}

export function watchLabelNext(): () => void {
  const tell = (recordingId: string): void => void goOn(recordingId).catch(notifyFailure);
  const stops = [
    on("annotations.changed", ({ recordingId }) => tell(recordingId)),
    on("recordings.changed", ({ ids }) => ids.forEach(tell)), // a mask came or went
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
