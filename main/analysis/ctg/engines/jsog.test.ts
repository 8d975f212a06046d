import { describe, expect, test } from "vitest";
import { jsogCell, jsogColumns, jsogTable, type JsogDeceleration } from "./jsog-table.ts";
import { jsog } from "./jsog.ts";
import {
  decelerationAt,
  evidenceOf,
  lastCode,
  sinusoidalFrom,
  verdictsOf,
  type MadeUp,
} from "./evidence.fixtures.ts";

const minutes = 20;

describe("JSOG 2010, the table", () => {
  test("has exactly 82 filled cells", () => {
    const cells = jsogTable.flatMap(({ levels }) => levels);
    expect(cells).toHaveLength(88);
    expect(cells.filter((level) => level !== undefined)).toHaveLength(82);
  });

  test.each(["variable", "late", "prolonged"])("never falls from mild to severe: %s", (kind) => {
    for (const { levels } of jsogTable) {
      const of = (severity: string): number | undefined =>
        levels[jsogColumns.indexOf(`${kind}-${severity}` as JsogDeceleration)];
      expect(of("severe") ?? 5).toBeGreaterThanOrEqual(of("mild") ?? 0);
    }
  });

  test("never falls from normal to a slower or faster baseline, nor from normal to decreased to absent variability", () => {
    for (const deceleration of jsogColumns) {
      const at = (
        ...[variability, baseline]: [Parameters<typeof jsogCell>[0], Parameters<typeof jsogCell>[1]]
      ): number => jsogCell(variability, baseline, deceleration).level;
      for (const variability of ["normal", "decreased"] as const)
        for (const [less, more] of [
          ["normal", "tachycardia"],
          ["normal", "bradycardia"],
          ["bradycardia", "severe-bradycardia"],
        ] as const)
          expect(at(variability, more)).toBeGreaterThanOrEqual(at(variability, less));
      for (const baseline of ["normal", "tachycardia", "bradycardia", "severe-bradycardia"] as const) {
        expect(at("decreased", baseline)).toBeGreaterThanOrEqual(at("normal", baseline));
        expect(at("absent", baseline) + (deceleration === "none" ? 1 : 0)).toBeGreaterThanOrEqual(
          at("decreased", baseline),
        );
      }
    }
  });

  test("never falls from no deceleration to any", () => {
    for (const { levels } of jsogTable)
      for (const level of levels) expect(level ?? 5).toBeGreaterThanOrEqual(levels[0] ?? 1);
  });
});

describe("JSOG 2010, the axes", () => {
  test.each<[clause: string, made: MadeUp, code: string | null]>([
    ["162 is 160: normal", { minutes, baselineBpm: 162 }, "1"],
    ["165 is tachycardia", { minutes, baselineBpm: 165 }, "2"],
    ["107 is 105: bradycardia", { minutes, baselineBpm: 107 }, "3"],
    ["80 is bradycardia", { minutes, baselineBpm: 80 }, "3"],
    ["77 is 75: severe bradycardia", { minutes, baselineBpm: 77 }, "4"],
    ["a bandwidth of 5 is decreased", { minutes, bandwidthBpm: 5 }, "2"],
    ["below 2 it is absent", { minutes, bandwidthBpm: 1.5 }, "4"],
    ["above 25 it is increased", { minutes, bandwidthBpm: 26 }, "2"],
    ["a sinusoidal stretch of any length", { minutes, sinusoidal: [sinusoidalFrom(600, 1200)] }, "4"],
    ["early", one("early"), "2"],
    ["variable, mild", one("variable", { extremumBpm: 75, below80S: 59 }), "2"],
    ["variable, severe: 60 s below 80", one("variable", { extremumBpm: 75, below80S: 60 }), "3"],
    ["variable, mild: 29 s below 70", one("variable", { extremumBpm: 65, below80S: 40, below70S: 29 }), "2"],
    [
      "variable, severe: 30 s below 70",
      one("variable", { extremumBpm: 65, below80S: 40, below70S: 30 }),
      "3",
    ],
    ["late, mild: depth below 15", { ...one("late", { depthBpm: 14 }), baselineBpm: 165 }, "3"],
    ["late, severe: depth from 15 on", { ...one("late", { depthBpm: 15 }), baselineBpm: 165 }, "4"],
    ["prolonged, mild: nadir of 80", one("prolonged", { extremumBpm: 80 }), "3"],
    ["prolonged, severe: nadir below 80", one("prolonged", { extremumBpm: 79 }), "4"],
    ["gradual, contraction unknown: early or late", one("unknown"), null],
    ["the highest level in a segment counts", both(), "4"],
    [
      "a deceleration of more than ten minutes ago is past",
      { minutes, decelerations: [decelerationAt(300, "late")] },
      "1",
    ],
    ["a cell that cannot be takes the row's highest", { ...one("prolonged"), baselineBpm: 75 }, "4"],
    ["fewer than half of ten minutes", { minutes, support: (m) => (m < 16 ? 0 : 1) }, null],
  ])("%s", (_clause, made, code) => expect(lastCode(jsog, evidenceOf(made))).toBe(code));

  test("says the pattern, and which deceleration set the level", () => {
    const { reasons } = verdictsOf(jsog, evidenceOf(both())).at(-1)!;
    expect(reasons[0]).toMatchObject({
      code: "JSOG_CELL",
      values: { variability: "variability-normal", deceleration: "deceleration-prolonged-severe", level: 4 },
    });
    expect(reasons[1]).toMatchObject({ code: "JSOG_AT", values: { at: "0:15:00" } });
    expect(reasons[2]).toMatchObject({ code: "JSOG_CARE_4", evidence: "recalled" });
  });
});

function one(
  type: Parameters<typeof decelerationAt>[1],
  more: Parameters<typeof decelerationAt>[2] = {},
): MadeUp {
  return { minutes, decelerations: [decelerationAt(1000, type, more)] };
}

function both(): MadeUp {
  const prolonged = decelerationAt(900, "prolonged", { extremumBpm: 70 });
  return { minutes, decelerations: [decelerationAt(700, "early"), prolonged] };
}
