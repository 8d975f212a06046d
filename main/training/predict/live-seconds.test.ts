import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import type { JudgedWindow } from "../../../preload/contract/acquisition.ts";
import { RunConfig } from "../../../preload/contract/run.ts";
import type { SecondsJudge } from "../../models/model.ts";
import { registered } from "../../models/registry.ts";
import { SignalTrustConfig } from "../../models/sequences/signal-trust/config.ts";
import { initialParameters } from "../../models/sequences/signal-trust/network.ts";
import type { Heard } from "../../signal/piece.ts";
import type { MemoryRecording } from "../data/memory-library.ts";
import { walk, walkJudge, WALK_RATE, WALK_S, WALK_SD, walkRecording } from "../data/walk.fixtures.ts";
import { libraryOf, runOf, toolsFor } from "../fit/fit.fixtures.ts";
import { packSequenceModel } from "../model-file/sequence-file.ts";
import { findInRecording } from "./find.ts";
import { openLive } from "./live.ts";
import { liveWalk } from "./live-walk.fixtures.ts";

const PAST_S = 10;
/** Ten minutes of it did not come. */
const AWAY_S = { from: 200, to: 800 } as const;
const isAway = (s: number): boolean => s >= AWAY_S.from && s < AWAY_S.to;
const { channel, header, order, run, tools, told, trained } = liveWalk(isAway);

/** Says of a second how much its mean differs from that of the ten seconds before, of which it also says how much it saw. */
const judge: SecondsJudge = {
  pastS: PAST_S,
  judge: (source, { onsetS, durationS }) =>
    Promise.resolve(
      Array.from({ length: durationS }, (_, i) => {
        const at = onsetS + i;
        const { values, observed } = source.read(0, at * WALK_RATE, WALK_RATE);
        const past = source.read(0, Math.max(0, at - PAST_S) * WALK_RATE, Math.min(at, PAST_S) * WALK_RATE);
        const seen = past.observed.reduce((sum, is) => sum + is, 0);
        const own = { label: "level", mean: values[0] ?? NaN, low: seen, high: seen };
        return observed.includes(1)
          ? { onsetS: at, durationS: 1, classes: [own], decision: "level" }
          : { onsetS: at, durationS: 1, why: "unobserved" as const };
      }),
    ),
  dispose: () => Promise.resolve(),
};

let takeOut: () => void = () => undefined;
afterEach(() => takeOut());
const put = (seconds: SecondsJudge): void => {
  const own = { ...walkJudge(WALK_SD), seconds: () => Promise.resolve(seconds) };
  takeOut = registered({ ...walk, open: () => Promise.resolve(own) });
};

async function judged(bounds: readonly number[]): Promise<JudgedWindow[]> {
  const said: JudgedWindow[] = [];
  const stream = await openLive({ ...trained, ...order }, tools, (some) => said.push(...some));
  for (const [i, to] of bounds.slice(1).entries()) {
    stream.hear([told(bounds[i] ?? 0, to)]);
    if (i % 3 === 0 || to === AWAY_S.from * WALK_RATE) await stream.settled(); // now and then several reads come while one is judged
  }
  await stream.settled();
  await stream.dispose();
  return said;
}

const total = WALK_S * WALK_RATE;
const cuts = (inner: readonly number[]): number[] =>
  [...new Set([0, ...inner, AWAY_S.from * WALK_RATE, AWAY_S.to * WALK_RATE, total])].sort((a, b) => a - b);

test("every second that comes is judged once, in its order, by what it looks back on", async () => {
  put(judge);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: AWAY_S.from * WALK_RATE }), { minLength: 1, maxLength: 100 }),
      async (inner) => {
        const every = Array.from({ length: 29 }, (_, i) => (i + 1) * 7 * WALK_RATE); // never more than is told at once
        const said = await judged(cuts([...inner, ...every].filter((at) => at < AWAY_S.from * WALK_RATE)));
        const before = said.filter(({ said: { onsetS } }) => onsetS < AWAY_S.from);
        expect(before.map((one) => one.said.onsetS)).toEqual(
          Array.from({ length: AWAY_S.from }, (_, s) => s),
        );
        for (const { said: one } of before) {
          const [level] = one.classes ?? [];
          expect(level?.mean).toBe(channel?.values[one.onsetS * WALK_RATE]);
          expect(level?.low).toBe(Math.min(one.onsetS, PAST_S) * WALK_RATE);
        }
      },
    ),
    { numRuns: 10, endOnFailure: true },
  );
});

test("of a long gap that is told when it is over the last minute is said, and that nothing was there", async () => {
  put(judge);
  const said = await judged(cuts([]));
  const gap = said.filter(({ said: { onsetS } }) => isAway(onsetS));
  expect(gap.map(({ said: { onsetS } }) => onsetS)).toEqual(
    Array.from({ length: 60 }, (_, i) => AWAY_S.to - 60 + i),
  );
  expect(gap.every(({ said: { why } }) => why === "unobserved")).toBe(true);
});

test("a second says when the read came that completed it", async () => {
  put(judge);
  const said = await judged(cuts([6, 13]));
  expect(said[0]).toMatchObject({ said: { onsetS: 0 }, arrivedS: 1.5 });
  expect(said[1]).toMatchObject({ said: { onsetS: 1 }, arrivedS: 3.25 });
});

test("one that fails says so, and judges nothing more", async () => {
  let asked = 0;
  put({
    ...judge,
    judge: () => {
      asked += 1;
      return Promise.reject(new Error("its memory is lost"));
    },
  });
  const stream = await openLive({ ...trained, ...order }, tools, () => undefined);
  stream.hear([told(0, 8)]);
  await expect(stream.failed).rejects.toThrow("its memory is lost");
  stream.hear([told(8, 16)]);
  await stream.settled();
  await stream.dispose();
  expect(asked).toBe(1);
});

/** As a monitor sends it, a channel a piece. */
const toldOf = ({ channels }: MemoryRecording, from: number, to: number): readonly Heard[] =>
  channels.map(({ values, reasons }, position) => ({
    piece: {
      ...{ kind: "samples", channel: position, first: from, count: to - from },
      values: Float64Array.from(values.subarray(from, to)),
      reasons: Uint8Array.from({ length: to - from }, (_, i) => reasons?.[from + i] ?? 0),
    },
    width: 1,
    arrivedS: to / WALK_RATE,
  }));

test.each([true, false])(
  "signal trust says of each second what it says of the stored recording (a maternal heart rate: %s)",
  async (hasMhr) => {
    const both = walkRecording("both", 6, (s) => s % 90 < 4);
    const [fhr] = walkRecording("own", 6, (s) => s % 90 < 4).channels;
    const [mhr] = walkRecording("mother", 7).channels;
    const own = (label: string, role: "fhr" | "mhr", from = fhr): MemoryRecording["channels"] =>
      from === undefined ? [] : [{ ...from, label, role }];
    const taught = { ...both, id: "taught", channels: [...own("FHR", "fhr"), ...own("MHR", "mhr", mhr)] };
    const lying = { ...both, channels: [...own("FHR1", "fhr"), ...(hasMhr ? own("MHR", "mhr", mhr) : [])] };
    const library = toolsFor(libraryOf([taught, lying]));
    const data = { ...run.config.data, recordingIds: [taught.id], channels: ["FHR", "MHR"] };
    const learned = {
      config: SignalTrustConfig.parse({
        members: 2,
        kept: 1,
        cycles: [{ steps: 1, rate: 1e-3 }],
        pastOnly: true,
      }),
      members: [initialParameters(1), initialParameters(2)],
      calibration: { withMhr: 1, withoutMhr: 1.5 },
    };
    const trust = {
      run: runOf(RunConfig.parse({ ...run.config, data, model: { kind: "signal-trust", pastOnly: true } })),
      model: packSequenceModel({ kind: "signal-trust", learned }),
    };
    const [stored] = await findInRecording({ ...trust, recordingId: lying.id }, library);
    const [series] = stored?.kind === "curves" ? stored.series : [];
    const said: JudgedWindow[] = [];
    const channels = lying.channels.map(({ label, role }) => ({ ...header, label, role }));
    const stream = await openLive({ ...trust, ...order, channels }, library, (some) => said.push(...some));
    for (let at = 0; at < total; at += 30 * WALK_RATE) {
      stream.hear(toldOf(lying, at, at + 30 * WALK_RATE));
      await stream.settled();
    }
    await stream.dispose();
    expect(series?.over).toBe("FHR1");
    expect(said.map((one) => one.said.onsetS)).toEqual(Array.from({ length: WALK_S }, (_, s) => s));
    for (const { said: one } of said) {
      const from = one.onsetS * WALK_RATE;
      const seen = [...(series?.value.subarray(from, from + WALK_RATE) ?? [])].filter(
        (p) => !Number.isNaN(p),
      );
      expect(one.why === "unobserved").toBe(seen.length === 0);
      if (seen.length > 0)
        expect(one.classes?.[0]?.mean).toBeCloseTo(seen.reduce((a, b) => a + b, 0) / seen.length, 5);
    }
  },
  120_000,
);
