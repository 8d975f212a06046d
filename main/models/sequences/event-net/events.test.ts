import { describe, expect, test } from "vitest";
import { ctgGroups } from "./config.ts";
import { chooseSettings, findEvents, type MarkedView } from "./events.ts";
import { madeUp } from "./recordings.fixtures.ts";
import { targetsOf } from "./targets.ts";

const groups = ctgGroups();
const [heartRate, contractions] = groups;

/** A view of a made-up recording, its probability high within the marks and within what `also` says. */
function viewOf(
  seed: number,
  which: "acceleration" | "contraction",
  also: (second: number) => boolean = () => false,
): MarkedView {
  const { input, labels } = madeUp(seed);
  const group = (which === "contraction" ? contractions : heartRate) ?? expect.fail("no groups");
  const targets = targetsOf(input.seconds, labels, group);
  const probability = new Float32Array(input.seconds).fill(0.05);
  const marked = targets.marked[0] ?? [];
  for (const { from, to } of marked) probability.fill(0.8, from, to);
  probability.forEach((_, second) => {
    if (also(second)) probability[second] = 0.8;
  });
  const none = probability.map((p) => 1 - p);
  return {
    input,
    code: group.codes[0] ?? expect.fail("no code"),
    probability,
    none,
    marked,
    read: targets.read,
  };
}

describe("events", () => {
  test("by threshold close short gaps and leave short events out", () => {
    const view = viewOf(1, "contraction");
    const [first] = view.marked;
    if (first === undefined) expect.fail("nothing marked");
    view.probability.fill(0.05, first.from + 20, first.from + 25);
    view.probability.fill(0.8, 5, 12);
    const found = findEvents(view, { kind: "threshold", threshold: 0.5, gapS: 10, minS: 15 });
    expect(found).toEqual(view.marked);
  });

  test("by rule and network are those that both see", () => {
    const quiet = (second: number): boolean => second < 40; // the network alone sees something here
    const view = viewOf(2, "acceleration", quiet);
    const [refused, ...accepted] = view.marked;
    if (refused === undefined) expect.fail("nothing marked");
    view.probability.fill(0.05, refused.from, refused.to);
    const found = findEvents(view, {
      kind: "hybrid",
      baseline: "median",
      edge: 5,
      limit: 12,
      minS: 15,
      beyondS: 8,
      accept: "mean",
      threshold: 0.3,
    });
    expect(found).toHaveLength(accepted.length);
    found.forEach(({ from, to }, i) => {
      expect(Math.abs(from - (accepted[i]?.from ?? NaN))).toBeLessThan(10);
      expect(Math.abs(to - (accepted[i]?.to ?? NaN))).toBeLessThan(10);
    });
  });

  test("are looked for with the settings that find the most marked ones", async () => {
    const views = [1, 2, 3].map((seed) => viewOf(seed, "contraction", (second) => second % 100 < 12));
    const code = views[0]?.code ?? expect.fail("no view");
    const settings = await chooseSettings(views, code, "threshold");
    expect(settings).toMatchObject({ kind: "threshold" });
    for (const view of views)
      expect(findEvents(view, settings).length).toBeLessThanOrEqual(view.marked.length + 1);
  });

  test("by rule and network are looked for so that what the network refuses stays out", async () => {
    const views = [1, 2, 3].map((seed) => {
      const view = viewOf(seed, "acceleration");
      const [refused, ...marked] = view.marked;
      if (refused === undefined) expect.fail("nothing marked");
      view.probability.fill(0.2, refused.from, refused.to); // the rule proposes it, nobody marked it
      return { ...view, marked };
    });
    const code = views[0]?.code ?? expect.fail("no view");
    const settings = await chooseSettings(views, code, "hybrid");
    expect(settings).toMatchObject({ kind: "hybrid", baseline: "quiet", edge: 3, accept: "max" });
    expect(settings.threshold).toBeGreaterThan(0.2);
    for (const view of views) expect(findEvents(view, settings)).toHaveLength(view.marked.length);
  });

  test("that the rule never proposes leave the usual settings", async () => {
    const view = viewOf(1, "acceleration");
    const marked = [{ from: 0, to: 3 }];
    expect(await chooseSettings([{ ...view, marked }], view.code, "hybrid")).toMatchObject({
      edge: 5,
      limit: 12,
    });
  });

  test("without a marked one have the usual settings", async () => {
    const view = { ...viewOf(1, "contraction"), marked: [] };
    expect(await chooseSettings([view], view.code, "threshold")).toMatchObject({ threshold: 0.35 });
  });
});
