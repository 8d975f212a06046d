import type { Tensor3D } from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { onnxRuntime } from "../../../compute/onnx/runtime.ts";
import { pack, unpack } from "../../../compute/packed.ts";
import { inOrder, type NamedArrays, namedTensors, specsOf } from "../../../compute/parameters.ts";
import type { Runtime } from "../../../compute/runtime.ts";
import { seededRandom } from "../../random.ts";
import type { Series } from "../../../../preload/contract/finding.ts";
import { sure } from "../../../../preload/contract/sure.ts";
import type { Marked } from "../../model.ts";
import type { SignalSource } from "../../fronts/front.ts";
import { cut, traces } from "../event-net/recordings.fixtures.ts";
import { SignalTrustConfig } from "./config.ts";
import { fitSignalTrust, type TrustPlace, type TrustRecording } from "./fit.ts";
import { CHANNELS, levelsOf, rowsOf, TRUST_HZ, trustInput } from "./input.ts";
import { signalTrustJudge, trustJudge } from "./judge.ts";
import { LearnedSignalTrust } from "./learned.ts";
import { initialParameters, parameterShapes, reachS, trustLogits } from "./network.ts";
import { signalTrustModel } from "./model.ts";
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
  readonly durationS?: number;
}

/** A fetus near 140 and a mother near 85; from 300 to 500 s the fetal channel draws the mother. */
function madeUp(
  seed: number,
  { hasMhr = true, hidden, garbage = 0, durationS = DURATION_S }: MadeUp = {},
): SignalSource {
  const random = seededRandom(seed);
  const noise = Float32Array.from({ length: durationS * TRUST_HZ }, () => 3 * random.normal());
  const mother = (s: number): number => 85 + 6 * Math.sin(s / 40 + seed) + (noise[Math.floor(s)] ?? 0) / 3;
  const isMother = (s: number): boolean => s >= mothers.onsetS && s < mothers.onsetS + mothers.durationS;
  const fetus = (s: number): number => 140 + 8 * Math.sin(s / 25) + (noise[Math.floor(s * TRUST_HZ)] ?? 0);
  const fhr = (s: number): number => (hidden?.(s) === true ? garbage : isMother(s) ? mother(s) : fetus(s));
  return traces(durationS, [
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

  test("false signal is, in the mean over all that were read, more nearly as probable as it is marked for the shift", async () => {
    const learned = await fitSignalTrust(recordings, configOf(3), { runtime });
    const { calibration } = learned;
    const unshifted = { ...calibration, biases: { withMhr: 0, withoutMhr: 0 } };
    const [off = NaN, before = NaN] = await Promise.all(
      [calibration, unshifted].map(async (own) => {
        const judge = await trustJudge({ ...learned, calibration: own }, runtime);
        let [said, marked] = [0, 0];
        for (const one of recordings) {
          const { known, y } = targetsOf(one.input, one.marks);
          const { probability } = await judge.judge(one.input);
          for (const i of known) [said, marked] = [said + (probability[i] ?? 0), marked + (y[i] ?? 0)];
        }
        await judge.dispose();
        return Math.abs(said / marked - 1);
      }),
    );
    expect(off).toBeLessThan(0.75 * before);
    expect(calibration.biases.withoutMhr).toBe(0); // nothing was marked there
  }, 60_000);

  test("temperatures come from recordings that taught nothing: without any there are none", async () => {
    const taught = recordings.map((one) => ({ ...one, part: "train" as const }));
    const { calibration } = await fitSignalTrust(taught, configOf(3), { runtime });
    expect(calibration).toMatchObject({ withMhr: 1, withoutMhr: 1 });
    expect(calibration.biases.withMhr).not.toBe(0);
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
    const [member = {}] = learned.members;
    const name = "up0.mix.filter";
    const { [name]: one, ...others } = member;
    if (one === undefined) expect.fail("no such parameter");
    const changed = (value: number): NamedArrays => ({
      ...others,
      [name]: { ...one, values: one.values.map((own, i) => (i === 0 ? value : own)) },
    });
    for (const bad of [
      { ...learned, members: [others] },
      { ...learned, members: [member, member] },
      ...[Number.NaN, Infinity, 1e5].map((value) => ({ ...learned, members: [changed(value)] })),
      ...[0, Number.NaN, 1e9].map((withMhr) => ({ ...learned, calibration: { withMhr, withoutMhr: 1 } })),
    ])
      expect(LearnedSignalTrust.safeParse(bad).success).toBe(false);
  });
});

describe("by the past alone", () => {
  const DURATION = 1500;
  const pastConfig = { ...configOf(3), pastOnly: true, members: 2, cropSamples: 2048 };
  const fitted = (async () =>
    fitSignalTrust(recordings, pastConfig, { runtime: await onnxRuntime({ threads: 1 }) }))();
  const open = async () => signalTrustModel.open(await fitted, () => Promise.resolve(runtime));
  const { signal } = new AbortController();
  const said = async (source: SignalSource): Promise<Series> => {
    const judge = await open();
    const [content] = await judge.judge(source, { signal });
    await judge.dispose();
    const [series] = content?.kind === "curves" ? content.series : [];
    return sure(series);
  };
  const longer = (more: MadeUp = {}): SignalSource => madeUp(5, { ...more, durationS: DURATION });

  test("nothing that comes after a second changes what is said of it", async () => {
    const whole = await said(longer());
    for (const endS of [40, 333, 1100]) {
      const early = await said(cut(longer(), endS));
      expect(early.value).toEqual(whole.value.slice(0, endS * TRUST_HZ));
      expect(early.observed).toEqual(whole.observed.slice(0, endS * TRUST_HZ));
    }
  }, 60_000);

  test("each second of a recording that comes is what is said of it once it is stored, however much of it comes at once", async () => {
    const hidden = (s: number): boolean => (s >= 700 && s < 760) || s % 97 < 3;
    const source = longer({ hidden });
    const [whole, judge] = [await said(source), await open()];
    const live = sure(await judge.seconds?.());
    for (const [onsetS, durationS] of [
      [0, 1],
      [1, 7],
      [730, 1],
      [758, 60],
      [1490, 10],
    ] as const) {
      const seconds = await live.judge(source, { onsetS, durationS });
      expect(seconds.map((one) => one.onsetS)).toEqual(
        Array.from({ length: durationS }, (_, i) => onsetS + i),
      );
      for (const { onsetS: second, classes, decision, why } of seconds) {
        const own = (of: Float32Array | undefined) =>
          [...sure(of).subarray(second * TRUST_HZ, (second + 1) * TRUST_HZ)].filter((p) => !Number.isNaN(p));
        const mean = (of: Float32Array | undefined) => own(of).reduce((a, b) => a + b, 0) / own(of).length;
        const [first, other] = classes ?? [];
        expect(why === "unobserved").toBe(own(whole.value).length === 0);
        if (why === "unobserved") continue;
        expect([first?.label, other?.label]).toEqual(["false-signal", "true-signal"]);
        expect(first?.mean).toBeCloseTo(mean(whole.value), 6);
        expect([first?.low, first?.high]).toEqual([mean(whole.low), mean(whole.high)]);
        expect((first?.mean ?? 0) + (other?.mean ?? 0)).toBeCloseTo(1, 9);
        expect(decision === undefined).toBe(why === "unsure");
      }
    }
    await live.dispose();
    await judge.dispose();
  }, 60_000);

  test("one that also looks ahead cannot judge what is still coming", async () => {
    const whole = await fitSignalTrust(recordings, configOf(1), { runtime });
    const judge = await signalTrustModel.open(whole, () => Promise.resolve(runtime));
    expect("seconds" in judge).toBe(false);
    await judge.dispose();
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

test.each([false, true])(
  "the network gives a logit a sample and sees no further than it says (past only: %s)",
  async (pastOnly) => {
    const samples = 2048 * TRUST_HZ;
    const compiled = await runtime.compilePredict(
      (params, [x]) => [trustLogits(namedTensors(parameterShapes, params), x as Tensor3D, { pastOnly })],
      specsOf(parameterShapes),
      [{ shape: [1, samples, CHANNELS], dtype: "float32" }],
    );
    await compiled.write(inOrder(parameterShapes, initialParameters(3)));
    const random = seededRandom(4);
    const x = Float32Array.from({ length: samples * CHANNELS }, () => random.normal());
    const [before] = await compiled.run([x]);
    const at = 1024 * TRUST_HZ;
    const moved: number[] = [];
    for (const second of [0, 17, 31]) {
      const changed = x.slice();
      const from = at + second * TRUST_HZ;
      changed.fill(9, from * CHANNELS, (from + TRUST_HZ) * CHANNELS);
      const [after] = await compiled.run([changed]);
      moved.push(...[...(before ?? [])].flatMap((value, i) => (value === after?.[i] ? [] : [i - from])));
    }
    await compiled.dispose();
    expect(before).toHaveLength(samples);
    const [first, last] = [Math.min(...moved), Math.max(...moved)];
    expect(last).toBeGreaterThan(200 * TRUST_HZ);
    expect(last).toBeLessThanOrEqual(reachS(pastOnly) * TRUST_HZ);
    if (pastOnly) expect(first).toBe(0);
    else expect(first).toBeGreaterThanOrEqual(-reachS(false) * TRUST_HZ);
  },
);

test("rates of any sample rate become four values a second", () => {
  const at = (s: number): number => 100 + Math.floor(s);
  for (const hz of [0.5, 1, 2, 4, 8, 250]) {
    const source = traces(20, [{ role: "fhr", hz, at }]);
    const { count, fhr } = trustInput(source);
    expect(count).toBe(80);
    expect(fhr.observed.every((is) => is === 1)).toBe(true);
    expect(Math.abs((fhr.values[41] ?? 0) - 110)).toBeLessThan(1);
  }
  const brief = trustInput(traces(0.5, []));
  for (const pastOnly of [false, true])
    expect(rowsOf(brief, levelsOf(brief, pastOnly))).toHaveLength(2 * CHANNELS);
});
