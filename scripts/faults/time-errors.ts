import { sortedQuantile } from "../../main/signal/quantile.ts";
import type { ClockFit } from "../../main/storage/samples/arrivals.ts";
import type { Matched, SentSample } from "./compare.ts";

export interface TimeErrors {
  /** Against the least that any read of the session was held up: all that a clock can be held to. */
  readonly clockMs: readonly number[];
  /** As they are, with what an adapter that gathers, a link or this machine held up in all of a session. */
  readonly lineMs: readonly number[];
}

interface Timed {
  readonly atS: number;
  readonly errorS: number;
  readonly heldS: number; // the least delay of a frame of its session on its way to the line
}

const AT_MOST = 200; // of a run, evenly

/**
 * Errors of the stored times after the first outage, against the usual one before it: the delay that all have in common.
 * A clock learns from reads alone. Where the quickest frame of a session was on the line 8 ms later after its sample than
 * the quickest of the others, as behind an adapter that gathers for 16 ms, or a device's process that was not woken in
 * time, nobody can know.
 */
export function timeErrors(
  matched: readonly Matched[],
  sent: readonly SentSample[],
  fits: readonly ClockFit[], // of this stream
  outageS: { readonly fromS: number; readonly toS: number } | undefined, // of the first
): TimeErrors {
  const none = { clockMs: [], lineMs: [] };
  if (outageS === undefined) return none;
  const held = new Map<ClockFit, number>();
  const placed = matched.flatMap(({ at, atS, sent: which }) => {
    const fit = fits.findLast(({ first }) => first <= at);
    if (fit === undefined) return [];
    const { isLast = false, putS = NaN } = sent[which] ?? {};
    if (isLast) held.set(fit, Math.min(held.get(fit) ?? Infinity, putS - atS));
    return [{ atS, fit, errorS: fit.atS + (at - fit.first) / fit.rate - atS }];
  });
  const timed = placed.map(({ atS, errorS, fit }): Timed => ({ atS, errorS, heldS: held.get(fit) ?? 0 }));
  const before = timed.filter(({ atS }) => atS < outageS.fromS);
  if (before.length === 0) return none;
  const after = timed.filter(({ atS }) => atS > outageS.toS);
  const step = Math.max(1, Math.floor(after.length / AT_MOST));
  const errorsMs = (of: (one: Timed) => number): number[] => {
    const usual = median(before.map(of));
    return after.flatMap((one, i) => (i % step === 0 ? [Math.abs(of(one) - usual) * 1000] : []));
  };
  return {
    clockMs: errorsMs(({ errorS, heldS }) => errorS - heldS),
    lineMs: errorsMs(({ errorS }) => errorS),
  };
}

const median = (values: readonly number[]): number =>
  sortedQuantile(
    values.toSorted((a, b) => a - b),
    values.length,
    0.5,
  );
