import type { Tensor3D } from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { onnxRuntime } from "../../../compute/onnx/runtime.ts";
import { pack, unpack } from "../../../compute/packed.ts";
import type { Runtime } from "../../../compute/runtime.ts";
import { seededRandom } from "../../random.ts";
import type { Marked } from "../../model.ts";
import type { SignalSource } from "../../fronts/front.ts";
import { traces } from "../event-net/recordings.fixtures.ts";
import { SignalTrustConfig } from "./config.ts";
import { fitSignalTrust, type TrustPlace, type TrustRecording } from "./fit.ts";
import { CHANNELS, levelsOf, rowsOf, TRUST_HZ, trustInput } from "./input.ts";
import { signalTrustJudge, trustJudge } from "./judge.ts";
import { LearnedSignalTrust } from "./learned.ts";
import { initialParameters, parameterSpecs, REACH_S, trustLogits } from "./network.ts";
import { targetsOf } from "./targets.ts";

let runtime: Runtime;
beforeAll(async () => {
  runtime = await onnxRuntime({ threads: 1 });
});
afterAll(() => runtime.dispose());

const DURATION_S = 900;
const mothers = { onsetS: 300, durationS: 200 };

interface MadeUp {
  readonly hasMhr?: boolean;
  readonly hidden?: (second: number) => boolean;
  readonly garbage?: number; // what lies where it is hidden
}

/** A fetus near 140 and a mother near 85; from 300 to 500 s the fetal channel draws the mother. */
function madeUp(seed: number, { hasMhr = true, hidden, garbage = 0 }: MadeUp = {}): SignalSource {
  const random = seededRandom(seed);
  const noise = Float32Array.from({ length: DURATION_S * TRUST_HZ }, () => 3 * random.normal());
  const mother = (s: number): number => 85 + 6 * Math.sin(s / 40 + seed) + (noise[Math.floor(s)] ?? 0) / 3;
  const isMother = (s: number): boolean => s >= mothers.onsetS && s < mothers.onsetS + mothers.durationS;
  const fetus = (s: number): number => 140 + 8 * Math.sin(s / 25) + (noise[Math.floor(s * TRUST_HZ)] ?? 0);
  const fhr = (s: number): number => (hidden?.(s) === true ? garbage : isMother(s) ? mother(s) : fetus(s));
  return traces(DURATION_S, [
    { role: "fhr", hz: TRUST_HZ, at: fhr, isHidden: (s) => hidden?.(s) === true },
    ...(hasMhr ? [{ role: "mhr" as const, hz: TRUST_HZ, at: mother }] : []),
  ]);
}

const marks: Pick<Marked, "events" | "unclear"> = {
  events: [
    { code: "false-signal", ...mothers },
    { code: "true-signal", onsetS: 0, durationS: 250 },
    { code: "true-signal", onsetS: 550, durationS: 200 },
  ],
  unclear: [],
};

const recordings: readonly TrustRecording[] = [1, 2, 3, 4].map((seed) => ({
  input: trustInput(madeUp(seed)),
  marks,
  part: seed === 4 ? "validation" : "train",
}));

const configOf = (steps: number): SignalTrustConfig =>
  SignalTrustConfig.parse({
    members: 1,
    kept: 1,
    cycles: [{ steps, rate: 4e-3 }],
    cropSamples: 1024,
    batch: 4,
  });

describe("a fit of signal trust", () => {
  const fitted = (async () =>
    fitSignalTrust(recordings, configOf(120), { runtime: await onnxRuntime({ threads: 1 }) }))();

  test("tells the mother from the fetus in a recording it has not seen, and says nothing where nothing was observed", async () => {
    const judge = signalTrustJudge(await trustJudge(await fitted, runtime), 1);
    const hidden = (s: number): boolean => s >= 100 && s < 120;
    const [said] = await judge.judge(madeUp(9, { hidden }), { signal: new AbortController().signal });
    await judge.dispose();
    const series = said?.kind === "curves" ? said.series[0] : undefined;
    expect(series).toMatchObject({
      name: "false-signal",
      unit: "probability",
      over: "fhr",
      sampleRate: TRUST_HZ,
    });
    const mean = (fromS: number, toS: number): number => {
      const own = series?.value.subarray(fromS * TRUST_HZ, toS * TRUST_HZ) ?? new Float32Array(0);
      return own.reduce((sum, p) => sum + p, 0) / own.length;
    };
    expect(mean(310, 490)).toBeGreaterThan(0.8);
    expect(mean(0, 90)).toBeLessThan(0.2);
    expect(series?.observed.slice(100 * TRUST_HZ, 120 * TRUST_HZ).every((is) => is === 0)).toBe(true);
    expect(series?.observed.slice(0, 100 * TRUST_HZ).every((is) => is === 1)).toBe(true);
  }, 60_000);

  test("what lies behind a mask changes nothing", async () => {
    const judge = await trustJudge(await fitted, runtime);
    const hidden = (s: number): boolean => s % 60 < 20;
    const [one, other] = [0, Number.NaN].map((garbage) => trustInput(madeUp(9, { hidden, garbage })));
    expect(one && (await judge.judge(one))).toEqual(other && (await judge.judge(other)));
    await judge.dispose();
  }, 60_000);

  test("without a maternal heart rate a middling probability is unknown", async () => {
    const judge = await trustJudge(await fitted, runtime);
    const { probability, isKnown, hasMhr } = await judge.judge(trustInput(madeUp(9, { hasMhr: false })));
    await judge.dispose();
    expect(hasMhr.includes(1)).toBe(false);
    expect(isKnown).toEqual(Uint8Array.from(probability, (p) => Number(p < 0.2 || p > 0.8)));
  }, 60_000);

  test("goes on from a checkpoint as if it had never stopped, and hears a cancel", async () => {
    const cycles = [6, 4].map((steps) => ({ steps, rate: 4e-3 }));
    const config = { ...configOf(1), cycles, kept: 2 };
    const whole = await fitSignalTrust(recordings, config, { runtime });
    expect(whole.members).toHaveLength(2);
    const places: TrustPlace[] = [];
    await fitSignalTrust(recordings, config, { runtime, onCheckpoint: (place) => void places.push(place) });
    const first = places.find(({ done, under }) => done.length === 1 && under === null);
    const resume = first && (unpack(pack(first)) as TrustPlace);
    expect(await fitSignalTrust(recordings, config, { runtime, resume })).toEqual(whole);
    await expect(
      fitSignalTrust(recordings, config, { runtime, signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ code: "cancelled/by-user" });
  }, 60_000);

  test("is refused without marks of both kinds", async () => {
    const onlyTrue = recordings.map((one) => ({
      ...one,
      marks: { ...marks, events: marks.events.slice(1) },
    }));
    await expect(fitSignalTrust(onlyTrue, configOf(1), { runtime })).rejects.toMatchObject({
      code: "model/too-few-labels",
    });
  });

  test("its file takes what was learned and refuses what no fit can give", async () => {
    const learned = await fitted;
    expect(LearnedSignalTrust.parse(unpack(pack(learned)))).toEqual(learned);
    const [member = []] = learned.members;
    const changed = (value: number): readonly Float32Array[] =>
      member.map((values, index) => (index === 0 ? values.map((own, i) => (i === 0 ? value : own)) : values));
    for (const bad of [
      { ...learned, members: [member.slice(1)] },
      { ...learned, members: [member, member] },
      ...[Number.NaN, Infinity, 1e5].map((value) => ({ ...learned, members: [changed(value)] })),
      ...[0, Number.NaN, 1e9].map((withMhr) => ({ ...learned, calibration: { withMhr, withoutMhr: 1 } })),
    ])
      expect(LearnedSignalTrust.safeParse(bad).success).toBe(false);
  });
});

test("marks of both kinds over each other, and what nobody marked, teach nothing", () => {
  const input = trustInput(madeUp(1));
  const {
    weight,
    known,
    false: own,
  } = targetsOf(input, {
    ...marks,
    events: [...marks.events, { code: "true-signal", onsetS: 400, durationS: 100 }],
  });
  expect([known.length, own.length]).toEqual([550 * TRUST_HZ, 100 * TRUST_HZ]);
  expect(weight[260 * TRUST_HZ]).toBe(0);
  expect(weight[410 * TRUST_HZ]).toBe(0);
});

test("the network gives a logit a sample and sees no further than it says", async () => {
  const samples = 1024 * TRUST_HZ;
  const compiled = await runtime.compilePredict(
    (params, [x]) => [trustLogits(params, x as Tensor3D)],
    parameterSpecs,
    [{ shape: [1, samples, CHANNELS], dtype: "float32" }],
  );
  await compiled.write(initialParameters(3));
  const random = seededRandom(4);
  const x = Float32Array.from({ length: samples * CHANNELS }, () => random.normal());
  const [before] = await compiled.run([x]);
  const changed = x.slice();
  const at = 512 * TRUST_HZ;
  changed.fill(9, at * CHANNELS, (at + TRUST_HZ) * CHANNELS);
  const [after] = await compiled.run([changed]);
  await compiled.dispose();
  expect(before).toHaveLength(samples);
  const moved = [...(before ?? [])].flatMap((value, i) => (value === after?.[i] ? [] : [Math.abs(i - at)]));
  expect(Math.max(...moved)).toBeGreaterThan(200 * TRUST_HZ);
  expect(Math.max(...moved)).toBeLessThanOrEqual(REACH_S * TRUST_HZ);
});

test("rates of any sample rate become four values a second", () => {
  const at = (s: number): number => 100 + Math.floor(s);
  for (const hz of [0.5, 1, 2, 4, 8, 250]) {
    const source = traces(20, [{ role: "fhr", hz, at }]);
    const { count, fhr } = trustInput(source);
    expect(count).toBe(80);
    expect(fhr.observed.every((is) => is === 1)).toBe(true);
    expect(Math.abs((fhr.values[41] ?? 0) - 110)).toBeLessThan(1);
  }
  expect(rowsOf(trustInput(traces(0.5, [])), levelsOf(trustInput(traces(0.5, []))))).toHaveLength(
    2 * CHANNELS,
  );
});
