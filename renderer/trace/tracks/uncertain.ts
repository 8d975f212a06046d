import type { WindowClasses } from "../../../preload/contract/finding.ts";
import { sure } from "../../../preload/contract/sure.ts";
import { BACKGROUND } from "./prediction-names.ts";

/** What a run predicted, or a rule said, of windows. */
type Windows = Omit<WindowClasses, "kind">;

/** Typicality below which a window is marked "unlike the training data" (contract, run.ts). */
export const UNLIKE_TRAINING = 0.01;

export interface Stretch {
  readonly fromS: number;
  readonly toS: number;
}

/** Usual distance between window starts; 0 for a single window. */
export function strideOf(prediction: Windows): number {
  const { onsetS } = prediction;
  if (onsetS.length < 2) return prediction.windowS;
  const steps: number[] = [];
  for (let i = 1; i < Math.min(onsetS.length, 64); i++) steps.push(sure(onsetS[i]) - sure(onsetS[i - 1]));
  return sure(steps.sort((a, b) => a - b)[(steps.length - 1) >> 1]);
}

/** Time a window speaks for: its middle. */
export const centreOf = (prediction: Windows, window: number): number =>
  sure(prediction.onsetS[window]) + prediction.windowS / 2;

/** The window whose centre is nearest to a time, if that time lies within half a window of it. */
export function windowAt(prediction: Windows, timeS: number): number | undefined {
  const { onsetS, windowS } = prediction;
  const wanted = timeS - windowS / 2;
  let low = 0;
  let high = onsetS.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sure(onsetS[middle]) < wanted) low = middle + 1;
    else high = middle;
  }
  const away = (at: number): number => Math.abs(sure(onsetS[at]) - wanted);
  let best: number | undefined;
  for (const at of [low - 1, low]) {
    if (at < 0 || at >= onsetS.length) continue;
    if (best === undefined || away(at) < away(best)) best = at;
  }
  return best !== undefined && away(best) <= windowS / 2 ? best : undefined;
}

export interface Leading {
  readonly leading: number; // class
  readonly runnerUp: number;
}

export function leadingOf(prediction: Windows, window: number): Leading {
  const k = prediction.classes.length;
  const of = (c: number): number => sure(prediction.probabilities[window * k + c]);
  let leading = 0;
  let runnerUp = -1;
  for (let c = 1; c < k; c++) {
    if (of(c) > of(leading)) leading = c;
  }
  for (let c = 0; c < k; c++) {
    if (c === leading) continue;
    if (runnerUp < 0 || of(c) > of(runnerUp)) runnerUp = c;
  }
  return { leading, runnerUp: runnerUp < 0 ? leading : runnerUp };
}

/**
 * Unsure: the 5-95 % intervals of the two leading classes overlap, so the members of the ensemble do not agree on
 * which class leads. Not assessable windows are neither sure nor unsure.
 */
export function isUnsure(prediction: Windows, window: number): boolean {
  if (prediction.assessable[window] !== 1) return false;
  const k = prediction.classes.length;
  const { leading, runnerUp } = leadingOf(prediction, window);
  if (leading === runnerUp) return false;
  return sure(prediction.low[window * k + leading]) < sure(prediction.high[window * k + runnerUp]);
}

/** Runs of windows for which `holds`, as stretches of time; windows further apart than 1.5 strides are not joined. */
export function stretchesWhere(prediction: Windows, holds: (window: number) => boolean): Stretch[] {
  const stride = strideOf(prediction);
  const half = stride / 2;
  const found: { fromS: number; toS: number }[] = [];
  for (let i = 0; i < prediction.onsetS.length; i++) {
    if (!holds(i)) continue;
    const centre = centreOf(prediction, i);
    const last = found[found.length - 1];
    if (last && centre - half <= last.toS + half) last.toS = centre + half;
    else found.push({ fromS: centre - half, toS: centre + half });
  }
  return found;
}

export const unsureStretches = (prediction: Windows): Stretch[] =>
  stretchesWhere(prediction, (i) => isUnsure(prediction, i));

export const unlikeTraining = (prediction: Windows, window: number): boolean =>
  prediction.assessable[window] === 1 && sure(prediction.typicality[window]) < UNLIKE_TRAINING;

/** The stretch around a time in which one class other than the background leads: what "accept" turns into an annotation. */
export function leadingStretch(
  prediction: Windows,
  timeS: number,
): (Stretch & { readonly label: string }) | undefined {
  const window = windowAt(prediction, timeS);
  if (window === undefined || prediction.assessable[window] !== 1) return undefined;
  const { leading } = leadingOf(prediction, window);
  const label = sure(prediction.classes[leading]);
  if (label === BACKGROUND) return undefined;
  const sameClass = (i: number): boolean =>
    prediction.assessable[i] === 1 && leadingOf(prediction, i).leading === leading;
  const stride = strideOf(prediction);
  const joined = (i: number, j: number): boolean =>
    sure(prediction.onsetS[j]) - sure(prediction.onsetS[i]) <= stride * 1.5;
  let first = window;
  let last = window;
  while (first > 0 && sameClass(first - 1) && joined(first - 1, first)) first--;
  while (last + 1 < prediction.onsetS.length && sameClass(last + 1) && joined(last, last + 1)) last++;
  return {
    fromS: centreOf(prediction, first) - stride / 2,
    toS: centreOf(prediction, last) + stride / 2,
    label,
  };
}
