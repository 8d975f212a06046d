import type { Curves, Forecast, Series } from "../../preload/contract/finding.ts";
import type { FakeRecording, Samples } from "./study.ts";

const HORIZON_S = 120;
/** Standard deviation of a second's change, in bpm, and what the level is drawn back to a second. */
const [STEP, PULL] = [1.6, 0.02];
/** Shares of what may come, with how many standard deviations from the middle they lie. */
const SHARES = [
  [0.025, -1.96],
  [0.05, -1.645],
  [0.1, -1.282],
  [0.25, -0.674],
  [0.5, 0],
  [0.75, 0.674],
  [0.9, 1.282],
  [0.95, 1.645],
  [0.975, 1.96],
] as const;
const LEVEL = 138;

interface Heard {
  readonly channel: FakeRecording["detail"]["channels"][number];
  readonly samples: Samples;
}

function heartRate({ detail, signal }: FakeRecording): Heard | undefined {
  const channel = detail.channels.find(({ role }) => role === "fhr");
  return channel && { channel, samples: signal(channel.position) };
}

const steps = (of: (s: number) => number): Float32Array =>
  Float32Array.from({ length: HORIZON_S }, (_, i) => of(i + 1));

/** What a heart rate drawn back to its level may do, seen from a moment; null where the minute before was not observed. */
export function toyForecast(recording: FakeRecording, atS: number): Forecast | null {
  const heard = heartRate(recording);
  if (heard === undefined || atS > recording.detail.durationS) return null;
  const { channel, samples } = heard;
  const end = Math.floor(atS * channel.sampleRate);
  const begin = Math.max(0, end - 60 * channel.sampleRate);
  const back = samples.reasons.subarray(begin, end).lastIndexOf(0);
  if (back < 0) return null;
  const last = samples.values[begin + back] ?? LEVEL;
  const middle = (s: number): number => LEVEL + (last - LEVEL) * Math.exp(-PULL * s);
  const width = (s: number): number => STEP * Math.sqrt((1 - Math.exp(-2 * PULL * s)) / (2 * PULL));
  const bent = (s: number, by: number): number => middle(s) + by * Math.sin((Math.PI * s) / HORIZON_S);
  const quantiles = (by: number, narrow = 1) =>
    SHARES.map(([share, z]) => ({ share, value: steps((s) => bent(s, by) + z * narrow * width(s)) }));
  const branch = (code: string, probability: number, by: number) => ({
    ...{ code, probability, low: probability - 0.06, high: probability + 0.06 },
    ...{ value: steps((s) => bent(s, by)), quantiles: quantiles(by, 0.7) },
  });
  const uc = recording.detail.channels.find(({ role }) => role === "uc");
  return {
    ...{ fromS: atS, horizonS: HORIZON_S, stepS: 1, over: channel.label, unit: channel.unit },
    quantiles: quantiles(-3),
    branches: [branch("none", 0.61, 0), branch("deceleration", 0.26, -24), branch("acceleration", 0.13, 16)],
    spread: {
      noise: steps((s) => 0.9 - 0.5 * (s / HORIZON_S)),
      fork: steps((s) => 0.05 + 0.4 * (s / HORIZON_S)),
      model: steps((s) => 0.05 + 0.1 * (s / HORIZON_S)),
    },
    forkIndex: steps((s) => 0.35 * (s / HORIZON_S)),
    assumed:
      uc === undefined ? [] : [{ channel: uc.label, untilS: 60, value: new Float32Array(60).fill(12) }],
  };
}

/** A straight line over every gap of the heart rate, with a band that is widest in its middle; undefined without one. */
export function toyFill(recording: FakeRecording): Curves | undefined {
  const heard = heartRate(recording);
  if (heard === undefined) return undefined;
  const { channel, samples } = heard;
  const count = samples.values.length;
  const [value, width] = [new Float32Array(count).fill(Number.NaN), new Float32Array(count)];
  const observed = new Uint8Array(count);
  for (let i = 0; i < count;) {
    let end = i;
    while (end < count && samples.reasons[end] !== 0) end += 1;
    const before = samples.values[i - 1] ?? LEVEL;
    const after = end < count ? (samples.values[end] ?? LEVEL) : before;
    for (let at = i; at < end; at += 1) {
      const share = (at - i + 1) / (end - i + 1);
      value[at] = before + (after - before) * share;
      width[at] = 2 + 4 * Math.sin(Math.PI * share);
      observed[at] = 1;
    }
    i = end + 1;
  }
  const band = (sign: number): Float32Array => value.map((one, i) => one + sign * (width[i] ?? 0));
  const series: Series = {
    ...{ name: `filled ${channel.label}`, unit: channel.unit, over: channel.label },
    ...{ sampleRate: channel.sampleRate, value, low: band(-1), high: band(1), observed, as: "filled" },
  };
  return { kind: "curves", series: [series], forecasts: [] };
}
