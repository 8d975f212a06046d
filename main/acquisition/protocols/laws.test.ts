import { describe, expect, test } from "vitest";
import { lawCases, laws } from "./laws.ts";

describe.each(lawCases())("$name", (tried) => {
  test.each(Object.entries(laws))("%s", (_name, law) => {
    for (const seed of [1, 2, 3]) expect(law(tried, seed)).toBeUndefined();
  });
});
