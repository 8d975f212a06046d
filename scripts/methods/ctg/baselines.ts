import { baselineRules } from "../../../main/analysis/ctg/baseline/registry.ts";
import { CTG_HZ, type Baseline, type BaselineRule, type Samples } from "../../../main/analysis/ctg/trace.ts";
import { atMost, figure, type MethodCheck, type Outcome } from "../check.ts";
import { drawnRecords, type StoredMethod } from "./fhrma.ts";
import { madi, rmsd } from "./line-measures.ts";

type Name = BaselineRule["name"];

const SPEC = { evidence: "derived", source: "goal: ctg.md §9, re-implementations" } as const;
const SPREAD = { evidence: "computed", source: "data README §1.3" } as const;
const FURTHER = { evidence: "computed", source: "the further of the other two stored lines" } as const;
/** Ranking of methods by agreement with experts, ctg.md §3.2, of those that are here. */
const RANKED: readonly Name[] = ["lu-wei", "wrobel", "ayres", "mantel", "pardey", "maeda"];
/** Every stored line of Wróbel lies one bpm above the least cost, and its knots 1.4 s before the middles of their epochs. */
const STORED_W = { aboveBpm: 1, earlierS: 1.375 } as const;
/** Two independent errors of equal size differ so much less often than in one case of ten. */
const BAND_OF_DIFFERENCE = Math.SQRT2;

interface Lines {
  readonly name: string; // of the record
  readonly fhr: Samples;
  readonly stored: Readonly<Record<StoredMethod, Float64Array>>;
  readonly ours: ReadonlyMap<Name, Baseline>;
}

/** Re-implementations beside the outputs stored with FHRMA, and how far the methods lie from one another. */
export const ctgBaselines: MethodCheck = {
  id: "ctg-baselines",
  about:
    "Baselines by rule on the 108 records of ctg-fhrma-ma (no expert's baseline is there): medians over records, missing samples and the last minute left out",
  run: ({ data, say }) => {
    const records = drawnRecords(data()).map(({ name, fhr, stored }): Lines => {
      const ours = new Map(baselineRules.map((rule) => [rule.name, rule.find(fhr, [])]));
      return { name, fhr, stored, ours };
    });
    say(`${records.length} records read and ${baselineRules.length} baselines drawn`);
    return [...again(records), ...between(records), ...bands(records)];
  },
};

const line = ({ ours }: Lines, name: Name): Float64Array => ours.get(name)?.value ?? new Float64Array(0);

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle)] ?? NaN)) / 2;
}

/** The three that can be checked against what the authors' toolbox stored. */
function again(records: readonly Lines[]): Outcome[] {
  const of = (stored: StoredMethod, ours: (record: Lines) => Float64Array): readonly number[] =>
    records.map((record) => rmsd(ours(record), record.stored[stored], record.fhr));
  const asStored = (record: Lines): Float64Array => {
    const own = line(record, "wrobel");
    const shift = Math.round(STORED_W.earlierS * CTG_HZ);
    return own.map((_, i) => (own[i + shift] ?? own.at(-1) ?? NaN) + STORED_W.aboveBpm);
  };
  const one = of("W", (record) => line(record, "wrobel").map((v) => v + STORED_W.aboveBpm));
  const goal = (what: string, values: readonly number[]): Outcome =>
    atMost(`${what}, RMSD (bpm); ${told(values)}`, median(values), 0.5, SPEC);
  return [
    {
      ...{
        what: "Wróbel as its text has it against W, RMSD (bpm)",
        expected: "1 (see the next row)",
        pass: true,
      },
      value: figure(median(of("W", (record) => line(record, "wrobel")))),
      ...{ evidence: "computed", source: "every stored line lies 1 bpm above the least myriad cost" },
    },
    goal("Wróbel + 1 bpm against W", one),
    goal("the same, knots laid 1.4 s earlier as in W", of("W", asStored)),
    goal(
      "Ayres-de-Campos against A",
      of("A", (record) => line(record, "ayres")),
    ),
    goal(
      "Maeda against MD",
      of("MD", (record) => line(record, "maeda")),
    ),
  ];
}

function told(values: readonly number[]): string {
  const within = values.filter((v) => v <= 0.5).length;
  const sorted = [...values].sort((a, b) => a - b);
  return `${within} of ${values.length} records within 0.5, nine of ten within ${figure(sorted[Math.floor(0.9 * values.length)] ?? NaN, 1)}`;
}

/** How far methods lie from each other: the stored three, and ours from those. */
function between(records: readonly Lines[]): Outcome[] {
  const pair = (a: (of: Lines) => Float64Array, b: (of: Lines) => Float64Array) => ({
    rmsd: median(records.map((of) => rmsd(a(of), b(of), of.fhr))),
    madi: median(records.map((of) => madi(a(of), b(of), of.fhr))),
  });
  const kept = (stored: StoredMethod) => (of: Lines) => of.stored[stored];
  const spread = {
    "W–A": pair(kept("W"), kept("A")),
    "W–MD": pair(kept("W"), kept("MD")),
    "A–MD": pair(kept("A"), kept("MD")),
  };
  const known = { "W–A": 5.6, "W–MD": 6.3, "A–MD": 7.8 } as const;
  const references = (["W–A", "W–MD", "A–MD"] as const).map((name): Outcome => {
    const own = spread[name];
    const what = `spread of the stored lines ${name}, RMSD (bpm); MADI ${figure(own.madi, 2)} %`;
    const pass = Math.abs(own.rmsd - known[name]) <= 0.2;
    return { what, value: figure(own.rmsd, 2), expected: `${known[name]} ± 0.2`, pass, ...SPREAD };
  });
  /** What a method of the first two ranks need not exceed to be one among the stored. */
  const limits = {
    W: Math.max(spread["W–A"].madi, spread["W–MD"].madi),
    A: Math.max(spread["W–A"].madi, spread["A–MD"].madi),
    MD: Math.max(spread["W–MD"].madi, spread["A–MD"].madi),
  };
  const ours = (["wmfb", "lu-wei", "pardey", "mantel"] as const).flatMap((name) =>
    (["W", "A", "MD"] as const).map((stored) => {
      const own = pair((of) => line(of, name), kept(stored));
      const what = `${name} against ${stored}, MADI (%); RMSD ${figure(own.rmsd, 2)} bpm`;
      const limit = atMost(what, own.madi, figure(limits[stored], 2), FURTHER, 2);
      const isRanked = name === "wmfb" || name === "lu-wei";
      return isRanked
        ? limit
        : { ...limit, expected: `no goal; ${limit.expected} among the stored`, pass: true };
    }),
  );
  return [...references, ...ours, ranking(records)];
}

/** Whether methods that experts agree with less lie further from the one that they agree with most. */
function ranking(records: readonly Lines[]): Outcome {
  const distance = new Map(
    RANKED.map((name) => [name, median(records.map((of) => madi(line(of, name), line(of, "wmfb"), of.fhr)))]),
  );
  const order = [...RANKED].sort((a, b) => (distance.get(a) ?? 0) - (distance.get(b) ?? 0));
  const n = RANKED.length;
  const squares = RANKED.reduce((sum, name, rank) => sum + (order.indexOf(name) - rank) ** 2, 0);
  const spearman = 1 - (6 * squares) / (n * (n * n - 1));
  const listed = order.map((name) => `${name} ${figure(distance.get(name) ?? NaN, 1)}`).join(", ");
  return {
    what: `MADI from WMFB (%): ${listed}; Spearman with the published ranking`,
    ...{ value: figure(spearman, 2), expected: "≥ 0.5", pass: spearman >= 0.5 },
    ...{ evidence: "verified", source: "ctg.md §3.2, ranking by agreement with experts" },
  };
}

/** Whether bands are as wide as methods differ. Their constants were fitted on these records. */
function bands(records: readonly Lines[]): Outcome[] {
  const others: readonly Name[] = ["lu-wei", "wrobel"];
  const covered = (of: readonly Lines[]): number => {
    let [within, count] = [0, 0];
    for (const record of of) {
      const own = record.ours.get("wmfb");
      if (own === undefined) continue;
      for (const name of others) {
        const other = line(record, name);
        for (let i = 0; i < other.length; i += CTG_HZ) {
          if (record.fhr.observed[i] !== 1 || own.observed[i] !== 1) continue;
          const half = ((own.high[i] ?? 0) - (own.low[i] ?? 0)) / 2;
          const distance = Math.abs((other[i] ?? 0) - (own.value[i] ?? 0));
          within += distance <= BAND_OF_DIFFERENCE * half ? 1 : 0;
          count += 1;
        }
      }
    }
    return within / count;
  };
  const parts = [records, records.filter(({ name }) => name.startsWith("test"))];
  return parts.map((part, k): Outcome => {
    const value = covered(part);
    return {
      what: `Lu–Wei and Wróbel within √2 of WMFB's 90 % band, share of time, ${k === 0 ? "all" : "evaluation"} records`,
      ...{ value: figure(value), expected: "0.88–0.92", pass: value >= 0.88 && value <= 0.92 },
      ...{ evidence: "derived", source: "two independent errors of equal size; fitted on all 108 records" },
    };
  });
}
