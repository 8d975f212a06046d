import { expect, test } from "vitest";
import { madeUp } from "./recordings.fixtures.ts";
import {
  contractionsByRule,
  excursions,
  figoExcursion,
  heartRateDeviation,
  smoothed,
} from "./rule-events.ts";
import { matchEvents } from "./score.ts";

const line = (...parts: readonly (readonly [count: number, value: number])[]): Float32Array =>
  Float32Array.from(parts.flatMap(([count, value]) => Array.from({ length: count }, () => value)));

test("an excursion is 15 bpm for 15 s and reaches to where it is 5 bpm; a shorter or lower one is none", () => {
  expect(excursions(line([20, 0], [5, 6], [15, 16], [5, 6], [20, 0]), figoExcursion)).toEqual([
    { from: 20, to: 45 },
  ]);
  expect(excursions(line([20, 0], [14, 16], [20, 0]), figoExcursion)).toEqual([]);
  expect(excursions(line([20, 0], [60, 14], [20, 0]), figoExcursion)).toEqual([]);
});

test("no excursion reaches into what is not known", () => {
  expect(excursions(line([20, 16], [10, NaN], [10, 16]), figoExcursion)).toEqual([{ from: 0, to: 20 }]);
});

test("the rules find nearly all events of a made-up recording, and accelerations are no decelerations", () => {
  const { input, labels } = madeUp(3);
  const marked = (code: string) =>
    labels.events
      .filter((event) => event.code === code)
      .map(({ onsetS, durationS }) => ({ from: onsetS, to: onsetS + durationS }));
  const rises = excursions(heartRateDeviation(input, "rise"), figoExcursion);
  const falls = excursions(heartRateDeviation(input, "fall"), figoExcursion);
  expect(matchEvents(marked("acceleration"), rises, 5)).toHaveLength(marked("acceleration").length);
  expect(matchEvents(marked("deceleration"), falls, 5)).toHaveLength(marked("deceleration").length);
  expect(matchEvents(marked("acceleration"), falls, 5)).toHaveLength(0);
  const contractions = contractionsByRule(input);
  const found = matchEvents(marked("contraction"), contractions, 10).length;
  expect(found).toBeGreaterThanOrEqual(marked("contraction").length - 1);
  expect(contractions.length).toBeLessThanOrEqual(found + 2);
});

test("a mean leaves out what is not observed", () => {
  const means = smoothed(Float32Array.of(1, 100, 3, 5), [1, 0, 1, 1], 3);
  expect([...means]).toEqual([1, NaN, 4, 4]);
});
