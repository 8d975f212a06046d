import { describe, expect, test } from "vitest";
import type { Prediction } from "../../../preload/contract/run.ts";
import { predictionColumns } from "./prediction.ts";
import { timeScale } from "./time-scale.ts";
import {
  isUnsure,
  leadingStretch,
  stretchesWhere,
  unlikeTraining,
  unsureStretches,
  windowAt,
} from "./uncertain.ts";

/** Two classes, none and deceleration: `p` of the deceleration with a half-width, NaN where not assessable. */
function prediction(p: readonly number[], half = 0.05, strideS = 10, onsets?: readonly number[]): Prediction {
  const low: number[] = [];
  const high: number[] = [];
  for (const value of p) {
    low.push(1 - value - half, value - half);
    high.push(1 - value + half, value + half);
  }
  return {
    runId: "r",
    recordingId: "x",
    classes: ["none", "deceleration"],
    adaptation: "none",
    windowS: 20,
    onsetS: Float64Array.from(onsets ?? p.map((_, i) => i * strideS)),
    probabilities: Float32Array.from(p.flatMap((value) => [1 - value, value])),
    low: Float32Array.from(low),
    high: Float32Array.from(high),
    aleatoric: Float32Array.from(p.map(() => 0.1)),
    epistemic: Float32Array.from(p.map((value) => (Number.isNaN(value) ? Number.NaN : 0.2))),
    typicality: Float32Array.from(p.map((_, i) => (i === 0 ? 0.005 : 0.5))),
    assessable: Uint8Array.from(p.map((value) => (Number.isNaN(value) ? 0 : 1))),
    createdAt: "",
  };
}

describe("reading a prediction", () => {
  test("unsure is where the intervals of the two leading classes overlap", () => {
    const made = prediction([0.1, 0.48, 0.52, 0.9, Number.NaN]);
    expect([0, 1, 2, 3, 4].map((i) => isUnsure(made, i))).toEqual([false, true, true, false, false]);
    expect(unsureStretches(made)).toEqual([{ fromS: 15, toS: 35 }]);
  });
  test("a single member has no interval and so never disagrees with itself", () => {
    expect(isUnsure(prediction([0.5], 0), 0)).toBe(false);
  });
  test("windows far apart are not one stretch", () => {
    const made = prediction([0.9, 0.9, 0.9], 0.05, 10, [0, 10, 100]);
    expect(stretchesWhere(made, () => true)).toHaveLength(2);
  });
  test("the window of a time is the one whose middle is nearest, and none beyond half a window", () => {
    const made = prediction([0.1, 0.2, 0.3]);
    expect(windowAt(made, 10)).toBe(0);
    expect(windowAt(made, 16)).toBe(1);
    expect(windowAt(made, 40)).toBe(2);
    expect(windowAt(made, 41)).toBeUndefined();
  });
  test("accepting takes the whole stretch in which the class leads, and never the background", () => {
    const made = prediction([0.1, 0.8, 0.9, 0.7, 0.2]);
    expect(leadingStretch(made, 30)).toEqual({ fromS: 15, toS: 45, label: "deceleration" });
    expect(leadingStretch(made, 10)).toBeUndefined();
  });
  test("the stretch ends at a window that could not be assessed", () => {
    expect(leadingStretch(prediction([0.9, Number.NaN, 0.9]), 10)).toEqual({
      fromS: 5,
      toS: 15,
      label: "deceleration",
    });
  });
  test("below a typicality of 0.01 a window is unlike the training data", () => {
    const made = prediction([0.9, 0.9]);
    expect([unlikeTraining(made, 0), unlikeTraining(made, 1)]).toEqual([true, false]);
  });
});

describe("prediction columns", () => {
  const scale = timeScale(0, 0.05, 100); // 20 s a pixel: two windows share a column
  test("windows of one column give their mean, their outermost interval and their largest uncertainty", () => {
    const made = prediction([0.2, 0.6, 0.4, 0.4], 0.1);
    const columns = predictionColumns(made, { scale }, 0, 100);
    expect(columns.x).toHaveLength(3); // centres 10 | 20, 30 | 40
    expect(columns.curves[1]?.value[1]).toBeCloseTo(0.5, 6);
    expect(columns.curves[1]?.low[1]).toBeCloseTo(0.3, 6);
    expect(columns.curves[1]?.high[1]).toBeCloseTo(0.7, 6);
  });
  test("a window that cannot be assessed breaks the curve on both sides", () => {
    const made = prediction([0.2, 0.2, Number.NaN, 0.2, 0.2], 0.1);
    const columns = predictionColumns(made, { scale: timeScale(0, 1, 200) }, 0, 200);
    expect(columns.isBroken).toEqual([true, false, true, true, false]);
  });
});
