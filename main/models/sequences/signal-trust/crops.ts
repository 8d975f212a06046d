import { blockMedians, HALF_WIDTH, pastBlockMedians } from "../../../signal/block-medians.ts";
import type { Resampled } from "../../../signal/resample.ts";
import { type Random, seededRandom } from "../../random.ts";
import type { SignalTrustConfig } from "./config.ts";
import { BLOCK, CHANNELS, type Levels, PAST, rowsOf, TRUST_HZ, type TrustInput } from "./input.ts";
import { droppedFactors } from "../u-net.ts";
import { DROPPED_WIDTHS } from "./network.ts";
import type { Targets } from "./targets.ts";

/** A recording to learn from. */
export interface Example {
  readonly input: TrustInput;
  readonly levels: Levels; // of the whole recording
  readonly targets: Targets;
}

/** Draws an example with a weight each, in few steps. */
interface Lottery {
  readonly examples: readonly Example[];
  readonly upTo: Float64Array; // sums of the weights
}

/** What crops are cut from: recordings weigh by the root of what is known in them, so that long ones do not rule. */
export interface Deck {
  readonly known: Lottery;
  readonly false: Lottery; // those with any false signal
}

export function deckOf(examples: readonly Example[]): Deck {
  const lottery = (countOf: (one: Example) => number): Lottery => {
    const own = examples.filter((one) => countOf(one) > 0);
    let total = 0;
    return { examples: own, upTo: Float64Array.from(own, (one) => (total += Math.sqrt(countOf(one)))) };
  };
  return {
    known: lottery(({ targets }) => targets.known.length),
    false: lottery(({ targets }) => targets.false.length),
  };
}

function drawn({ examples, upTo }: Lottery, random: Random): Example | undefined {
  const at = random.next() * (upTo.at(-1) ?? 0);
  return examples[upTo.findIndex((sum) => at < sum)];
}

/** Feeds of a step: x, y, weight (sums to 1 over the batch), and the factors of the channels left out. */
export function cropBatch(
  deck: Deck,
  step: number,
  config: SignalTrustConfig,
  stream: number,
): Float32Array[] {
  const { batch, cropSamples } = config;
  const random = seededRandom(config.seed, stream + step);
  const x = new Float32Array(batch * cropSamples * CHANNELS);
  const y = new Float32Array(batch * cropSamples);
  const weight = new Float32Array(batch * cropSamples);
  for (let row = 0; row < batch; row += 1) {
    const isFalse = random.next() < config.aroundFalse && deck.false.examples.length > 0;
    const example = drawn(isFalse ? deck.false : deck.known, random);
    if (example === undefined) continue;
    const { targets } = example;
    const samples = isFalse ? targets.false : targets.known;
    const middle = samples[random.below(samples.length)] ?? 0;
    const crop = cropAt(example, middle - Math.floor(cropSamples * random.next()), cropSamples);
    const { rows, observed } = variedRows(example, crop, config, random);
    const at = row * cropSamples;
    x.set(rows, at * CHANNELS);
    for (let i = crop.from; i < crop.to; i += 1) {
      const to = at + i - crop.from;
      y[to] = targets.y[i] ?? 0;
      weight[to] = observed[i - crop.from] === 1 ? (targets.weight[i] ?? 0) : 0;
    }
  }
  const mass = weight.reduce((a, b) => a + b, 0);
  const share = mass === 0 ? 0 : 1 / mass;
  const dropped = droppedFactors(DROPPED_WIDTHS, batch, config.dropout, random);
  return [x, y, weight.map((one) => one * share), ...dropped];
}

/** Samples [from, to) of a recording. */
interface Crop {
  readonly from: number;
  readonly to: number;
}

/** It begins at a whole block and is shorter where the recording is. */
function cropAt({ input }: Example, wanted: number, length: number): Crop {
  const last = input.count - length;
  const within = last < 0 ? 0 : Math.min(last, Math.max(0, wanted));
  const from = within - (within % BLOCK);
  return { from, to: Math.min(input.count, from + length) };
}

/** A crop's channel as it is told this time, and its level a block; undefined where it has none. */
interface Told {
  readonly own: Resampled;
  readonly level: Float32Array | undefined;
}

/** The rows of a crop of a recording that is told a little differently each time, and what is left of its heart rate. */
function variedRows(
  { input, levels }: Example,
  crop: Crop,
  { withoutMhr, hiddenShare, shiftBpm, pastOnly }: SignalTrustConfig,
  random: Random,
): { readonly rows: Float32Array; readonly observed: Uint8Array } {
  const by = shiftBpm * (2 * random.next() - 1);
  const hasMhr = random.next() >= withoutMhr;
  const isHidden = { fhr: random.next() < hiddenShare, mhr: random.next() < hiddenShare };
  const levelHere = (level: Float32Array | undefined): Float32Array | undefined =>
    level && movedLevel(level, crop, by);
  const told = (which: "fhr" | "mhr"): Told =>
    isHidden[which]
      ? hidden(input[which], levels[which], crop, { by, random, pastOnly })
      : { own: moved(input[which], crop, by), level: levelHere(levels[which]) };
  const fhr = told("fhr");
  const count = crop.to - crop.from;
  const none = { values: new Float32Array(count), observed: new Uint8Array(count) };
  const mhr = hasMhr ? told("mhr") : { own: none, level: undefined };
  const rows = rowsOf(
    { count, fhr: fhr.own, mhr: mhr.own, isScalp: input.isScalp },
    { fhr: fhr.level ?? new Float32Array(0), mhr: mhr.level, middle: movedLevel(levels.middle, crop, by) },
  );
  return { rows, observed: fhr.own.observed };
}

/** With bursts hidden in the crop, and its level out of what is left within reach. */
function hidden(
  channel: Resampled,
  level: Float32Array | undefined,
  { from, to }: Crop,
  { by, random, pastOnly }: { readonly by: number; readonly random: Random; readonly pastOnly: boolean },
): Told {
  const margin = BLOCK * (pastOnly ? PAST.level : HALF_WIDTH);
  const begin = Math.max(0, from - margin);
  const around = moved(channel, { from: begin, to: Math.min(channel.values.length, to + margin) }, by);
  hide(around, { from: from - begin, to: to - begin }, random);
  const medians = pastOnly ? pastBlockMedians(around, TRUST_HZ, PAST.level) : blockMedians(around, TRUST_HZ);
  const again = medians?.subarray((from - begin) / BLOCK, Math.ceil((to - begin) / BLOCK));
  return {
    own: {
      values: around.values.subarray(from - begin, to - begin),
      observed: around.observed.subarray(from - begin, to - begin),
    },
    level: again ?? (level && movedLevel(level, { from, to }, by)),
  };
}

interface Blocks<Level> {
  subarray(from: number, to: number): { map(move: (one: number) => number): Level };
}
const movedLevel = <Level>(level: Blocks<Level>, { from, to }: Crop, by: number): Level =>
  level.subarray(from / BLOCK, Math.ceil(to / BLOCK)).map((one) => one + by);

function moved({ values, observed }: Resampled, { from, to }: Crop, by: number): Resampled {
  const seen = observed.slice(from, to);
  return {
    values: values.slice(from, to).map((value, i) => (seen[i] === 1 ? value + by : 0)),
    observed: seen,
  };
}

const HIDDEN = [0.05, 0.4] as const; // share of the crop
const BURST_S = 15; // in the mean

/** Bursts of exponential length, in place, until so much of the stretch is gone. */
export function hide(
  { values, observed }: Resampled,
  { from, to }: Crop,
  random: Random,
  share = HIDDEN[0] + (HIDDEN[1] - HIDDEN[0]) * random.next(),
): void {
  const gone = new Uint8Array(to - from);
  for (let count = 0; count < share * gone.length;) {
    const length = Math.max(1, Math.round(-Math.log(1 - random.next()) * BURST_S * TRUST_HZ));
    const begin = random.below(gone.length);
    const end = Math.min(gone.length, begin + length);
    count += gone.subarray(begin, end).reduce((fresh, is) => fresh + 1 - is, 0);
    gone.fill(1, begin, end);
  }
  gone.forEach((is, i) => {
    if (is === 1) observed[from + i] = values[from + i] = 0;
  });
}
