import { expect, test } from "vitest";
import { ctgGroups } from "./config.ts";
import { cropBatch, type CropOptions } from "./crops.ts";
import { CHANNELS, ROWS } from "./input.ts";
import { madeUp } from "./recordings.fixtures.ts";
import { targetsOf } from "./targets.ts";

const [heartRate] = ctgGroups();
const group = heartRate ?? expect.fail("no groups");
const options: CropOptions = {
  rows: 6,
  cropS: 512,
  codes: 2,
  aroundEvents: 0.5,
  augmentation: "short",
  hiddenShare: 1,
  bridges: { bridgeFhrS: 0, bridgeUcS: 30 },
  dropout: 0.1,
  seed: 1,
  stream: 0,
};
const examples = [1, 2].map((seed) => {
  const { input, labels } = madeUp(seed, seed === 1 ? 1500 : 300);
  return {
    input,
    targets: targetsOf(input.seconds, { ...labels, read: [{ onsetS: 0, durationS: 200 }] }, group),
  };
});

test("a batch depends on the seed, the stream and the step alone", () => {
  expect(cropBatch(examples, 3, options)).toEqual(cropBatch(examples, 3, options));
  expect(cropBatch(examples, 3, options)).not.toEqual(cropBatch(examples, 4, options));
  expect(cropBatch(examples, 3, options)).not.toEqual(cropBatch(examples, 3, { ...options, seed: 2 }));
});

test("weights add up to one and lie only where something is known; recordings are not changed", () => {
  const before = examples.map(({ input }) => input.x.slice());
  const [x, y, weight] = cropBatch(examples, 0, options);
  expect(weight.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
  const known = examples.map(({ targets }) => targets.weight.reduce((a, b) => a + b, 0));
  expect(weight.filter((own) => own > 0).length).toBeLessThanOrEqual(6 * Math.max(...known));
  expect(x).toHaveLength(6 * 512 * CHANNELS);
  expect(y).toHaveLength(6 * 512 * 2);
  expect(examples.map(({ input }) => input.x)).toEqual(before);
});

test("hidden seconds of the heart rate are 0 in each of its rows", () => {
  const [x] = cropBatch(examples, 0, { ...options, aroundEvents: 1 });
  let hidden = 0;
  for (let at = 0; at < x.length; at += CHANNELS) {
    if (x[at + ROWS.fhrMask] === 1) continue;
    hidden += 1;
    for (const row of [ROWS.slow, ROWS.fast, ROWS.level]) expect(x[at + row]).toBe(0);
  }
  expect(hidden).toBeGreaterThan(20);
});

test("a hidden burst of contractions that is short enough is bridged between what lies beside it", () => {
  const unhidden = cropBatch(examples, 0, { ...options, hiddenShare: 0 })[0];
  const flat = { ...options, hiddenShare: 1, bridges: { bridgeFhrS: 60, bridgeUcS: 60 } };
  const [x] = cropBatch(examples, 0, flat);
  let masked = 0;
  for (let at = 0; at < x.length; at += CHANNELS) if (x[at + ROWS.ucMask] === 1) masked += 1;
  let all = 0;
  for (let at = 0; at < unhidden.length; at += CHANNELS) if (unhidden[at + ROWS.ucMask] === 1) all += 1;
  expect(masked).toBeGreaterThan(0.9 * all);
});
