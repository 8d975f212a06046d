import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { withoutNames } from "../../../../compute/nameless.fixtures.ts";
import { onnxRuntime } from "../../../../compute/onnx/runtime.ts";
import type { Runtime } from "../../../../compute/runtime.ts";
import { seededRandom } from "../../../random.ts";
import { horizons } from "../ahead.ts";
import { ctgDynamics, filter } from "../filter.ts";
import { openNetwork } from "./ahead.ts";
import { contractionLevel } from "./contractions.ts";
import { fitNetwork } from "./fit.ts";
import { INPUTS, inputsAt, type Seen } from "./inputs.ts";
import type { NetCheckpoint, NetOptions, NetTools } from "./learn.ts";
import { LearnedNet } from "./learned.ts";
import { ANCHORS, BETWEEN, FURTHEST, type NetRecording } from "./rows.ts";
import { Surprises, usualAdapting } from "./surprises.ts";

/** A rate that swings about 140 with gaps; `behind`: what stands where nothing was observed. */
function seenOf(seconds: number, seed: number, behind = 0): Seen {
  const random = seededRandom(seed);
  const y = new Float64Array(seconds);
  const observed = new Uint8Array(seconds).fill(1);
  let [slow, left] = [0, 0];
  for (let t = 0; t < seconds; t += 1) {
    slow = 0.97 * slow + random.normal();
    y[t] = 140 + slow + 6 * Math.sin(t / 20 + seed) + 0.5 * random.normal();
    if (left === 0 && random.next() < 0.01) left = 20;
    if (left > 0) {
      left -= 1;
      observed[t] = 0;
      y[t] = behind;
    }
  }
  const uc = Float64Array.from({ length: seconds }, (_, t) => 20 + 15 * Math.sin(t / 40));
  const level = contractionLevel(uc, observed);
  level.level.forEach((_, t) => (level.level[t] = observed[t] === 1 ? (level.level[t] ?? 0) : behind));
  return { y, observed, after: filter({ y, observed }, ctgDynamics).after, contractions: level };
}

const SECONDS = 1300;
const recordings = [
  ...Array.from({ length: 9 }, (_, i): NetRecording => ({
    seen: seenOf(SECONDS, i),
    part: i < 6 ? "train" : "validation",
  })),
];
const options: NetOptions = { components: 3, hidden: 12, members: 2, epochs: 1, leastSteps: 30 };
const table = horizons(ctgDynamics, FURTHEST);

let runtime: Runtime;
let learned: LearnedNet;
const tools = (more: Partial<NetTools> = {}): NetTools => ({
  runtime: () => Promise.resolve(runtime),
  seed: 4,
  signal: new AbortController().signal,
  onProgress: () => undefined,
  ...more,
});
const fitted = async (more: Partial<NetTools> = {}): Promise<LearnedNet> => {
  const found = await fitNetwork(recordings, ctgDynamics, options, tools(more));
  if (found === undefined) throw new Error("nothing was learned");
  return found;
};

beforeAll(async () => {
  runtime = await onnxRuntime({ threads: 1 });
  learned = await fitted();
}, 60_000);
afterAll(() => runtime.dispose());

test("without recordings to set widths by nothing is learned: those of what was learned from would be too narrow", async () => {
  const train = recordings.filter(({ part }) => part === "train");
  expect(await fitNetwork(train, ctgDynamics, options, tools())).toBeUndefined();
});

describe("the inputs of a moment", () => {
  test("are as many as they say, by the past alone, and nothing behind the mask", () => {
    const [seen, other] = [seenOf(SECONDS, 3), seenOf(SECONDS, 3, 999)];
    const [own, masked, short] = [0, 1, 2].map(() => new Float32Array(INPUTS + 1).fill(7));
    const t = 1250;
    inputsAt(seen, t, own ?? new Float32Array());
    inputsAt(other, t, masked ?? new Float32Array());
    const cut = (values: ArrayLike<number>): Float64Array => Float64Array.from(values).slice(0, t + 1);
    inputsAt({ ...seen, y: cut(seen.y), observed: cut(seen.observed) }, t, short ?? new Float32Array());
    expect(own?.[INPUTS - 1]).not.toBe(7);
    expect(own?.[INPUTS]).toBe(7);
    expect(masked).toEqual(own);
    expect(short).toEqual(own);
  });
});

describe("the networks that correct a filter", () => {
  test("the same recordings and seed give the same bits, resumed or not", async () => {
    expect(await fitted()).toEqual(learned);
    const places: NetCheckpoint[] = [];
    await fitted({ onCheckpoint: (at) => Promise.resolve(void places.push(structuredClone(at))) });
    const middle = places.find(({ done, under }) => done.length === 1 && under !== null) ?? places[0];
    const before = z.custom<NetCheckpoint>().parse(withoutNames(middle)); // while parameters had no names
    for (const resume of [middle, before]) expect(await fitted({ resume })).toEqual(learned);
  });

  test("what is saved is read again, and what does not fit together is refused", () => {
    expect(LearnedNet.parse(structuredClone(learned))).toEqual(learned);
    const [first = {}] = learned.members;
    const { "layer1.weights": weights, "layer2.weights": others } = first;
    const refused = (own: object): string =>
      LearnedNet.safeParse({ ...learned, ...own }).error?.message ?? "";
    const swapped = { ...first, "layer1.weights": others, "layer2.weights": weights };
    expect(refused({ members: [first, swapped] })).toMatch(/network 2: The parameter layer1\.weights is \[/);
    const none = { ...first, "layer2.biases": { shape: [1], values: Float32Array.of(NaN) } };
    expect(refused({ members: [none] })).toMatch(/The parameter layer2\.biases/);
    expect(refused({ hidden: 13 })).toMatch(/The parameter layer1\.weights/);
  });

  test("say more of what comes than shares of a wide guess, at anchors and between, up to two minutes", () => {
    const seen = seenOf(SECONDS, 77);
    const said = openNetwork(learned, table)(seen, 900, new Surprises());
    for (const h of [...ANCHORS, 5, 37, 90]) {
      const law = said.at(h);
      expect(law?.cdf(law.quantile(0.3))).toBeCloseTo(0.3, 5);
      expect(law?.mean).toBeGreaterThan(110);
      expect(law?.mean).toBeLessThan(170);
    }
    expect(said.at(FURTHEST + 1)).toBeUndefined();
  });

  /** Share of what came inside the 80 % band, over the recordings that widths were set by. */
  const coverage = (own: LearnedNet, h: number): number => {
    const say = openNetwork(own, table);
    let [inside, all] = [0, 0];
    for (const { seen } of recordings.filter(({ part }) => part === "validation")) {
      const past = new Surprises();
      for (let t = 120; t + h < SECONDS; t += 5) {
        if (seen.observed[t + h] !== 1) continue;
        const share =
          say(seen, t, past)
            .at(h)
            ?.cdf(seen.y[t + h] ?? 0) ?? NaN;
        all += 1;
        inside += Number(Math.abs(share - 0.5) <= 0.4);
      }
    }
    return inside / all;
  };

  test.each(BETWEEN)("widths are set right %d s ahead too, where no network was taught", (h) => {
    expect(Math.abs(coverage({ ...learned, adapts: undefined }, h) - 0.8)).toBeLessThan(0.015);
  });

  test("of files of before, widths between anchors are taken in proportion, and at anchors they are the same", () => {
    const { between, ...before } = { ...learned, adapts: undefined };
    expect(between).toHaveLength(BETWEEN.length);
    const old = LearnedNet.parse(structuredClone(before));
    const seen = seenOf(SECONDS, 77);
    const [a, b] = [{ ...before, between }, old].map((own) =>
      openNetwork(own, table)(seen, 900, new Surprises()),
    );
    for (const h of ANCHORS) expect(b?.at(h)?.cdf(139)).toBe(a?.at(h)?.cdf(139));
    for (const h of BETWEEN) {
      const share = b?.at(h)?.cdf(139) ?? NaN;
      expect(share).not.toBe(a?.at(h)?.cdf(139));
      expect(Math.abs(share - (a?.at(h)?.cdf(139) ?? NaN))).toBeLessThan(0.1);
    }
    expect(LearnedNet.safeParse({ ...learned, between: between?.slice(1) }).success).toBe(false);
  });

  test("where widths are to follow a recording, what is said is spread out about its middle by as much", () => {
    const seen = seenOf(SECONDS, 77);
    class Doubling extends Surprises {
      override wideningAt = () => () => Math.log(2);
    }
    const [plain, wide, still] = [
      { adapts: usualAdapting, past: new Surprises(), t: 120 }, // nothing came yet
      { adapts: usualAdapting, past: new Doubling(), t: 120 },
      { adapts: undefined, past: new Doubling(), t: 120 },
    ].map(({ adapts, past, t }) => openNetwork({ ...learned, adapts }, table)(seen, t, past).at(45));
    const [low, high] = [0.1, 0.9].map((share) =>
      [plain, wide, still].map((own) => own?.quantile(share) ?? NaN),
    );
    const twice = ([own = NaN, other = NaN]: readonly number[] = []): number => 2 * own - other;
    expect(twice(low)).toBeCloseTo(twice(high), 6); // the one point that stays
    expect(low?.[2]).toBe(low?.[0]);
    expect(high?.[2]).toBe(high?.[0]);
  });

  test("are not learned from a handful of moments", async () => {
    expect(await fitNetwork(recordings.slice(0, 2), ctgDynamics, options, tools())).toBeUndefined();
  });
});
