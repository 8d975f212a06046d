/** H(z) = (b0 + b1 z^-1 + b2 z^-2) / (1 + a1 z^-1 + a2 z^-2) */
export interface Section {
  readonly b0: number;
  readonly b1: number;
  readonly b2: number;
  readonly a1: number;
  readonly a2: number;
}

/** Edges in hertz, below half the rate. `order` of the prototype: a band-pass has twice as many poles. */
export type Butterworth =
  | { readonly kind: "low-pass" | "high-pass"; readonly order: 2 | 4; readonly hz: number }
  | { readonly kind: "band-pass"; readonly order: 2 | 4; readonly lowHz: number; readonly highHz: number };

interface Complex {
  readonly re: number;
  readonly im: number;
}

/**
 * A Butterworth filter by the bilinear transform, its edges prewarped: -3 dB lies exactly at them. The gain is in the first
 * section; poles nearest to the unit circle come last, each pair with the zeros next to it that are left (as SciPy does).
 */
export function butterworth(what: Butterworth, sampleRate: number): Section[] {
  const warped = (hz: number): number => 2 * sampleRate * Math.tan((Math.PI * hz) / sampleRate);
  const { order } = what;
  const prototype = upperPoles(order);
  switch (what.kind) {
    case "low-pass": {
      const edge = warped(what.hz);
      const poles = prototype.map(({ re, im }) => ({ re: re * edge, im: im * edge }));
      return digital({ poles, zerosAtOne: 0, gain: edge ** order }, sampleRate);
    }
    case "high-pass": {
      const edge = warped(what.hz); // edge / p, and |p| = 1
      const poles = prototype.map(({ re, im }) => ({ re: re * edge, im: im * edge }));
      return digital({ poles, zerosAtOne: order, gain: 1 }, sampleRate);
    }
    case "band-pass": {
      const [low, high] = [warped(what.lowHz), warped(what.highHz)];
      const poles = prototype.flatMap((pole) => bandPoles(pole, high - low, low * high));
      return digital({ poles, zerosAtOne: order, gain: (high - low) ** order }, sampleRate);
    }
  }
}

/** A notch whose gain is -3 dB half a bandwidth beside `hz`, and 1 far from it. */
export function notch(hz: number, bandwidthHz: number, sampleRate: number): Section {
  const gain = 1 / (1 + Math.tan((Math.PI * bandwidthHz) / sampleRate));
  const cosine = Math.cos((2 * Math.PI * hz) / sampleRate);
  const b1 = -2 * gain * cosine;
  return { b0: gain, b1, b2: gain, a1: b1, a2: 2 * gain - 1 };
}

/** Of each conjugate pair of the prototype's poles the one above the real axis. The order is even: none lies on it. */
const upperPoles = (order: number): Complex[] =>
  Array.from({ length: order / 2 }, (_, k) => {
    const angle = (Math.PI * (2 * k + order + 1)) / (2 * order);
    return { re: Math.cos(angle), im: Math.sin(angle) };
  });

/** The two roots of s^2 - s p width + square, above the real axis. */
function bandPoles({ re, im }: Complex, width: number, square: number): Complex[] {
  const half = { re: (re * width) / 2, im: (im * width) / 2 };
  const root = squareRoot({ re: half.re ** 2 - half.im ** 2 - square, im: 2 * half.re * half.im });
  return [1, -1].map((sign) => ({
    re: half.re + sign * root.re,
    im: Math.abs(half.im + sign * root.im),
  }));
}

/** Of a number below the real axis, as those of poles that are left of the imaginary one. */
function squareRoot({ re, im }: Complex): Complex {
  const size = Math.hypot(re, im);
  return { re: Math.sqrt((size + re) / 2), im: -Math.sqrt((size - re) / 2) };
}

interface Analog {
  readonly poles: readonly Complex[]; // of each conjugate pair one
  readonly zerosAtOne: number; // at s = 0; all others at infinity
  readonly gain: number;
}

function digital({ poles, zerosAtOne, gain }: Analog, sampleRate: number): Section[] {
  const double = 2 * sampleRate;
  const over = poles.reduce((product, { re, im }) => product * ((double - re) ** 2 + im ** 2), 1);
  const whole = (gain * double ** zerosAtOne) / over;
  const mapped = poles
    .map((pole) => bilinear(pole, double))
    .sort((a, b) => Math.hypot(b.re, b.im) - Math.hypot(a.re, a.im));
  let ones = zerosAtOne / 2; // pairs
  let minusOnes = poles.length - ones;
  const sections = mapped.map(({ re, im }): Section => {
    const isAtOne = ones > 0 && (re > 0 || minusOnes === 0);
    if (isAtOne) ones -= 1;
    else minusOnes -= 1;
    return { b0: 1, b1: isAtOne ? -2 : 2, b2: 1, a1: -2 * re, a2: re ** 2 + im ** 2 };
  });
  return sections.reverse().map((section, i) => {
    const { b0, b1, b2 } = section;
    return i > 0 ? section : { ...section, b0: b0 * whole, b1: b1 * whole, b2: b2 * whole };
  });
}

/** z = (2 fs + s) / (2 fs - s) */
function bilinear({ re, im }: Complex, double: number): Complex {
  const size = (double - re) ** 2 + im ** 2;
  return { re: (double ** 2 - re ** 2 - im ** 2) / size, im: (2 * double * im) / size };
}

/** After a longer gap than this what the filter remembers says nothing of what comes. */
const HOLD_S = 0.05;

/**
 * Sections one after the other, direct form II transposed, float64: sample by sample, so that it does not matter how a
 * stream is cut. A missing sample leaves the state as it is. With the first sample, and the first after a gap of more than
 * 50 ms, the state becomes the one of a signal that always had this value: a high-pass begins at 0.
 */
export class CausalFilter {
  readonly #stages: readonly { readonly section: Section; first: number; second: number }[];
  readonly #mostHeld: number; // samples
  #missing = Infinity;

  constructor(sections: readonly Section[], sampleRate: number) {
    this.#stages = sections.map((section) => ({ section, first: 0, second: 0 }));
    this.#mostHeld = HOLD_S * sampleRate;
  }

  next(value: number): number {
    if (this.#missing > this.#mostHeld) this.#settle(value);
    this.#missing = 0;
    let signal = value;
    for (const stage of this.#stages) {
      const { b0, b1, b2, a1, a2 } = stage.section;
      const input = signal;
      signal = b0 * input + stage.first;
      stage.first = b1 * input - a1 * signal + stage.second;
      stage.second = b2 * input - a2 * signal;
    }
    return signal;
  }

  skip(count: number): void {
    this.#missing += count;
  }

  #settle(value: number): void {
    let input = value;
    for (const stage of this.#stages) {
      const { b0, b1, b2, a1, a2 } = stage.section;
      const output = (input * (b0 + b1 + b2)) / (1 + a1 + a2);
      stage.first = output - b0 * input;
      stage.second = b2 * input - a2 * output;
      input = output;
    }
  }
}
