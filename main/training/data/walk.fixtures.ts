import { z } from "zod";
import { madeUpAbout } from "../../../preload/contract/method.fixtures.ts";
import type { Curves, Forecast } from "../../../preload/contract/finding.ts";
import type { SignalSource } from "../../models/fronts/front.ts";
import type {
  Follower,
  Forecaster,
  Future,
  Predictive,
  SequenceJudge,
  SequenceModel,
} from "../../models/model.ts";
import { mixturePredictive } from "../../models/distributions/predictive.ts";
import { seededRandom } from "../../models/random.ts";
import type { MemoryRecording } from "./memory-library.ts";

/** A recording that wanders: each second differs from the one before by a normal step. What may come is known exactly. */
export const WALK_SD = 2;
export const WALK_S = 900;
export const WALK_RATE = 4; // samples a second, all alike
const HORIZON_S = 60;

export function walkRecording(subject: string, seed: number, gap?: (s: number) => boolean): MemoryRecording {
  const random = seededRandom(seed, 0);
  let level = 140;
  const seconds = Float32Array.from({ length: WALK_S }, () => (level += WALK_SD * random.normal()));
  return {
    id: `walk-${subject}`,
    kind: "ctg",
    subject,
    labelSet: "ctg-events",
    channels: [
      {
        ...{ label: "FHR", role: "fhr", unit: "bpm", sampleRate: WALK_RATE },
        values: Float32Array.from(
          { length: WALK_S * WALK_RATE },
          (_, i) => seconds[Math.floor(i / WALK_RATE)] ?? 0,
        ),
        reasons: Uint8Array.from({ length: WALK_S * WALK_RATE }, (_, i) =>
          Number(gap?.(Math.floor(i / WALK_RATE)) ?? false),
        ),
      },
    ],
    annotations: [],
  };
}

export const normal = (mean: number, scale: number): Predictive =>
  mixturePredictive([{ weight: 1, mean, scale, nu: Infinity }]);

const Learned = z.object({ sd: z.number().nonnegative() });
type Learned = z.infer<typeof Learned>;

/** A second's value; undefined where it was not observed. */
function secondsOf(source: SignalSource, channel = 0): (number | undefined)[] {
  const { sampleRate, sampleCount } = source.channels[channel] ?? { sampleRate: 1, sampleCount: 0 };
  const { values, observed } = source.read(channel, 0, sampleCount);
  return Array.from({ length: Math.floor(sampleCount / sampleRate) }, (_, s) =>
    observed[s * sampleRate] === 1 ? values[s * sampleRate] : undefined,
  );
}

function futureOf(fromS: number, last: number, ageS: number, sd: number): Future {
  const at = (aheadS: number): Predictive | undefined =>
    aheadS <= 0 || aheadS > HORIZON_S ? undefined : normal(last, sd * Math.sqrt(ageS + aheadS));
  const forecast: Forecast = {
    ...{ fromS, horizonS: HORIZON_S, stepS: 1, over: "FHR", unit: "bpm", branches: [], assumed: [] },
    quantiles: [0.05, 0.25, 0.5, 0.75, 0.95].map((share) => ({
      share,
      value: Float32Array.from({ length: HORIZON_S }, (_, i) => at(i + 1)?.quantile(share) ?? Number.NaN),
    })),
  };
  return { forecast, at };
}

/** From the last second observed before a moment. */
export function walkForecaster(seconds: readonly (number | undefined)[], sd: number): Forecaster {
  return {
    channel: 0,
    at: (timeS) => {
      const end = Math.min(seconds.length, Math.floor(timeS));
      const back = seconds.slice(0, end).findLastIndex((one) => one !== undefined);
      const last = seconds[back];
      return last === undefined ? undefined : futureOf(timeS, last, end - 1 - back, sd);
    },
  };
}

/** Hears every channel in pieces; says what the forecaster of the whole says from the last full second on. */
export function walkFollower(sd: number): Follower {
  const [values, observed]: [number[], number[]] = [[], []];
  return {
    hear: (_, some, mask) => {
      values.push(...some);
      observed.push(...mask);
    },
    get timeS() {
      return values.length / WALK_RATE;
    },
    future: () => {
      const seconds = Array.from({ length: Math.floor(values.length / WALK_RATE) }, (_, s) =>
        observed[s * WALK_RATE] === 1 ? values[s * WALK_RATE] : undefined,
      );
      return walkForecaster(seconds, sd).at(values.length / WALK_RATE);
    },
  };
}

export const walkJudge = (sd: number, opened: { count: number } = { count: 0 }): SequenceJudge => ({
  judge: (source) => Promise.resolve([levelOf(source)]),
  forecaster: (source) => {
    opened.count += 1;
    return Promise.resolve(walkForecaster(secondsOf(source), sd));
  },
  fill: (source) => Promise.resolve(filledIn(source)),
  follower: () => Promise.resolve(walkFollower(sd)),
  dispose: () => Promise.resolve(),
});

function levelOf(source: SignalSource): Curves {
  const seconds = secondsOf(source);
  const series = {
    ...{ name: "level", unit: "bpm", over: "FHR", sampleRate: 1 },
    value: Float32Array.from(seconds, (one) => one ?? Number.NaN),
    observed: Uint8Array.from(seconds, (one) => Number(one !== undefined)),
  };
  return { kind: "curves", series: [series], forecasts: [] };
}

/** The last value before a gap, kept. */
function filledIn(source: SignalSource): Curves {
  const seconds = secondsOf(source);
  const value = Float32Array.from(seconds, (_, s) => {
    return seconds.slice(0, s).findLast((one) => one !== undefined) ?? 140;
  });
  const band = (by: number): Float32Array => value.map((one) => one + by);
  const observed = Uint8Array.from(seconds, (one) => Number(one === undefined));
  const series = {
    name: "FHR",
    unit: "bpm",
    over: "FHR",
    sampleRate: 1,
    value,
    low: band(-5),
    high: band(5),
  };
  return { kind: "curves", series: [{ ...series, observed }], forecasts: [] };
}

/** Learns the size of a second's step from any recording, labelled or not. */
export const walk: SequenceModel<object, Learned> = {
  kind: "walk",
  name: { en: "A walk", ja: "ランダムウォーク" },
  sentence: { en: "Each second differs a little from the last.", ja: "毎秒わずかに変わります。" },
  over: "sequences",
  labels: "unused",
  config: z.strictObject({ kind: z.literal("walk") }),
  kinds: ["ctg"],
  usualFor: [],
  can: ["forecast", "fill"],
  about: madeUpAbout,
  file: Learned,
  learning: {
    kind: "rounds",
    mostRounds: 1,
    begin: () => ({ sd: 1 }),
    round: (_, _config, { sequences }) => {
      const steps = sequences.flatMap(({ source }) => {
        const seconds = secondsOf(source);
        return seconds.flatMap((one, s) => {
          const before = seconds[s - 1];
          return one === undefined || before === undefined ? [] : [(one - before) ** 2];
        });
      });
      const sd = Math.sqrt(steps.reduce((a, b) => a + b, 0) / Math.max(1, steps.length));
      return Promise.resolve({ learned: { sd }, score: 0, isSettled: true });
    },
  },
  open: ({ sd }) => Promise.resolve(walkJudge(sd)),
  forecastFloors: () => Promise.resolve([{ name: "too-wide", judge: walkJudge(3 * WALK_SD) }]),
};
