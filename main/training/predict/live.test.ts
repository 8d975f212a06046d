import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import type { JudgedWindow } from "../../../preload/contract/acquisition.ts";
import { maskReasons } from "../../../preload/contract/mask.ts";
import type { ChannelHeader } from "../../../preload/contract/recording.ts";
import type { Prediction, Run } from "../../../preload/contract/run.ts";
import type { Heard, Piece } from "../../signal/piece.ts";
import type { MemoryRecording } from "../data/memory-library.ts";
import { fitRun } from "../fit/fit-run.ts";
import { configOf, gestureRecording, libraryOf, runOf, toolsFor } from "../fit/fit.fixtures.ts";
import { packModel, unpackModel } from "../model-file/model-file.ts";
import type { FitTools } from "../work.ts";
import { openLive } from "./live.ts";
import { predictRecording } from "./predict.ts";

const people = ["p1", "p2", "p3", "p4", "p5"];
const recordings = people.map((subject, i) => gestureRecording(subject, 10 + i));
/** Of the new person: samples lost singly, an electrode away for a while, and all of them for 1.5 s. */
const live: MemoryRecording = {
  ...gestureRecording("live", 99, {
    reasons: (channel, i) => {
      if (i >= 900 && i < 1050) return maskReasons.linkDown;
      if (channel === 2 && i > 300 && i < 520) return maskReasons.saturated;
      return i % 61 === 3 ? maskReasons.damagedPacket : 0;
    },
    hidden: (i) => 1000 + i,
  }),
};
const library = libraryOf([...recordings, live]);
const tools = (): FitTools => toolsFor(library);

let fitted: { readonly run: Run; readonly model: Uint8Array };
beforeAll(async () => {
  fitted = await fitRun(runOf(configOf(people, { adaptation: "causal" })), tools());
});

const headersOf = ({ channels }: MemoryRecording): ChannelHeader[] =>
  channels.map(({ label, role, unit, sampleRate }) => ({
    ...{ label, role, unit, sampleRate, sampleType: "float32", gain: 1, offset: 0 },
  }));

/** [from, to) of all channels, as one stream tells it: a stretch that nothing came of is a gap. */
function told({ channels }: MemoryRecording, from: number, to: number): Heard {
  const count = to - from;
  const width = channels.length;
  const of = <T>(read: (channel: MemoryRecording["channels"][number], at: number) => T): T[] =>
    Array.from({ length: count * width }, (_, i) => read(channels[i % width]!, from + Math.floor(i / width)));
  const reasons = of((channel, at) => channel.reasons?.[at] ?? 0);
  const isGap = reasons.every((reason) => reason === maskReasons.linkDown);
  const piece: Piece = isGap
    ? { kind: "gap", channel: 0, first: from, count, reason: maskReasons.linkDown }
    : {
        ...{ kind: "samples", channel: 0, first: from, count },
        values: Float64Array.from(of((channel, at) => channel.values[at] ?? 0)),
        reasons: Uint8Array.from(reasons),
      };
  return { piece, width, arrivedS: isGap ? undefined : to / 100 };
}

async function judged(
  bounds: readonly number[],
  adaptation: "none" | "causal" | undefined,
): Promise<JudgedWindow[]> {
  const said: JudgedWindow[] = [];
  const order = { runId: fitted.run.id, adaptation, kind: live.kind, channels: headersOf(live) };
  const stream = await openLive({ ...fitted, ...order }, tools(), (some) => said.push(...some));
  for (const [i, to] of bounds.slice(1).entries()) {
    stream.hear([told(live, bounds[i] ?? 0, to)]);
    if (i % 3 === 0) await stream.settled(); // now and then several reads come while one is judged
  }
  await stream.settled();
  await stream.dispose();
  return said;
}

const total = live.channels[0]!.values.length;
const cuts = (inner: readonly number[]): number[] =>
  [...new Set([0, ...inner, 900, 1050, total])].sort((a, b) => a - b);

function expectSame(said: readonly JudgedWindow[], stored: Prediction): void {
  expect(said.map(({ said: { onsetS } }) => onsetS)).toEqual([...stored.onsetS]);
  const k = stored.classes.length;
  said.forEach(({ said: one }, n) => {
    expect(one.classes !== undefined).toBe(stored.assessable[n] === 1);
    expect(one.why === "unobserved").toBe(stored.assessable[n] === 0);
    expect(one.why === "untypical").toBe(stored.typicality[n]! < 0.01);
    one.classes?.forEach(({ label, mean, low, high }, c) => {
      const at = n * k + c;
      expect(label).toBe(stored.classes[c]);
      for (const [own, other] of [
        [mean, stored.probabilities[at]!],
        [low, stored.low[at]!],
        [high, stored.high[at]!],
      ] as const)
        expect(Math.abs(own - other)).toBeLessThan(1e-6);
    });
  });
}

describe("a recording judged while it comes", () => {
  test.each(["none", "causal"] as const)(
    "says of every window what is said of it once it is stored, however it is cut (%s)",
    async (adaptation) => {
      const stored = await predictRecording({ ...fitted, recordingId: live.id, adaptation }, tools());
      expect(stored.assessable.filter((one) => one === 0).length).toBeGreaterThan(3);
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.integer({ min: 1, max: total - 1 }), { minLength: 1, maxLength: 150 }),
          async (inner) => expectSame(await judged(cuts(inner), adaptation), stored),
        ),
        { numRuns: 8, endOnFailure: true },
      );
    },
    60_000,
  );

  test("adapts to the past of the stream where the run can, unless it is told", async () => {
    const stored = await predictRecording({ ...fitted, recordingId: live.id, adaptation: "causal" }, tools());
    expectSame(await judged(cuts([500]), undefined), stored);
  });

  test("each window says when the read came that completed it; one whose end is lost does not", async () => {
    const said = await judged(cuts([37, 74, 111]), "none");
    expect(said[0]).toMatchObject({ said: { onsetS: 0, durationS: 0.5 }, arrivedS: 0.74 });
    expect(said[2]).toMatchObject({ said: { onsetS: 0.5 }, arrivedS: 1.11 });
    expect(said.find(({ said: { onsetS } }) => onsetS === 9)?.arrivedS).toBeUndefined();
  });

  test("what cannot be judged while it comes is refused with one sentence", async () => {
    const order = { runId: fitted.run.id, kind: live.kind, channels: headersOf(live) };
    const lacking = { ...order, channels: order.channels.slice(0, 3) };
    await expect(openLive({ ...fitted, ...lacking }, tools(), () => undefined)).rejects.toMatchObject({
      code: "model/wrong-channels",
      message: "What is connected has no channel EMG4 (emg); it has EMG1, EMG2, EMG3",
    });
    const looking = packModel({ ...unpackModel(fitted.model), front: "ctg-deviation" });
    await expect(
      openLive({ ...fitted, model: looking, ...order }, tools(), () => undefined),
    ).rejects.toMatchObject({ code: "model/not-live" });
    const { run } = fitted;
    const whole = { ...run, config: { ...run.config, model: { kind: "event-net" } } };
    await expect(
      openLive({ ...fitted, run: whole, ...order }, tools(), () => undefined),
    ).rejects.toMatchObject({
      code: "model/not-sequences",
    });
  });
});
