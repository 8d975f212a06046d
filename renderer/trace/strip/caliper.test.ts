import { describe, expect, test } from "vitest";
import { measure } from "./caliper.ts";

describe("caliper", () => {
  test("measures later minus earlier, whichever point was set first", () => {
    const nadir = { timeS: 130, value: 90 };
    const onset = { timeS: 100, value: 135 };
    expect(measure(nadir, onset)).toEqual({ seconds: 30, difference: -45, perMinute: 2, slope: -1.5 });
    expect(measure(onset, nadir)).toEqual(measure(nadir, onset));
  });
  test("over a gap there is a time but no difference", () => {
    expect(measure({ timeS: 0, value: undefined }, { timeS: 20, value: 3 })).toEqual({
      seconds: 20,
      difference: undefined,
      perMinute: 3,
      slope: undefined,
    });
  });
  test("two points at one time have no rate", () => {
    expect(measure({ timeS: 5, value: 1 }, { timeS: 5, value: 2 })).toEqual({
      seconds: 0,
      difference: 1,
      perMinute: undefined,
      slope: undefined,
    });
  });
});
