import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { onnxRuntime } from "../../../compute/onnx/runtime.ts";
import { pack, unpack } from "../../../compute/packed.ts";
import type { Runtime } from "../../../compute/runtime.ts";
import { seededRandom } from "../../random.ts";
import { cut, madeUp, traces } from "../event-net/recordings.fixtures.ts";
import { fitForks, type ForkPlace, type ForkPlan, type ForkRecording } from "./fit.ts";
import { futureOf } from "./futures.ts";
import { forkJudge } from "./judge.ts";
import { LearnedForks } from "./learned.ts";
import { forksModel } from "./model.ts";
import { secondsOf } from "../seconds.ts";

let runtime: Runtime;
beforeAll(async () => {
  runtime = await onnxRuntime({ threads: 1 });
});
afterAll(() => runtime.dispose());

const recordings: readonly ForkRecording[] = [1, 2, 3, 4].map((seed) => {
  const { source, labels } = madeUp(seed, 1500);
  return { part: seed === 4 ? "validation" : "train", seconds: secondsOf(source), marks: labels };
});
const plan: ForkPlan = {
  ...{
    codes: ["acceleration", "deceleration"],
    components: 2,
    members: 2,
    epochs: 2,
    fewestSteps: 2,
    hidden: 6,
    head: 6,
    seed: 1,
  },
};
const signal = new AbortController().signal;
const uncheckpointed = (learned: LearnedForks): unknown => unpack(pack(learned));

describe("what follows", () => {
  test("is the first event that begins within a minute, if somebody read so far", () => {
    const marks = {
      events: [
        { code: "deceleration", onsetS: 130, durationS: 40 },
        { code: "acceleration", onsetS: 110, durationS: 40 },
        { code: "contraction", onsetS: 101, durationS: 40 },
      ],
      read: [{ onsetS: 0, durationS: 400 }],
      unclear: [{ code: "acceleration", onsetS: 300, durationS: 10 }],
    };
    const at = (s: number): number | undefined => futureOf(marks, plan.codes, s);
    expect([at(40), at(60), at(110), at(130), at(250), at(339), at(341)]).toEqual([
      ...[0, 1, 2, 0],
      ...[undefined, 0, undefined],
    ]);
  });
});

describe("a fit of futures", () => {
  test("is the same to the bit with the same seed, and resumed from any checkpoint", async () => {
    const places: ForkPlace[] = [];
    const whole = await fitForks(recordings, plan, {
      runtime,
      onCheckpoint: async (place) => void places.push(place),
    });
    for (const resume of places.filter((_, i) => i % 2 === 1))
      expect(await fitForks(recordings, plan, { runtime, resume })).toEqual(whole);
    expect(places.length).toBeGreaterThan(2);
    expect(whole.calibration.widths.some((width) => width !== 1)).toBe(true);
  });

  test("is saved and read as it is, and a file with a parameter cut short is refused by name", async () => {
    const learned = await fitForks(recordings, { ...plan, members: 1 }, { runtime });
    expect(LearnedForks.parse(uncheckpointed(learned))).toEqual(learned);
    const broken = structuredClone(learned);
    broken.members = [{ ...learned.members[0], "memory.input": { shape: [3], values: new Float32Array(3) } }];
    expect(() => LearnedForks.parse(broken)).toThrow(/network 1: The parameter memory\.input is \[3\]/);
    expect(() => LearnedForks.parse({ ...learned, codes: ["acceleration"] })).toThrow(/classes/);
    for (const value of [Number.NaN, Infinity, 3e38]) {
      const wild = structuredClone(learned);
      wild.members[0]?.["spread0.bias"]?.values.fill(value);
      expect(() => LearnedForks.parse(wild)).toThrow(/The parameter spread0\.bias has the value/);
    }
    const temperature = 1e-300;
    expect(
      LearnedForks.safeParse({ ...learned, calibration: { ...learned.calibration, temperature } }).success,
    ).toBe(false);
  });

  test.each([
    ["short", cut(madeUp(1, 1500).source, 10)],
    ["empty", traces(1500, [{ role: "fhr", hz: 4, at: () => 140, isHidden: () => true }])],
    ["without a heart rate", traces(1500, [{ role: "uc", hz: 4, at: () => 20 }])],
  ])("says that recordings are %s instead of learning nothing from them", async (_, source) => {
    const marks = { events: [], read: [{ onsetS: 0, durationS: source.durationS }], unclear: [] };
    const own = [{ part: "train" as const, seconds: secondsOf(source), marks }];
    for (const codes of [[], plan.codes])
      await expect(fitForks(own, { ...plan, codes }, { runtime })).rejects.toMatchObject({
        code: "model/too-little-observed",
      });
  });

  test("learns from recordings that nobody read, beside others and alone", async () => {
    const few = recordings.map((one, i) => (i === 0 ? { ...one, marks: undefined } : one));
    const learned = await fitForks(few, { ...plan, members: 1 }, { runtime });
    expect(learned.shape.classes).toBe(3);
    const none = recordings.map((one) => ({ ...one, marks: undefined }));
    const alone = await fitForks(none, { ...plan, codes: [], members: 1 }, { runtime });
    expect(alone.shape.classes).toBe(1);
    const at = (await forkJudge(alone).forecaster?.(madeUp(9, 900).source, { signal }))?.at(600);
    expect(at?.forecast.branches).toEqual([]);
    await expect(fitForks(none, plan, { runtime })).rejects.toMatchObject({ code: "model/too-few-labels" });
  });
});

test("what is seen ahead depends on nothing that came later, and is a distribution", async () => {
  const judge = forkJudge(await fitForks(recordings, plan, { runtime }));
  const { source } = madeUp(9, 900);
  const whole = await judge.forecaster?.(source, { signal });
  for (const timeS of [301, 600, 755]) {
    const early = await judge.forecaster?.(cut(source, timeS), { signal });
    const [a, b] = [whole?.at(timeS), early?.at(timeS)];
    if (a === undefined || b === undefined) expect.fail("nothing is said");
    expect(a.forecast).toEqual(b.forecast);
    for (const aheadS of [1, 7, 60]) expect(a.at(aheadS)?.cdf(140)).toBe(b.at(aheadS)?.cdf(140));
    const { branches, spread, quantiles, forkIndex } = a.forecast;
    expect(branches.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 6);
    expect((spread?.noise[3] ?? 0) + (spread?.fork[3] ?? 0) + (spread?.model[3] ?? 0)).toBeCloseTo(1, 6);
    expect(quantiles.map(({ value }) => value[5] ?? NaN)).toEqual(
      quantiles.map(({ value }) => value[5] ?? NaN).sort((x, y) => x - y),
    );
    expect(forkIndex?.every((index) => index >= 0 && index <= 1)).toBe(true);
    expect(a.at(61)).toBeUndefined();
  }
  expect(whole?.at(0)).toBeUndefined();
  expect(forksModel.can.includes("live")).toBe(judge.follower !== undefined);
});

test("a recording that is coming is looked ahead as it will be once it is stored, however it is cut", async () => {
  const judge = forkJudge(await fitForks(recordings, plan, { runtime }));
  const made = madeUp(9, 2700).source;
  const [rate, contractions] = made.channels;
  if (rate === undefined || contractions === undefined) expect.fail("no channels");
  const isAway = (s: number): boolean => (s >= 600 && s < 980) || (s >= 1400 && s < 1423.5);
  const whole = traces(2700, [
    { role: "fhr", hz: 4, at: (s) => made.read(0, 4 * s, 1).values[0] ?? 0, isHidden: isAway },
    { role: "uc", hz: 4, at: (s) => (s < 1600 || s > 1750 ? (made.read(1, 4 * s, 1).values[0] ?? 0) : 12) },
  ]);
  for (const source of [whole, { ...whole, channels: whole.channels.slice(0, 1) }]) {
    const stored = await judge.forecaster?.(source, { signal });
    const live = await judge.follower?.(source.channels);
    if (live === undefined || stored === undefined) expect.fail("it follows nothing");
    const random = seededRandom(3);
    const heard = source.channels.map(() => 0);
    let unsaid = 0;
    while (live.timeS < 2700) {
      source.channels.forEach(({ sampleCount }, channel) => {
        const first = heard[channel] ?? 0;
        const count = Math.min(1 + random.below(40), sampleCount - first);
        const { values, observed } = source.read(channel, first, count);
        live.hear(channel, values, observed);
        heard[channel] = first + count;
      });
      const [now, later] = [live.future(), stored.at(Math.floor(live.timeS))];
      if (random.next() < 0.1) expect(now?.forecast).toEqual(later?.forecast); // all of its bands take a while
      for (const aheadS of [1, 7, 60]) expect(now?.at(aheadS)?.cdf(140)).toBe(later?.at(aheadS)?.cdf(140));
      unsaid += Number(now === undefined);
    }
    expect(unsaid).toBeGreaterThan(5); // before anything was seen, and after five minutes without
  }
  await expect(async () => await judge.follower?.([contractions])).rejects.toMatchObject({
    code: "model/wrong-channels",
  });
}, 60_000);

test("a judged recording has the probabilities of its futures, which sum to one", async () => {
  const judge = forkJudge(await fitForks(recordings, plan, { runtime }));
  const [content] = await judge.judge(madeUp(9, 900).source, { signal });
  if (content?.kind !== "curves") expect.fail("no curves");
  expect(content.series.map(({ name }) => name)).toEqual([
    "none",
    "acceleration",
    "deceleration",
    "fork-index",
  ]);
  const shares = content.series.filter(({ as }) => as === "share");
  for (const at of [3, 90, 179])
    expect(shares.reduce((sum, { value }) => sum + (value[at] ?? 0), 0)).toBeCloseTo(1, 5);
});
