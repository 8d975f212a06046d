import { expect, it } from "vitest";
import { itemAt, lastOf, sure } from "./sure.ts";

it("gives what is there, falsy values too, and throws where nothing is", () => {
  expect([sure(0), sure(""), itemAt([4, 5], 1), itemAt(Float32Array.of(NaN), 0), lastOf("ab")]).toEqual([
    0,
    "",
    5,
    NaN,
    "b",
  ]);
  expect(() => sure(null)).toThrow("missing");
  expect(() => itemAt([4, 5], 2)).toThrow("No item 2 among 2");
  expect(() => itemAt([undefined], 0)).toThrow(RangeError);
  expect(() => lastOf([])).toThrow("No item -1 among 0");
});
