import { z } from "zod";

/** p = softmax([0, logits / temperature + biases]), averaged over members. */
export const EventCalibration = z.object({
  temperature: z.number().positive(),
  biases: z.array(z.number()),
});
export type EventCalibration = z.infer<typeof EventCalibration>;

export const uncalibrated = (codes: number): EventCalibration => ({
  temperature: 1,
  biases: Array.from({ length: codes }, () => 0),
});

/** logits [n, codes] of one member -> [n, codes + 1], none first. */
export function calibratedProbabilities(
  logits: Float32Array,
  { temperature, biases }: EventCalibration,
): Float32Array {
  const k = biases.length;
  const n = logits.length / k;
  const out = new Float32Array(n * (k + 1));
  for (let i = 0; i < n; i += 1) {
    let highest = 0;
    for (let c = 0; c < k; c += 1) {
      const z = (logits[i * k + c] ?? 0) / temperature + (biases[c] ?? 0);
      out[i * (k + 1) + c + 1] = z;
      highest = Math.max(highest, z);
    }
    let total = 0;
    for (let c = 0; c <= k; c += 1) {
      const p = Math.exp((out[i * (k + 1) + c] ?? 0) - highest);
      out[i * (k + 1) + c] = p;
      total += p;
    }
    for (let c = 0; c <= k; c += 1) out[i * (k + 1) + c] = (out[i * (k + 1) + c] ?? 0) / total;
  }
  return out;
}

/** Seconds left between those that calibration looks at: neighbours say the same. */
const EVERY = 5;

/**
 * Temperature and biases with the lowest cross-entropy of the members' mean probability (Nelder and Mead 1965); of each
 * recording those members count whose logits are given. A code that never occurs keeps its bias of 0, for the lowest
 * would be one with which it is never said; where none occurs, all stays as it is.
 */
export async function fitCalibration(
  recordings: readonly ThinnedOut[],
  codes: number,
  pause: () => Promise<void> = () => Promise.resolve(),
): Promise<EventCalibration> {
  const seconds = recordings.reduce((total, one) => total + one.seconds, 0);
  if (seconds === 0) return uncalibrated(codes);
  const occurring = [...Array(codes).keys()].filter((c) =>
    recordings.some(({ truth }) => truth.some((is, i) => i % codes === c && is > 0.5)),
  );
  if (occurring.length === 0) return uncalibrated(codes);
  const settings = ([logTemperature = 0, ...own]: readonly number[]): EventCalibration => {
    const { biases } = uncalibrated(codes);
    occurring.forEach((c, at) => (biases[c] = own[at] ?? 0));
    return { temperature: Math.exp(logTemperature), biases };
  };
  const loss = (at: readonly number[]): number =>
    recordings.reduce((total, one) => total + surprise(one, settings(at)), 0) / seconds;
  return settings(await lowest(loss, occurring.length + 1, pause));
}

/** Cross-entropy, summed over the seconds of a recording. */
function surprise({ seconds, logits, truth }: ThinnedOut, calibration: EventCalibration): number {
  const codes = calibration.biases.length;
  const each = logits.map((own) => calibratedProbabilities(own, calibration));
  let total = 0;
  for (let i = 0; i < seconds; i += 1) {
    let class_ = 0;
    for (let c = 0; c < codes; c += 1) if ((truth[i * codes + c] ?? 0) > 0.5) class_ = c + 1;
    let p = 0;
    for (const own of each) p += own[i * (codes + 1) + class_] ?? 0;
    total -= Math.log(Math.max(1e-9, p / each.length));
  }
  return total;
}

/** What calibration looks at. logits [seconds, codes] a member, truth [seconds, codes], lacking [seconds] a width around. */
export interface ThinnedOut {
  readonly seconds: number;
  readonly logits: readonly Float32Array[];
  readonly truth: Float32Array;
  readonly lacking: readonly Float32Array[];
}

/** Every fifth second, where it is known. */
export function thinnedOut(
  members: readonly Float32Array[],
  y: Float32Array,
  weight: Uint8Array,
  { codes, lacking = [] }: { readonly codes: number; readonly lacking?: readonly Float32Array[] },
): ThinnedOut {
  const seconds = [...weight.keys()].filter((second) => second % EVERY === 0 && weight[second] === 1);
  const thinned = (all: Float32Array, width: number): Float32Array => {
    const out = new Float32Array(seconds.length * width);
    seconds.forEach((second, i) => {
      out.set(all.subarray(second * width, (second + 1) * width), i * width);
    });
    return out;
  };
  return {
    seconds: seconds.length,
    logits: members.map((own) => thinned(own, codes)),
    truth: thinned(y, codes),
    lacking: lacking.map((own) => thinned(own, 1)),
  };
}

const BIAS_ROUNDS = 20;
const BIAS_DONE = 1e-4;

/**
 * The same temperature with those biases at which each code is, in the mean over the recordings, as probable as it is
 * marked. How much people mark differs widely between recordings: the rate of some fifty is off by as much as what
 * calibration is to mend, so all are counted that were read. A code that never occurs keeps its bias.
 */
export async function biasedByRate(
  calibration: EventCalibration,
  recordings: readonly ThinnedOut[],
  pause: () => Promise<void> = () => Promise.resolve(),
): Promise<EventCalibration> {
  const codes = calibration.biases.length;
  const marked = new Float64Array(codes);
  for (const { truth } of recordings)
    truth.forEach((is, i) => (marked[i % codes] = (marked[i % codes] ?? 0) + is));
  const biases = [...calibration.biases];
  for (let round = 0; round < BIAS_ROUNDS; round += 1) {
    const said = new Float64Array(codes);
    for (const { logits } of recordings) {
      for (const own of logits) {
        const p = calibratedProbabilities(own, { ...calibration, biases });
        p.forEach((one, i) => {
          const c = (i % (codes + 1)) - 1;
          if (c >= 0) said[c] = (said[c] ?? 0) + one / logits.length;
        });
      }
      await pause();
    }
    const moves = biases.map((_, c) =>
      marked[c] ? Math.log(marked[c] / Math.max(Number.MIN_VALUE, said[c] ?? 0)) : 0,
    );
    moves.forEach((move, c) => (biases[c] = (biases[c] ?? 0) + move));
    if (Math.max(...moves.map(Math.abs)) < BIAS_DONE) break;
  }
  return { ...calibration, biases };
}

const ROUNDS = 120;

/** Where f is lowest near 0, by a simplex of n + 1 points. */
async function lowest(
  f: (at: readonly number[]) => number,
  n: number,
  pause: () => Promise<void>,
): Promise<readonly number[]> {
  const scored = (at: readonly number[]) => ({ at, value: f(at) });
  const zero = Array.from({ length: n }, () => 0);
  let points = [zero, ...zero.map((_, axis) => zero.map((_, i) => (i === axis ? 0.25 : 0)))].map(scored);
  for (let round = 0; round < ROUNDS; round += 1) {
    await pause();
    points = points.sort((a, b) => a.value - b.value);
    const [best, worst, second] = [points[0], points.at(-1), points.at(-2)];
    if (best === undefined || worst === undefined || second === undefined) break;
    if (worst.value - best.value < 1e-7) break;
    const kept = points.slice(0, -1);
    const centre = zero.map((_, axis) => kept.reduce((sum, { at }) => sum + (at[axis] ?? 0), 0) / n);
    const along = (by: number) => scored(centre.map((c, axis) => c + by * (c - (worst.at[axis] ?? 0))));
    const mirrored = along(1);
    const better = mirrored.value < best.value ? along(2) : undefined;
    const taken =
      better !== undefined && better.value < mirrored.value
        ? better
        : mirrored.value < second.value
          ? mirrored
          : along(mirrored.value < worst.value ? 0.5 : -0.5);
    points =
      taken.value < worst.value
        ? [...kept, taken]
        : points.map(({ at }) => scored(at.map((value, axis) => ((best.at[axis] ?? 0) + value) / 2)));
  }
  return points.sort((a, b) => a.value - b.value)[0]?.at ?? zero;
}
