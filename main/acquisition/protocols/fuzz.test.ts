import { expect, test } from "vitest";
import { fuzzDriver } from "./fuzz.ts";
import { protocols } from "./registry.ts";

test.each(Object.values(protocols))("mutated streams break no rule of $kind", (protocol) => {
  expect(fuzzDriver(protocol, { runs: 3000, seed: 1 })).toEqual([]);
});
