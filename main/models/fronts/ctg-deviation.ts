import type { ChannelHeader } from "../../../preload/contract/recording.ts";
import { AppError } from "../../../preload/contract/errors.ts";
import { observedMean } from "../../signal/feature.ts";
import { runningQuantiles } from "../../signal/quantile.ts";
import { averageBins, type Resampled } from "../../signal/resample.ts";
import { windowOnsetS } from "../../signal/window.ts";
import { emptyTable, type Front, type SignalSource } from "./front.ts";

export const BIN_S = 4;
/** Seconds read at a time. */
const CHUNK_S = 3600;
/** A heart rate outside this range, or a valid run shorter than this, is not believed. */
export const FHR_RANGE_BPM = [50, 220] as const;
export const MIN_RUN_S = 5;
/** A toco value that does not move for this long is a belt without a signal. */
export const CONSTANT_UC_S = 60;
/** Seconds of signal a running quantile needs. */
export const MIN_QUANTILE_S = 30;
/** Seconds on each side that a running quantile looks at, and between those where it is exact. */
export const levels = {
  slow: { halfWidth: 300, step: 5 },
  fast: { halfWidth: 120, step: 5 },
  tone: { halfWidth: 150, step: 5 },
  span: { halfWidth: 900, step: 15 },
} as const;

const rowNames = [
  "FHR minus its 10-min level",
  "FHR minus its 4-min level",
  "FHR minus 140 bpm",
  "FHR present",
  "UC above its resting tone",
  "UC level",
  "UC present",
] as const;

/**
 * Seven rows at 4 s: deviation of the fetal heart rate from two running medians and from 140 bpm, its mask; uterine
 * activity relative to its own resting tone and span, its level, its mask. Running quantiles look up to 15 min ahead
 * and back, so this is a front for review, not for a live display.
 */
export const ctgDeviation: Front = {
  name: "ctg-deviation",
  mayScale: false,
  hears(channels) {
    const fhr = rateOf(channels);
    if (fhr === undefined) return channels.map(({ role }, index) => ({ index, role })); // extract refuses them
    const uc = activityOf(channels, fhr);
    const rate = { index: fhr, role: "fhr" } as const;
    return uc === undefined ? [rate] : [rate, { index: uc, role: "uc" }];
  },
  layout(_labels, windowS) {
    const columns = Math.max(1, Math.round(windowS / BIN_S));
    return {
      width: rowNames.length * columns,
      rows: rowNames,
      columns,
      columnS: BIN_S,
      scaling: "none",
      maskInputs: false,
      ring: undefined,
      isAdaptable: false,
    };
  },
  *extract(source, grid) {
    const { columns, width } = this.layout([], grid.windowS);
    const table = emptyTable(grid.count, width);
    const roles = rolesOf(source);
    const fhr = readSeconds(source, roles.fhr, believableRate);
    yield 0;
    const uc = readSeconds(source, roles.uc, hideConstant);
    yield 0;
    const rows = deviations(fhr, uc);
    for (let window = 0; window < grid.count; window += 1) {
      const onset = windowOnsetS(grid, window);
      for (let column = 0; column < columns; column += 1) {
        const from = Math.round(onset + column * BIN_S);
        const to = Math.round(onset + (column + 1) * BIN_S);
        rows.forEach(({ values, observed }, row) => {
          const at = window * width + row * columns + column;
          const { mean, observedShare } = observedMean(values, observed, from, to);
          if (observedShare < 0.5) return;
          table.x[at] = mean;
          table.observed[at] = 1;
        });
      }
      if (window % 256 === 255) yield window + 1;
    }
    return table;
  },
};

type Labelled = Pick<ChannelHeader, "label" | "role">;

/** Which channel is the heart rate and which the contractions: by role, else by order. */
export function rolesOf({ channels }: { readonly channels: readonly Labelled[] }): {
  fhr: number;
  uc: number | undefined;
} {
  const fhr = rateOf(channels);
  if (fhr === undefined) {
    throw new AppError("model/wrong-channels", "The CTG front needs a heart-rate channel", {
      channels: channels.map((channel) => channel.label).join(", "),
    });
  }
  return { fhr, uc: activityOf(channels, fhr) };
}

const firstWhere = (
  channels: readonly Labelled[],
  is: (one: Labelled, i: number) => boolean,
): number | undefined => {
  const at = channels.findIndex(is);
  return at < 0 ? undefined : at;
};

const rateOf = (channels: readonly Labelled[]): number | undefined =>
  firstWhere(channels, ({ role }) => role === "fhr") ??
  (channels[0] === undefined || channels[0].role === "uc" ? undefined : 0);

const activityOf = (channels: readonly Labelled[], fhr: number): number | undefined =>
  firstWhere(channels, ({ role }) => role === "uc") ??
  firstWhere(channels, ({ role }, i) => i !== fhr && role !== "mhr" && role !== "fhr");

type Believe = (values: Float32Array, observed: Uint8Array, sampleRate: number) => Uint8Array;

/** A channel as means a second; a second counts where half of its samples do. */
function readSeconds(source: SignalSource, channel: number | undefined, believe: Believe): Resampled {
  const seconds = Math.ceil(source.durationS);
  const whole = { values: new Float32Array(seconds), observed: new Uint8Array(seconds) };
  const facts = channel === undefined ? undefined : source.channels[channel];
  if (channel === undefined || facts === undefined) return whole;
  const rate = facts.sampleRate;
  // Runs are judged across chunk borders by reading a margin on each side.
  const margin = Math.ceil(CONSTANT_UC_S * rate);
  for (let from = 0; from < seconds; from += CHUNK_S) {
    const begin = Math.round(from * rate);
    const end = Math.min(facts.sampleCount, Math.round((from + CHUNK_S) * rate));
    if (end <= begin) break;
    const first = Math.max(0, begin - margin);
    const read = source.read(channel, first, end + margin - first);
    const believed = believe(read.values, read.observed, rate);
    const here = averageBins(
      read.values.subarray(begin - first, end - first),
      believed.subarray(begin - first, end - first),
      rate,
      1,
      0.5,
    );
    whole.values.set(here.values.subarray(0, seconds - from), from);
    whole.observed.set(here.observed.subarray(0, seconds - from), from);
  }
  return whole;
}

const believableRate: Believe = (values, observed, rate) => {
  const [low, high] = FHR_RANGE_BPM;
  const valid = Uint8Array.from(observed, (seen, i) => {
    const value = values[i] as number;
    return seen === 1 && value >= low && value <= high ? 1 : 0;
  });
  eachRun(
    valid,
    (i, j) => (valid[i] as number) === (valid[j] as number),
    (from, to) => {
      if (valid[from] === 1 && to - from < MIN_RUN_S * rate) valid.fill(0, from, to);
    },
  );
  return valid;
};

const hideConstant: Believe = (values, observed, rate) => {
  const valid = Uint8Array.from(observed);
  const isSame = (i: number, j: number): boolean =>
    observed[i] === 1 && observed[j] === 1 && values[i] === values[j];
  eachRun(valid, isSame, (from, to) => {
    if (to - from >= CONSTANT_UC_S * rate) valid.fill(0, from, to);
  });
  return valid;
};

/** Calls `found` for each maximal run [from, to) whose neighbours are alike. */
function eachRun(
  items: { readonly length: number },
  isAlike: (i: number, j: number) => boolean,
  found: (from: number, to: number) => void,
): void {
  let from = 0;
  for (let i = 1; i <= items.length; i += 1) {
    if (i < items.length && isAlike(i - 1, i)) continue;
    found(from, i);
    from = i;
  }
}

/** The seven rows at one value a second. */
function deviations(fhr: Resampled, uc: Resampled): readonly Resampled[] {
  const levelsOf = (
    { values, observed }: Resampled,
    running: { readonly halfWidth: number; readonly step: number },
    shares: readonly number[],
  ): readonly Float32Array[] =>
    runningQuantiles(values, observed, { ...running, minCount: MIN_QUANTILE_S, shares });
  const [slow] = levelsOf(fhr, levels.slow, [0.5]) as readonly [Float32Array];
  const [fast] = levelsOf(fhr, levels.fast, [0.5]) as readonly [Float32Array];
  const [tone] = levelsOf(uc, levels.tone, [0.1]) as readonly [Float32Array];
  const [low, high] = levelsOf(uc, levels.span, [0.1, 0.95]) as readonly [Float32Array, Float32Array];
  const row = (of: Resampled, value: (x: number, i: number) => number): Resampled => {
    const values = new Float32Array(of.values.length);
    const observed = new Uint8Array(of.values.length);
    for (let i = 0; i < values.length; i += 1) {
      const found = of.observed[i] === 1 ? value(of.values[i] as number, i) : NaN;
      if (Number.isNaN(found)) continue; // too little signal anywhere for a level to compare with
      values[i] = found;
      observed[i] = 1;
    }
    return { values, observed };
  };
  const mask = (of: Resampled): Resampled => ({
    values: Float32Array.from(of.observed),
    observed: new Uint8Array(of.observed.length).fill(1),
  });
  return [
    row(fhr, (x, i) => (x - (slow[i] as number)) / 20),
    row(fhr, (x, i) => (x - (fast[i] as number)) / 20),
    row(fhr, (x) => (x - 140) / 40),
    mask(fhr),
    row(uc, (x, i) => {
      const span = Math.max(5, (high[i] as number) - (low[i] as number));
      return Math.min(3, Math.max(-1.5, (x - (tone[i] as number)) / span));
    }),
    row(uc, (x) => (x - 30) / 30),
    mask(uc),
  ];
}
