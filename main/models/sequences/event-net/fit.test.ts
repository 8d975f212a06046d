import type { Tensor3D } from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { onnxRuntime } from "../../../compute/onnx/runtime.ts";
import { sizeOf } from "../../../compute/feeds.ts";
import { pack, unpack } from "../../../compute/packed.ts";
import { inOrder, namedTensors, specsOf } from "../../../compute/parameters.ts";
import type { Runtime } from "../../../compute/runtime.ts";
import { seeded } from "../../../compute/seeded.ts";
import { gradientError } from "../../../compute/self-check/self-check.ts";
import { ctgGroups, EventNetConfig } from "./config.ts";
import { CHANNELS } from "./input.ts";
import { LearnedEventNet } from "./learned.ts";
import { eventGroupOf, EventNetSettings } from "./model.ts";
import { localLogits } from "./local.ts";
import { dropoutSpecs, eventLogits, eventLoss, initialParameters, parameterShapes } from "./network.ts";
import { madeUp } from "./recordings.fixtures.ts";
import { matchEvents } from "./score.ts";
import { eventJudge, eventScorer, STRETCH_S, stretches } from "./judge.ts";
import { type EventNetCheckpoint, fitEventNet } from "./fit.ts";
import { type EventRecording, guidesWithout } from "./lessons.ts";
import { settleEventNet } from "./settle.ts";

let runtime: Runtime;
beforeAll(async () => {
  runtime = await onnxRuntime({ threads: 1 });
});
afterAll(() => runtime.dispose());

const recordings: readonly EventRecording[] = [1, 2, 3, 4, 5].map((seed) => ({
  id: String(seed),
  ...madeUp(seed, 900),
  part: seed === 5 ? "validation" : "train",
}));

/** The first is left out by the first member, the second by the second. */
const inTurn: readonly EventRecording[] = recordings.map((one, i) => ({
  ...one,
  part: "train",
  leftOutBy: i < 2 ? i : undefined,
}));
const withoutEventsOf = (member: number): readonly EventRecording[] =>
  inTurn.map((one) =>
    one.labels === undefined || one.leftOutBy !== member
      ? one
      : { ...one, labels: { ...one.labels, events: [] } },
  );

const configOf = (steps: number, members = 1): EventNetConfig =>
  EventNetConfig.parse({
    groups: ctgGroups().map((group) => ({ ...group, steps, pretrainSteps: steps })),
    members,
    cropS: 256,
    batch: 4,
    guidedBelow: 0,
  });

test("a group may have more labels than those of a cardiotocogram, and of any name", () => {
  const codes = Array.from({ length: 12 }, (_, i) => `${"x".repeat(80)}-${i}`);
  const group = eventGroupOf({ name: "many", role: "other", codes }, EventNetSettings.parse({}));
  expect(EventNetConfig.parse({ groups: [group] }).groups[0]?.codes.map(({ code }) => code)).toEqual(codes);
});

test("the recorded gradients of the network are those of TensorFlow.js op by op", async () => {
  const random = seeded(3);
  const [rows, length, codes] = [2, 128, 2];
  const specs = [
    { shape: [rows, length, CHANNELS], dtype: "float32" },
    { shape: [rows, length, codes], dtype: "float32" },
    { shape: [rows, length], dtype: "float32" },
    ...dropoutSpecs(rows),
  ] as const;
  const shapes = parameterShapes(codes);
  const error = await gradientError(runtime, {
    loss: (params, [x, y, weight, ...dropout]) => {
      if (x === undefined || y === undefined || weight === undefined) throw new Error("no batch");
      return eventLoss(eventLogits(namedTensors(shapes, params), x as Tensor3D, codes, dropout), y, weight);
    },
    specs: specsOf(shapes),
    values: inOrder(shapes, initialParameters(codes, 1)),
    feedSpecs: specs,
    feeds: specs.map(({ shape }, index) =>
      index === 0
        ? random.normals(sizeOf(shape))
        : Float32Array.from({ length: sizeOf(shape) }, () => random.uniform() / length),
    ),
  });
  expect(error).toBeLessThan(1e-5);
});

describe("a fit of events", () => {
  test("finds those of a recording it has not seen, and knows what it cannot say", async () => {
    const learned = await fitEventNet(recordings, configOf(60, 2), { runtime });
    const judge = await eventJudge(learned, runtime);
    const { input, labels } = madeUp(9, 900);
    const uc = { ...input.uc, observed: input.uc.observed.map((is, second) => (second < 300 ? 0 : is)) };
    const { perSecond, events } = await judge.judge({ ...input, uc });
    await judge.dispose();
    for (const code of ["acceleration", "deceleration", "contraction"]) {
      const spans = (all: readonly { code: string; onsetS: number; durationS: number }[]) =>
        all
          .filter((one) => one.code === code)
          .map(({ onsetS, durationS }) => ({ from: onsetS, to: onsetS + durationS }))
          .filter(({ from }) => code !== "contraction" || from > 300);
      const [marked, said] = [spans(labels.events), spans(events)];
      expect(matchEvents(marked, said, 5).length).toBeGreaterThanOrEqual(Math.min(1, marked.length));
    }
    const [heartRate, contractions] = perSecond;
    expect(heartRate?.assessable.every((is) => is === 1)).toBe(true);
    expect(contractions?.assessable.indexOf(1)).toBe(300);
    expect(events.some(({ code, onsetS }) => code === "contraction" && onsetS < 250)).toBe(false);
    for (const { probability, low, high, classes } of perSecond) {
      for (let at = 0; at < probability.length; at += classes.length) {
        const total = probability.subarray(at, at + classes.length).reduce((a, b) => a + b, 0);
        expect(total).toBeCloseTo(1, 5);
      }
      expect(probability.every((p, i) => (low[i] ?? NaN) <= p && p <= (high[i] ?? NaN))).toBe(true);
    }
    const [first] = events;
    expect(first && first.low <= first.probability && first.probability <= first.high).toBe(true);
  });

  test("is the same to the bit with the same seed, and resumed from any checkpoint", async () => {
    const checkpoints: EventNetCheckpoint[] = [];
    const config = configOf(6);
    const whole = await fitEventNet(recordings, config, {
      runtime,
      onCheckpoint: (checkpoint) => void checkpoints.push(checkpoint),
    });
    expect(await fitEventNet(recordings, config, { runtime })).toEqual(whole);
    for (const resume of checkpoints.filter((_, i) => i % 2 === 0))
      expect(await fitEventNet(recordings, config, { runtime, resume })).toEqual(whole);
    const other = await fitEventNet(recordings, { ...config, seed: 1 }, { runtime });
    expect(other.groups[0]?.members).not.toEqual(whole.groups[0]?.members);
  });

  test("that is cancelled leaves a checkpoint, from which it ends as if it had never stopped", async () => {
    const config = configOf(8);
    const stop = new AbortController();
    let last: EventNetCheckpoint | undefined;
    let heard = 0;
    const cancelled = fitEventNet(recordings, config, {
      runtime,
      signal: stop.signal,
      onProgress: () => {
        heard += 1;
        if (heard === 4) stop.abort();
      },
      onCheckpoint: (checkpoint) => void (last = checkpoint),
    });
    await expect(cancelled).rejects.toMatchObject({ code: "cancelled/by-user" });
    expect(last).toBeDefined();
    const resumed = await fitEventNet(recordings, config, { runtime, resume: last });
    expect(resumed).toEqual(await fitEventNet(recordings, config, { runtime }));
  });

  test("is settled anew by the same recordings as it was, and by others differently", async () => {
    const learned = await fitEventNet(recordings, configOf(20), { runtime });
    expect(await settleEventNet(recordings, learned, { runtime })).toEqual(learned);
    const without = recordings.filter(({ part }) => part === "train");
    const settled = await settleEventNet(without, learned, { runtime });
    expect(settled.groups[0]?.calibration).toEqual({ temperature: 1, biases: [0, 0] });
    expect(settled.groups[0]?.members).toEqual(learned.groups[0]?.members);
  });

  test("leaves to each member the recordings it takes no step on, and is calibrated by what it says of them", async () => {
    const config = configOf(6, 2);
    const learned = await fitEventNet(inTurn, config, { runtime });
    const other = await fitEventNet(withoutEventsOf(0), config, { runtime });
    for (const [g, group] of learned.groups.entries()) {
      expect(other.groups[g]?.members[0]).toEqual(group.members[0]);
      expect(other.groups[g]?.members[1]).not.toEqual(group.members[1]);
    }
    const [heartRate] = learned.groups;
    expect(heartRate?.calibration).not.toEqual({ temperature: 1, biases: [0, 0] });
    // What a member says of recordings that it learned from moves no temperature.
    const temperatureWith = async (leftOutBy: number) => {
      const moved = inTurn.map((one, i) => (i < 2 ? { ...one, leftOutBy } : one));
      return (await settleEventNet(moved, learned, { runtime })).groups[0]?.calibration.temperature;
    };
    expect(await settleEventNet(inTurn, learned, { runtime })).toEqual(learned);
    expect(await temperatureWith(0)).not.toBe(await temperatureWith(1));
  });

  test("from thirty unseen recordings on is told what little signal around a second means, and says so of new ones", async () => {
    const learned = await fitEventNet(recordings, configOf(40), { runtime });
    const many = Array.from({ length: 32 }, (_, i): EventRecording => {
      const { input, labels } = madeUp(i, 900);
      if (i % 2 === 0) return { id: `v${i}`, input, labels, part: "validation" };
      const observed = input.fhr.observed.map((_, second) => Number(second % 2 === 0)); // and nobody marked anything
      const poor = { ...input, fhr: { ...input.fhr, observed } };
      return { id: `v${i}`, input: poor, labels: { ...labels, events: [] }, part: "validation" };
    });
    const settled = await settleEventNet([...recordings, ...many], learned, { runtime });
    const [heartRate, contractions] = settled.groups;
    expect(learned.groups[0]?.around).toBeNull();
    expect(contractions?.around).toBeNull();
    expect(heartRate?.around?.[1]?.every((one) => one < 0)).toBe(true);
    expect(LearnedEventNet.parse(unpack(pack(settled)))).toEqual(settled);
    const before = structuredClone(learned);
    for (const group of before.groups) Reflect.deleteProperty(group, "around");
    expect(LearnedEventNet.parse(before)).toEqual(learned);
    const misfit = structuredClone(settled);
    misfit.groups[0]?.around?.pop();
    expect(() => LearnedEventNet.parse(misfit)).toThrow(/heart-rate/);
  });

  test("on few recordings is calibrated with a regression that knows as little of them as the network", async () => {
    const [group] = configOf(2).groups;
    if (group === undefined) expect.fail("no group");
    const guides = await guidesWithout(inTurn, group, { share: 0.4 }, undefined);
    const others = await guidesWithout(withoutEventsOf(0), group, { share: 0.4 }, undefined);
    expect([...guides.keys()]).toEqual([0, 1]);
    expect(others.get(0)).toEqual(guides.get(0));
    expect(others.get(1)).not.toEqual(guides.get(1));
    const few = { ...configOf(2, 2), guidedBelow: 40 };
    const guided = await fitEventNet(inTurn, few, { runtime });
    expect(await settleEventNet(inTurn, guided, { runtime })).toEqual(guided);
    expect(guided.groups[0]?.guide?.share).toBeCloseTo(0.4375, 10); // 5 of 40 are marked
  });

  test("is saved and read as it is, and a file with a parameter cut short is refused by name", async () => {
    const learned = await fitEventNet(recordings, configOf(2), { runtime });
    expect(LearnedEventNet.parse(unpack(pack(learned)))).toEqual(learned);
    const [first, ...others] = learned.groups;
    const short = { shape: [3], values: new Float32Array(3) };
    const members = [{ ...first?.members[0], "up0.mix.filter": short }];
    const broken = { ...learned, groups: [{ ...first, members }, ...others] };
    expect(() => LearnedEventNet.parse(broken)).toThrow(
      /network 1: The parameter up0\.mix\.filter is \[3\] with 3 values/,
    );
  });

  test("on few recordings is guided by their logistic regression, which is saved with it", async () => {
    const guided = await fitEventNet(recordings, { ...configOf(2), guidedBelow: 40 }, { runtime });
    const alone = await fitEventNet(recordings, configOf(2), { runtime });
    expect(guided.groups.map(({ guide }) => guide?.share)).toEqual([0.45, 0.45]); // 4 of 40 are marked
    expect(alone.groups.map(({ guide }) => guide)).toEqual([null, null]);
    expect(LearnedEventNet.parse(unpack(pack(guided)))).toEqual(guided);
    const { input } = madeUp(9, 900);
    const [group] = guided.config.groups;
    const [own] = guided.groups;
    if (group === undefined || own?.guide === undefined || own.guide === null) expect.fail("no guide");
    const scorer = await eventScorer(runtime, group, own);
    const bare = await eventScorer(runtime, group, { ...own, guide: null });
    const [[mixed], [network]] = [await scorer.logits(input), await bare.logits(input)];
    await scorer.dispose();
    await bare.dispose();
    const local = localLogits(own.guide, input);
    expect(mixed?.[700]).toBeCloseTo(0.55 * (network?.[700] ?? NaN) + 0.45 * (local[700] ?? NaN), 4);
  });

  test("says for which group nothing was read", async () => {
    const unread = recordings.map((one) => ({ ...one, labels: undefined }));
    await expect(fitEventNet(unread, configOf(2), { runtime })).rejects.toMatchObject({
      code: "model/too-few-labels",
      detail: { group: "heart-rate" },
    });
  });
});

describe("a recording longer than a stretch", () => {
  test("is judged in stretches that leave no second out and none twice", () => {
    for (const seconds of [1, STRETCH_S - 384, STRETCH_S - 383, STRETCH_S, 3 * STRETCH_S + 17]) {
      let reached = 0;
      for (const { start, from, to } of stretches(seconds)) {
        expect(from).toBe(reached);
        expect(start % 64).toBe(0);
        expect(to).toBeLessThanOrEqual(start + STRETCH_S);
        reached = to;
      }
      expect(reached).toBe(seconds);
    }
  });

  test("has the logits that its parts have by themselves, away from their ends", async () => {
    const learned = await fitEventNet(recordings, configOf(2), { runtime });
    const [group] = learned.config.groups;
    const [own] = learned.groups;
    if (group === undefined || own === undefined) expect.fail("nothing learned");
    const { input } = madeUp(6, 2 * STRETCH_S);
    const scorer = await eventScorer(runtime, group, own);
    const [whole] = await scorer.logits(input);
    const begin = 64 * 90; // within the first stretch, past the second one's begin at its end
    const part = {
      ...input,
      seconds: input.seconds - begin,
      x: input.x.slice(begin * CHANNELS),
    };
    const [late] = await scorer.logits(part);
    await scorer.dispose();
    let largest = 0;
    for (let second = begin + 384; second < input.seconds; second += 1)
      for (let c = 0; c < 2; c += 1) {
        const [a, b] = [whole?.[second * 2 + c] ?? NaN, late?.[(second - begin) * 2 + c] ?? NaN];
        largest = Math.max(largest, Math.abs(a - b));
      }
    expect(largest).toBeLessThan(1e-5);
  });
});
