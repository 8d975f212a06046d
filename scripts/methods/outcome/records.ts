import { readFileSync } from "node:fs";
import { join } from "node:path";
import { baselineRules } from "../../../main/analysis/ctg/baseline/registry.ts";
import { cleaningProposals, without } from "../../../main/analysis/ctg/cleaning.ts";
import { findContractions } from "../../../main/analysis/ctg/contractions.ts";
import { findEvents } from "../../../main/analysis/ctg/events/find.ts";
import { readTrace } from "../../../main/analysis/ctg/read.ts";
import {
  CTG_HZ,
  isLikely,
  type Acceleration,
  type Deceleration,
  type Samples,
} from "../../../main/analysis/ctg/trace.ts";
import { sortedQuantile } from "../../../main/signal/quantile.ts";
import { minutesOf } from "../../../main/analysis/ctg/variability.ts";

const LAST_S = 1800; // before the end of the recording, which is near birth here

/** What is measured of a record, and how the child was. */
export interface OutcomeRecord {
  readonly id: string;
  readonly fold: number;
  readonly ph: number; // of the umbilical artery
  readonly measures: Readonly<Record<Measure, number | undefined>>;
}

export const measures = [
  ...(["lengthMin", "missing", "missingLast", "ucMissingLast"] as const),
  ...(["baselineBpm", "bandwidthBpm", "accelerationArea", "decelerationArea", "stvMs"] as const),
  ...(["meanBpm", "sdBpm", "lowBpm", "highBpm"] as const),
] as const;
export type Measure = (typeof measures)[number];

/** Records with a pH, in the order of the table. */
export function outcomeRecords(data: string, say: (line: string) => void): readonly OutcomeRecord[] {
  const [names = [], ...rows] = readFileSync(join(data, "ctg-ctu-uhb/clinical.csv"), "utf8")
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(","));
  const told = (row: readonly string[], name: string): string => row[names.indexOf(name)] ?? "";
  const known = rows.filter((row) => told(row, "ph") !== "");
  return known.map((row, i) => {
    if (i % 50 === 0) say(`record ${i} of ${known.length}`);
    const id = told(row, "record");
    const file = join(data, "ctg-ctu-uhb/records", `${id}.dat`);
    return { id, fold: Number(told(row, "fold")), ph: Number(told(row, "ph")), measures: measured(file) };
  });
}

/** All by the rules as they stand: cleaned heart rate, weighted-median baseline, likely events. */
function measured(file: string): OutcomeRecord["measures"] {
  const bytes = readFileSync(file);
  const count = Math.floor(bytes.length / 4);
  const at = (place: number) =>
    Float32Array.from({ length: count }, (_, i) => bytes.readInt16LE(4 * i + place) / 100);
  const [fhr, uc] = [at(0), at(2)];
  const seen = Uint8Array.from(fhr, (bpm) => (bpm > 0 ? 1 : 0));
  const raw = readTrace({
    durationS: count / CTG_HZ,
    fhr: [{ values: fhr, observed: seen, sampleRate: CTG_HZ }],
    uc: { values: uc, observed: new Uint8Array(count).fill(1), sampleRate: CTG_HZ },
    mhr: undefined,
  });
  const trace = { ...raw, fhr: without(raw.fhr, cleaningProposals(raw.fhr)) };
  const rule = baselineRules.find(({ name }) => name === "wmfb");
  if (rule === undefined) throw new Error("the weighted median is not among the baselines");
  const baseline = rule.find(trace.fhr, []);
  const events = findEvents(trace, baseline, { contractions: findContractions(trace) });
  const likely = {
    accelerations: events.accelerations.filter(isLikely),
    decelerations: events.decelerations.filter(isLikely),
  };
  const fromS = count / CTG_HZ - LAST_S;
  const minutes = minutesOf(trace, baseline, likely).filter((minute) => minute.fromS >= fromS);
  const observedS = LAST_S * shareSeen(trace.fhr.observed, fromS);
  return {
    lengthMin: count / CTG_HZ / 60,
    missing: 1 - shareSeen(seen, 0),
    missingLast: 1 - shareSeen(seen, fromS),
    ucMissingLast: 1 - shareSeen(trace.uc?.observed ?? new Uint8Array(count), fromS),
    baselineBpm: meanOf(minutes.map(({ baselineBpm }) => baselineBpm)),
    bandwidthBpm: meanOf(minutes.map(({ bandwidthBpm }) => bandwidthBpm)),
    accelerationArea: areaOf(likely.accelerations, fromS, observedS),
    decelerationArea: areaOf(likely.decelerations, fromS, observedS),
    stvMs: meanOf(minutes.map(({ stvMs }) => stvMs)),
    ...levels(trace.fhr, fromS),
  };
}

/** Of the heart rate itself, events and all: mean, standard deviation, 10 and 90 % quantile. */
function levels(
  fhr: Samples,
  fromS: number,
): Pick<OutcomeRecord["measures"], "meanBpm" | "sdBpm" | "lowBpm" | "highBpm"> {
  const first = Math.max(0, Math.round(fromS * CTG_HZ));
  const last = fhr.values.subarray(first).filter((_bpm, i) => fhr.observed[first + i] === 1);
  if (last.length < 60 * CTG_HZ)
    return { meanBpm: undefined, sdBpm: undefined, lowBpm: undefined, highBpm: undefined };
  const mean = last.reduce((sum, bpm) => sum + bpm, 0) / last.length;
  const sorted = last.toSorted();
  return {
    meanBpm: mean,
    sdBpm: Math.sqrt(last.reduce((sum, bpm) => sum + (bpm - mean) ** 2, 0) / last.length),
    lowBpm: sortedQuantile(sorted, sorted.length, 0.1),
    highBpm: sortedQuantile(sorted, sorted.length, 0.9),
  };
}

function shareSeen(observed: Uint8Array, fromS: number): number {
  const last = observed.subarray(Math.max(0, Math.round(fromS * CTG_HZ)));
  return last.reduce((sum, is) => sum + is, 0) / Math.max(1, last.length);
}

function meanOf(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** Beats a minute: the area of events, over the time that was observed; undefined below a minute of it. */
const areaOf = (
  events: readonly (Acceleration | Deceleration)[],
  fromS: number,
  observedS: number,
): number | undefined =>
  observedS < 60
    ? undefined
    : events.filter(({ extremumS }) => extremumS >= fromS).reduce((sum, { areaBpmS }) => sum + areaBpmS, 0) /
      observedS;
