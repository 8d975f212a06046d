import { describe, expect, test } from "vitest";
import { foundEvents } from "../found-events.ts";
import type { ChannelSamples } from "../read.ts";
import { readCtg } from "../reading.ts";
import type { DecelerationType, Evidence } from "../trace.ts";
import {
  accelerationAt,
  context,
  evidenceOf,
  labour,
  settings,
  lastCode,
  typesOf,
  verdictsOf,
  type MadeUp,
} from "./evidence.fixtures.ts";
import { figo } from "./figo.ts";

/** 12 bpm deep: doubtful as a deceleration of 15, sure as one of 10. */
const shallow = {
  ...{ depthBpm: 12, probability: 0.1, shallowProbability: 0.95 },
  meets: { figo: 0.1, nichd: 0.1, jsog: 0.95 },
};
const every = (): boolean => true;

/** Half an hour and more of labour, a flat trace with such a deceleration at every contraction. */
function flat(made: Partial<MadeUp> = {}, type: DecelerationType = "late") {
  const { contractions, decelerations } = labour(2100, 180, every, type);
  const shallows = decelerations.map((one) => ({ ...one, ...shallow, types: typesOf(type) }));
  return evidenceOf({ minutes: 35, bandwidthBpm: 3, contractions, decelerations: shallows, ...made });
}
const codes = (evidence: ReturnType<typeof flat>): string[] =>
  verdictsOf(figo, evidence)
    .at(-1)!
    .reasons.map(({ code }) => code);

describe("FIGO 2015: late decelerations of 10 to 15 bpm", () => {
  test("count in a trace without accelerations and with reduced variability, and it is told", () => {
    expect(lastCode(figo, flat())).toBe("pathological");
    expect(codes(flat())).toContain("LATE_SHALLOW");
    const { reasons } = verdictsOf(figo, flat()).at(-1)!;
    expect(reasons.find(({ code }) => code === "LATE_SHALLOW")).toMatchObject({
      values: { count: 9, minutes: 30 },
      evidence: "recalled",
    });
  });

  test.each<[where: string, made: Partial<MadeUp>, type?: DecelerationType]>([
    ["with usual variability", { bandwidthBpm: 12 }],
    [
      "after an acceleration of the half hour before",
      { accelerations: [5, 15, 25].map((m) => accelerationAt(60 * m)) },
    ],
    ["that are early", {}, "early"],
    ["that are variable", {}, "variable"],
  ])("do not %s", (_where, made, type) => {
    const evidence = flat(made, type);
    expect(codes(evidence)).not.toContain("LATE_SHALLOW");
    expect(lastCode(figo, evidence)).not.toBe("pathological");
    expect(
      foundEvents(evidence, { fhr: "FHR", uc: "UC" }).some(({ code }) => code.endsWith("deceleration")),
    ).toBe(false);
  });

  test("may be what they are where contractions were not seen: then nothing graver is ruled out", () => {
    const { decelerations } = flat({}, "unknown");
    const unseen = decelerations.map((one) => ({
      ...one,
      contraction: undefined,
      isContractionKnown: false,
    }));
    const evidence = flat({ ucSupport: 0, contractions: [], decelerations: unseen });
    expect(lastCode(figo, evidence)).toBeNull();
    expect(codes(evidence)).not.toContain("LATE_SHALLOW");
  });

  test("are drawn as what they are, with the clause that counts them", () => {
    const found = foundEvents(flat(), { fhr: "FHR", uc: "UC" }).filter(
      ({ code }) => code === "late-deceleration",
    );
    expect(found.length).toBeGreaterThan(7);
    expect(found.at(-1)).toMatchObject({ probability: 0.95, facts: { depthBpm: 12, "figo-meets": 0.95 } });
    expect(found.at(-1)?.clause).toContain("without accelerations");
    expect(
      foundEvents(flat({ minutes: 9 }), { fhr: "FHR", uc: "UC" }).filter(({ code }) =>
        code.startsWith("late"),
      ),
    ).toEqual([]);
  });

  test("are found in a trace as it is recorded: what they swing is no variability", () => {
    const at = (valueAt: (s: number) => number): ChannelSamples => {
      const values = Float32Array.from({ length: 40 * 60 * 4 }, (_, i) => valueAt(i / 4));
      return { sampleRate: 4, values, observed: new Uint8Array(values.length).fill(1) };
    };
    const dipAt = (s: number): number => {
      const t = (s % 180) - 70; // behind a contraction with its peak after a minute
      return s < 600 || t < 0 || t > 108 ? 0 : 14 * Math.min(1, t / 54, (108 - t) / 54);
    };
    const read = (swingBpm: number) => {
      const fhr = at((s) => 140 + swingBpm * Math.sin(s * 0.9) + 0.3 * Math.sin(s * 3.1) - dipAt(s));
      const uc = at((s) => 10 + 60 * Math.exp(-(((s % 180) - 60) ** 2) / 484) + 0.4 * Math.sin(s * 1.7));
      const steps = readCtg({
        ...{ sources: { durationS: 2400, fhr: [fhr], uc, mhr: undefined }, over: "FHR" },
        ...{ context, settings, movements: [], trusted: [], fetuses: 1 },
        curves: { baseline: undefined, falseSignal: undefined, events: [] },
      });
      for (;;) {
        const step = steps.next();
        if (step.done === true) return step.value.evidence;
      }
    };
    const late = (evidence: Evidence) =>
      foundEvents(evidence, { fhr: "FHR", uc: "UC" }).filter(({ code }) => code === "late-deceleration");
    const flatTrace = read(0.8);
    expect(late(flatTrace).length).toBeGreaterThan(5);
    expect(codes(flatTrace)).toContain("LATE_SHALLOW");
    expect(late(read(5))).toEqual([]);
  });
});
