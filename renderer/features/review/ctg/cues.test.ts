import { expect, test } from "vitest";
import type { FoundEvent } from "../../../../preload/contract/finding.ts";
import type { Verdict, Verdicts } from "../../../../preload/contract/verdict.ts";
import { readingOf, type CtgReading } from "./ctg-reading.ts";
import { cueText } from "./cue-text.ts";
import { cueAt, cuesOf, inOrder, nextCue } from "./cues.ts";

const event = (change: Partial<FoundEvent>): FoundEvent => ({
  ...{ code: "late-deceleration", onsetS: 100, durationS: 60, probability: 0.9, facts: {} },
  ...change,
});
const reading = (events: readonly FoundEvent[], change: Partial<CtgReading> = {}): CtgReading => ({
  ...readingOf([{ kind: "events", labelSet: "ctg-events", events: [...events], notAssessable: [] }]),
  ...change,
});
const doubts = (of: CtgReading): readonly string[] => cuesOf(of, 3600).map((cue) => cueText(cue, "en").doubt);

test("what is doubtful in an event is said: two types, a false signal, much missing, the end of the record", () => {
  const types = { "figo-late": 0.55, "figo-early": 0.3, "figo-variable": 0.15 };
  const late = { "figo-late": 0.9, "figo-early": 0.1 };
  expect(doubts(reading([event({ facts: types })]))).toEqual(["late or early?"]);
  expect(doubts(reading([event({ facts: { ...late, support: 0.39 } })]))).toEqual(["61 % missing in it"]);
  expect(doubts(reading([event({ onsetS: 3550, durationS: 40, facts: late })]))).toEqual([
    "at the end of the recording",
  ]);
  const falseStretches = [{ fromS: 120, toS: 140, probability: 0.8 }];
  expect(doubts(reading([event({ facts: late })], { falseStretches }))).toEqual([
    "late or artefact?",
    "may not be the fetus",
  ]);
  expect(doubts(reading([event({ facts: late })]))).toEqual(["late"]);
});

test("an improbable event and a sure acceleration are no cues; a doubtful acceleration is one", () => {
  const rise = (probability: number): FoundEvent => event({ code: "acceleration", probability });
  expect(cuesOf(reading([event({ probability: 0.2 }), rise(0.95)]), 3600)).toEqual([]);
  expect(doubts(reading([rise(0.5)]))).toEqual(["hardly acceleration"]);
});

test("minutes that cannot be assessed are one cue while they lie together, and are listed last", () => {
  const minute = (m: number, code: string | null): Verdict => ({
    ...{ onsetS: 60 * m, durationS: 60, code, probability: {}, assessable: 1, reasons: [], missing: [] },
  });
  const variability: Verdicts = {
    ...{ kind: "verdicts", scheme: "variability", codes: ["normal"] },
    verdicts: [minute(0, null), minute(1, null), minute(2, "normal"), minute(3, null)],
  };
  const cues = cuesOf(reading([event({ onsetS: 130 })], { variability }), 3600);
  expect(cues.map(({ onsetS, durationS }) => [onsetS, durationS])).toEqual([
    [0, 120],
    [130, 60],
    [180, 60],
  ]);
  expect(inOrder(cues, "sureness").map(({ kind }) => kind)).toEqual([
    ...["event", "not-assessable", "not-assessable"],
  ]);
});

test("a heart rate that does not move is one cue that says so, and not also one of too little signal", () => {
  const still = (m: number): Verdict => ({
    ...{ onsetS: 60 * m, durationS: 60, code: null, probability: {}, assessable: 0, reasons: [] },
    missing: [
      { code: m < 3 ? "FROZEN_MINUTE" : "NEEDS_VARIABILITY", clause: "", evidence: "own", values: {} },
    ],
  });
  const variability: Verdicts = {
    ...{ kind: "verdicts", scheme: "variability", codes: ["normal"] },
    verdicts: [0, 1, 2, 3].map(still),
  };
  const proposals = [event({ code: "frozen", onsetS: 0, durationS: 180, probability: undefined })];
  const cues = cuesOf(reading([], { variability, proposals }), 3600);
  expect(cues.map(({ kind, onsetS, sureness }) => [kind, onsetS, sureness])).toEqual([
    ["false-signal", 0, undefined],
    ["not-assessable", 180, undefined],
  ]);
  expect(cues.map((cue) => cueText(cue, "en").doubt)[0]).toContain("does not move at all");
  expect(cues.map((cue) => cueText(cue, "ja").doubt)[0]).toContain("変化しない");
  const pieces = [0, 40, 80, 200].map((onsetS) => event({ code: "frozen", onsetS, durationS: 35 }));
  expect(
    cuesOf(reading([], { proposals: pieces }), 3600).map(({ onsetS, durationS }) => [onsetS, durationS]),
  ).toEqual([[0, 115]]);
  const outside = (durationS: number) => [
    event({ code: "out-of-range", onsetS: 0, durationS, probability: 0.89 }),
  ];
  expect(cuesOf(reading([], { proposals: outside(20) }), 3600)).toEqual([]);
  expect(cuesOf(reading([], { proposals: outside(60) }), 3600)).toHaveLength(1);
});

test("keys go through the cues by time and round; a click means the shortest that holds its moment", () => {
  const cues = cuesOf(
    reading([
      event({ onsetS: 100, durationS: 200 }),
      event({ onsetS: 150, durationS: 30 }),
      event({ onsetS: 900 }),
    ]),
    3600,
  );
  const ids = cues.map(({ id }) => id);
  expect(nextCue(cues, -1, 1)?.id).toBe(ids[0]);
  expect(nextCue(cues, 0, 1, ids[2])?.id).toBe(ids[0]);
  expect(nextCue(cues, 0, -1, ids[0])?.id).toBe(ids[2]);
  expect(cues.map(({ atS }) => atS)).toEqual([165, 200, 930]); // as they are listed, by the time that is told
  expect(cueAt(cues, 160, undefined)?.id).toBe(ids[0]);
  expect(cueAt(cues, 160, ids[1])?.id).toBe(ids[1]);
  expect(cueAt(cues, 500, ids[0])).toBeUndefined();
});
