import fc from "fast-check";
import { expect, test } from "vitest";
import { ticksBetween } from "../../../preload/strip/ticks.ts";
import { cutLabels } from "./axis.ts";
import { tickStep, timeScale, toTime } from "./time-scale.ts";

const HALF_PX = 29;

test("wherever the picture is scrolled to, a label of time is wholly in sight or covered", () => {
  const places = fc.record({
    startS: fc.double({ min: 0, max: 4000, noNaN: true }),
    pxPerS: fc.constantFrom(0.4, 1.26, 3.7, 80, 1234),
    width: fc.integer({ min: 300, max: 2000 }),
    dpr: fc.constantFrom(1, 1.25, 2),
  });
  fc.assert(
    fc.property(places, ({ startS, pxPerS, width, dpr }) => {
      const scale = timeScale(startS, pxPerS * dpr, width);
      const { left, right } = cutLabels({ scale, dpr });
      const [from, to] = [left * dpr, width - right * dpr];
      const step = tickStep(pxPerS, 74);
      const shown = ticksBetween(Math.max(0, toTime(scale, -100)), toTime(scale, width + 100), step);
      for (const time of shown) {
        const x = Math.round(time * scale.pxPerS) - scale.origin;
        const begins = time === 0 ? x : x - HALF_PX * dpr;
        const isWhole = begins >= from - 1e-6 && begins + 2 * HALF_PX * dpr <= to + 1e-6;
        const isGone = begins + 2 * HALF_PX * dpr <= from + 1e-6 || begins >= to - 1e-6;
        expect(isWhole || isGone, `${time} s at ${x}`).toBe(true);
      }
    }),
  );
  expect(cutLabels({ scale: timeScale(0, 1, 1010), dpr: 1 }).left, "at the beginning").toBe(0);
});
