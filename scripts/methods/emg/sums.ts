import { z } from "zod";
import { BINS, reliabilityBins } from "../../../main/training/judge/calibration-error.ts";
import { topOf } from "../../../main/training/judge/evaluation.ts";
import { smoothed } from "./fitted.ts";
import { grouped, type EmgWindows } from "./windows.ts";

/**
 * What a method made of a test's windows, in sums that can be added to those of other tests: right windows and log loss of
 * each recording, and windows by how sure it was.
 */
export const TestSums = z.object({
  recordings: z.array(
    z.object({
      person: z.string(),
      windows: z.number().int().positive(),
      right: z.number().int(),
      smooth: z.number().int(), // right after five windows of the same segment are taken together
      nll: z.number(), // summed
    }),
  ),
  bins: z.array(z.tuple([z.number().int(), z.number().int(), z.number(), z.number()])), // bin, windows, right, confidence
});
export type TestSums = Readonly<z.infer<typeof TestSums>>;

const LEAST = 1e-12; // of a probability, as the application's own report has it
const rounded = (value: number): number => Number(value.toFixed(5));

export function sumsOf(of: EmgWindows, probabilities: Float64Array, classes: number): TestSums {
  const { isRight, confidence } = topOf(probabilities, of.labels, classes);
  const smooth = topOf(smoothed(probabilities, of, classes), of.labels, classes).isRight;
  const windows = Array.from({ length: of.count }, (_, n) => n);
  const recordings = [...grouped(windows, (n) => of.recordings[n] ?? "").values()].map((own) => {
    const sum = (value: (n: number) => number): number => own.reduce((total, n) => total + value(n), 0);
    return {
      person: of.people[own[0] ?? 0] ?? "",
      windows: own.length,
      right: sum((n) => isRight[n] ?? 0),
      smooth: sum((n) => smooth[n] ?? 0),
      nll: rounded(
        sum((n) => -Math.log(Math.max(LEAST, probabilities[n * classes + (of.labels[n] ?? 0)] ?? 0))),
      ),
    };
  });
  const bins = reliabilityBins(confidence, isRight).map(
    ({ from, count, accuracy, confidence: mean }): TestSums["bins"][number] => [
      Math.round(from * BINS),
      count,
      Math.round(accuracy * count),
      rounded(mean * count),
    ],
  );
  return { recordings, bins };
}

/** As the application's own report tells it: nobody counts for their length, log loss and calibration are over windows. */
export interface Reached {
  readonly accuracy: number; // mean over windows of a recording, over recordings of a person, over people
  readonly smooth: number;
  readonly people: ReadonlyMap<string, number>; // accuracy
  readonly nll: number;
  readonly ece: number;
}

const meanOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

export function reachedBy(tests: readonly TestSums[]): Reached {
  const recordings = tests.flatMap((test) => test.recordings);
  const total = recordings.reduce((sum, { windows }) => sum + windows, 0);
  const byPerson = grouped(recordings, ({ person }) => person);
  const people = (what: "right" | "smooth"): Map<string, number> =>
    new Map(
      [...byPerson].map(([person, own]) => [person, meanOf(own.map((one) => one[what] / one.windows))]),
    );
  const bins = grouped(
    tests.flatMap((test) => test.bins),
    ([bin]) => String(bin),
  );
  const apart = [...bins.values()].map((own) =>
    Math.abs(own.reduce((sum, [, , right, confidence]) => sum + right - confidence, 0)),
  );
  const right = people("right");
  return {
    accuracy: meanOf([...right.values()]),
    smooth: meanOf([...people("smooth").values()]),
    people: right,
    nll: recordings.reduce((sum, { nll }) => sum + nll, 0) / total,
    ece: apart.reduce((a, b) => a + b, 0) / total,
  };
}
