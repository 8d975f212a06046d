import type {
  Differences,
  GroupAgreement,
  GroupPair,
  LabelAgreement,
  LabelPair,
  MatchRule,
} from "../../../preload/contract/agreement.ts";
import { estimateOf, medianOf, resamplingOf, type Resampling } from "./bootstrap.ts";
import {
  cohenKappa,
  coincidencesOf,
  confusionOf,
  krippendorffAlpha,
  observedAgreement,
} from "./coefficients.ts";
import { matchEvents } from "./match.ts";
import {
  categoriesBySecond,
  channelsApart,
  isRead,
  middleOf,
  type ComparedGroup,
  type ReadRecording,
} from "./readers.ts";
import { unitsOf, type Units } from "./units.ts";

export interface Compared {
  readonly recordings: readonly ReadRecording[];
  readonly readers: readonly string[];
  readonly groups: readonly ComparedGroup[];
  readonly ruleOf: (label: string) => MatchRule;
  readonly seed: number;
}

interface Measuring extends Compared {
  readonly units: Units;
  readonly resampling: Resampling;
}

/** How far readers agree, group by group and label by label, where they read completely. */
export function agreementOf(compared: Compared): {
  readonly drawn: { readonly unit: Units["unit"]; readonly units: number };
  readonly groups: GroupAgreement[];
} {
  const units = unitsOf(compared.recordings);
  const measuring = { ...compared, units, resampling: resamplingOf(units.all.length, compared.seed) };
  return {
    drawn: { unit: units.unit, units: units.all.length },
    groups: compared.groups.map((group) => groupAgreement(measuring, group)),
  };
}

/** Readers two by two, in their order. */
export const pairsOf = (readers: readonly string[]): readonly (readonly [string, string])[] =>
  readers.flatMap((a, i) => readers.slice(i + 1).map((b) => [a, b] as const));

function groupAgreement(measuring: Measuring, group: ComparedGroup): GroupAgreement {
  const { recordings, readers, units, resampling } = measuring;
  const k = group.labels.length + 1;
  const lanes = recordings.map((recording) =>
    channelsApart(recording, group).map(
      (channel) =>
        new Map(readers.map((reader) => [reader, categoriesBySecond(recording, { reader, group, channel })])),
    ),
  );
  const perUnit = (
    sumOf: (readers: readonly Int16Array[]) => Float64Array<ArrayBuffer>,
    who: readonly string[],
  ): Float64Array<ArrayBuffer>[] =>
    units.all.map(({ recording, fromS, toS }) =>
      (lanes[recording] ?? [])
        .map((lane) =>
          sumOf(who.map((reader) => (lane.get(reader) ?? new Int16Array()).subarray(fromS, Math.ceil(toS)))),
        )
        .reduce(added),
    );
  const coincidences = perUnit((categories) => coincidencesOf(categories, k), readers);
  const confusions = new Map(
    pairsOf(readers).map(([a, b]) => [
      `${a}\n${b}`,
      perUnit(([one, other]) => confusionOf(one ?? [], other ?? [], k), [a, b]),
    ]),
  );
  const given = group.labels.filter((code) =>
    recordings.some(({ marks }) =>
      marks.some(({ label, reader }) => label === code && readers.includes(reader)),
    ),
  );
  return {
    group: group.code,
    commonS: commonSeconds(lanes, readers),
    alpha: estimateOf(coincidences, krippendorffAlpha, resampling),
    pairs: pairsOf(readers).map(([a, b]): GroupPair => {
      const counts = confusions.get(`${a}\n${b}`) ?? [];
      return {
        ...{ a, b, commonS: commonSeconds(lanes, [a, b]) },
        kappa: estimateOf(counts, cohenKappa, resampling),
        observed: estimateOf(counts, observedAgreement, resampling),
      };
    }),
    labels: given.map((label): LabelAgreement => {
      const at = group.labels.indexOf(label) + 1;
      const rule = measuring.ruleOf(label);
      return {
        ...{ label, rule },
        alpha: estimateOf(coincidences, (sum) => krippendorffAlpha(againstRest(sum, at)), resampling),
        pairs: pairsOf(readers).map(([a, b]) => ({
          ...eventAgreement(measuring, { a, b, label, rule, group: group.code }),
          kappa: estimateOf(
            confusions.get(`${a}\n${b}`) ?? [],
            (sum) => cohenKappa(againstRest(sum, at)),
            resampling,
          ),
        })),
      };
    }),
  };
}

const added = (a: Float64Array<ArrayBuffer>, b: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> =>
  a.map((one, i) => one + (b[i] ?? 0));

/** Counts [k, k] as those of one category, and of all the others together. */
function againstRest(counts: ArrayLike<number>, at: number): Float64Array {
  const k = Math.round(Math.sqrt(counts.length));
  const two = new Float64Array(4);
  for (let i = 0; i < k; i += 1)
    for (let j = 0; j < k; j += 1) {
      const to = 2 * Number(i === at) + Number(j === at);
      two[to] = (two[to] ?? 0) + (counts[i * k + j] ?? 0);
    }
  return two;
}

/** Seconds that all of them read; where twins are told apart those of one of them. */
function commonSeconds(
  lanes: readonly (readonly ReadonlyMap<string, Int16Array>[])[],
  readers: readonly string[],
): number {
  let seconds = 0;
  for (const [lane] of lanes) {
    const all = readers.map((reader) => lane?.get(reader) ?? new Int16Array());
    const [first = new Int16Array()] = all;
    for (const s of first.keys()) if (all.every((one) => (one[s] ?? -1) >= 0)) seconds += 1;
  }
  return readers.length === 0 ? 0 : seconds;
}

interface EventPair {
  readonly a: string;
  readonly b: string;
  readonly label: string;
  readonly group: string;
  readonly rule: MatchRule;
}

/** Events of one label that lie where both read completely. */
function eventAgreement(measuring: Measuring, pair: EventPair): Omit<LabelPair, "kappa"> {
  const { units, resampling } = measuring;
  const sums = units.all.map(() => new Float64Array(3)); // matched, of a, of b
  const onset: Difference[] = [];
  const duration: Difference[] = [];
  measuring.recordings.forEach((recording, position) => {
    const of = (reader: string) =>
      recording.marks.filter((one) => one.reader === reader && one.label === pair.label);
    const [a, b] = [of(pair.a), of(pair.b)];
    const isCommon = (one: { readonly fromS: number; readonly toS: number }): boolean =>
      [pair.a, pair.b].every((reader) =>
        isRead(recording, { reader, group: pair.group, atS: middleOf(one) }),
      );
    const count = (timeS: number, isOfA: number, isOfB: number): number => {
      const unit = units.of(position, timeS);
      const sum = sums[unit] ?? new Float64Array(3);
      sum.set([(sum[0] ?? 0) + isOfA * isOfB, (sum[1] ?? 0) + isOfA, (sum[2] ?? 0) + isOfB]);
      return unit;
    };
    const { pairs, onlyA, onlyB } = matchEvents(a, b, pair.rule);
    for (const [i, j] of pairs) {
      const [one, other] = [a[i], b[j]];
      if (!one || !other || !(isCommon(one) || isCommon(other))) continue;
      const unit = count(one.fromS, 1, 1);
      onset.push({ unit, value: other.fromS - one.fromS });
      duration.push({ unit, value: other.toS - other.fromS - (one.toS - one.fromS) });
    }
    for (const i of onlyA) if (a[i] && isCommon(a[i])) count(a[i].fromS, 1, 0);
    for (const j of onlyB) if (b[j] && isCommon(b[j])) count(b[j].fromS, 0, 1);
  });
  const [matched = 0, eventsA = 0, eventsB = 0] = sums.reduce(added);
  return {
    ...{ a: pair.a, b: pair.b, matched, eventsA, eventsB },
    f1: estimateOf(sums, ([m = 0, ofA = 0, ofB = 0]) => (2 * m) / (ofA + ofB), resampling),
    sensitivity: estimateOf(sums, ([m = 0, ofA = 0]) => m / ofA, resampling),
    ppv: estimateOf(sums, ([m = 0, , ofB = 0]) => m / ofB, resampling),
    onset: differencesOf(onset, measuring),
    duration: differencesOf(duration, measuring),
  };
}

interface Difference {
  readonly unit: number;
  readonly value: number;
}

function differencesOf(values: readonly Difference[], { units, resampling }: Measuring): Differences {
  const sums = units.all.map(() => new Float64Array(3)); // n, Σ d, Σ d²
  for (const { unit, value } of values) {
    const sum = sums[unit] ?? new Float64Array(3);
    sum.set([(sum[0] ?? 0) + 1, (sum[1] ?? 0) + value, (sum[2] ?? 0) + value ** 2]);
  }
  return {
    mean: estimateOf(sums, ([n = 0, total = 0]) => total / n, resampling),
    rms: estimateOf(sums, ([n = 0, , squares = 0]) => Math.sqrt(squares / n), resampling),
    median: medianOf(values, resampling),
  };
}
