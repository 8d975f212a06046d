import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Content } from "../../../../preload/contract/finding.ts";
import { Picture } from "../../../../preload/contract/method.ts";
import { onnxRuntime } from "../../../compute/onnx/runtime.ts";
import { pack, unpack } from "../../../compute/packed.ts";
import type { Runtime } from "../../../compute/runtime.ts";
import type { SignalSource } from "../../fronts/front.ts";
import { readBy, wrongNames } from "../../named-laws.ts";
import type { Sequence, SequenceData, SequenceJudge } from "../../model.ts";
import { seededRandom } from "../../random.ts";
import { cut, madeUp, traces } from "../event-net/recordings.fixtures.ts";
import { startDrive } from "./drive.ts";
import type { StateSpacePlace } from "./fit.ts";
import { LearnedStateSpace } from "./learned.ts";
import { usualAdapting } from "./net/surprises.ts";
import { stateSpaceModel } from "./model.ts";
import { startEvents } from "./readers/events.ts";

const signal = new AbortController().signal;
const sequences = [1, 2, 3, 4, 5].map((seed): Sequence => {
  const { source } = madeUp(seed, 2600);
  const part = seed > 3 ? "validation" : "train";
  return { id: String(seed), subject: String(seed), part, source, marks: undefined };
});
const groups = [{ name: "heart-rate", role: "fhr", codes: ["acceleration", "deceleration"] }] as const;
const settings = (own: object) =>
  stateSpaceModel.config.parse({ members: 1, length: 0.02, fillsGaps: false, ...own });

let runtime: Runtime;
let corrected: LearnedStateSpace;
let plain: LearnedStateSpace;

async function fitted(
  own: object,
  resume?: StateSpacePlace,
  places: StateSpacePlace[] = [],
  from: readonly Sequence[] = sequences,
  labelled: SequenceData["groups"] = [],
) {
  if (stateSpaceModel.learning.kind !== "descent") throw new Error("it learns otherwise");
  return stateSpaceModel.learning.fit(
    settings(own),
    { groups: labelled, sequences: from },
    {
      ...{ runtime: () => Promise.resolve(runtime), seed: 1, signal, resume },
      onProgress: () => undefined,
      onCheckpoint: (place) => Promise.resolve(void places.push(structuredClone(place) as StateSpacePlace)),
    },
  );
}

beforeAll(async () => {
  runtime = await onnxRuntime({ threads: 1 });
  const places: StateSpacePlace[] = [];
  corrected = await fitted({ fillsGaps: true }, undefined, places);
  expect([corrected.network, corrected.gaps]).not.toContain(null);
  const drive = { input: startDrive, calibration: corrected.calibration };
  plain = { ...corrected, network: null, gaps: null, drive };
  const [first] = places;
  if (first === undefined) throw new Error("nothing was kept on the way");
  expect(await fitted({ fillsGaps: true }, first)).toEqual(corrected);
}, 120_000);
afterAll(() => runtime.dispose());

test("whatever it learned, its own file takes it", async () => {
  const odd = [
    (s: number) => 140 + (s % 2 === 0 ? 60 : -60),
    (s: number) => 140 + 70 * Math.sin(s * s),
    (s: number) => (s % 97 === 0 ? 200 : 120),
    (s: number) => 60 + 140 * ((s * 0.37) % 1),
  ];
  for (const at of odd) {
    const source = traces(1200, [{ role: "fhr", hz: 1, at }]);
    const own = [1, 2].map((id): Sequence => {
      const part = id === 1 ? "train" : "validation";
      return { id: String(id), subject: String(id), part, source, marks: undefined };
    });
    if (stateSpaceModel.learning.kind !== "descent") throw new Error("it learns otherwise");
    const learned = await stateSpaceModel.learning.fit(
      settings({ corrects: false, regimes: false }),
      { groups: [], sequences: own },
      {
        ...{ runtime: () => Promise.resolve(runtime), seed: 1, signal, resume: undefined },
        ...{ onProgress: () => undefined, onCheckpoint: () => Promise.resolve() },
      },
    );
    expect(LearnedStateSpace.safeParse(learned).error).toBeUndefined();
  }
}, 60_000);

test("readers' marks change nothing but regimes of events, and those only as far as they count", async () => {
  const short = sequences.map((one): Sequence => ({ ...one, source: cut(one.source, 800) }));
  const read = short.map((one): Sequence => ({ ...one, marks: madeUp(Number(one.id), 2600).labels }));
  const own = { corrects: false, contractions: false };
  const fit = (more: object, from: readonly Sequence[], labelled: SequenceData["groups"] = groups) =>
    fitted({ ...own, ...more }, undefined, [], from, labelled);
  const before = await fit({}, short, []);
  expect(before.events).toBeNull();
  expect(await fit({}, read)).toEqual(before);
  const unread = await fit({ eventRegimes: true }, short, []);
  expect(await fit({ eventRegimes: true, readersCount: 0 }, read)).toEqual(unread);
  const marked = await fit({ eventRegimes: true }, read);
  expect(marked.events).not.toEqual(unread.events);
  for (const one of [unread, marked]) expect({ ...one, events: null }).toEqual(before);
  expect(LearnedStateSpace.parse(unpack(pack(marked)))).toEqual(marked);
}, 120_000);

test("recordings of which too little is known teach nothing, and that is said", async () => {
  const short = sequences.map((one) => ({ ...one, source: cut(one.source, 300) }));
  await expect(fitted({}, undefined, [], short)).rejects.toMatchObject({ code: "model/too-little-observed" });
});

const open = (learned: LearnedStateSpace): Promise<SequenceJudge> =>
  stateSpaceModel.open(learned, () => Promise.resolve(runtime));

/** Without what was observed within some seconds. */
const hidden = (source: SignalSource, spans: readonly (readonly [number, number])[]): SignalSource => ({
  ...source,
  read: (channel, first, count) => {
    const { values, observed } = source.read(channel, first, count);
    const rate = source.channels[channel]?.sampleRate ?? 1;
    const isHidden = (i: number): boolean =>
      spans.some(([from, to]) => (first + i) / rate >= from && (first + i) / rate < to);
    return { values, observed: observed.map((is, i) => (isHidden(i) ? 0 : is)) };
  },
});

/** Something else where nothing was observed. */
const otherwise = (source: SignalSource): SignalSource => ({
  ...source,
  read: (channel, first, count) => {
    const { values, observed } = source.read(channel, first, count);
    return { values: values.map((v, i) => (observed[i] === 1 ? v : 133 + i)), observed };
  },
});

describe("a state-space model of cardiotocograms", () => {
  test("is saved and read as it is; what does not come to rest or fit together is refused", () => {
    expect(LearnedStateSpace.parse(unpack(pack(corrected)))).toEqual(corrected);
    const whole = { ...corrected, drive: plain.drive };
    expect(wrongNames(whole, readBy(LearnedStateSpace))).toBeUndefined();
    const { dynamics } = corrected;
    const broken = [
      { ...corrected, dynamics: { ...dynamics, echo: [2, -0.5] } },
      { ...corrected, calibration: { ...corrected.calibration, tails: [3] } },
      { ...corrected, unit: 0 },
      { ...corrected, notable: 1e9 },
      { ...corrected, calibration: { ...corrected.calibration, horizons: [30, 1] } },
    ];
    for (const one of broken) expect(LearnedStateSpace.safeParse(one).success).toBe(false);
  });

  test.each([
    ["of variability", 3],
    ["of events too", 5],
  ])(
    "says states, regimes %s that sum to one, and one surprise in a hundred that is notable",
    async (_, regimes) => {
      const { source } = madeUp(9, 1500);
      const learned = regimes === 5 ? { ...plain, events: startEvents } : plain;
      const [content] = await (await open(learned)).judge(source, { signal });
      const curves = Content.parse(content);
      if (curves.kind !== "curves") expect.fail("no curves");
      const named = (name: string) => curves.series.find((one) => one.name === name) ?? expect.fail(name);
      const baseline = named("baseline");
      expect(baseline.over).toBe(source.channels.find(({ role }) => role === "fhr")?.label);
      baseline.value.forEach((v, t) => {
        expect(v).toBeGreaterThan(baseline.low?.[t] ?? Infinity);
        expect(v).toBeLessThan(baseline.high?.[t] ?? -Infinity);
      });
      const shares = curves.series.filter((one) => one.as === "share");
      expect(shares).toHaveLength(regimes);
      for (let t = 0; t < 1500; t += 100)
        expect(shares.reduce((sum, { value }) => sum + (value[t] ?? 0), 0)).toBeCloseTo(1, 5);
      const { value, notable = 0, observed } = named("surprise");
      const above = value.filter((v, t) => observed[t] === 1 && v > notable).length / value.length;
      expect(above).toBeLessThan(0.05);
      expect(named("deceleration").value.some((v) => v > 10)).toBe(true);
    },
  );

  const huge = (s: number): number => (s % 300 === 40 ? 1e30 : 5 + Math.sin(s));
  test.each([
    ["ten seconds", cut(madeUp(9, 1500).source, 10)],
    ["nothing", hidden(madeUp(9, 1500).source, [[0, 1500]])],
    ["one value", traces(900, [{ role: "fhr", hz: 1, at: () => 140 }])],
    ["values beyond all measure", traces(900, [{ role: "other", hz: 1, at: huge }])],
  ])("of %s it says numbers or nothing", async (_, source) => {
    const { dynamics, calibration } = plain;
    const light = { ...plain, dynamics: { ...dynamics, tails: 100 } };
    const thin = { ...calibration, tails: calibration.tails.map(() => 100) };
    for (const learned of [plain, corrected, { ...light, drive: null, calibration: thin }]) {
      const judge = await open(learned);
      const curves = [...(await judge.judge(source, { signal }))];
      const filled = await judge.fill?.(source, { signal });
      for (const one of filled === undefined ? curves : [...curves, filled])
        for (const { name, value, low, high } of one.kind === "curves" ? one.series : [])
          expect([name, [value, low, high].every((all) => all?.every(Number.isFinite) ?? true)]).toEqual([
            name,
            true,
          ]);
      const said = (await judge.forecaster?.(source, { signal }))?.at(800);
      for (const { value } of said?.forecast.quantiles ?? []) expect(value.every(Number.isFinite)).toBe(true);
    }
  });

  test("says nothing of a long gap but what lies within half a minute of its ends", async () => {
    const source = hidden(madeUp(9, 1500).source, [[600, 1000]]);
    const [content] = await (await open(plain)).judge(source, { signal });
    if (content?.kind !== "curves") expect.fail("no curves");
    for (const { name, observed } of content.series.filter(
      ({ as, name }) => as === "share" || name === "baseline",
    ))
      expect([name, ...[590, 620, 640, 800, 960, 980].map((t) => observed[t])]).toEqual([
        name,
        1,
        1,
        0,
        0,
        0,
        1,
      ]);
  });

  test.each(["plain", "corrected", "adapting"])(
    "%s: looks ahead by the past alone, the same live, and nothing behind the mask counts",
    async (which) => {
      const { network } = corrected;
      if (network === null) expect.fail("no networks");
      const ways: Readonly<Record<string, LearnedStateSpace>> = {
        ...{ plain, corrected: { ...corrected, network: { ...network, adapts: undefined } } },
        adapting: { ...corrected, network: { ...network, adapts: usualAdapting } },
      };
      const judge = await open(ways[which] ?? plain);
      const { source } = madeUp(9, 1200);
      const whole = await judge.forecaster?.(source, { signal });
      const masked = await judge.forecaster?.(otherwise(source), { signal });
      const live = await judge.follower?.(source.channels);
      expect(stateSpaceModel.can.includes("live")).toBe(live !== undefined);
      const random = seededRandom(3);
      const heard = source.channels.map(() => 0);
      for (const timeS of [20, 301, 640, 1130]) {
        while ((live?.timeS ?? Infinity) < timeS)
          source.channels.forEach(({ sampleRate }, channel) => {
            const first = heard[channel] ?? 0;
            const count = Math.min(1 + random.below(30), timeS * sampleRate - first);
            const { values, observed } = source.read(channel, first, count);
            live?.hear(channel, values, observed);
            heard[channel] = first + count;
          });
        const early = await judge.forecaster?.(cut(source, timeS), { signal });
        const [a, ...others] = [whole, early, masked].map((one) => one?.at(timeS));
        for (const b of [...others, live?.future()]) {
          expect(b?.forecast).toEqual(a?.forecast);
          for (const aheadS of [1, 7, 60, 120]) expect(b?.at(aheadS)?.cdf(140)).toBe(a?.at(aheadS)?.cdf(140));
        }
        if (timeS === 20) expect(a).toBeUndefined();
        else {
          expect(a?.forecast.assumed.map(({ untilS }) => untilS)).toEqual(which === "plain" ? [30] : []);
          expect(a?.at(121)).toBeUndefined();
          const widths = [1, 30, 110].map(
            (h) => (a?.at(h)?.quantile(0.95) ?? NaN) - (a?.at(h)?.quantile(0.05) ?? NaN),
          );
          expect(widths.every((width) => width > 0 && width < 200)).toBe(true);
          for (const { share, value } of a?.forecast.quantiles ?? [])
            for (const h of [1, 9, 15, 33, 63, 97, 120]) {
              const law = a?.at(h);
              const width = (law?.quantile(0.95) ?? NaN) - (law?.quantile(0.05) ?? NaN);
              const off = Math.abs((value[h - 1] ?? NaN) - (law?.quantile(share) ?? NaN));
              expect(off).toBeLessThan(0.02 * width); // between the seconds that are worked out
            }
        }
      }
    },
    60_000,
  );

  test("fills gaps of up to a minute and nothing else, and shows what it learned", async () => {
    const source = hidden(madeUp(9, 1200).source, [
      [300, 320],
      [600, 700],
    ]);
    const filled = await (await open(corrected)).fill?.(source, { signal });
    const [series] = filled?.series ?? [];
    expect(series?.as).toBe("filled");
    expect([310, 299, 650, 900].map((s) => series?.observed[s])).toEqual([1, 0, 0, 0]);
    expect(series?.value[310]).toBeGreaterThan(100);
    const pictures = stateSpaceModel.pictures?.(corrected) ?? [];
    expect(pictures.map((one) => Picture.parse(one).kind)).toContain("facts");
  });
});
