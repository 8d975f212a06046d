import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Deceleration } from "../trace.ts";
import { figo } from "./figo.ts";
import { nichd } from "./nichd.ts";
import {
  decelerationAt,
  evidenceOf,
  labour,
  lastCode,
  sinusoidalFrom,
  typesOf,
  verdictsOf,
  type MadeUp,
} from "./evidence.fixtures.ts";

const from = (start: number, now: number, before: number) => (minute: number) =>
  minute < start ? before : now;
const every = (): boolean => true;
const late35 = labour(2100, 180, every, "late");
const oneOf = (type: "late" | "early" | "variable", untilS = 1800): Partial<MadeUp> =>
  labour(untilS, 180, every, type);

describe("FIGO 2015", () => {
  test.each<[clause: string, made: MadeUp, code: string | null]>([
    ["baseline 110 is normal", { minutes: 20, baselineBpm: 110 }, "normal"],
    ["baseline 160 is normal", { minutes: 20, baselineBpm: 160 }, "normal"],
    ["baseline 109 is suspicious, not pathological", { minutes: 20, baselineBpm: 109 }, "suspicious"],
    ["baseline 100 is suspicious, not pathological", { minutes: 20, baselineBpm: 100 }, "suspicious"],
    ["baseline 99 is pathological", { minutes: 20, baselineBpm: 99 }, "pathological"],
    ["baseline 190 is suspicious, not pathological", { minutes: 20, baselineBpm: 190 }, "suspicious"],
    [
      "above 160 for 10 min is no tachycardia yet",
      { minutes: 40, baselineBpm: from(30, 165, 140) },
      "normal",
    ],
    ["above 160 for 11 min is", { minutes: 41, baselineBpm: from(30, 165, 140) }, "suspicious"],
    ["below 110 for 10 min is no bradycardia yet", { minutes: 40, baselineBpm: from(30, 95, 140) }, "normal"],
    ["below 110 for 12 min is", { minutes: 42, baselineBpm: from(30, 95, 140) }, "pathological"],
    ["a tachycardia that ended is over", { minutes: 60, baselineBpm: (m) => (m < 40 ? 165 : 140) }, "normal"],
    ["variability of 5 is normal", { minutes: 20, bandwidthBpm: 5 }, "normal"],
    ["variability of 25 is normal", { minutes: 20, bandwidthBpm: 25 }, "normal"],
    ["above 25 for 30 min is suspicious", { minutes: 30, bandwidthBpm: 30 }, "suspicious"],
    ["above 25 for 31 min is pathological", { minutes: 31, bandwidthBpm: 30 }, "pathological"],
    [
      "one wide minute ends no reduced run",
      { minutes: 55, bandwidthBpm: (m) => (m === 25 ? 8 : 3) },
      "pathological",
    ],
    [
      "a quarter of an hour as usual does",
      { minutes: 60, bandwidthBpm: (m) => (m >= 20 && m < 35 ? 12 : 3) },
      "suspicious",
    ],
    [
      "sinusoidal for 30 min counts not yet",
      { minutes: 50, sinusoidal: [sinusoidalFrom(0, 1800)] },
      "normal",
    ],
    [
      "sinusoidal for 31 min is pathological",
      { minutes: 31, sinusoidal: [sinusoidalFrom(0, 1860)] },
      "pathological",
    ],
    [
      "an improbable sinusoidal stretch is none",
      { minutes: 31, sinusoidal: [sinusoidalFrom(0, 1860, 0.4)] },
      "normal",
    ],
    [
      "half of the contractions is not repetitive",
      { minutes: 30, ...labour(1800, 180, (i) => i % 2 === 0, "variable") },
      "normal",
    ],
    ["of the last 20 min alone, half is not either", lately(4), "normal"],
    ["two of three in the last 20 min are too few", lately(2, 360), "normal"],
    ["three of four are not", lately(3, 240), "suspicious"],
    ["more than half of these is, though few in 30 min are", lately(5), "suspicious"],
    [
      "more than half of those seen, in too few of 30 min, leaves it open",
      { minutes: 30, ucSupport: from(10, 0, 1), ...labour(600, 300, every, "variable") },
      null,
    ],
    [
      "or in too few of the last 20",
      { minutes: 30, ucSupport: from(15, 0, 1), ...labour(900, 100, (i) => i >= 6, "variable") },
      null,
    ],
    ["more than half is, whatever the type", { minutes: 30, ...oneOf("early") }, "suspicious"],
    ["variable ones stay suspicious after 35 min", { minutes: 35, ...oneOf("variable", 2100) }, "suspicious"],
    ["late ones for less than 30 min are suspicious", { minutes: 29, ...oneOf("late") }, "suspicious"],
    ["late ones for more than 30 min are pathological", { minutes: 32, ...late35 }, "pathological"],
    [
      "for more than 20 min with reduced variability",
      { minutes: 22, bandwidthBpm: 3, ...late35 },
      "pathological",
    ],
    ["not with normal variability", { minutes: 22, ...late35 }, "suspicious"],
    [
      "repetitive prolonged ones count as late ones",
      { minutes: 32, ...labour(2100, 180, every, "prolonged") },
      "pathological",
    ],
    ["without contractions one in 30 min is not repetitive", alone(30, [600]), "normal"],
    ["without contractions two in 30 min may be", alone(30, [600, 1200]), null],
    ["without contractions three in 30 min are", alone(30, [600, 900, 1200]), "suspicious"],
    ["a deceleration less than half seen leaves it open", half(600, 30), null],
  ])("%s", (_clause, made, code) => expect(lastCode(figo, evidenceOf(made))).toBe(code));

  test("says over which minutes decelerations are counted, by our own decision", () => {
    const told = (last: number) =>
      verdictsOf(figo, evidenceOf(lately(last)))
        .at(-1)
        ?.reasons.find(({ clause }) => clause.includes("repetitive"));
    const evidence = "own";
    const repetitive = { count: 5, contractions: 8, minutes: 20 };
    expect(told(5)).toMatchObject({ code: "DECELERATIONS_REPETITIVE", values: repetitive, evidence });
    const not = { count: 4, contractions: 12, minutes: 30, recent: 20, least: 3 };
    expect(told(4)).toMatchObject({ code: "DECELERATIONS_NOT_REPETITIVE", values: not, evidence });
  });

  test("decelerations that may come with more than half of the last 20 min leave it open", () => {
    const { contractions, decelerations, minutes } = lately(5);
    const unseen = (onsetS: number): boolean => onsetS >= 1200;
    const hidden = evidenceOf({
      minutes,
      ucSupport: (minute) => (unseen(60 * minute) ? 0 : 1),
      contractions: contractions.filter(({ onsetS }) => !unseen(onsetS)),
      decelerations: decelerations.map((one) => ({ ...one, ...unaccompanied("variable") })),
    });
    expect(lastCode(figo, hidden)).toBeNull();
  });

  test("repetitive without contractions says so", () => {
    const { reasons } = verdictsOf(figo, evidenceOf(alone(30, [600, 900, 1200]))).at(-1)!;
    expect(reasons.map(({ code }) => code)).toContain("DECELERATIONS_MANY_NO_UC");
  });

  test("two without contractions say that these are missing", () => {
    const { missing } = verdictsOf(figo, evidenceOf(alone(30, [600, 1200]))).at(-1)!;
    expect(missing.map(({ code }) => code)).toEqual(["NEEDS_CONTRACTIONS_RECURRENT", "BETWEEN"]);
  });

  test("that there was no deceleration is said only where half could be seen, and of no more than there is", () => {
    const none = (made: MadeUp) =>
      verdictsOf(figo, evidenceOf(made)).map(
        ({ reasons }) => reasons.find(({ code }) => code === "DECELERATIONS_NONE")?.values,
      );
    expect(none({ minutes: 40, support: 0 }).every((values) => values === undefined)).toBe(true);
    const seen = none({ minutes: 40 });
    expect([seen[0], seen[11], seen[39]]).toEqual([undefined, { minutes: 12 }, { minutes: 30 }]);
  });

  test("a mean outside the limits with no run of minutes tells no time", () => {
    const seldom = { minutes: 20, bandwidthBpm: (m: number) => (m === 19 ? 90 : m < 12 ? 12 : 20) };
    const { code, reasons } = verdictsOf(figo, evidenceOf(seldom)).at(-1)!;
    expect(code).toBe("suspicious");
    expect(reasons.map((reason) => reason.code)).toContain("VARIABILITY_IS");
  });

  test("more than five minutes below 80 with reduced variability is called what the text calls it", () => {
    const deep = { lastsS: 400, extremumBpm: 70, bandwidthInsideBpm: 3 };
    const made = evidenceOf({ minutes: 30, decelerations: [decelerationAt(600, "prolonged", deep)] });
    const { code, reasons } = verdictsOf(figo, made).at(-1)!;
    expect(code).toBe("pathological");
    expect(reasons.map((reason) => reason.code)).toEqual(
      expect.arrayContaining(["PROLONGED_OVER", "PROLONGED_BELOW_80"]),
    );
  });

  test("a deceleration counts for what has come of it by then", () => {
    const made = evidenceOf({
      minutes: 30,
      decelerations: [decelerationAt(630, "prolonged", { lastsS: 400 })],
    });
    const codes = verdictsOf(figo, made).map(({ code }) => code);
    expect(codes[14]).toBe("normal");
    expect(codes[15]).toBe("pathological"); // 330 s by minute 16
  });

  test("a run that may have lasted longer is neither suspicious nor pathological", () => {
    const hidden = evidenceOf({ minutes: 56, bandwidthBpm: 3, support: (m) => (m < 8 ? 0 : 1) });
    const { code, missing } = verdictsOf(figo, hidden).at(-1)!;
    expect(code).toBeNull();
    expect(missing.map((reason) => reason.code)).toEqual(["NEEDS_RUN", "BETWEEN"]);
  });

  test("what comes later changes nothing", () => {
    const whole = {
      minutes: 70,
      bandwidthBpm: (m: number) => (m * 7919) % 31,
      ...labour(4200, 170, (i) => i % 3 > 0, "late"),
    };
    const [long, short] = [
      verdictsOf(figo, evidenceOf(whole)),
      verdictsOf(figo, evidenceOf({ ...whole, minutes: 45 })),
    ];
    expect(long.slice(0, 45).map(({ code }) => code)).toEqual(short.map(({ code }) => code));
  });
});

test("a sinusoidal pattern that is hidden at its start or end may have lasted: it is never less grave than the whole", () => {
  const minutes = 45;
  const sinusoidal = (fromS: number, toS: number) => [sinusoidalFrom(fromS, toS)];
  for (const [engine, least] of [
    [figo, 31],
    [nichd, 20],
  ] as const)
    for (let start = 0; start < 20; start += 1)
      for (let end = 0; end < 6; end += 1) {
        const [from, to] = [minutes - least - 2, minutes];
        const whole = lastCode(engine, evidenceOf({ minutes, sinusoidal: sinusoidal(60 * from, 60 * to) }));
        const isHidden = (minute: number) => (minute < from + start && minute >= from) || minute >= to - end;
        const seen = sinusoidal(60 * (from + start), 60 * (to - end)).map((stretch) => {
          const lasts = (stretch.toS - stretch.fromS) / 60;
          return { ...stretch, meets: { ...stretch.meets, figo: lasts > 30, nichd: lasts >= 20 } };
        });
        const support = (minute: number) => (isHidden(minute) ? 0 : 1);
        const less = lastCode(engine, evidenceOf({ minutes, sinusoidal: seen, support }));
        if (end === 0 && start === 0) expect(less).toBe(whole);
        else expect([whole, null]).toContain(less);
      }
  const short = { minutes, sinusoidal: sinusoidal(60 * 20, 60 * 45) };
  const begun = evidenceOf({ ...short, support: (minute) => (minute >= 10 && minute < 20 ? 0 : 1) });
  const last = verdictsOf(figo, begun).at(-1);
  expect(last?.code).toBeNull();
  const values = { state: "run-sinusoidal", minutes: 25, most: 35 };
  expect(last?.missing).toContainEqual(expect.objectContaining({ code: "NEEDS_RUN", values }));
  expect(lastCode(figo, evidenceOf(short))).toBe("normal");
});

test("a swing that is no guideline's in frequency or amplitude is told, and makes or opens no class however long it is", () => {
  const shallow = { ...sinusoidalFrom(0, 2700), amplitudeBpm: 4 };
  const slow = { ...sinusoidalFrom(0, 2700), cyclesPerMinute: 2.4 };
  const none = { figo: false, nichd: false, jsog: false };
  for (const [engine, stretch, code] of [
    [figo, { ...shallow, meets: { ...none, nichd: true } }, "normal"],
    [nichd, { ...shallow, meets: { ...none, nichd: true } }, "III"],
    [figo, { ...slow, meets: none }, "normal"],
    [nichd, { ...slow, meets: none }, "I"],
  ] as const) {
    const last = verdictsOf(engine, evidenceOf({ minutes: 45, sinusoidal: [stretch] })).at(-1);
    expect([last?.code, last?.missing]).toEqual([code, []]);
    const told = last?.reasons.filter((one) => one.code.startsWith("SINUSOIDAL"));
    const values = { minutes: 45 };
    expect(told).toMatchObject([{ code: code === "III" ? "SINUSOIDAL" : "SINUSOIDAL_OTHER", values }]);
  }
});

test("hiding minutes of an even trace leaves the class or makes it unassessable", () => {
  const levels = { bpm: fc.constantFrom(95, 105, 140, 170), width: fc.constantFrom(1, 3, 12, 30) };
  const hidden = fc.uniqueArray(fc.nat(69), { maxLength: 50 });
  fc.assert(
    fc.property(fc.record({ ...levels, hidden }), ({ bpm, width, hidden: gone }) => {
      const made = { minutes: 70, baselineBpm: bpm, bandwidthBpm: width };
      const whole = verdictsOf(figo, evidenceOf(made));
      const lost = new Set(gone);
      const less = verdictsOf(figo, evidenceOf({ ...made, support: (minute) => (lost.has(minute) ? 0 : 1) }));
      less.forEach(({ code }, minute) => expect([whole[minute]?.code, null]).toContain(code));
    }),
  );
});

/** Half an hour of contractions, twelve of them with eight in the last 20 min unless told otherwise; the last so many have decelerations. */
function lately(last: number, everyS = 150) {
  const count = Math.floor(1800 / everyS);
  return { minutes: 30, ...labour(1800, everyS, (i) => i >= count - last, "variable") };
}

function alone(minutes: number, onsets: readonly number[]): MadeUp {
  return {
    minutes,
    ucSupport: 0,
    decelerations: onsets.map((onsetS) => decelerationAt(onsetS, "variable", { isContractionKnown: false })),
  };
}

/** Of a deceleration around which contractions are not seen. */
const unaccompanied = (type: "variable" | "late"): Partial<Deceleration> => ({
  ...{ contraction: undefined, isContractionKnown: false },
  types: typesOf(type === "late" ? "unknown" : type),
});

/** A deceleration of seven minutes, of which a third was seen. */
function half(onsetS: number, minutes: number): MadeUp {
  return { minutes, decelerations: [decelerationAt(onsetS, "prolonged", { lastsS: 420, support: 0.33 })] };
}
