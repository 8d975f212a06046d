import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { onnxRuntime } from "../../../../compute/onnx/runtime.ts";
import type { Runtime } from "../../../../compute/runtime.ts";
import { seededRandom } from "../../../random.ts";
import { ctgDynamics } from "../filter.ts";
import type { NetOptions, NetTools } from "../net/learn.ts";
import { bothWays, type BothWays, LONGEST_GAP_S } from "./both-ways.ts";
import { filled } from "./fill.ts";
import { fitGaps, type GapRecording } from "./fit.ts";
import { hiddenBursts } from "./hide.ts";
import { LearnedGaps } from "./learned.ts";

const SECONDS = 1600;

/** A rate that dips every three minutes, with some noise. */
function recording(seed: number, part: GapRecording["part"] = "train"): GapRecording {
  const random = seededRandom(seed);
  const shift = random.below(180);
  const y = Float64Array.from({ length: SECONDS }, (_, t) => {
    const into = ((t + shift) % 180) - 90;
    return 140 - 30 * Math.exp(-((into / 18) ** 2)) + random.normal();
  });
  const none = { level: new Float32Array(SECONDS), observed: new Uint8Array(SECONDS) };
  return { y, observed: new Uint8Array(SECONDS).fill(1), contractions: none, part };
}

const options: NetOptions = { components: 2, hidden: 12, members: 1, epochs: 1, leastSteps: 600 };
let runtime: Runtime;
let learned: LearnedGaps;
const tools = (): NetTools => ({
  runtime: () => Promise.resolve(runtime),
  seed: 2,
  signal: new AbortController().signal,
  onProgress: () => undefined,
});
async function fitted(): Promise<LearnedGaps> {
  const all = Array.from({ length: 15 }, (_, i) => recording(i, i < 10 ? "train" : "validation"));
  const found = await fitGaps(all, ctgDynamics, options, tools());
  if (found === undefined) throw new Error("nothing was learned");
  return found;
}

beforeAll(async () => {
  runtime = await onnxRuntime({ threads: 1 });
  learned = await fitted();
}, 60_000);
afterAll(() => runtime.dispose());

/** With gaps of about twelve seconds, one just short enough and one too long. `behind`: what stands there. */
function withGaps(behind: number): BothWays {
  const { y: truth, observed, contractions } = recording(99);
  const left = hiddenBursts(observed, seededRandom(5));
  left.fill(1, 900, 1100);
  left.fill(0, 905, 905 + LONGEST_GAP_S);
  left.fill(0, 1000, 1000 + LONGEST_GAP_S + 1);
  const y = truth.map((value, t) => (left[t] === 1 ? value : behind));
  return bothWays({ y, observed: left }, contractions, ctgDynamics);
}

describe("filled gaps", () => {
  test("say nothing where something was observed, nor in a gap that is too long, nor by what lies behind the mask", () => {
    const seen = withGaps(0);
    const out = filled(learned, seen);
    for (let t = 0; t < SECONDS; t += 1) if (seen.observed[t] === 1) expect(out.observed[t]).toBe(0);
    expect(out.observed.slice(905, 905 + LONGEST_GAP_S).every((one) => one === 1)).toBe(true);
    expect(out.observed.slice(1000, 1001 + LONGEST_GAP_S).every((one) => one === 0)).toBe(true);
    expect(filled(learned, withGaps(Number.NaN))).toEqual(out);
  });

  test("follow what a line between the ends cuts off, and their band holds what was there", () => {
    const { y: truth, observed: whole, contractions } = recording(99);
    const observed = whole.slice();
    for (let t = 20; t < SECONDS - 20; t += 1)
      if ((truth[t] ?? 0) < 115 && observed.subarray(t - 15, t + 14).every((one) => one === 1))
        observed.fill(0, t, t + 14);
    const seen = bothWays({ y: truth, observed }, contractions, ctgDynamics);
    const out = filled(learned, seen);
    let [own, line, inside, count] = [0, 0, 0, 0];
    for (let t = 1; t < SECONDS - 1; t += 1) {
      if (out.observed[t] !== 1) continue;
      let [from, to] = [t, t];
      while (seen.observed[from] !== 1) from -= 1;
      while (seen.observed[to] !== 1) to += 1;
      const straight =
        (truth[from] ?? 0) + ((t - from) / (to - from)) * ((truth[to] ?? 0) - (truth[from] ?? 0));
      const value = truth[t] ?? 0;
      own += Math.abs((out.value[t] ?? 0) - value);
      line += Math.abs(straight - value);
      inside += value >= (out.low[t] ?? 0) && value <= (out.high[t] ?? 0) ? 1 : 0;
      count += 1;
    }
    expect(own).toBeLessThan(0.7 * line);
    expect(inside / count).toBeGreaterThan(0.75);
  });

  test("the same recordings and seed give the same bits, and what is saved is read again", async () => {
    expect(await fitted()).toEqual(learned);
    expect(LearnedGaps.parse(structuredClone(learned))).toEqual(learned);
    expect(LearnedGaps.safeParse({ ...learned, components: 3 }).success).toBe(false);
  });
});
