import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { agreementOf, type Compared } from "./agreement.ts";
import {
  cohenKappa,
  coincidencesOf,
  confusionOf,
  icc21,
  krippendorffAlpha,
  momentsOf,
} from "./coefficients.ts";
import { baselineAgreement } from "./baselines.ts";
import { opinionsOf } from "./disagreements.ts";
import { matchEvents, matchRuleFor } from "./match.ts";
import type { ReaderMark, ReadRecording } from "./readers.ts";

const categories = (row: string): number[] =>
  Array.from(row, (one) =>
    one === "." ? -1 : "12345".includes(one) ? Number(one) - 1 : "abcde".indexOf(one),
  );

describe("coefficients give the values of their worked examples", () => {
  test("Cohen's kappa: 20, 5, 10 and 15 of 50 give 0.4", () => {
    expect(cohenKappa([20, 5, 10, 15])).toBeCloseTo(0.4, 12);
  });

  test("Krippendorff 2011, B: two observers, nominal, nothing missing: 0.692", () => {
    const observers = ["aabbdcccedda", "babbbccceddd"].map(categories);
    expect(krippendorffAlpha(coincidencesOf(observers, 5))).toBeCloseTo(0.692, 3);
  });

  test("Krippendorff 2011, C: four observers, values missing: 0.743", () => {
    const observers = ["123321412...", "1233224125.3", ".3332342251.", "12332441251."].map(categories);
    expect(krippendorffAlpha(coincidencesOf(observers, 5))).toBeCloseTo(0.743, 3);
  });

  test("Shrout and Fleiss 1979, table 2: ICC(2,1) of six targets and four judges is 0.29", () => {
    const ratings = [
      [9, 2, 5, 8],
      [6, 1, 3, 2],
      [8, 4, 6, 8],
      [7, 1, 2, 6],
      [10, 5, 6, 9],
      [6, 2, 4, 7],
    ];
    expect(icc21(momentsOf(ratings, 4), 4)).toBeCloseTo(0.2898, 4);
  });

  test("where nobody ever said a second thing there is nothing to agree on", () => {
    expect(cohenKappa(confusionOf([0, 0, 0], [0, 0, -1], 2))).toBeNaN();
    expect(
      krippendorffAlpha(
        coincidencesOf(
          [
            [0, 0],
            [0, 0],
          ],
          2,
        ),
      ),
    ).toBeNaN();
  });
});

describe("events are matched one to one", () => {
  const fhr = matchRuleFor("ctg", ["fhr"]);
  const span = (fromS: number, toS: number) => ({ fromS, toS });

  test("heart rate by more than 5 s at both ends, contractions by more than 10 s", () => {
    const [a, just, over] = [[span(0, 30)], [span(25, 60)], [span(24.9, 60)]];
    expect(matchEvents(a, just, fhr).pairs).toEqual([]);
    expect(matchEvents(a, over, fhr).pairs).toEqual([[0, 0]]);
    expect(matchEvents(a, over, matchRuleFor("ctg", ["uc"])).pairs).toEqual([]);
    expect(matchEvents(a, over, matchRuleFor("ctg", ["fhr", "uc"])).pairs).toEqual([[0, 0]]); // a late deceleration
  });

  test("one that was marked twice has one partner, the one with the most in common", () => {
    const { pairs, onlyB } = matchEvents([span(0, 60)], [span(0, 20), span(22, 60)], fhr);
    expect(pairs).toEqual([[0, 1]]);
    expect(onlyB).toEqual([0]);
  });

  test("of two twins no event is one", () => {
    expect(
      matchEvents([{ ...span(0, 60), channel: 0 }], [{ ...span(0, 60), channel: 1 }], fhr).pairs,
    ).toEqual([]);
  });

  test("everybody is matched once or alone, whoever is called a", () => {
    const marks = fc.array(
      fc.tuple(fc.nat(300), fc.integer({ min: 6, max: 90 })).map(([fromS, s]) => span(fromS, fromS + s)),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(marks, marks, (a, b) => {
        const { pairs, onlyA, onlyB } = matchEvents(a, b, fhr);
        expect([...pairs.map(([i]) => i), ...onlyA].sort((x, y) => x - y)).toEqual([...a.keys()]);
        expect([...pairs.map(([, j]) => j), ...onlyB].sort((x, y) => x - y)).toEqual([...b.keys()]);
      }),
    );
  });
});

const mark = (reader: string, label: string, fromS: number, toS: number): ReaderMark => ({
  ...{ id: `${reader} ${label} ${fromS}`, reader, label, fromS, toS },
});
const recordingOf = (
  marks: readonly ReaderMark[],
  readers: Readonly<Record<string, number>>,
): ReadRecording => ({
  ...{ id: "r", durationS: 3600, marks, decided: [] },
  read: Object.entries(readers).map(([reader, toS]) => ({ reader, group: undefined, fromS: 0, toS })),
});
const comparing = (recordings: readonly ReadRecording[], readers = ["Anna", "Ben"]): Compared => ({
  ...{ recordings, readers, seed: 1 },
  groups: [{ code: "rate", labels: ["acceleration", "deceleration"] }],
  ruleOf: () => matchRuleFor("ctg", ["fhr"]),
});

describe("readers are compared where they read completely", () => {
  const marks = [
    mark("Anna", "acceleration", 100, 130),
    mark("Ben", "acceleration", 104, 138),
    mark("Anna", "deceleration", 1000, 1060),
    mark("Ben", "acceleration", 1000, 1050),
    mark("Anna", "acceleration", 3000, 3060), // beyond what Ben read
  ];

  test("F1, sensitivity and PPV, and how much later and longer", () => {
    const { groups, drawn } = agreementOf(comparing([recordingOf(marks, { Anna: 3600, Ben: 1800 })]));
    const [pair] = groups[0]?.labels.find(({ label }) => label === "acceleration")?.pairs ?? [];
    expect(pair).toMatchObject({ a: "Anna", b: "Ben", eventsA: 1, eventsB: 2, matched: 1 });
    expect(pair?.f1?.value).toBeCloseTo(2 / 3, 12);
    expect([pair?.sensitivity?.value, pair?.ppv?.value]).toEqual([1, 0.5]);
    expect([pair?.onset.mean?.value, pair?.onset.median?.value, pair?.duration.rms?.value]).toEqual([
      4, 4, 4,
    ]);
    expect(groups[0]?.commonS).toBe(1800);
    expect(drawn).toEqual({ unit: "blocks", units: 6 });
  });

  test("by second a missed or differently named event costs its seconds", () => {
    const { groups } = agreementOf(comparing([recordingOf(marks, { Anna: 1800, Ben: 1800 })]));
    const [pair] = groups[0]?.pairs ?? [];
    expect(pair?.observed?.value).toBeCloseTo(1 - (4 + 8 + 60) / 1800, 12);
  });

  test("who declared nothing read cannot be assessed", () => {
    const { groups } = agreementOf(comparing([recordingOf(marks, { Anna: 3600 })]));
    expect(groups[0]).toMatchObject({ commonS: 0, alpha: null, pairs: [{ kappa: null, observed: null }] });
    expect(groups[0]?.labels[0]?.pairs[0]).toMatchObject({
      eventsA: 0,
      eventsB: 0,
      f1: null,
      onset: { mean: null },
    });
  });

  test("a reading of another group of labels says nothing here", () => {
    const [whole] = [recordingOf(marks, { Anna: 3600, Ben: 3600 })];
    const read = whole.read.map((one) => (one.reader === "Ben" ? { ...one, group: "contractions" } : one));
    expect(agreementOf(comparing([{ ...whole, read }])).groups[0]?.commonS).toBe(0);
  });

  test("of six recordings the interval is drawn from recordings and holds the value", () => {
    const many = Array.from({ length: 6 }, (_, i) =>
      recordingOf(
        [
          mark("Anna", "acceleration", 100, 130),
          ...(i % 2 === 0 ? [mark("Ben", "acceleration", 101, 131)] : []),
        ],
        { Anna: 3600, Ben: 3600 },
      ),
    );
    const { drawn, groups } = agreementOf(comparing(many));
    const f1 = groups[0]?.labels[0]?.pairs[0]?.f1;
    expect(drawn).toEqual({ unit: "recordings", units: 6 });
    expect(f1?.value).toBeCloseTo(2 / 3, 12);
    expect(f1?.interval?.low).toBeLessThan(0.67);
    expect(f1?.interval?.high).toBeGreaterThan(0.66);
  });
});

describe("disagreements", () => {
  const marks = [
    mark("Anna", "acceleration", 100, 130),
    mark("Ben", "acceleration", 104, 138),
    mark("Anna", "deceleration", 1000, 1060),
    mark("Ben", "acceleration", 1000, 1050),
    mark("Ben", "acceleration", 1500, 1550),
    mark("Anna", "acceleration", 2000, 2060),
    mark("Ben", "acceleration", 2000, 2020),
    mark("Ben", "acceleration", 2030, 2060),
  ];
  const recording = recordingOf(marks, { Anna: 3600, Ben: 3600 });

  test("are a missed event, two names and several for one; the rest is agreed, at its mean place", () => {
    const { disagreements, agreed } = opinionsOf(comparing([recording]));
    expect(disagreements.map(({ kind, onsetS }) => [kind, onsetS])).toEqual([
      ["label", 1000],
      ["missed", 1500],
      ["number", 2000],
    ]);
    expect(disagreements[1]?.opinions[0]).toEqual({ reader: "Anna", events: [] });
    expect(agreed).toEqual([
      { recordingId: "r", group: "rate", label: "acceleration", onsetS: 102, durationS: 32, isKept: false },
    ]);
  });

  test("are decided by a label of the consensus there, or by a verdict of exactly that place", () => {
    const decided = [
      { id: "d1", label: "deceleration", fromS: 1002, toS: 1055, isVerdict: false, note: "" },
      { id: "d2", label: "cannot-tell", fromS: 1500, toS: 1550, isVerdict: true, note: "" },
      { id: "d3", label: "nothing", fromS: 2000, toS: 2050, isVerdict: true, note: "" }, // of what was there before
    ];
    const { disagreements } = opinionsOf(comparing([{ ...recording, decided }]));
    expect(disagreements.map(({ decision }) => decision?.id)).toEqual(["d1", "d2", undefined]);
  });
});

test("baselines that lie 4 bpm apart agree less in absolute terms than in their course", () => {
  const drawn = Float32Array.from({ length: 1200 }, (_, s) => 140 + 5 * Math.sin(s / 100));
  const by = new Map([
    ["one", drawn],
    ["other", drawn.map((bpm, s) => (s < 600 ? bpm + 4 : NaN))], // none in the second half
  ]);
  const [pair] = baselineAgreement([{ durationS: 1200, by }], 1);
  expect(pair).toMatchObject({ a: "one", b: "other", seconds: 600, recordings: 1 });
  expect(pair?.difference?.value).toBeCloseTo(4, 4);
  expect(pair?.icc?.value).toBeGreaterThan(0.4);
  expect(pair?.icc?.value).toBeLessThan(0.8);
});
