import { describe, expect, test } from "vitest";
import { nichd } from "./nichd.ts";
import {
  decelerationAt,
  evidenceOf,
  labour,
  lastCode,
  sinusoidalFrom,
  verdictsOf,
  type MadeUp,
} from "./evidence.fixtures.ts";

const every = (): boolean => true;
const third = (i: number): boolean => i % 3 === 0;
const minutes = 30;

describe("NICHD 2008", () => {
  test.each<[clause: string, made: MadeUp, code: string | null]>([
    ["baseline is rounded to 5: 162 is 160, normal", { minutes, baselineBpm: 162 }, "I"],
    ["163 is 165, tachycardia: category II", { minutes, baselineBpm: 163 }, "II"],
    ["108 is 110, normal", { minutes, baselineBpm: 108 }, "I"],
    ["107 is 105, bradycardia with moderate variability: category II", { minutes, baselineBpm: 107 }, "II"],
    ["variability of 5 is minimal: category II", { minutes, bandwidthBpm: 5 }, "II"],
    ["above 5 it is moderate", { minutes, bandwidthBpm: 5.5 }, "I"],
    ["above 25 it is marked: category II", { minutes, bandwidthBpm: 26 }, "II"],
    ["absent variability alone is category II", { minutes, bandwidthBpm: 1 }, "II"],
    ["absent variability with bradycardia is III", { minutes, bandwidthBpm: 1, baselineBpm: 100 }, "III"],
    ["with tachycardia it is II", { minutes, bandwidthBpm: 1, baselineBpm: 175 }, "II"],
    [
      "with recurrent late decelerations it is III",
      { minutes, bandwidthBpm: 1, ...labour(1800, 180, every, "late") },
      "III",
    ],
    [
      "with recurrent variable ones it is III",
      { minutes, bandwidthBpm: 1, ...labour(1800, 180, every, "variable") },
      "III",
    ],
    [
      "with late ones at a third of contractions it is II",
      { minutes, bandwidthBpm: 1, ...labour(1800, 180, third, "late") },
      "II",
    ],
    [
      "recurrent late ones with minimal variability are II",
      { minutes, bandwidthBpm: 3, ...labour(1800, 180, every, "late") },
      "II",
    ],
    [
      "half of the contractions is recurrent",
      { minutes, bandwidthBpm: 1, ...labour(1800, 180, (i) => i % 2 === 0, "late") },
      "III",
    ],
    ["early ones are category I", { minutes, ...labour(1800, 180, every, "early") }, "I"],
    [
      "one late deceleration is category II",
      { minutes, decelerations: [decelerationAt(1500, "late")] },
      "II",
    ],
    [
      "a prolonged one is category II",
      { minutes, decelerations: [decelerationAt(1400, "prolonged", { lastsS: 150 })] },
      "II",
    ],
    [
      "decelerations of more than 20 min ago are past",
      { minutes, decelerations: [decelerationAt(60, "late")] },
      "I",
    ],
    [
      "sinusoidal for 20 min is III whatever the rest",
      { minutes, sinusoidal: [sinusoidalFrom(600, 1800)] },
      "III",
    ],
    ["sinusoidal for 19 min is not", { minutes, sinusoidal: [sinusoidalFrom(660, 1800)] }, "I"],
    [
      "two minutes of baseline are not half of ten",
      { minutes, baselineBpm: (m) => (m < 28 ? undefined : 140) },
      null,
    ],
    ["before ten minutes there is no category", { minutes: 9 }, null],
    ["without contractions three variable ones in 20 min recur", withoutContractions(1), "III"],
  ])("%s", (_clause, made, code) => expect(lastCode(nichd, evidenceOf(made))).toBe(code));

  test("strictly, category I has no late or variable deceleration; else none that recur", () => {
    const made = evidenceOf({ minutes, ...labour(1800, 180, third, "variable") });
    expect(lastCode(nichd, made, { settings: { strictNichd: true } })).toBe("II");
    expect(lastCode(nichd, made, { settings: { strictNichd: false } })).toBe("I");
  });

  test("that there was no deceleration is said only where half could be seen", () => {
    const none = (made: MadeUp) =>
      verdictsOf(nichd, evidenceOf(made)).map(
        ({ reasons }) => reasons.find(({ code }) => code === "DECELERATIONS_NONE")?.values,
      );
    expect(none({ minutes: 40, support: 0 }).every((values) => values === undefined)).toBe(true);
    const seen = none({ minutes: 40 });
    expect([seen[0], seen[11], seen[39]]).toEqual([undefined, { minutes: 12 }, { minutes: 20 }]);
  });

  test("unknown variability leaves category II where nothing could make it III", () => {
    const made = { minutes, bandwidthBpm: undefined, decelerations: [decelerationAt(1500, "late")] };
    expect(lastCode(nichd, evidenceOf(made))).toBe("II");
    expect(lastCode(nichd, evidenceOf({ ...made, baselineBpm: 100 }))).toBeNull(); // III if it is absent
  });
});

function withoutContractions(bandwidthBpm: number): MadeUp {
  const decelerations = [900, 1200, 1500].map((onsetS) => decelerationAt(onsetS, "variable"));
  return { minutes, bandwidthBpm, ucSupport: 0, decelerations };
}
