import { expect, test } from "vitest";
import { evaluate } from "../../../main/training/judge/evaluation.ts";
import { seededRandom } from "../../../main/models/random.ts";
import { amplitudeLayout } from "./fitted.ts";
import { reachedBy, sumsOf, TestSums } from "./sums.ts";
import type { EmgWindows } from "./windows.ts";

const CLASSES = 3;

/** Windows of some recordings, each of so many, and what somebody made of them. */
function drawn(seed: number, recordings: Readonly<Record<string, { person: string; count: number }>>) {
  const random = seededRandom(seed);
  const of = Object.entries(recordings).flatMap(([id, { person, count }]) =>
    Array.from({ length: count }, () => ({ id, person })),
  );
  const windows: EmgWindows = {
    ...{ x: new Float32Array(0), observed: new Uint8Array(0), width: 2, layout: amplitudeLayout(2) },
    count: of.length,
    labels: Int32Array.from(of, () => random.below(CLASSES)),
    segments: Int32Array.from(of, (_, n) => Math.floor(n / 4)),
    recordings: of.map(({ id }) => id),
    people: of.map(({ person }) => person),
  };
  const probabilities = new Float64Array(of.length * CLASSES);
  for (let n = 0; n < of.length; n += 1) {
    const weights = Array.from({ length: CLASSES }, () => random.next() ** 4);
    const total = weights.reduce((a, b) => a + b, 0);
    weights.forEach((weight, c) => (probabilities[n * CLASSES + c] = weight / total));
  }
  return { windows, probabilities };
}

test("sums of several tests say what the application's own report says of all their windows", () => {
  const first = drawn(1, { a1: { person: "a", count: 9 }, a2: { person: "a", count: 30 } });
  const second = drawn(2, { b1: { person: "b", count: 17 } });
  const all = [first, second];
  const report = evaluate({
    classes: CLASSES,
    probabilities: all.flatMap(({ probabilities }) => [...probabilities]),
    labels: all.flatMap(({ windows }) => [...windows.labels]),
    subjects: all.flatMap(({ windows }) => windows.people),
    recordings: all.flatMap(({ windows }) => windows.recordings),
  });
  const kept = all.map(({ windows, probabilities }) =>
    TestSums.parse(JSON.parse(JSON.stringify(sumsOf(windows, probabilities, CLASSES)))),
  );
  const reached = reachedBy(kept);
  expect(reached.accuracy).toBeCloseTo(report.subjectAccuracy, 12);
  expect(reached.nll).toBeCloseTo(report.nll, 5);
  expect(reached.ece).toBeCloseTo(report.ece, 5);
  for (const { subject, byRecording } of report.perSubject)
    expect(reached.people.get(subject)).toBeCloseTo(byRecording ?? Number.NaN, 12);
  expect(reached.people.size).toBe(2);
});

test("five windows taken together are told of the same recordings", () => {
  const { windows } = drawn(3, { a1: { person: "a", count: 8 } });
  const labels = windows.labels.fill(1);
  const probabilities = Float64Array.from(
    Array.from(labels, (_, n) => (n % 4 === 1 ? [0.5, 0.4, 0.1] : [0.1, 0.8, 0.1])).flat(),
  );
  const reached = reachedBy([sumsOf(windows, probabilities, CLASSES)]);
  expect([reached.accuracy, reached.smooth]).toEqual([6 / 8, 1]);
});
