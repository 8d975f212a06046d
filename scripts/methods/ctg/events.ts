import { baselineRules } from "../../../main/analysis/ctg/baseline/registry.ts";
import { cleaningProposals, without } from "../../../main/analysis/ctg/cleaning.ts";
import { risesOf } from "../../../main/analysis/ctg/contractions.ts";
import { departureOf, excursions } from "../../../main/analysis/ctg/events/detect.ts";
import { candidates } from "../../../main/analysis/ctg/events/find.ts";
import { likeliestType } from "../../../main/analysis/ctg/events/types.ts";
import { readTrace } from "../../../main/analysis/ctg/read.ts";
import type { CtgTrace, Deceleration } from "../../../main/analysis/ctg/trace.ts";
import { countWhereRead } from "../../../main/models/sequences/event-net/events.ts";
import {
  type EventCounts,
  matchEvents,
  scoreEvents,
} from "../../../main/models/sequences/event-net/score.ts";
import { merged, type Span, spansWhere } from "../../../main/models/sequences/event-net/spans.ts";
import { calibrationError } from "../../../main/training/judge/calibration-error.ts";
import { atLeast, atMost, figure, type MethodCheck, type Outcome } from "../check.ts";
import { type CtuRecord, ctuFolds } from "../sequences/ctu.ts";
import {
  annotatedRecords,
  type Fold,
  type FoldInTurn,
  foldInTurn,
  FOLDS,
  networksOf,
  type SecondProbabilities,
} from "./folds.ts";
import { fitLogistic, logisticOf } from "./logistic.ts";
import { differenceOf, differenceText } from "./paired.ts";

const CODES = ["acceleration", "deceleration", "contraction"] as const;
type Code = (typeof CODES)[number];
const MARKS = { acceleration: "ACC", deceleration: "DEC", contraction: "UC" } as const;
const MATCH_S = { acceleration: 5, deceleration: 5, contraction: 10 } as const;
const from = { evidence: "computed", source: "recipe-ctg.md §3, §8" } as const;

/** Seconds [from, to), with what an event was told from. */
interface Proposed extends Span {
  readonly features: readonly number[];
  readonly ruled: number; // probability by the rule alone
  readonly isMarked: boolean; // a reader's event is matched with it, one to one
}

interface Prepared {
  readonly record: CtuRecord;
  readonly proposed: Readonly<Record<Code, readonly Proposed[]>>;
  readonly typed: readonly { readonly reader: string; readonly event: Deceleration }[];
}

const marksOf = ({ events }: CtuRecord, code: Code): readonly Span[] =>
  events.flatMap(({ kind, fromS, toS }) => (kind === MARKS[code] ? [{ from: fromS, to: toS }] : []));

function traceOf({ source }: CtuRecord): CtgTrace {
  const channel = (at: number) => {
    const { sampleRate, sampleCount } = source.channels[at] ?? { sampleRate: 4, sampleCount: 0 };
    return { ...source.read(at, 0, sampleCount), sampleRate };
  };
  const trace = readTrace({
    ...{ durationS: source.durationS, fhr: [channel(0)], uc: channel(1) },
    mhr: undefined,
  });
  return { ...trace, fhr: without(trace.fhr, cleaningProposals(trace.fhr)) };
}

function prepared(record: CtuRecord): Prepared {
  const trace = traceOf(record);
  const [rule] = baselineRules;
  if (rule === undefined) throw new Error("there is no rule for a baseline");
  const rises = risesOf(trace);
  const departure = departureOf(trace, rule.find(trace.fhr, []));
  const contractions = rises.map(({ contraction }) => contraction);
  const found = candidates(excursions(departure), departure, { contractions });
  const heartRate = (code: Code): readonly Omit<Proposed, "isMarked">[] =>
    found.flatMap(({ features, event }) =>
      event.kind === code ? [{ from: event.onsetS, to: event.endS, features, ruled: event.probability }] : [],
    );
  const matched = (code: Code, said: readonly Omit<Proposed, "isMarked">[]): readonly Proposed[] => {
    const taken = new Set(matchEvents(marksOf(record, code), said, MATCH_S[code]).map(([, s]) => s));
    return said
      .map((one, s) => ({ ...one, isMarked: taken.has(s) }))
      .filter((one) => (one.from + one.to) / 2 < record.annotatedS);
  };
  return {
    record,
    proposed: {
      acceleration: matched("acceleration", heartRate("acceleration")),
      deceleration: matched("deceleration", heartRate("deceleration")),
      contraction: matched(
        "contraction",
        rises.map(({ contraction: { onsetS, endS, probability }, features }) => ({
          ...{ from: onsetS, to: endS, features, ruled: probability },
        })),
      ),
    },
    typed: typedOf(
      record,
      found.flatMap(({ event }) => (event.kind === "deceleration" ? [event] : [])),
    ),
  };
}

function typedOf(record: CtuRecord, said: readonly Deceleration[]): Prepared["typed"] {
  const marked = record.events.filter(({ kind }) => kind === "DEC");
  const pairs = matchEvents(
    marked.map(({ fromS, toS }) => ({ from: fromS, to: toS })),
    said.map(({ onsetS, endS }) => ({ from: onsetS, to: endS })),
    MATCH_S.deceleration,
  );
  return pairs.flatMap(([m, s]) => {
    const [mark, event] = [marked[m], said[s]];
    return mark === undefined || event === undefined ? [] : [{ reader: mark.class, event }];
  });
}

/** A record as it is judged: by what was learned without it. */
interface Seen {
  readonly one: Prepared;
  readonly ruleWeights: Readonly<Record<Code, readonly number[]>>; // of the logistic regression on the rule's measures
  readonly said: SecondProbabilities | undefined; // by networks
}

/** How events of one record come out at a threshold. */
type Finder = (seen: Seen, threshold: number) => readonly Span[];

const THRESHOLDS = Array.from({ length: 13 }, (_, i) => 0.1 + 0.05 * i);
const FINE = Array.from({ length: 41 }, (_, i) => 0.3 + 0.01 * i);

const countsOf = (records: readonly Seen[], code: Code, find: Finder, threshold: number) =>
  records.map((seen) => {
    const { record } = seen.one;
    const read = [{ from: 0, to: record.annotatedS }];
    return countWhereRead({ marked: marksOf(record, code), read }, find(seen, threshold), MATCH_S[code]);
  });

/** Thresholds within this of the best F1 are as good: some hundred and fifty records tell no finer. */
const AS_GOOD = 0.01;

/** The middle one of the thresholds whose F1 on those records, with their neighbours', is as good as the highest. */
function chosenThreshold(records: readonly Seen[], code: Code, find: Finder): number {
  const scores = THRESHOLDS.map((threshold) => scoreEvents(countsOf(records, code, find, threshold)).f1);
  const smooth = scores.map((_, i) => {
    const near = scores.slice(Math.max(0, i - 1), i + 2);
    return near.reduce((sum, f1) => sum + f1, 0) / near.length;
  });
  const highest = Math.max(...smooth);
  const good = THRESHOLDS.filter((_, i) => (smooth[i] ?? 0) >= highest - AS_GOOD);
  return good[good.length >> 1] ?? 0.3;
}

/** Of the contractions that a network has a part in, so many must have been marked; what finds the most of them then is taken. */
const LEAST_PRECISION = 0.85;

const lowestThreshold = (records: readonly Seen[], code: Code, find: Finder): number =>
  FINE.find(
    (threshold) => scoreEvents(countsOf(records, code, find, threshold)).precision >= LEAST_PRECISION,
  ) ?? 0.5;

interface Result {
  readonly counts: readonly EventCounts[]; // of each record
  readonly sensitivity: number;
  readonly precision: number;
  readonly f1: number;
  readonly f1Iou: number;
  readonly threshold: number;
  readonly starts: readonly number[]; // seconds that a found event begins after the mark
  readonly ends: readonly number[];
}

function judged(records: readonly Seen[], code: Code, find: Finder, threshold: number): Result {
  const counts = countsOf(records, code, find, threshold);
  const score = scoreEvents(counts);
  const pairs = records.flatMap((seen) => {
    const [marked, said] = [marksOf(seen.one.record, code), find(seen, threshold)];
    return matchEvents(marked, said, MATCH_S[code]).map(([m, s]) => ({ mark: marked[m], own: said[s] }));
  });
  return {
    ...{ sensitivity: score.sensitivity, precision: score.precision, f1: score.f1, f1Iou: score.f1Iou },
    ...{ counts, threshold },
    starts: pairs.map(({ mark, own }) => (own?.from ?? 0) - (mark?.from ?? 0)),
    ends: pairs.map(({ mark, own }) => (own?.to ?? 0) - (mark?.to ?? 0)),
  };
}

/** Probability of each proposal, and the finder that keeps those above a threshold. */
type Chance = (seen: Seen, proposed: Proposed) => number;
const keeping =
  (code: Code, chance: Chance): Finder =>
  (seen, threshold) =>
    seen.one.proposed[code].filter((proposed) => chance(seen, proposed) >= threshold);

interface Judged {
  readonly code: Code;
  readonly way: "definition" | "rule" | "network" | "both";
  readonly result: Result;
  readonly chances: readonly { readonly p: number; readonly isMarked: boolean }[]; // of the test records' proposals
}

/** Of a fold: its test records by all networks, those for validation each by the network that left it out. */
interface Learned {
  readonly validation: readonly Seen[];
  readonly test: readonly Seen[];
  readonly hasNetworks: boolean;
}

const proposals = (records: readonly Seen[], code: Code) =>
  records.flatMap((seen) => seen.one.proposed[code].map((proposed) => ({ seen, proposed })));

function learnedFrom(
  { train, validation, test }: Fold,
  all: ReadonlyMap<number, Prepared>,
  said: ReadonlyMap<number, SecondProbabilities> | undefined,
): Learned {
  const those = (records: readonly CtuRecord[]): readonly Prepared[] =>
    records.flatMap(({ id }) => all.get(id) ?? []);
  const learning = those(train);
  const weightsOf = (code: Code): readonly number[] =>
    fitLogistic(
      learning
        .flatMap((one) => one.proposed[code])
        .map(({ features, isMarked }) => ({ features, isOne: isMarked })),
    );
  const ruleWeights = {
    acceleration: weightsOf("acceleration"),
    deceleration: weightsOf("deceleration"),
    contraction: weightsOf("contraction"),
  };
  const seen = (records: readonly CtuRecord[]): readonly Seen[] =>
    those(records).map((one) => ({ one, ruleWeights, said: said?.get(one.record.id) }));
  return { validation: seen(validation), test: seen(test), hasNetworks: said !== undefined };
}

/**
 * Ways are set by the fold's validation records. Contractions that a network has a part in are set by the test records of the
 * other folds, each judged without what it taught: how many of the found were marked is worse by one network than by four.
 */
function judgeFold({ validation, test, hasNetworks }: Learned, others: readonly Learned[]): Judged[] {
  return CODES.flatMap((code) => {
    const isSet = code === "contraction" ? others.flatMap((one) => one.test) : validation;
    const choose = code === "contraction" ? lowestThreshold : chosenThreshold;
    const byChance = (way: Judged["way"], chance: Chance, threshold: (find: Finder) => number): Judged => {
      const find = keeping(code, chance);
      return {
        ...{ code, way, result: judged(test, code, find, threshold(find)) },
        chances: proposals(test, code).map(({ seen, proposed }) => ({
          ...{ p: chance(seen, proposed), isMarked: proposed.isMarked },
        })),
      };
    };
    const ruled = keeping(code, (_, { ruled: p }) => p);
    const byRule: Chance = ({ ruleWeights }, { features }) => logisticOf(ruleWeights[code], features);
    const ways: Judged[] = [
      { code, way: "definition", result: judged(test, code, ruled, 0.5), chances: [] },
      byChance("rule", byRule, (find) => chosenThreshold(validation, code, find)),
    ];
    if (!hasNetworks) return ways;
    const joint = (seen: Seen, proposed: Proposed) =>
      jointOf(byRule(seen, proposed), proposed, seen.said?.[code]);
    const weights = fitLogistic(
      proposals(isSet, code).map(({ seen, proposed }) => ({
        ...{ features: joint(seen, proposed), isOne: proposed.isMarked },
      })),
    );
    const alone: Finder = ({ said }, threshold) => aloneOf(said?.[code], threshold);
    return [
      ...ways,
      { code, way: "network", chances: [], result: judged(test, code, alone, choose(isSet, code, alone)) },
      byChance(
        "both",
        (seen, proposed) => logisticOf(weights, joint(seen, proposed)),
        (find) => choose(isSet, code, find),
      ),
    ];
  });
}

const logit = (p: number): number => {
  const inside = Math.min(0.999, Math.max(0.001, p));
  return Math.log(inside / (1 - inside));
};

/** The rule's logit, and those of the network's mean and largest probability within. */
function jointOf(
  ruled: number,
  proposed: Span,
  probability: Float32Array = new Float32Array(0),
): readonly number[] {
  const own = probability.subarray(Math.floor(proposed.from), Math.max(1, Math.ceil(proposed.to)));
  const mean = own.reduce((sum, p) => sum + p, 0) / Math.max(1, own.length);
  return [logit(ruled), logit(mean), logit(Math.max(0, ...own))];
}

const aloneOf = (probability: Float32Array = new Float32Array(0), threshold: number): readonly Span[] =>
  merged(
    spansWhere(probability.length, (second) => (probability[second] ?? 0) >= threshold),
    15,
  ).filter((span) => span.to - span.from >= 15);

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? NaN;
}

const goal = { evidence: "inferred", source: "goal of the readings by rule" } as const;

/** F1 that each way is held to: what the recipe's rule reaches, and its goals. */
const GOALS: Readonly<Record<Code, Readonly<Record<Judged["way"], number>>>> = {
  acceleration: { definition: 0, rule: 0.393, network: 0.434, both: 0.48 },
  deceleration: { definition: 0, rule: 0.546, network: 0.582, both: 0.62 },
  contraction: { definition: 0.744, rule: 0.744, network: 0.846, both: 0.855 },
};

function outcomesOf(all: readonly (readonly Judged[])[]): Outcome[] {
  return CODES.flatMap((code) =>
    (["definition", "rule", "network", "both"] as const).flatMap((way) => {
      const own = all.flatMap((fold) => fold.filter((one) => one.code === code && one.way === way));
      if (own.length === 0) return [];
      const of = (key: "sensitivity" | "precision" | "f1Iou" | "threshold"): number =>
        figure(mean(own.map(({ result }) => result[key])));
      const away = (key: "starts" | "ends"): string => {
        const errors = own.flatMap(({ result }) => result[key]);
        return `${figure(middle(errors), 1)} (${figure(middle(errors.map(Math.abs)), 1)})`;
      };
      const what = `${code} by ${way}, ${own.length} folds: Se ${of("sensitivity")}, PPV ${of("precision")}, F1 with IoU ${of("f1Iou")}, threshold ${of("threshold")}; starts ${away("starts")} s, ends ${away("ends")} s from the mark, in size; F1`;
      const chances = own.flatMap((one) => one.chances);
      const error = calibrationError(
        chances.map(({ p }) => p),
        chances.map(({ isMarked }) => Number(isMarked)),
      );
      return [
        atLeast(what, mean(own.map(({ result }) => result.f1)), GOALS[code][way], from),
        ...(code === "contraction"
          ? [
              atLeast(`${code} by ${way}: sensitivity`, of("sensitivity"), 0.87, goal),
              atLeast(`${code} by ${way}: PPV`, of("precision"), 0.84, goal),
            ]
          : []),
        ...(chances.length === 0
          ? []
          : [
              atMost(`${code} by ${way}, ${chances.length} proposals of all folds: ECE`, error, 0.05, {
                ...{ evidence: "inferred", source: "ctg.md §9.2" },
              }),
            ]),
      ];
    }),
  );
}

/** What the network adds to the rule's measures, and they to it, record by record. */
function gains(all: readonly (readonly Judged[])[]): Outcome[] {
  const countsBy = (code: Code, way: Judged["way"]) =>
    all.flatMap((fold) =>
      fold.flatMap((one) => (one.code === code && one.way === way ? [one.result.counts] : [])),
    );
  return CODES.flatMap((code) => {
    const one = countsBy(code, "both");
    if (one.length === 0) return [];
    return (["rule", "network"] as const).flatMap((way) =>
      (["f1", "f1Iou"] as const).map((of) => {
        const difference = differenceOf({ one, other: countsBy(code, way) }, of);
        const what = of === "f1" ? "F1" : "F1 with IoU";
        return {
          what: `${code}: ${what} by both less that by ${way}, ${one.flat().length} records, 95 % interval`,
          value: differenceText(difference),
          ...{ expected: "all of it above 0", pass: difference.low > 0 },
          ...goal,
        };
      }),
    );
  });
}

/** Decelerations that the definition finds, typed, against the reader's E, L, V and P. */
function confusion(records: readonly Prepared[]): Outcome[] {
  const typed = records.flatMap((one) => one.typed);
  const types = ["early", "late", "variable", "prolonged", "unknown"] as const;
  return (["nichd", "figo"] as const).map((guideline) => {
    const rows = ["E", "L", "V", "P"].map((reader) => {
      const own = typed.filter((one) => one.reader === reader);
      const counts = types.map(
        (type) => own.filter(({ event }) => likeliestType(event.types[guideline]) === type).length,
      );
      return `${reader}: ${counts.join(" ")}`;
    });
    const isSame = ({ reader, event }: (typeof typed)[number]): boolean =>
      likeliestType(event.types[guideline])[0]?.toUpperCase() === reader;
    return atLeast(
      `${typed.length} decelerations typed by ${guideline} against the reader's (${types.join(", ")}): ${rows.join("; ")}; share of one type`,
      typed.filter(isSame).length / typed.length,
      0,
      { evidence: "inferred", source: "no goal: the reader typed by contractions alone" },
    );
  });
}

/** What networks say of a fold's records for validation and test, by their numbers; undefined: there are none. */
type SaidOf = (fold: FoldInTurn) => Promise<ReadonlyMap<number, SecondProbabilities> | undefined>;

/** All ways in all folds. */
export async function eventsMeasured(
  records: readonly CtuRecord[],
  folds: ReadonlyMap<number, number>,
  { saidOf, say }: { readonly saidOf: SaidOf; readonly say: (line: string) => void },
): Promise<Outcome[]> {
  const all = new Map(records.map((record) => [record.id, prepared(record)]));
  const learned: Learned[] = [];
  for (const number of FOLDS) {
    const fold = foldInTurn(records, folds, number);
    learned.push(learnedFrom(fold, all, await saidOf(fold)));
  }
  const results = learned.map((own) =>
    judgeFold(
      own,
      learned.filter((other) => other !== own),
    ),
  );
  for (const [number, fold] of results.entries())
    for (const { code, way, result } of fold)
      say(`fold ${number}, ${code} by ${way}: F1 ${figure(result.f1)} at ${figure(result.threshold, 2)}`);
  return [...outcomesOf(results), ...gains(results), ...confusion([...all.values()])];
}

export const ctgEvents: MethodCheck = {
  id: "ctg-events",
  about:
    "Accelerations, decelerations and contractions by definition, by the rule's measures, by networks and by both, against CTU-UHB's reader (folds of clinical.csv; networks only where KODO_CTG_NETWORKS names the folder they are kept in: without one there they learn for 20 min). Thresholds have the highest F1 on records that the network left out; of contractions by a network they find the most of which 85 in 100 were marked, on the test records of the other folds (set on records that one network left out, sensitivity and PPV by both were 0.866 and 0.864: both ways were seen)",
  async run({ data, say }) {
    const kept = process.env["KODO_CTG_NETWORKS"];
    return eventsMeasured(annotatedRecords(data()), ctuFolds(data()), {
      saidOf: async (fold) => (kept === undefined ? undefined : networksOf(fold, kept, say)),
      say,
    });
  },
};
