import { CtgContext, CtgEngine, CtgSettings } from "../../preload/contract/ctg.ts";
import type { ChannelSamples } from "../../main/analysis/ctg/read.ts";
import { judgeCtg, readCtg } from "../../main/analysis/ctg/reading.ts";
import { seededRandom } from "../../main/models/random.ts";
import type { Row } from "./storage.ts";

const HZ = 4;
const USUAL_S = 90 * 60;
const DAY_S = 86_400;
const EVERY_S = 180; // a contraction
const DRAWS = 200;
const RUNS = 5;

interface Made {
  readonly durationS: number;
  readonly fhr: ChannelSamples;
  readonly uc: ChannelSamples;
}

/** Heart rate with swings, late decelerations and lost contact in a sixth of the time; contractions. */
function made(durationS: number): Made {
  const random = seededRandom(7);
  let [slow, fast, isLost] = [0, 0, false];
  const count = durationS * HZ;
  const fhr = new Float32Array(count);
  const observed = new Uint8Array(count);
  const uc = new Float32Array(count);
  for (let i = 0; i < count; i += 1) {
    const after = ((i / HZ) % EVERY_S) - 90;
    slow = 0.9995 * slow + 0.12 * random.normal();
    fast = 0.97 * fast + 0.8 * random.normal();
    if (random.next() < (isLost ? 0.02 : 0.004)) isLost = !isLost;
    fhr[i] = 140 + slow + fast - 30 * Math.exp(-(((after - 40) / 22) ** 2));
    observed[i] = Number(!isLost);
    uc[i] = 10 + random.next() + 50 * Math.exp(-((after / 25) ** 2));
  }
  return {
    durationS,
    fhr: { values: fhr, observed, sampleRate: HZ },
    uc: { values: uc, observed: new Uint8Array(count).fill(1), sampleRate: HZ },
  };
}

function result<T>(steps: Generator<unknown, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

const context = CtgContext.parse({ gestationDays: 280, isLabour: true });

/** Baseline, events, variability and every engine. */
function read({ durationS, fhr, uc }: Made, draws: number): void {
  const settings = CtgSettings.parse({ draws });
  const curves = { baseline: undefined, falseSignal: undefined, events: [] };
  const sources = { durationS, fhr: [fhr], uc, mhr: undefined };
  const reading = result(
    readCtg({ sources, over: "FHR", context, settings, curves, movements: [], trusted: [], fetuses: 1 }),
  );
  result(judgeCtg(reading, { context, settings, wanted: CtgEngine.options }));
}

/** Milliseconds of a core, the least of some runs. */
function least(work: () => void, runs = RUNS): number {
  let best = Infinity;
  for (let run = 0; run < runs; run += 1) {
    const began = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(began);
    best = Math.min(best, (user + system) / 1000);
  }
  return best;
}

const [REACH_S, STEP_S, PASSES] = [20 * 60, 6, 6] as const;

/** The plain way to no more than the baseline: every window of six passes is sorted, for a median one in six seconds. */
function sortedMedians({ fhr: { values, observed } }: Made): void {
  for (let pass = 0; pass < PASSES; pass += 1)
    for (let at = 0; at < values.length; at += STEP_S * HZ) {
      const near: number[] = [];
      for (let i = Math.max(0, at - REACH_S * HZ); i < Math.min(values.length, at + REACH_S * HZ); i += HZ)
        if (observed[i] === 1) near.push(values[i] ?? 0);
      near.sort((a, b) => a - b);
    }
}

/** Reading ninety minutes and a day of cardiotocogram by rule. */
export function benchCtg(): Row[] {
  const usual = made(USUAL_S);
  const whole = least(() => read(usual, 0));
  const plain = least(() => sortedMedians(usual), 1);
  const drawn = least(() => read(usual, DRAWS), 2) - whole;
  const day = made(DAY_S);
  return [
    {
      ...row("ctg: 90 min read by rule, every engine", whole),
      ...{ peer: "a baseline alone, each window sorted", peerValue: plain, ratio: plain / whole },
    },
    row(`ctg: ${DRAWS} joint draws of them`, drawn),
    row(
      "ctg: 24 h read by rule, every engine",
      least(() => read(day, 0), 1),
    ),
  ];
}

const row = (name: string, value: number): Row => ({
  ...{ name, value, unit: "ms of a core", peer: "", peerValue: Number.NaN, ratio: Number.NaN },
});
