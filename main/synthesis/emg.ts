import { maskReasons } from "../../preload/contract/mask.ts";
import type { SourceAnnotation } from "../signal/block.ts";
import { randomFrom, wanderer, type Random } from "./random.ts";

export const EMG_RATE = 200; // Hz
export const ELECTRODES = 8;
export const GESTURE_S = 5;
export const CYCLES = 4;

/** Codes of the label set emg-gestures, in the order in which a cycle shows them. */
export const gestures = [
  "neutral",
  "radial-deviation",
  "wrist-flexion",
  "ulnar-deviation",
  "wrist-extension",
  "hand-close",
  "hand-open",
] as const;

export interface EmgOptions {
  readonly seed: number; // of this recording: noise, dropouts
  readonly subject: number; // of the person: how the bracelet sits and how the muscles are used
  readonly turn?: number; // whole electrodes by which the bracelet is put on otherwise than most do; default 0
  readonly cycles?: number;
  readonly dropouts?: boolean;
}

export interface SyntheticEmg {
  readonly channels: readonly Int8Array[]; // 8 x (cycles x 7 x 5 s x 200 Hz)
  readonly reasons: readonly Uint8Array[];
  readonly events: readonly SourceAnnotation[];
}

/**
 * Where forearm muscles lie around the arm, in electrode positions of a bracelet with electrode 0 over the radius. The
 * extensors lie closer together than the flexors, so that a bracelet put on the other way up does not look like itself.
 */
const muscles = {
  extensorCarpiRadialis: 0.6,
  extensorDigitorum: 1.5,
  extensorCarpiUlnaris: 2.5,
  flexorCarpiUlnaris: 4.4,
  flexorDigitorum: 5.5,
  flexorCarpiRadialis: 7.0,
} as const;
type Muscle = keyof typeof muscles;
const muscleNames = Object.keys(muscles) as Muscle[];

/** How strongly a gesture uses each muscle, 1 a firm contraction. Our reading of anatomy, not measured. */
const use: Readonly<Record<(typeof gestures)[number], Readonly<Partial<Record<Muscle, number>>>>> = {
  neutral: {},
  "radial-deviation": { extensorCarpiRadialis: 0.55, flexorCarpiRadialis: 0.5, extensorDigitorum: 0.1 },
  "wrist-flexion": { flexorCarpiRadialis: 0.6, flexorCarpiUlnaris: 0.65, flexorDigitorum: 0.35 },
  "ulnar-deviation": { flexorCarpiUlnaris: 0.5, extensorCarpiUlnaris: 0.65 },
  "wrist-extension": { extensorCarpiRadialis: 0.75, extensorCarpiUlnaris: 0.5, extensorDigitorum: 0.5 },
  "hand-close": {
    flexorDigitorum: 0.8,
    flexorCarpiRadialis: 0.25,
    flexorCarpiUlnaris: 0.2,
    extensorCarpiRadialis: 0.35,
  },
  "hand-open": { extensorDigitorum: 0.85, extensorCarpiUlnaris: 0.3, extensorCarpiRadialis: 0.15 },
};

interface Person {
  readonly rotation: number; // electrodes
  readonly level: number; // counts of a firm contraction
  readonly gains: readonly number[];
  readonly spread: number; // electrodes over which a muscle is heard
  readonly habits: readonly (readonly number[])[]; // [gesture][muscle]
  readonly rest: number;
}

/** A person: turned bracelet, electrode contact, strength, and own way to do each gesture. */
function personOf(subject: number, turn: number): Person {
  const random = randomFrom(subject, 11);
  return {
    rotation: random.normal(0, 0.4) + turn,
    level: 26 * random.factor(0.3),
    gains: Array.from({ length: ELECTRODES }, () => random.factor(0.22)),
    spread: random.uniform(0.75, 1.05),
    habits: gestures.map(() => muscleNames.map(() => random.factor(0.45))),
    rest: 1.1 * random.factor(0.25),
  };
}

/** Share of a muscle's signal at an electrode: falls with the distance around the arm. */
function hearing(person: Person, muscle: Muscle, electrode: number): number {
  const raw = Math.abs(electrode + person.rotation - muscles[muscle]) % ELECTRODES;
  const distance = Math.min(raw, ELECTRODES - raw);
  return Math.exp(-0.5 * (distance / person.spread) ** 2) + 0.03;
}

/** Amplitude of a gesture at each electrode, for one performance. */
function amplitudes(person: Person, gesture: number, random: Random): number[] {
  const name = gestures[gesture] as (typeof gestures)[number];
  const effort = random.factor(0.15);
  const drive = muscleNames.map(
    (muscle, m) =>
      (use[name][muscle] ?? 0.015) * (person.habits[gesture]?.[m] ?? 1) * effort * random.factor(0.12),
  );
  return person.gains.map((gain, electrode) => {
    const power = muscleNames.reduce(
      (sum, muscle, m) => sum + ((drive[m] as number) * hearing(person, muscle, electrode)) ** 2,
      0,
    );
    return gain * person.level * Math.sqrt(power);
  });
}

/**
 * Eight channels of a bracelet: seven gestures of 5 s in each of four cycles. The signal of an electrode is noise with
 * an amplitude that follows the muscles it hears: white noise through a short high-pass, times a fast-changing scale,
 * which gives the heavy, Laplace-like tails of surface EMG. Int8, clipped as the bracelet clips.
 */
export function syntheticEmg(options: EmgOptions): SyntheticEmg {
  const person = personOf(options.subject, options.turn ?? 0);
  const random = randomFrom(options.seed, 12 + options.subject);
  const cycles = options.cycles ?? CYCLES;
  const segment = GESTURE_S * EMG_RATE;
  const count = cycles * gestures.length * segment;
  const channels = Array.from({ length: ELECTRODES }, () => new Int8Array(count));
  const events: SourceAnnotation[] = [];
  const voices = Array.from({ length: ELECTRODES }, () => voice(random));
  const force = wanderer(random, 0.6 * EMG_RATE, 0.16);
  let from = new Array<number>(ELECTRODES).fill(0);
  for (let part = 0; part < cycles * gestures.length; part++) {
    const gesture = part % gestures.length;
    const to = amplitudes(person, gesture, random);
    const ramp = EMG_RATE * random.uniform(0.15, 0.35);
    for (let i = 0; i < segment; i++) {
      const mix = Math.min(1, i / ramp);
      const effort = Math.exp(force());
      for (let e = 0; e < ELECTRODES; e++) {
        const level = (from[e] as number) + mix * ((to[e] as number) - (from[e] as number));
        const value = Math.hypot(level * effort, person.rest) * (voices[e] as () => number)();
        (channels[e] as Int8Array)[part * segment + i] = Math.max(-128, Math.min(127, Math.round(value)));
      }
    }
    events.push({
      onsetS: part * GESTURE_S,
      durationS: GESTURE_S,
      label: gestures[gesture] as string,
      channel: undefined,
      note: "",
    });
    from = to;
  }
  const reasons =
    options.dropouts === false ? channels.map(() => new Uint8Array(count)) : loseContact(channels, random);
  return { channels, reasons, events };
}

/** Unit-variance noise of one electrode: x[t] - 0.5 x[t-1] of Gaussian noise times a scale with `memory` samples (15 ms). */
export function voice(random: Random, memory = 3): () => number {
  const scale = wanderer(random, memory, 0.5);
  let before = random.normal();
  return () => {
    const now = random.normal();
    const value = (now - 0.5 * before) / Math.sqrt(1.25);
    before = now;
    return (value * Math.exp(scale())) / Math.exp(0.25); // E[exp(2 N(0, 0.5))] = exp(0.5)
  };
}

/** Lost radio packets take all channels for moments; now and then one electrode lifts off for seconds. */
function loseContact(channels: readonly Int8Array[], random: Random): Uint8Array[] {
  const count = channels[0]?.length ?? 0;
  const reasons = channels.map(() => new Uint8Array(count));
  const lose = (channel: number, from: number, length: number, reason: number): void => {
    const end = Math.min(count, from + length);
    (channels[channel] as Int8Array).fill(0, from, end);
    (reasons[channel] as Uint8Array).fill(reason, from, end);
  };
  for (let at = random.exponential(30 * EMG_RATE); at < count; at += random.exponential(30 * EMG_RATE)) {
    const length = Math.round(EMG_RATE * random.uniform(0.05, 0.5));
    for (let e = 0; e < channels.length; e++) lose(e, Math.round(at), length, maskReasons.droppedPacket);
  }
  if (random.chance(0.5)) {
    const electrode = Math.floor(random.uniform(0, channels.length));
    lose(
      electrode,
      Math.round(random.uniform(0.1, 0.9) * count),
      Math.round(EMG_RATE * random.uniform(2, 4)),
      maskReasons.deviceInvalid,
    );
  }
  return reasons;
}
