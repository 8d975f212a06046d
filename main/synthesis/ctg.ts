import { maskReasons } from "../../preload/contract/mask.ts";
import type { SourceAnnotation } from "../signal/block.ts";
import { oscillator, randomFrom, wanderer, type Random } from "./random.ts";

export const CTG_RATE = 4; // Hz, as monitors store it
export const FHR_GAIN = 0.25; // bpm a step
export const UC_GAIN = 0.5;

export type DecelerationKind = "early" | "late" | "variable" | "prolonged";

export interface CtgOptions {
  readonly seed: number;
  readonly durationS: number;
  readonly baselineBpm?: number;
  readonly variabilityBpm?: number; // standard deviation of the slow oscillation; about 4 is a normal bandwidth
  readonly accelerationsPerHour?: number;
  readonly contractionEveryS?: number;
  /** Chance that a contraction has a deceleration of this kind. */
  readonly decelerations?: Partial<Record<Exclude<DecelerationKind, "prolonged">, number>>;
  readonly prolongedAtS?: number; // one prolonged deceleration there
  readonly stuckTocoAtS?: number; // the toco stands still for 90 s from there
  readonly dropouts?: number; // 1 is usual, 0 none
}

export interface SyntheticCtg {
  readonly fhr: Int16Array; // steps of FHR_GAIN, 4 Hz
  readonly fhrReasons: Uint8Array;
  readonly uc: Int16Array; // steps of UC_GAIN
  readonly ucReasons: Uint8Array;
  readonly events: readonly SourceAnnotation[]; // what was put in, onset and duration exact
}

interface Wave {
  readonly onset: number; // seconds
  readonly duration: number;
  readonly height: number; // signed, in the channel's unit
  readonly rise: number; // share of the duration until the peak
  readonly kind: string;
}

/**
 * A cardiotocogram with known events: baseline that drifts, variability with a slow (3-5 cycles a minute) and a fast
 * part, accelerations, decelerations tied to contractions by kind, and losses of the heart rate signal, which come
 * four times as often within decelerations. A model of shapes, not of physiology in depth.
 */
export function syntheticCtg(options: CtgOptions): SyntheticCtg {
  const random = randomFrom(options.seed, 1);
  const contractions = placeContractions(options, random);
  const decelerations = placeDecelerations(options, contractions, random);
  const accelerations = placeAccelerations(options, decelerations, random);
  const count = Math.round(options.durationS * CTG_RATE);
  const fhr = drawFhr(options, count, [...accelerations, ...decelerations]);
  const uc = drawUc(options, count, contractions);
  const fhrReasons = dropOut(fhr, decelerations, options);
  const events = [
    ...contractions.map((w) => eventOf(w, "contraction", options.durationS)),
    ...accelerations.map((w) => eventOf(w, "acceleration", options.durationS)),
    ...decelerations.map((w) => eventOf(w, "deceleration", options.durationS)),
  ].sort((a, b) => a.onsetS - b.onsetS);
  return { fhr, fhrReasons, uc, ucReasons: new Uint8Array(count), events };
}

const eventOf = (wave: Wave, label: string, end: number): SourceAnnotation => ({
  onsetS: wave.onset,
  durationS: Math.min(wave.duration, end - wave.onset),
  label,
  channel: undefined,
  note: wave.kind,
});

/** Times on the sample grid, so that they are exact in every format. */
const onGrid = (s: number): number => Math.round(s * CTG_RATE) / CTG_RATE;

function placeContractions({ durationS, contractionEveryS = 190 }: CtgOptions, random: Random): Wave[] {
  const waves: Wave[] = [];
  for (let at = random.uniform(20, 100); at < durationS - 30;) {
    const duration = onGrid(random.uniform(50, 85));
    waves.push({
      onset: onGrid(at),
      duration,
      height: random.uniform(28, 60),
      rise: random.uniform(0.4, 0.5),
      kind: "",
    });
    at += Math.max(duration + 35, contractionEveryS * random.uniform(0.7, 1.35));
  }
  return waves;
}

function placeDecelerations(options: CtgOptions, contractions: readonly Wave[], random: Random): Wave[] {
  const waves: Wave[] = [];
  const chances = Object.entries(options.decelerations ?? {}) as [
    Exclude<DecelerationKind, "prolonged">,
    number,
  ][];
  const prolonged = options.prolongedAtS;
  if (prolonged !== undefined) {
    waves.push({
      onset: onGrid(prolonged),
      duration: onGrid(random.uniform(190, 260)),
      height: -random.uniform(35, 50),
      rise: 0.2,
      kind: "prolonged",
    });
  }
  for (const contraction of contractions) {
    let draw = random.uniform();
    const kind = chances.find(([, chance]) => (draw -= chance) < 0)?.[0];
    if (kind === undefined) continue;
    const wave = decelerationOf(kind, contraction, random);
    const isFree = waves.every(
      (w) => wave.onset > w.onset + w.duration + 20 || wave.onset + wave.duration + 20 < w.onset,
    );
    if (isFree && wave.onset + wave.duration < options.durationS) waves.push(wave);
  }
  return waves.sort((a, b) => a.onset - b.onset);
}

/**
 * Early: mirrors the contraction, lowest at its acme. Late: begins over 20 s after the onset, lowest after the acme,
 * gradual. Variable: falls within 30 s, deep, anywhere near the contraction. (FIGO 2015 as in the project's notes.)
 */
function decelerationOf(
  kind: Exclude<DecelerationKind, "prolonged">,
  contraction: Wave,
  random: Random,
): Wave {
  const acme = contraction.onset + contraction.duration * contraction.rise;
  if (kind === "early") {
    const duration = onGrid(contraction.duration * random.uniform(0.85, 1.05));
    return { onset: onGrid(acme - duration / 2), duration, height: -random.uniform(18, 28), rise: 0.5, kind };
  }
  if (kind === "late") {
    const duration = onGrid(random.uniform(60, 90));
    return {
      onset: onGrid(contraction.onset + random.uniform(22, 35)),
      duration,
      height: -random.uniform(18, 35),
      rise: 0.5,
      kind,
    };
  }
  const duration = onGrid(random.uniform(35, 75));
  return {
    onset: onGrid(acme + random.uniform(-20, 5)),
    duration,
    height: -random.uniform(28, 60),
    rise: random.uniform(0.18, 0.3),
    kind,
  };
}

function placeAccelerations(options: CtgOptions, decelerations: readonly Wave[], random: Random): Wave[] {
  const waves: Wave[] = [];
  const every = 3600 / Math.max(1e-9, options.accelerationsPerHour ?? 14);
  for (
    let at = random.exponential(every);
    at < options.durationS - 60;
    at += 50 + random.exponential(every)
  ) {
    const duration = onGrid(random.uniform(24, 60));
    const wave = {
      onset: onGrid(at),
      duration,
      height: random.uniform(18, 30),
      rise: random.uniform(0.3, 0.45),
      kind: "",
    };
    if (
      decelerations.every(
        (d) => wave.onset > d.onset + d.duration + 15 || wave.onset + duration + 15 < d.onset,
      )
    )
      waves.push(wave);
  }
  return waves;
}

/** A smooth bump: half a cosine up to the peak, half a cosine down. Flat-bottomed for long ones. */
function shape(wave: Wave, time: number): number {
  const x = (time - wave.onset) / wave.duration;
  if (x <= 0 || x >= 1) return 0;
  const flat = wave.kind === "prolonged" ? 0.45 : wave.kind === "variable" ? 0.2 : 0;
  const down = wave.rise;
  const up = down + flat;
  if (x < down) return (wave.height * (1 - Math.cos((Math.PI * x) / down))) / 2;
  if (x <= up) return wave.height;
  return (wave.height * (1 + Math.cos((Math.PI * (x - up)) / (1 - up)))) / 2;
}

function add(target: Float64Array, waves: readonly Wave[]): void {
  for (const wave of waves) {
    const from = Math.max(0, Math.floor(wave.onset * CTG_RATE));
    const to = Math.min(target.length, Math.ceil((wave.onset + wave.duration) * CTG_RATE));
    for (let i = from; i < to; i++) target[i] = (target[i] as number) + shape(wave, i / CTG_RATE);
  }
}

function drawFhr(options: CtgOptions, count: number, waves: readonly Wave[]): Int16Array {
  const random = randomFrom(options.seed, 2);
  const sd = options.variabilityBpm ?? 3.6;
  const baseline = options.baselineBpm ?? random.uniform(125, 150);
  const drift = wanderer(random, 600 * CTG_RATE, 3);
  const slow = oscillator(random, 4 / 60 / CTG_RATE, 0.985, sd);
  const fast = oscillator(random, 0.3 / CTG_RATE, 0.8, 0.28 * sd);
  const liveliness = wanderer(random, 240 * CTG_RATE, 0.25); // variability itself waxes and wanes
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) values[i] = baseline + drift() + Math.exp(liveliness()) * (slow() + fast());
  add(values, waves);
  return Int16Array.from(values, (v) => Math.round(Math.min(220, Math.max(50, v)) / FHR_GAIN));
}

function drawUc(options: CtgOptions, count: number, contractions: readonly Wave[]): Int16Array {
  const random = randomFrom(options.seed, 3);
  const tone = random.uniform(8, 14);
  const drift = wanderer(random, 400 * CTG_RATE, 2);
  const breathing = oscillator(random, 0.28 / CTG_RATE, 0.97, 0.8);
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) values[i] = tone + drift() + breathing() + random.normal(0, 0.3);
  add(values, contractions);
  const stuck = options.stuckTocoAtS === undefined ? -1 : Math.round(options.stuckTocoAtS * CTG_RATE);
  const steps = Int16Array.from(values, (v) => Math.round(Math.min(127, Math.max(0, v)) / UC_GAIN));
  if (stuck >= 0 && stuck < count)
    steps.fill(steps[stuck] as number, stuck, Math.min(count, stuck + 90 * CTG_RATE));
  return steps;
}

/** Losses of the heart rate signal: bursts of seconds, four times as frequent and longer within decelerations. */
function dropOut(fhr: Int16Array, decelerations: readonly Wave[], options: CtgOptions): Uint8Array {
  const random = randomFrom(options.seed, 4);
  const reasons = new Uint8Array(fhr.length);
  const amount = options.dropouts ?? 1;
  if (amount === 0) return reasons;
  const inDip = (time: number): boolean =>
    decelerations.some((d) => time >= d.onset && time <= d.onset + d.duration);
  for (let i = 0; i < fhr.length; i++) {
    const dip = inDip(i / CTG_RATE);
    if (!random.chance((amount * (dip ? 4 : 1)) / (70 * CTG_RATE))) continue;
    const length = Math.round((0.5 + random.exponential(dip ? 5 : 2.5)) * CTG_RATE);
    for (const end = Math.min(fhr.length, i + length); i < end; i++) {
      fhr[i] = 0; // what a monitor writes
      reasons[i] = maskReasons.missingInSource;
    }
  }
  return reasons;
}
