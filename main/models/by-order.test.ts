import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { onnxRuntime } from "../compute/onnx/runtime.ts";
import { withoutNames } from "../compute/nameless.fixtures.ts";
import { pack, unpack } from "../compute/packed.ts";
import type { Runtime } from "../compute/runtime.ts";
import type { SequenceJudge, WindowRows } from "./model.ts";
import { modelOf, sequenceModelOf } from "./registry.ts";
import { learnedBy } from "./sequence-laws.ts";
import { traces } from "./sequences/event-net/recordings.fixtures.ts";
import { SignalTrustConfig } from "./sequences/signal-trust/config.ts";
import { LearnedSignalTrust } from "./sequences/signal-trust/learned.ts";
import { initialParameters } from "./sequences/signal-trust/network.ts";

const rows = z.custom<WindowRows>((value) => typeof value === "object");
const Kept = z.object({
  ...{ rows, other: rows },
  kept: z.array(
    z.object({
      kind: z.string(),
      learned: z.unknown(),
      said: z.string(),
      settings: z.record(z.string(), z.unknown()).optional(),
      underway: z.object({ after: z.number(), learned: z.unknown() }).optional(), // rounds
    }),
  ),
});
const {
  rows: taught,
  other,
  kept,
} = Kept.parse(unpack(gunzipSync(readFileSync(new URL("./testdata/by-order.gz", import.meta.url)))));

const bitsOf = (said: unknown): string =>
  createHash("sha256")
    .update(pack([said]))
    .digest("hex");

const source = traces(600, [
  {
    ...{ role: "fhr", hz: 4, at: (s) => 140 + 12 * Math.sin(s / 25) + 3 * Math.sin(1.7 * s) },
    isHidden: (s) => s % 90 < 5,
  },
  { role: "uc", hz: 4, at: (s) => 15 + 40 * Math.max(0, Math.sin(s / 30)) },
]);
const { signal } = new AbortController();

let opened: Promise<Runtime> | undefined;
const runtime = (): Promise<Runtime> => (opened ??= onnxRuntime({ threads: 1 }));
afterAll(async () => (await opened)?.dispose());

async function saidBy(judge: SequenceJudge): Promise<unknown> {
  const ahead = await judge.forecaster?.(source, { signal });
  const said = [
    await judge.judge(source, { signal }),
    [304, 590].map((s) => ahead?.at(s)?.forecast),
    await judge.fill?.(source, { signal }),
  ];
  await judge.dispose();
  return said;
}

describe("models that were kept while their arrays were found by order", () => {
  test.each(kept.filter(({ kind }) => modelOf(kind).over === "sequences"))(
    "of $kind open and say what they said, to the bit",
    async ({ kind, learned, said }) => {
      const model = sequenceModelOf(kind);
      const old: unknown = model.file.parse(learned);
      const again: unknown = model.file.parse(unpack(pack(old)));
      expect(again).toEqual(old);
      for (const read of [old, again])
        expect(bitsOf(await saidBy(await model.open(read, runtime)))).toBe(said);
    },
  );

  test.each(kept.filter(({ underway }) => underway !== undefined))(
    "of $kind open and say what they said, to the bit, and one whose fit was under way goes on to the same",
    async ({ kind, learned, said, settings, underway }) => {
      const model = modelOf(kind);
      if (model.over !== "windows" || model.learning.kind !== "rounds" || !("file" in model))
        expect.fail("it learns otherwise");
      const old: unknown = model.file.parse(learned);
      const again: unknown = model.file.parse(unpack(pack(old)));
      expect(again).toEqual(old);
      const { flat } = z.object({ flat: z.instanceof(Float64Array) }).parse(learned);
      for (const wrong of [flat.slice(1), Float64Array.of(...flat, 0), flat.map(() => NaN)])
        expect(model.file.safeParse(Object.assign({}, learned, { flat: wrong })).success).toBe(false);
      for (const read of [old, again]) expect(bitsOf(model.score(read, other))).toBe(said);
      const config: unknown = model.config.parse({ kind, ...settings });
      let next = { learned: model.file.parse(underway?.learned) as unknown, isSettled: false };
      for (let round = underway?.after ?? 0; round < model.learning.mostRounds && !next.isSettled; round += 1)
        next = await model.learning.round(next.learned, config, taught, signal);
      expect(next.learned).toEqual(old);
    },
    60_000,
  );

  test("are there of every kind that found them so, but of signal trust", () => {
    expect(kept.map(({ kind }) => kind).sort()).toEqual([
      "coupled-energy",
      "coupled-softmax",
      "curriculum-labelling",
      "forks",
      "state-space",
    ]);
  });

  test.each(["event-net", "forks", "signal-trust"])(
    "a fit of %s that stood somewhere then goes on to the same bits",
    async (kind) => {
      const model = sequenceModelOf(kind);
      const usual: unknown = model.config.parse({ kind });
      const of = { model, config: Object.assign({}, usual, { members: 2, length: 0.0005 }), runtime };
      const places: object[] = [];
      const whole = await learnedBy(of, undefined, { onCheckpoint: (place) => void places.push(place) });
      const place = places.findLast((one) => "under" in one && one.under !== null);
      const before = z.custom<object>().parse(withoutNames(place));
      expect(before).not.toEqual(place);
      expect(pack([await learnedBy(of, undefined, { resume: before })])).toEqual(pack([whole]));
    },
    120_000,
  );

  test("states of which networks were still to learn go on as what they are now", async () => {
    const model = sequenceModelOf("state-space");
    const old = kept.find(({ kind }) => kind === model.kind)?.learned;
    const states = Object.assign({}, old, { network: null, gaps: null });
    const config: unknown = model.config.parse({ corrects: false, fillsGaps: false });
    const learned = await learnedBy({ model, config, runtime }, undefined, { resume: { states } });
    expect(learned).toEqual(model.file.parse(states));
  });

  test("of signal trust, whose networks are large, are the same as those with names", async () => {
    const learned = {
      config: SignalTrustConfig.parse({ members: 2, kept: 1, cycles: [{ steps: 1, rate: 1e-3 }] }),
      members: [1, 2].map((seed) => initialParameters(seed)),
      calibration: { withMhr: 1, withoutMhr: 1.5, biases: { withMhr: 0, withoutMhr: 0 } },
    };
    const values = learned.members.map((member) => Object.values(member).map((one) => one.values));
    const before = { ...learned, members: values, calibration: { withMhr: 1, withoutMhr: 1.5 } };
    const old = LearnedSignalTrust.parse(unpack(pack(before)));
    expect(old).toEqual(learned);
    expect(
      LearnedSignalTrust.safeParse({ ...learned, members: values.map((own) => own.slice(1)) }).error?.message,
    ).toMatch(/network 1: \d+ parameters without names, \d+ are needed/);
  });
});
