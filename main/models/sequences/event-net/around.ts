import { z } from "zod";
import { searched, searchFrom } from "../../convex/lbfgs.ts";
import type { ThinnedOut } from "./calibrate.ts";
import { smoothed } from "./rule-events.ts";

/*
 * How much was observed around a second tells how likely a reader marks anything there: where the signal comes and goes,
 * few read closely. The network sees gaps, but learns with stretches hidden at random, whose marks stay; so what gaps
 * tell is learned apart, from recordings on which the network took no step.
 */

/** Seconds around, the second itself in the middle. */
export const WIDTHS_S = [601, 1801] as const;

/** Of which more tells nothing: readers mark as much where four fifths are observed as where all is. */
const ENOUGH = 0.8;

/** Added to the logits of a code for each share that lacks: [codes][widths]. */
export const Around = z.array(z.array(z.number()).length(WIDTHS_S.length));
export type Around = z.infer<typeof Around>;

/** How much less than enough was observed around each second, of the seconds that the recording has there. [widths][seconds] */
export function lackingAround(observed: Uint8Array): readonly Float32Array[] {
  const every = new Uint8Array(observed.length).fill(1);
  const values = Float32Array.from(observed);
  return WIDTHS_S.map((width) => smoothed(values, every, width).map((share) => Math.max(0, ENOUGH - share)));
}

/** logits [n, codes] with what lacks [widths][n] adds. */
export function withAround(
  logits: Float32Array,
  lacking: readonly Float32Array[],
  around: Around,
): Float32Array {
  const codes = around.length;
  return logits.map((logit, i) => {
    const own = around[i % codes] ?? [];
    const at = Math.floor(i / codes);
    return lacking.reduce((sum, share, w) => sum + (own[w] ?? 0) * (share[at] ?? 0), logit);
  });
}

/** Fewer recordings say nothing of this: the seconds of one are much alike. */
const LEAST_RECORDINGS = 30;
const EVERY = 3; // of the thinned seconds
const ROUNDS = 200;
const TOLERANCE = 1e-7; // of the mean slope of a second
const RIDGE = 1;

/**
 * What gives the marks the highest likelihood beside one slope for all logits and a bias a code, with a ridge on what is
 * added: convex. Null where too few recordings were read or nothing is marked in them, or where the logits say the
 * contrary; a code that never occurs gets nothing added.
 */
export async function fitAround(
  recordings: readonly ThinnedOut[],
  codes: number,
  pause: () => Promise<void> = () => Promise.resolve(),
): Promise<Around | null> {
  if (recordings.filter(({ seconds }) => seconds > 0).length < LEAST_RECORDINGS) return null;
  const occurring = [...Array(codes).keys()].filter((c) =>
    recordings.some(({ truth }) => truth.some((is, i) => i % codes === c && is > 0.5)),
  );
  if (occurring.length === 0) return null;
  const rows = gathered(recordings, codes, occurring);
  const objective = (at: Float64Array, gradient: Float64Array): number => meanLoss(rows, at, gradient);
  const start = new Float64Array(startOf(occurring.length));
  start[0] = 1;
  let search = searchFrom(start, objective);
  for (let round = 0; round < ROUNDS && !search.isSettled; round += 1) {
    search = searched(search, objective, { steps: 1, tolerance: TOLERANCE });
    await pause();
  }
  const { at } = search;
  const [slope = 0] = at;
  if (!(slope > 0)) return null;
  return Array.from({ length: codes }, (_, c) => {
    const place = occurring.indexOf(c);
    return WIDTHS_S.map((_, w) => (place < 0 ? 0 : (at[startOf(place) + 1 + w] ?? 0) / slope));
  });
}

/** Parameters: the slope, then of each code its bias and what is added for what lacks. */
const startOf = (place: number): number => 1 + place * (1 + WIDTHS_S.length);

interface Rows {
  readonly count: number;
  readonly codes: number; // that occur
  readonly logits: Float64Array; // [count, codes], mean of the members
  readonly lacking: Float64Array; // [count, widths]
  readonly truth: Float64Array; // [count, codes]
}

function gathered(recordings: readonly ThinnedOut[], codes: number, occurring: readonly number[]): Rows {
  const kept = ({ seconds }: ThinnedOut): number => Math.ceil(seconds / EVERY);
  const count = recordings.reduce((total, one) => total + kept(one), 0);
  const k = occurring.length;
  const rows: Rows = {
    count,
    codes: k,
    logits: new Float64Array(count * k),
    lacking: new Float64Array(count * WIDTHS_S.length),
    truth: new Float64Array(count * k),
  };
  let row = 0;
  for (const { seconds, logits, truth, lacking } of recordings) {
    for (let i = 0; i < seconds; i += EVERY, row += 1) {
      occurring.forEach((code, c) => {
        const from = i * codes + code;
        const sum = logits.reduce((total, own) => total + (own[from] ?? 0), 0);
        rows.logits[row * k + c] = sum / logits.length;
        rows.truth[row * k + c] = truth[from] ?? 0;
      });
      WIDTHS_S.forEach((_, w) => (rows.lacking[row * WIDTHS_S.length + w] = lacking[w]?.[i] ?? 0));
    }
  }
  return rows;
}

/** softmax([0, sums]) without the first, and the log of its denominator. */
function probabilitiesOf(rows: Rows, row: number, at: Float64Array, p: Float64Array): number {
  const { codes, logits, lacking } = rows;
  let highest = 0;
  for (let c = 0; c < codes; c += 1) {
    const start = startOf(c);
    let z = (at[0] ?? 0) * (logits[row * codes + c] ?? 0) + (at[start] ?? 0);
    for (let w = 0; w < WIDTHS_S.length; w += 1)
      z += (at[start + 1 + w] ?? 0) * (lacking[row * WIDTHS_S.length + w] ?? 0);
    p[c] = z;
    highest = Math.max(highest, z);
  }
  let total = Math.exp(-highest);
  for (let c = 0; c < codes; c += 1) total += Math.exp((p[c] ?? 0) - highest);
  const log = Math.log(total) + highest;
  for (let c = 0; c < codes; c += 1) p[c] = Math.exp((p[c] ?? 0) - log);
  return log;
}

/** Minus the mean log likelihood of a second, with the ridge, and its gradient. */
function meanLoss(rows: Rows, at: Float64Array, gradient: Float64Array): number {
  const { count, codes, logits, lacking, truth } = rows;
  const p = new Float64Array(codes);
  const add = (place: number, value: number): void => void (gradient[place] = (gradient[place] ?? 0) + value);
  gradient.fill(0);
  let loss = 0;
  for (let row = 0; row < count; row += 1) {
    let own = probabilitiesOf(rows, row, at, p); // of none
    for (let c = 0; c < codes; c += 1) {
      const is = truth[row * codes + c] ?? 0;
      if (is > 0.5) own = -Math.log(Math.max(Number.MIN_VALUE, p[c] ?? 0));
      const error = ((p[c] ?? 0) - is) / count;
      const start = startOf(c);
      add(0, error * (logits[row * codes + c] ?? 0));
      add(start, error);
      for (let w = 0; w < WIDTHS_S.length; w += 1)
        add(start + 1 + w, error * (lacking[row * WIDTHS_S.length + w] ?? 0));
    }
    loss += own / count;
  }
  for (let c = 0; c < codes; c += 1)
    for (let j = startOf(c) + 1; j < startOf(c + 1); j += 1) {
      loss += ((RIDGE / 2) * (at[j] ?? 0) ** 2) / count;
      add(j, (RIDGE * (at[j] ?? 0)) / count);
    }
  return loss;
}
