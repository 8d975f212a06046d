import { describe, expect, test } from "vitest";
import { uniformFrom } from "../../../signal/random.ts";
import { baselineRules } from "../baseline/registry.ts";
import { findContractions } from "../contractions.ts";
import { hidden, toco, traceOf } from "../ctg.fixtures.ts";
import { findEvents } from "../events/find.ts";
import { likeliestType } from "../events/types.ts";
import { sinusoidalStretches } from "../sinusoidal.ts";
import { CTG_HZ, isLikely, type CtgTrace, type Evidence, type Samples } from "../trace.ts";
import { minutesOf } from "../variability.ts";
import { lastCode } from "./evidence.fixtures.ts";
import { figo } from "./figo.ts";
import { jsog } from "./jsog.ts";
import { nichd } from "./nichd.ts";

/** What the detectors find by the usual baseline. */
function evidenceIn(trace: CtgTrace): Evidence {
  const baseline = baselineRules.find(({ name }) => name === "wmfb")!.find(trace.fhr, []);
  const contractions = findContractions(trace);
  const events = findEvents(trace, baseline, { contractions });
  const likely = {
    accelerations: events.accelerations.filter(isLikely),
    decelerations: events.decelerations.filter(isLikely),
  };
  return {
    ...{
      durationS: trace.count / CTG_HZ,
      minutes: minutesOf(trace, baseline, likely),
      ...events,
      contractions,
    },
    sinusoidal: sinusoidalStretches(trace, baseline, likely.accelerations),
    ...{ movements: [], fetuses: 1 },
  };
}

const classes = (evidence: Evidence): unknown[] =>
  [figo, nichd, jsog].map((engine) => lastCode(engine, evidence));

const SECONDS = 1800;
const swing = (s: number): number =>
  3 * Math.sin((2 * Math.PI * s) / 4) +
  2 * Math.sin((2 * Math.PI * s) / 6.1) +
  2 * Math.sin((2 * Math.PI * s) / 8.7);
const peaks = Array.from({ length: 10 }, (_, i) => 90 + 180 * i);
/** Down by 30 in 45 s from 20 s after each peak on, and back. */
const late = (s: number): number =>
  140 +
  0.3 * swing(s) -
  peaks.reduce((sum, peak) => sum + Math.max(0, 30 - (30 / 45) * Math.abs(s - peak - 50)), 0);

/** Hides ten seconds in a row, three times of ten. */
function patchy(samples: Samples): Samples {
  const uniform = uniformFrom(5);
  let left = samples;
  for (let s = 0; s < SECONDS; s += 10) if (uniform() < 0.3) left = hidden(left, s, s + 10);
  return left;
}

describe("classes of signals, through the detectors", () => {
  const quiet = traceOf(SECONDS, (s) => 140 + swing(s), toco(peaks));

  test("ctg.md 8.5, 1: pure dropout cannot be assessed", () => {
    const gone = { ...quiet, fhr: hidden(quiet.fhr, 0, SECONDS), uc: undefined };
    expect(classes(evidenceIn(gone))).toEqual([null, null, null]);
  });

  test("ctg.md 8.5, 2 and 10: a quiet trace is normal, and is so with thirty per cent of it hidden", () => {
    const evidence = evidenceIn(quiet);
    expect(classes(evidence)).toEqual(["normal", "I", "1"]);
    const less = evidenceIn({ ...quiet, fhr: patchy(quiet.fhr) });
    expect(classes(less)).toEqual(["normal", "I", "1"]);
    const support = less.minutes.reduce((sum, minute) => sum + minute.support, 0) / less.minutes.length;
    expect(support).toBeLessThan(0.8);
  });

  test("ctg.md 8.5, 9: without contractions a late deceleration is neither late nor early", () => {
    const trace = traceOf(SECONDS, late, toco(peaks));
    const types = (evidence: Evidence): string[] =>
      evidence.decelerations.filter(isLikely).map(({ types: { nichd: by } }) => likeliestType(by));
    expect(new Set(types(evidenceIn(trace)))).toEqual(new Set(["late"]));
    const alone = evidenceIn({ ...trace, uc: undefined });
    expect(types(alone).length).toBeGreaterThan(5);
    expect(types(alone)).not.toContain("early");
    expect(types(alone)).not.toContain("late");
    expect(lastCode(nichd, alone)).not.toBe("I");
  });
});
