import type { SampleType } from "../../preload/contract/recording.ts";

/** Lowest and highest value of each type, both included. */
export const sampleLimits: { readonly [T in SampleType]: readonly [number, number] } = {
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-32768, 32767],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  float32: [-Infinity, Infinity],
  float64: [-Infinity, Infinity],
};
