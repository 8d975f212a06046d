import { expect, test } from "vitest";
import { CtgContext, CtgSettings, type EventSource } from "../../../preload/contract/ctg.ts";
import type { Series } from "../../../preload/contract/finding.ts";
import { type CtgReading, readCtg } from "./reading.ts";

const MINUTES = 30;
const seconds = Float32Array.from({ length: MINUTES * 60 }, (_, s) => s);
const dip = { fromS: 600, toS: 660 };

/** A calm heart rate that falls by 30 for a minute; read with what a network says of it. */
function readBy(source: EventSource, events: readonly Series[], toco?: (s: number) => number): CtgReading {
  const values = Float32Array.from(
    { length: MINUTES * 240 },
    (_, i) => 140 + 5 * Math.sin(i / 9) - (i >= 4 * dip.fromS && i < 4 * dip.toS ? 30 : 0),
  );
  const fhr = { sampleRate: 4, values, observed: new Uint8Array(values.length).fill(1) };
  const uc = toco && { ...fhr, values: values.map((_, i) => toco(i / 4)) };
  const steps = readCtg({
    sources: { durationS: MINUTES * 60, fhr: [fhr], uc, mhr: undefined },
    over: "FHR",
    context: CtgContext.parse({}),
    settings: CtgSettings.parse({ events: source }),
    curves: { baseline: undefined, falseSignal: undefined, events },
    ...{ movements: [], trusted: [], fetuses: 1 },
  });
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

const said = (name: string, valueAt: (s: number) => number): Series => ({
  ...{ name, unit: "probability", sampleRate: 1, value: seconds.map(valueAt) },
  observed: new Uint8Array(seconds.length).fill(1),
});
const inDip = (s: number): number => (s >= dip.fromS && s < dip.toS ? 0.45 : 0);
const never = said("acceleration", () => 0);

test("kinds of decelerations that a network tells apart are one, with the sum of what it says of them", () => {
  const kinds = [said("late-deceleration", inDip), said("variable-deceleration", inDip)];
  const { decelerations, accelerations } = readBy("network", [never, ...kinds]).evidence;
  expect(decelerations.map(({ readerProbability }) => readerProbability)).toEqual([expect.closeTo(0.9, 2)]);
  expect(accelerations).toEqual([]);
});

test("a run that knows no accelerations or no decelerations is refused, and is not read as one that saw none", () => {
  const other = said("moderate", () => 0.9);
  for (const source of ["network", "both"] as const) {
    expect(() => readBy(source, [other])).toThrow(expect.objectContaining({ code: "model/says-nothing" }));
    expect(() => readBy(source, [never])).toThrow(/no deceleration/);
    expect(() => readBy(source, [said("deceleration", inDip)])).toThrow(/no acceleration/);
  }
});

test("contractions are weighed with the network where both say events, and are the rule's where it knows none", () => {
  const [first, second] = [400, 1200];
  const toco = (s: number): number =>
    10 + Math.sin(s) + [first, second].reduce((sum, at) => sum + 50 * Math.exp(-(((s - at) / 20) ** 2)), 0);
  const heart = [never, said("deceleration", inDip)];
  const sees = said("contraction", (s) => (Math.abs(s - first) < 30 ? 0.9 : 0));
  const chances = (source: EventSource, events: readonly Series[]): number[] =>
    readBy(source, events, toco)
      .evidence.contractions.filter(({ peakS }) => [first, second].some((at) => Math.abs(at - peakS) < 5))
      .map(({ probability }) => probability);
  const ruled = chances("rule", []);
  expect(ruled.map((p) => p > 0.9)).toEqual([true, true]);
  expect(chances("both", [...heart, sees]).map((p) => p > 0.5)).toEqual([true, false]);
  expect(chances("both", heart)).toEqual(ruled);
  expect(chances("network", [...heart, sees])).toEqual(ruled);
  const unseen = { ...sees, observed: new Uint8Array(seconds.length) };
  expect(chances("both", [...heart, unseen])).toEqual(ruled);
});
