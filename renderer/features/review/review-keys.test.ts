import { describe, expect, test } from "vitest";
import { letterKeys, speedKeys } from "./review-keys.ts";

const labels = (...keys: readonly (string | undefined)[]) =>
  keys.map((key) => (key === undefined ? {} : { key }));

describe("keys of the review", () => {
  test("a label keeps its letter; the command that wanted it takes Shift", () => {
    const keys = letterKeys(labels("a", "u", "x", undefined));
    expect([keys.nextUnsure, keys.artefact, keys.layers]).toEqual(["Shift+U", "Shift+X", "I"]);
  });
  test("no two commands share a key, whatever the labels claim", () => {
    for (const taken of [[], ["u"], "abcdefghijklmnopqrstuvwxyz".split("")]) {
      const keys = Object.values(letterKeys(labels(...taken)));
      expect(new Set(keys).size).toBe(keys.length);
    }
  });
  test("digits are paper speeds until a label set for gestures claims them", () => {
    expect(speedKeys(labels("a")).map((one) => one.keys)).toEqual([
      ...["Alt+Shift+1", "1", "Alt+Shift+2", "2", "Alt+Shift+3", "3"],
    ]);
    expect(speedKeys(labels("1", "2", "3")).map((one) => one.keys)).toEqual([
      ...["Alt+Shift+1", "Alt+Shift+2", "Alt+Shift+3"],
    ]);
  });
});
