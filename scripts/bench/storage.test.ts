import { expect, test } from "vitest";
import { benchStorage } from "./storage.ts";

test("the benchmark measures every row, here on a small scale", async () => {
  const rows = await benchStorage({ samplesPerChannel: 200_000, peerSamples: 20_000 });
  expect(rows).toHaveLength(4);
  for (const row of rows) {
    expect(row.name).toMatch(/^storage: /);
    for (const value of [row.value, row.peerValue, row.ratio]) expect(value).toBeGreaterThan(0);
  }
});
