import { ahead, horizons, type Ahead } from "../../../main/models/sequences/state-space/ahead.ts";
import { calibrated, calibrationFrom } from "../../../main/models/sequences/state-space/calibration.ts";
import { drivenBy, type Drive } from "../../../main/models/sequences/state-space/drive.ts";
import { ctgDynamics, filter, MEMORY } from "../../../main/models/sequences/state-space/filter.ts";
import { learnDrive, learnDynamics } from "../../../main/models/sequences/state-space/learn.ts";
import { contractionLevel } from "../../../main/models/sequences/state-space/net/contractions.ts";
import {
  filterRegimes,
  livelinessAhead,
  switchingOf,
  variabilityRegimes,
} from "../../../main/models/sequences/state-space/regimes.ts";
import type { SeenSeconds } from "../../../main/models/sequences/state-space/seen.ts";
import { pairedOverGroups } from "../../../main/training/judge/paired.ts";
import { atMost, figure, type MethodCheck, type Outcome } from "../check.ts";
import { ctuRecords, ctuSplit } from "../sequences/ctu.ts";

const HORIZONS = [1, 15, 30, 60] as const;
const [WARM_S, EVERY_S] = [120, 2];
const from = { evidence: "computed", source: "recipe-ssm.md §2, §6, §9" } as const;

/** What was foreseen h seconds after second t. */
type Says = (t: number, h: number) => Ahead;
type Method = (seen: SeenSeconds) => Says;

const table = horizons(ctgDynamics, 60);

const plain: Method = ({ y, observed }) => {
  const { after } = filter({ y, observed }, ctgDynamics);
  return (t, h) => ahead(after, h, table, 0, t * MEMORY);
};

const lively: Method = ({ y, observed }) => {
  const kept = filterRegimes({ y, observed }, switchingOf(ctgDynamics, variabilityRegimes));
  const k = variabilityRegimes.length;
  return (t, h) =>
    ahead(
      kept.after,
      h,
      table,
      0,
      t * MEMORY,
      livelinessAhead(kept.shares, variabilityRegimes, h, { at: t * k }),
    );
};

/** Contractions given, after the moment too, as the recipe measured it. */
function driven(input: Drive): Method {
  return ({ y, observed, contractions }) => {
    const { phi } = drivenBy(input, contractions.level);
    const { after } = filter({ y, observed, drive: phi }, ctgDynamics);
    return (t, h) => ahead(after, h, table, phi[t + h] ?? 0, t * MEMORY);
  };
}

/** Mean nats of each record at a horizon, widths set by the validation records. */
function natsOf(method: Method, val: readonly SeenSeconds[], test: readonly SeenSeconds[]) {
  const each = (all: readonly SeenSeconds[], h: number, add: (one: Ahead, y: number, i: number) => void) => {
    all.forEach((seen, i) => {
      const says = method(seen);
      for (let t = WARM_S - 1; t + h < seen.y.length; t += EVERY_S)
        if (seen.observed[t + h] === 1) add(says(t, h), seen.y[t + h] ?? 0, i);
    });
  };
  return HORIZONS.map((h) => {
    const errors: number[] = [];
    each(val, h, ({ mean, variance }, y) => errors.push((y - mean) / Math.sqrt(variance)));
    const widths = { ...calibrationFrom([h], () => Float64Array.from(errors)), maps: [null] };
    const sums = test.map(() => ({ sum: 0, count: 0 }));
    each(test, h, (one, y, i) => {
      const own = sums[i];
      if (own === undefined) return;
      own.sum -= calibrated(widths, h, one).logDensity(y);
      own.count += 1;
    });
    const all = sums.reduce((a, b) => ({ sum: a.sum + b.sum, count: a.count + b.count }));
    return {
      mean: all.sum / all.count,
      records: new Map(sums.map(({ sum, count }, i) => [String(i), sum / count])),
    };
  });
}

export const ssmStates: MethodCheck = {
  id: "ssm-states",
  about:
    "What contractions and regimes of variability bring the filter on 60 labour records nobody learned from",
  run: async ({ data, say }): Promise<readonly Outcome[]> => {
    const split = ctuSplit(data());
    const seen = (ids: readonly number[]): SeenSeconds[] =>
      ctuRecords(data(), ids).map(({ fhr: y, observed, uc, ucObserved }) => ({
        ...{ y, observed, uc: Float32Array.from(uc), contractions: contractionLevel(uc, ucObserved) },
      }));
    const [fit, val, test] = [seen(split.fit), seen(split.val), seen(split.test)];
    const tools = { signal: new AbortController().signal, onStep: () => undefined };
    const began = process.cpuUsage();
    await learnDynamics(fit, tools);
    const drive = await learnDrive(fit, ctgDynamics, tools);
    const { user, system } = process.cpuUsage(began);
    if (drive === undefined) throw new Error("nothing was learned of contractions");
    const [own, moved, given] = [plain, lively, driven(drive)].map((method) => natsOf(method, val, test));
    const told = (all: typeof own): string => (all ?? []).map(({ mean }) => mean.toFixed(3)).join(" ");
    say(`filter ${told(own)}; with regimes ${told(moved)}; contractions given ${told(given)}`);
    const against = (what: string, other: typeof own, k: number): Outcome => {
      const [a, b] = [other?.[k]?.records, own?.[k]?.records];
      const { difference, interval } = pairedOverGroups(a ?? new Map(), b ?? new Map());
      const high = interval?.high ?? Number.NaN;
      return {
        what: `${what}, ${HORIZONS[k] ?? 0} s ahead, nats over records`,
        value: `${figure(difference, 4)} [${figure(interval?.low ?? Number.NaN, 4)}, ${figure(high, 4)}]`,
        ...{ expected: "interval below 0", pass: high < 0, ...from },
      };
    };
    return [
      atMost("filter, 1 s ahead, nats", own?.[0]?.mean ?? Infinity, 2.1, from),
      atMost("filter, 60 s ahead, nats", own?.[3]?.mean ?? Infinity, 4.07, from),
      ...[1, 2, 3].map((k) => against("regimes", moved, k)),
      ...[1, 2, 3].map((k) => against("contractions given", given, k)),
      atMost(
        "nats with contractions 30 s ahead, against none",
        (given?.[2]?.mean ?? 0) - (own?.[2]?.mean ?? 0),
        -0.01,
        from,
        4,
      ),
      atMost("learning from 60 records, s of a core", (user + system) / 1e6, 120, from, 0),
    ];
  },
};
