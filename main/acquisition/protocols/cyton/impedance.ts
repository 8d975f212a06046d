export const CENTRE_HZ = 31.5;
const WIDTH_HZ = 5;
export const CURRENT_A = 6e-9;
export const SERIES_OHM = 2200; // in line with each input

/**
 * Impedance of an electrode in ohm, from a second or more of its channel while the test current flows:
 * Z = sqrt(2) SD / 6 nA - 2200, never below 0, where SD is that of 29 to 34 Hz alone (the wide band would count muscle
 * activity in). `volts`: [samples]; the band's power is taken from a Hann-windowed discrete Fourier transform.
 */
export function impedanceOhm(volts: ArrayLike<number>, rate: number): number {
  return Math.max(0, (Math.SQRT2 * bandDeviation(volts, rate)) / CURRENT_A - SERIES_OHM);
}

/** Standard deviation within the band, by Parseval: 2 sum |X_k|^2 / (N sum w^2). */
function bandDeviation(volts: ArrayLike<number>, rate: number): number {
  const count = volts.length;
  const values = Array.from(volts);
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, count);
  const window = values.map((_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / count));
  const windowed = values.map((value, i) => (value - mean) * (window[i] ?? 0));
  const first = Math.ceil(((CENTRE_HZ - WIDTH_HZ / 2) * count) / rate);
  const last = Math.floor(((CENTRE_HZ + WIDTH_HZ / 2) * count) / rate);
  let power = 0;
  for (let bin = first; bin <= last; bin += 1) power += powerAt(windowed, bin);
  const weight = window.reduce((sum, value) => sum + value * value, 0);
  return count === 0 ? 0 : Math.sqrt((2 * power) / (count * weight));
}

function powerAt(values: readonly number[], bin: number): number {
  const step = (2 * Math.PI * bin) / values.length;
  let real = 0;
  let imaginary = 0;
  values.forEach((value, i) => {
    real += value * Math.cos(step * i);
    imaginary -= value * Math.sin(step * i);
  });
  return real * real + imaginary * imaginary;
}
