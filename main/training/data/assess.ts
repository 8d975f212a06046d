import type { ChannelNeeds } from "../../../preload/contract/channel-needs.ts";
import type { Channel } from "../../../preload/contract/recording.ts";
import type { WindowSelection } from "../../../preload/contract/run.ts";
import { sure } from "../../../preload/contract/sure.ts";
import type { SignalSource } from "../../models/fronts/front.ts";
import { sampleAt, windowOnsetS, type WindowGrid } from "../../signal/window.ts";

/** Samples of a mask read at a time. */
const MASK_CHUNK = 1 << 20;
/** Shares are sums of float32. */
export const SHARE_SLACK = 1e-6;

export interface AssessRule extends Pick<WindowSelection, "minObserved" | "windowS" | "centreS"> {
  readonly needs: ChannelNeeds;
}

export interface Assessed {
  readonly isAssessable: Uint8Array; // [n] 1 or 0
  /** Windows that too little of a channel was observed for; one may be counted at several. */
  readonly lacking: readonly Lacking[];
}

export interface Lacking {
  readonly channels: readonly string[]; // one, or the electrodes that count together
  readonly windows: number;
}

/**
 * Which windows a model may judge: those where every channel that its labels speak about is observed, in the whole
 * window and in the part that the label is judged on. Elsewhere it would answer from what it cannot see.
 */
export function assess(source: SignalSource, grid: WindowGrid, rule: AssessRule): Assessed {
  const { needs, minObserved } = rule;
  const isAssessable = new Uint8Array(grid.count).fill(needs.each.length + needs.together.length > 0 ? 1 : 0);
  const labelOf = (index: number): string => source.channels[index]?.label ?? "";
  const lacking: Lacking[] = [];
  const groups = [...needs.each.map((index) => [index]), needs.together].filter(({ length }) => length > 0);
  for (const group of groups) {
    const shares = new Float32Array(grid.count);
    for (const index of group)
      observedShares(source, index, grid, rule).forEach((share, n) => {
        shares[n] = sure(shares[n]) + share / group.length;
      });
    let windows = 0;
    shares.forEach((share, n) => {
      if (share >= minObserved - SHARE_SLACK && share > 0) return;
      isAssessable[n] = 0;
      windows += 1;
    });
    if (windows > 0) lacking.push({ channels: group.map(labelOf), windows });
  }
  return { isAssessable, lacking };
}

/** The part of a window, in samples from its first, that a label is judged on. */
export function judgedPart(
  { windowS, centreS }: Pick<WindowSelection, "windowS" | "centreS">,
  sampleRate: number,
): { readonly skip: number; readonly length: number } {
  const judgedS = Math.min(centreS ?? windowS, windowS);
  const length = Math.max(1, Math.round(judgedS * sampleRate));
  return { skip: Math.round(((windowS - judgedS) / 2) * sampleRate), length };
}

/** The share of each window's samples that is observed, or of its judged part where that is less. [n] */
function observedShares(
  source: SignalSource,
  index: number,
  grid: WindowGrid,
  rule: Pick<WindowSelection, "windowS" | "centreS">,
): Float32Array {
  const shares = new Float32Array(grid.count);
  const { sampleRate, sampleCount, observedCount } = source.channels[index] as Channel;
  const length = Math.round(grid.windowS * sampleRate);
  const judged = judgedPart(rule, sampleRate);
  const isComplete = observedCount === sampleCount;
  const perChunk = Math.max(1, Math.floor(MASK_CHUNK / Math.max(1, grid.strideS * sampleRate)));
  for (let first = 0; first < grid.count; first += perChunk) {
    const end = Math.min(grid.count, first + perChunk);
    const begin = Math.min(sampleCount, sampleAt(windowOnsetS(grid, first), sampleRate));
    const last = Math.min(sampleCount, sampleAt(windowOnsetS(grid, end - 1), sampleRate) + length);
    const seen = isComplete ? undefined : cumulative(source.read(index, begin, last - begin).observed);
    const observedIn = (at: number, count: number): number => {
      const from = Math.min(last, at);
      const to = Math.min(last, at + count);
      return (seen ? sure(seen[to - begin]) - sure(seen[from - begin]) : to - from) / count;
    };
    for (let window = first; window < end; window += 1) {
      const at = sampleAt(windowOnsetS(grid, window), sampleRate);
      shares[window] = Math.min(observedIn(at, length), observedIn(at + judged.skip, judged.length));
    }
  }
  return shares;
}

/** [i] = how many of the first i are observed. */
function cumulative(observed: Uint8Array): Uint32Array {
  const seen = new Uint32Array(observed.length + 1);
  for (let i = 0; i < observed.length; i += 1) seen[i + 1] = sure(seen[i]) + sure(observed[i]);
  return seen;
}
