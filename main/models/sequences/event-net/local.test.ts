import { expect, test } from "vitest";
import { ctgGroups } from "./config.ts";
import { calibratedProbabilities, uncalibrated } from "./calibrate.ts";
import { FEATURES, fitLocal, localFeatures, localLogits } from "./local.ts";
import { madeUp } from "./recordings.fixtures.ts";
import { scoreSeconds } from "./score.ts";
import { targetsOf } from "./targets.ts";

test("the logistic regression tells the events of a recording it has not seen", async () => {
  const [group] = ctgGroups();
  if (group === undefined) expect.fail("no groups");
  const example = (seed: number) => {
    const { input, labels } = madeUp(seed);
    return { input, targets: targetsOf(input.seconds, labels, group) };
  };
  const local = await fitLocal([1, 2, 3, 4].map(example), 2);
  const { input, targets } = example(9);
  const p = calibratedProbabilities(localLogits(local, input), uncalibrated(2));
  for (const c of [0, 1]) {
    const own = Float32Array.from({ length: input.seconds }, (_, i) => p[3 * i + c + 1] ?? 0);
    const truth = Uint8Array.from({ length: input.seconds }, (_, i) => targets.y[2 * i + c] ?? 0);
    expect(scoreSeconds(own, truth).auroc).toBeGreaterThan(0.95);
  }
});

test("every feature is a number everywhere, also without a channel", () => {
  const { input } = madeUp(5);
  expect(localFeatures(input)).toHaveLength(FEATURES);
  const none = { ...input, x: new Float32Array(input.x.length) };
  for (const feature of [...localFeatures(input), ...localFeatures(none)]) {
    expect(feature).toHaveLength(input.seconds);
    expect(feature.every(Number.isFinite)).toBe(true);
  }
});
