import { sure } from "../../preload/contract/sure.ts";
import type { Section } from "./iir.ts";

/** A Butterworth low-pass of the first order by the bilinear transform, -3 dB exactly at `hz`. */
export function gentleLowPass(hz: number, sampleRate: number): Section {
  const edge = Math.tan((Math.PI * hz) / sampleRate);
  const gain = edge / (1 + edge);
  return { b0: gain, b1: gain, b2: 0, a1: (edge - 1) / (edge + 1), a2: 0 };
}

/** A Butterworth band-pass of a first-order prototype: one pole at each side, -3 dB exactly at both edges. */
export function gentleBandPass(lowHz: number, highHz: number, sampleRate: number): Section {
  const low = Math.tan((Math.PI * lowHz) / sampleRate);
  const high = Math.tan((Math.PI * highHz) / sampleRate);
  const [width, square] = [high - low, high * low];
  const over = 1 + width + square;
  const gain = width / over;
  return { b0: gain, b1: 0, b2: -gain, a1: (2 * (square - 1)) / over, a2: (1 - width + square) / over };
}

/**
 * Sections run forwards and then backwards: no delay, and the gain is squared (-6 dB at an edge). At both ends the series is
 * taken to go on for ever at its last value.
 * @param values [n], all known
 */
export function zeroPhase(values: Float64Array, sections: readonly Section[]): Float64Array {
  const filtered = Float64Array.from(values);
  for (const section of sections) run(filtered, section);
  filtered.reverse();
  for (const section of sections) run(filtered, section);
  return filtered.reverse();
}

/** In place, from the state of a signal that always had its first value. */
function run(signal: Float64Array, { b0, b1, b2, a1, a2 }: Section): void {
  const start = signal[0] ?? 0;
  const settled = (start * (b0 + b1 + b2)) / (1 + a1 + a2);
  let first = settled - b0 * start;
  let second = b2 * start - a2 * settled;
  for (let i = 0; i < signal.length; i += 1) {
    const input = sure(signal[i]);
    const output = b0 * input + first;
    first = b1 * input - a1 * output + second;
    second = b2 * input - a2 * output;
    signal[i] = output;
  }
}
