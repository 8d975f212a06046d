import { describe, expect, test } from "vitest";
import { heldOutLogits, type HeldOut } from "./fit-ensemble.ts";

const heldOut = (group: readonly number[]): HeldOut => ({
  x: new Float32Array(group.length),
  observed: new Uint8Array(group.length),
  labels: new Int16Array(group.length),
  subjects: group.map((one) => `p${one}`),
  group: Int32Array.from(group),
});
const logits = [Float32Array.of(1, 2, 3, 4, 5, 6), Float32Array.of(10, 20, 30, 40, 50, 60)];

describe("what is said of a held-out window", () => {
  test("is every member's word where nobody saw the person", () => {
    expect(heldOutLogits(logits, heldOut([-1, -1, -1]), 2)).toEqual(logits);
  });

  test("is only the word of the member that left the person out", () => {
    const found = heldOutLogits(logits, heldOut([1, 0, -1]), 2);
    expect(found.map((own) => [...own])).toEqual([
      [10, 20, 3, 4, 5, 6],
      [10, 20, 3, 4, 50, 60],
    ]);
    expect([...(logits[0] as Float32Array)]).toEqual([1, 2, 3, 4, 5, 6]); // the members' own stay as they were
  });

  test("is one word where each person was left out by one member", () => {
    expect(heldOutLogits(logits, heldOut([1, 0, 1]), 2).map((own) => [...own])).toEqual([
      [10, 20, 3, 4, 50, 60],
    ]);
  });
});
