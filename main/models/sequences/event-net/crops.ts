import type { Random } from "../../random.ts";
import { seededRandom } from "../../random.ts";
import { type Bridges, CHANNELS, type EventInput, ROWS, SCALE } from "./input.ts";
import { droppedFactors } from "../u-net.ts";
import { DROPPED_WIDTHS } from "./network.ts";
import type { Targets } from "./targets.ts";
import { lengthOf, type Span } from "./spans.ts";

/** A recording to learn from. */
export interface Example {
  readonly input: EventInput;
  readonly targets: Targets;
}

export interface CropOptions {
  readonly rows: number;
  readonly cropS: number;
  readonly codes: number;
  readonly aroundEvents: number; // share
  readonly augmentation: "none" | "short";
  readonly hiddenShare: number; // of the crops, see hide
  readonly bridges: Bridges;
  readonly dropout: number;
  readonly seed: number;
  readonly stream: number; // steps of different stages do not share their numbers
}

/** What a step is fed: x, y, weight (sums to 1 over the batch), and the factors of the channels left out. */
export type CropFeeds = readonly [Float32Array, Float32Array, Float32Array, Float32Array, Float32Array];

/** The batch of a step, by the seed and the step's number alone: a fit that is resumed sees the same ones. */
export function cropBatch(examples: readonly Example[], step: number, options: CropOptions): CropFeeds {
  const { rows, cropS, codes, seed } = options;
  const random = seededRandom(seed, options.stream + step);
  const x = new Float32Array(rows * cropS * CHANNELS);
  const y = new Float32Array(rows * cropS * codes);
  const weight = new Float32Array(rows * cropS);
  const place = placing(examples, options);
  for (let row = 0; row < rows; row += 1) {
    const found = place(random);
    if (found === undefined) continue;
    const { example, start } = found;
    const { input, targets } = example;
    const begin = Math.max(0, start);
    const end = Math.min(input.seconds, start + cropS);
    const at = row * cropS + begin - start;
    const seen = input.x.slice(begin * CHANNELS, end * CHANNELS);
    if (options.augmentation === "short") vary(seen, random, options);
    x.set(seen, at * CHANNELS);
    y.set(targets.y.subarray(begin * codes, end * codes), at * codes);
    weight.set(targets.weight.subarray(begin, end), at);
  }
  const mass = weight.reduce((a, b) => a + b, 0);
  const share = mass === 0 ? 0 : 1 / mass;
  const dropped = droppedFactors(DROPPED_WIDTHS, rows, options.dropout, random);
  const [bottom = new Float32Array(0), last = new Float32Array(0)] = dropped;
  return [x, y, weight.map((one) => one * share), bottom, last];
}

interface Place {
  readonly example: Example;
  readonly start: number; // second, may lie before the recording's begin
}

/** Crops around an event, any event as likely as any other, and anywhere, any known second as likely. */
function placing(
  examples: readonly Example[],
  { cropS, aroundEvents }: CropOptions,
): (random: Random) => Place | undefined {
  const events = examples.flatMap((example) =>
    example.targets.marked.flat().map((span) => ({ example, span })),
  );
  const read = examples.flatMap((example) => example.targets.read.map((span) => ({ example, span })));
  const total = read.reduce((sum, { span }) => sum + lengthOf(span), 0);
  const around = (example: Example, middle: number): Place => {
    const last = example.input.seconds - cropS; // below 0 where the recording is shorter: it lies in the middle
    const start = last < 0 ? Math.floor(last / 2) : Math.min(last, Math.max(0, middle));
    return { example, start };
  };
  return (random) => {
    if (events.length > 0 && random.next() < aroundEvents) {
      const event = events[random.below(events.length)];
      if (event === undefined) return undefined;
      const middle = Math.floor((event.span.from + event.span.to) / 2);
      return around(event.example, middle - Math.floor(cropS * (0.1 + 0.8 * random.next())));
    }
    let left = random.below(Math.max(1, total));
    for (const { example, span } of read) {
      if (left < lengthOf(span)) return around(example, span.from + left - Math.floor(cropS / 2));
      left -= lengthOf(span);
    }
    return undefined;
  };
}

const GAIN = 0.05;
const LEVEL_BPM = 4;
const BURSTS = [2, 13] as const;
const BURST_S = [2, 34] as const;
const NO_UC_SHARE = 0.02;

/** "Short" augmentation, in place: gains, the heart rate's level, and short stretches hidden. x [seconds, CHANNELS] */
function vary(x: Float32Array, random: Random, { hiddenShare, bridges }: CropOptions): void {
  const seconds = x.length / CHANNELS;
  const gain = (): number => 1 + GAIN * (2 * random.next() - 1);
  const [rate, level, uc] = [gain(), (LEVEL_BPM * (2 * random.next() - 1)) / SCALE.level, gain()];
  for (let at = 0; at < x.length; at += CHANNELS) {
    const is = (row: number): number => x[at + row] ?? 0;
    x[at + ROWS.slow] = rate * is(ROWS.slow);
    x[at + ROWS.fast] = rate * is(ROWS.fast);
    x[at + ROWS.level] = is(ROWS.level) + level * is(ROWS.fhrMask);
    x[at + ROWS.uc] = uc * is(ROWS.uc);
    x[at + ROWS.ucLevel] = uc * is(ROWS.ucLevel) + (uc - 1) * is(ROWS.ucMask); // (U - 30) / 30 of a larger U
  }
  if (random.next() < hiddenShare)
    hide(x, bursts(seconds, random), { ...fhrRows, bridgeS: bridges.bridgeFhrS });
  if (random.next() < hiddenShare)
    hide(x, bursts(seconds, random), { ...ucRows, bridgeS: bridges.bridgeUcS });
  if (random.next() < NO_UC_SHARE) hide(x, [{ from: 0, to: seconds }], { ...ucRows, bridgeS: 0 });
}

const fhrRows = { signals: [ROWS.slow, ROWS.fast, ROWS.level], mask: ROWS.fhrMask, bridgedMask: 0 };
const ucRows = { signals: [ROWS.uc, ROWS.ucLevel], mask: ROWS.ucMask, bridgedMask: 1 };

function bursts(seconds: number, random: Random): Span[] {
  const between = ([low, high]: readonly [number, number]): number => low + random.below(high - low + 1);
  return Array.from({ length: between(BURSTS) }, () => {
    const from = random.below(Math.max(1, seconds));
    return { from, to: Math.min(seconds, from + between(BURST_S)) };
  });
}

interface HiddenRows {
  readonly signals: readonly number[];
  readonly mask: number;
  readonly bridgedMask: number;
  readonly bridgeS: number;
}

/** Stretches as if they had not been observed: bridged where that is done for as short a gap, else 0. */
function hide(
  x: Float32Array,
  spans: readonly Span[],
  { signals, mask, bridgedMask, bridgeS }: HiddenRows,
): void {
  const at = (second: number, row: number): number => x[second * CHANNELS + row] ?? 0;
  const isKnown = (second: number): boolean => at(second, mask) === 1;
  for (const { from, to } of spans) {
    const isBridged = lengthOf({ from, to }) <= bridgeS && isKnown(from - 1) && isKnown(to);
    for (const row of signals) {
      const [before, after] = isBridged ? [at(from - 1, row), at(to, row)] : [0, 0];
      for (let second = from; second < to; second += 1)
        x[second * CHANNELS + row] = before + ((after - before) * (second + 1 - from)) / (to + 1 - from);
    }
    for (let second = from; second < to; second += 1)
      x[second * CHANNELS + mask] = isBridged ? bridgedMask : 0;
  }
}
