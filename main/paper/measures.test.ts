import { expect, test } from "vitest";
import { contractionRate, figuresOf, unseenShare } from "./measures.ts";
import { CONTRACTION, readingOf } from "./reading.ts";
import { reportOf } from "./report.fixtures.ts";

const span = { fromS: 0, toS: 1200 };
const reading = (fromS: number, toS: number) => ({
  ...readingOf([]),
  hasEvents: true,
  contractions: [{ onsetS: 30, durationS: 60, code: CONTRACTION, facts: {} }],
  eventGaps: [{ onsetS: fromS, durationS: toS - fromS, codes: [CONTRACTION] }],
});

test("contractions that rules could not have seen are not counted, though the channel was recorded", () => {
  const { channels } = reportOf();
  const fetal = channels.find(({ role }) => role === "fhr");
  const uc = channels.find(({ role }) => role === "uc");
  const counts = (of: ReturnType<typeof reading>) =>
    figuresOf(span, of, { fetal, uc }).map(({ contractions }) => contractions);
  expect(unseenShare(span, reading(600, 1200), CONTRACTION)).toBe(0.5);
  expect(unseenShare(span, reading(600, 1200), "acceleration")).toBe(0);
  expect(counts(reading(600, 1200))).toEqual([1, undefined]);
  expect(contractionRate(span, reading(0, 1200), uc)).toBeUndefined();
  expect(contractionRate(span, reading(600, 1200), uc)?.count).toBe(1);
});
