import { mixturePredictive, type ScoredPredictive } from "../../../main/models/distributions/predictive.ts";
import { seededRandom } from "../../../main/models/random.ts";
import { fitT } from "../../../main/models/sequences/state-space/calibration.ts";
import { ctgDynamics } from "../../../main/models/sequences/state-space/filter.ts";
import {
  type BothWays,
  bothWays,
  type Gap,
  gapsOf,
  knownAt,
} from "../../../main/models/sequences/state-space/gaps/both-ways.ts";
import { openGaps } from "../../../main/models/sequences/state-space/gaps/fill.ts";
import { fitGaps, usualGaps } from "../../../main/models/sequences/state-space/gaps/fit.ts";
import { hiddenBursts, hiddenInside } from "../../../main/models/sequences/state-space/gaps/hide.ts";
import type { LearnedGaps } from "../../../main/models/sequences/state-space/gaps/learned.ts";
import { contractionLevel } from "../../../main/models/sequences/state-space/net/contractions.ts";
import { pairedOverGroups } from "../../../main/training/judge/paired.ts";
import { atMost, type CheckTools, figure, type MethodCheck, type Outcome } from "../check.ts";
import { withRuntime } from "../identity/networks.ts";
import { type CtuRecord, ctuRecords, ctuSplit } from "../sequences/ctu.ts";
import { SHARES } from "./scores.ts";

const TRAINED_REST = 140; // records of the rest that the networks learn from too
const [FIT_SEED, TEST_SEED, VAL_SEED] = [1, 2026, 2027];
const from = { evidence: "computed", source: "recipe-ssm.md §9" } as const;

type Pattern = "bursts" | "dips";
interface Hidden {
  readonly record: string;
  readonly seen: BothWays;
  readonly gap: Gap;
  readonly t: number;
  readonly value: number;
}

/** Seconds that were observed, hidden by a pattern. */
function hidden(records: readonly CtuRecord[], pattern: Pattern, seed: number): Hidden[] {
  const random = seededRandom(seed, 41);
  return records.flatMap(({ id, fhr: y, observed, uc, ucObserved, events }) => {
    const dips = events
      .filter(({ kind }) => kind === "DEC")
      .map((one) => ({ from: Math.ceil(one.fromS), to: Math.min(y.length, Math.floor(one.toS)) }));
    const left = pattern === "bursts" ? hiddenBursts(observed, random) : hiddenInside(observed, dips, random);
    const seen = bothWays({ y, observed: left }, contractionLevel(uc, ucObserved), ctgDynamics);
    return gapsOf(left).flatMap((gap) => {
      const inside: Hidden[] = [];
      for (let t = gap.from; t < gap.to; t += 1)
        if (observed[t] === 1) inside.push({ record: String(id), seen, gap, t, value: y[t] ?? 0 });
      return inside;
    });
  });
}

interface Scores {
  readonly mae: number;
  readonly crps: number;
  readonly coverage: readonly number[];
  readonly byRecord: {
    readonly error: ReadonlyMap<string, number>;
    readonly crps: ReadonlyMap<string, number>;
  }; // means
}

function scored(all: readonly Hidden[], law: (one: Hidden) => ScoredPredictive): Scores {
  const sums = new Map<string, { error: number; crps: number; count: number }>();
  let [error, crps] = [0, 0];
  const inside = SHARES.map(() => 0);
  for (const one of all) {
    const said = law(one);
    const own = Math.abs(said.quantile(0.5) - one.value);
    const share = said.cdf(one.value);
    const score = said.crps(one.value);
    error += own;
    crps += score;
    SHARES.forEach((wide, i) => {
      if (Math.abs(share - 0.5) <= wide / 2) inside[i] = (inside[i] ?? 0) + 1;
    });
    const sum = sums.get(one.record) ?? { error: 0, crps: 0, count: 0 };
    sums.set(one.record, { error: sum.error + own, crps: sum.crps + score, count: sum.count + 1 });
  }
  return {
    ...{ mae: error / all.length, crps: crps / all.length },
    coverage: inside.map((n) => n / all.length),
    byRecord: {
      error: new Map([...sums].map(([record, sum]) => [record, sum.error / sum.count])),
      crps: new Map([...sums].map(([record, sum]) => [record, sum.crps / sum.count])),
    },
  };
}

const straight = ({ seen, gap, t }: Hidden): number => knownAt(seen, gap, t).straight;

/** The line between the ends with a t band, its width and tails by the validation records. */
function lineLaw(validation: readonly Hidden[]): (one: Hidden) => ScoredPredictive {
  const { scale, tails } = fitT(Float64Array.from(validation, (one) => one.value - straight(one))) ?? {
    ...{ scale: 5, tails: 4 },
  };
  return (one) => mixturePredictive([{ weight: 1, mean: straight(one), scale, nu: tails }]);
}

function learn(train: readonly CtuRecord[], validation: readonly CtuRecord[]): Promise<LearnedGaps> {
  const recordings = [
    ...train.map((one) => ({ one, part: "train" as const })),
    ...validation.map((one) => ({ one, part: "validation" as const })),
  ].map(({ one: { fhr, observed, uc, ucObserved }, part }) => ({
    ...{ y: fhr, observed, part },
    contractions: contractionLevel(uc, ucObserved),
  }));
  return withRuntime(async (runtime) => {
    const learned = await fitGaps(recordings, ctgDynamics, usualGaps, {
      runtime: () => Promise.resolve(runtime),
      seed: FIT_SEED,
      signal: new AbortController().signal,
      onProgress: () => undefined,
    });
    if (learned === undefined) throw new Error("too little to learn from");
    return learned;
  });
}

const told = (name: string, { mae, crps, coverage }: Scores): string =>
  `${name}: mean error ${mae.toFixed(2)}, CRPS ${crps.toFixed(2)}, bands ${coverage.map((c) => c.toFixed(3)).join(" ")}`;

function rows(name: string, net: Scores, line: Scores, limits: { crps: number; mae?: number }): Outcome[] {
  const paired = (what: string, of: "error" | "crps"): Outcome => {
    const { difference, interval } = pairedOverGroups(net.byRecord[of], line.byRecord[of]);
    return {
      what: `${name}, ${what} less the line's, over records`,
      value: `${figure(difference, 2)} [${figure(interval?.low ?? Number.NaN, 2)}, ${figure(interval?.high ?? Number.NaN, 2)}]`,
      expected: "interval below 0",
      pass: (interval?.high ?? 0) < 0,
      ...from,
    };
  };
  const off = Math.max(...net.coverage.map((reached, i) => Math.abs(reached - (SHARES[i] ?? 0))));
  return [
    atMost(`${name}, CRPS against the line`, net.crps / line.crps, limits.crps, from),
    ...(limits.mae === undefined
      ? []
      : [atMost(`${name}, mean error against the line, ambitious`, net.mae / line.mae, limits.mae, from)]),
    paired("CRPS", "crps"),
    paired("mean error", "error"),
    atMost(`${name}, 50/80/90/95 % bands, largest error`, off, name.startsWith("bursts") ? 0.02 : 0.07, from),
  ];
}

async function run({ data, say }: CheckTools): Promise<readonly Outcome[]> {
  const split = ctuSplit(data());
  const load = (ids: readonly number[]): readonly CtuRecord[] => ctuRecords(data(), ids);
  const val = load(split.val);
  const learned = await learn([...load(split.fit), ...load(split.rest.slice(0, TRAINED_REST))], val);
  const open = openGaps(learned);
  const parts = { "": load(split.test), ", records kept for the end": load(split.rest.slice(TRAINED_REST)) };
  return Object.entries(parts).flatMap(([where, records]) =>
    (["bursts", "dips"] as const).flatMap((pattern) => {
      const all = hidden(records, pattern, TEST_SEED);
      const line = scored(all, lineLaw(hidden(val, pattern, VAL_SEED)));
      const net = scored(all, ({ seen, gap, t }) => open(seen, gap, t));
      say(`${pattern}${where}, ${all.length} seconds of ${records.length} records`);
      say(told("  the line", line));
      say(told("  filter and networks from both sides", net));
      return rows(
        `${pattern === "bursts" ? "bursts" : "inside decelerations"}${where}`,
        net,
        line,
        pattern === "bursts" ? { crps: 0.91 } : { crps: 0.95, mae: 0.92 },
      );
    }),
  );
}

export const stateSpaceGaps: MethodCheck = {
  id: "ssm-gaps",
  about:
    "seconds hidden in 60 labour records of CTU-UHB, in bursts and inside decelerations, filled from both sides",
  run,
};
