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
import { ANCHORS, FURTHEST, type NetRecording } from "./rows.ts";

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
});
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
    const said = openNetwork(learned, table)(seen, 900);
    for (const h of [...ANCHORS, 5, 37, 90]) {
      const law = said.at(h);
      expect(law?.cdf(law.quantile(0.3))).toBeCloseTo(0.3, 5);
      expect(law?.mean).toBeGreaterThan(110);
      expect(law?.mean).toBeLessThan(170);
    }
    expect(said.at(FURTHEST + 1)).toBeUndefined();
  });

  test("are not learned from a handful of moments", async () => {
    expect(await fitNetwork(recordings.slice(0, 2), ctgDynamics, options, tools())).toBeUndefined();
  });
});
