import { expect, it } from "vitest";
import { sure } from "./sure.ts";

it("gives what is there, falsy values too, and throws where nothing is", () => {
  expect([sure(0), sure(""), sure(false), sure(NaN)]).toEqual([0, "", false, NaN]);
  expect(() => sure(null)).toThrow("missing");
  expect(() => sure([4, 5][2])).toThrow("missing");
});
