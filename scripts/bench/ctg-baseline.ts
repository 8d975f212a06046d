import { baselineRules } from "../../main/analysis/ctg/baseline/registry.ts";
import { drawBaseline } from "../../main/analysis/ctg/baseline/draw.ts";
import { WeightedMedians } from "../../main/analysis/ctg/baseline/weighted-median.ts";
import { CTG_HZ, type Baseline, type Samples } from "../../main/analysis/ctg/trace.ts";
import { seededRandom } from "../../main/models/random.ts";
import type { Row } from "./storage.ts";

const MINUTES = 90;
const DAY_MINUTES = 24 * 60;
const RUNS = 5;
/** The pass of the weighted median that looks furthest: a value in 3 s, a median in 6 s. */
const PASS = { everyS: 3, stepS: 6, reach: 400, power: 2 } as const;

/** Milliseconds of a core, the least of some runs. */
function least<Result>(work: () => Result, runs = RUNS): readonly [number, Result] {
  let best = Infinity;
  for (let run = 0; ; run += 1) {
    const began = process.cpuUsage();
    const result = work();
    const { user, system } = process.cpuUsage(began);
    best = Math.min(best, (user + system) / 1000);
    if (run + 1 >= runs) return [best, result];
  }
}

/** A made-up heart rate with waves, decelerations and gaps. */
function heartRate(minutes: number): Samples {
  const random = seededRandom(7);
  let [slow, fast] = [0, 0];
  const values = Float64Array.from({ length: minutes * 60 * CTG_HZ }, (_, i) => {
    slow = 0.9995 * slow + 0.15 * random.normal();
    fast = 0.95 * fast + 0.8 * random.normal();
    const phase = (i / CTG_HZ) % 240;
    return 138 + slow + fast - (phase < 60 ? 25 * Math.sin((Math.PI * phase) / 60) ** 2 : 0);
  });
  let isSeen = true;
  const observed = new Uint8Array(values.length).map(() => {
    if (random.next() < (isSeen ? 0.004 : 0.02)) isSeen = !isSeen;
    return isSeen ? 1 : 0;
  });
  return { values, observed };
}

/** Baselines of ninety minutes and of a day, one draw, and the sliding medians beside sorting at each point. */
export function benchCtgBaseline(): Row[] {
  const [short, day] = [heartRate(MINUTES), heartRate(DAY_MINUTES)];
  const rows = baselineRules.map((rule) =>
    row(`baseline ${rule.name}, ${MINUTES} min`, least(() => rule.find(short, []))[0]),
  );
  const [usual] = baselineRules;
  if (usual === undefined) return rows;
  const [oneDay] = least(() => usual.find(day, []), 2);
  const baseline = usual.find(short, []);
  return [
    ...rows,
    row(`baseline ${usual.name}, 24 h`, oneDay),
    row(`a draw of it, ${MINUTES} min`, drawing(baseline)),
    besideSorting(short),
  ];
}

function drawing(baseline: Baseline): number {
  const random = seededRandom(1);
  const draws = 100;
  const [all] = least(() => {
    let sum = 0;
    for (let k = 0; k < draws; k += 1) sum += drawBaseline(baseline, () => random.next())[k] ?? 0;
    return sum;
  });
  return all / draws;
}

/** The same medians, by sorting what lies in the window at each point. */
function besideSorting({ values, observed }: Samples): Row {
  const size = PASS.everyS * CTG_HZ;
  const cells = values.filter((_, i) => i % size === 0);
  const weights = cells.map((_, k) => observed[k * size] ?? 0);
  const centres = Array.from(
    { length: Math.floor(cells.length / 2) },
    (_, k) => (k * PASS.stepS) / PASS.everyS,
  );
  const window = { reach: PASS.reach, low: -Infinity, high: Infinity, extra: NaN, topUpTo: 0 };
  const [ours, found] = least(() => {
    const medians = new WeightedMedians(cells, weights, PASS.power);
    return centres.map((centre) => medians.find({ ...window, centre }).value);
  });
  const [naive, sorted] = least(() => centres.map((centre) => sortedMedian(cells, weights, centre)));
  const furthest = Math.max(...found.map((v, k) => Math.abs(v - (sorted[k] ?? NaN))));
  if (!(furthest < 0.1)) throw new Error(`other medians: ${furthest} bpm apart`);
  return {
    ...row(`one pass of weighted medians, ${MINUTES} min`, ours),
    ...{ peer: "sorting at each point", peerValue: naive, ratio: naive / ours },
  };
}

function sortedMedian(values: Float64Array, weights: Float64Array, centre: number): number {
  const from = Math.max(0, centre - PASS.reach + 1);
  const all = [...values.subarray(from, centre + PASS.reach)].map((value, k) => ({
    value,
    weight: (1 - Math.abs(from + k - centre) / PASS.reach) ** PASS.power * (weights[from + k] ?? 0),
  }));
  all.sort((a, b) => a.value - b.value);
  const half = all.reduce((sum, { weight }) => sum + weight, 0) / 2;
  let behind = 0;
  return all.find(({ weight }) => (behind += weight) >= half)?.value ?? NaN;
}

const row = (name: string, value: number): Row => ({
  ...{ name: `ctg: ${name}`, value, unit: "ms of a core", peer: "", peerValue: NaN, ratio: NaN },
});
