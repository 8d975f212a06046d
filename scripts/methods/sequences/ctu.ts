import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { SignalSource, SourceChannel } from "../../../main/models/fronts/front.ts";
import { believableRate, hideConstant, readSeconds } from "../../../main/models/fronts/ctg-seconds.ts";

const RATE = 4; // Hz
const NUMBERED_WRONGLY = 1433; // its deceleration marks (data README 1.1)

/** What the reader marked, in seconds. */
export interface CtuEvent {
  readonly kind: "ACC" | "DEC" | "UC" | "BC" | "TC";
  readonly class: string; // of a deceleration: E, L, V, P
  readonly fromS: number;
  readonly toS: number;
}

/** A labour record of CTU-UHB at one value a second. */
export interface CtuRecord {
  readonly id: number;
  readonly seconds: number;
  readonly fhr: Float64Array; // beats a minute, 0 where unobserved
  readonly observed: Uint8Array;
  readonly uc: Float64Array;
  readonly ucObserved: Uint8Array;
  readonly events: readonly CtuEvent[];
  readonly annotatedS: number; // beyond it the absence of an event means nothing
  readonly source: SignalSource; // as recorded, 4 Hz
}

/** Records by their part, none of them 1433. Nets train on `fit` and the first 120 of `rest`; the other 85 confirm. */
export interface CtuSplit {
  readonly fit: readonly number[];
  readonly val: readonly number[];
  readonly test: readonly number[];
  readonly rest: readonly number[];
}

/** `data`: the folder of development data. */
export function ctuSplit(data: string): CtuSplit {
  const told: unknown = JSON.parse(readFileSync(join(data, "../methods/recipe-ssm-split.json"), "utf8"));
  const part = (name: string): number[] => {
    const ids: unknown = Object.entries(told ?? {}).find(([key]) => key === name)?.[1];
    if (!Array.isArray(ids)) throw new Error(`the split has no part ${name}`);
    return ids.map(Number).filter((id) => id !== NUMBERED_WRONGLY);
  };
  return { fit: part("fit"), val: part("val"), test: part("test"), rest: part("rest") };
}

/** Fold 0 to 4 of each record, stratified by pH. */
export function ctuFolds(data: string): ReadonlyMap<number, number> {
  const { at, rows } = table(join(data, "ctg-ctu-uhb/clinical.csv"));
  return new Map(rows.map((row) => [Number(row[at("record")]), Number(row[at("fold")])]));
}

/** The records of those numbers, in their order. */
export function ctuRecords(data: string, ids: readonly number[]): readonly CtuRecord[] {
  const folder = join(data, "ctg-ctu-uhb");
  const events = eventsOf(join(folder, "events.csv"));
  const clinical = table(join(folder, "clinical.csv"));
  const annotated = new Map(
    clinical.rows.map((row) => [
      Number(row[clinical.at("record")]),
      Number(row[clinical.at("annotated_samples")]) / RATE,
    ]),
  );
  return ids.map((id) => {
    const source = sourceOf(join(folder, "records", `${id}.dat`));
    const fhr = readSeconds(source, 0, believableRate);
    const uc = readSeconds(source, 1, hideConstant);
    return {
      ...{ id, source, seconds: fhr.values.length },
      ...{ fhr: Float64Array.from(fhr.values), observed: fhr.observed },
      ...{ uc: Float64Array.from(uc.values), ucObserved: uc.observed },
      events: events.get(id) ?? [],
      annotatedS: Math.min(source.durationS, annotated.get(id) ?? 0),
    };
  });
}

/** WFDB format 16: pairs of heart rate and contractions in hundredths; a heart rate of 0 is missing. */
function sourceOf(file: string): SignalSource {
  const bytes = readFileSync(file);
  const count = Math.floor(bytes.length / 4);
  const [fhr, uc] = [new Float32Array(count), new Float32Array(count)];
  for (let i = 0; i < count; i += 1) {
    fhr[i] = bytes.readInt16LE(4 * i) / 100;
    uc[i] = bytes.readInt16LE(4 * i + 2) / 100;
  }
  const masks = [fhr.map((v) => (v > 0 ? 1 : 0)), new Float32Array(count).fill(1)].map((mask) =>
    Uint8Array.from(mask),
  );
  const stored = {
    sampleRate: RATE,
    sampleType: "int16",
    gain: 0.01,
    offset: 0,
    sampleCount: count,
  } as const;
  const channels: SourceChannel[] = [
    { ...stored, label: "FHR", unit: "bpm", role: "fhr" },
    { ...stored, label: "UC", unit: "", role: "uc" },
  ];
  return {
    channels,
    durationS: count / RATE,
    read: (channel, first, wanted) => ({
      values: ([fhr, uc][channel] ?? fhr).slice(first, first + wanted),
      observed: (masks[channel] ?? new Uint8Array(0)).slice(first, first + wanted),
    }),
  };
}

function eventsOf(file: string): ReadonlyMap<number, CtuEvent[]> {
  const { at, rows } = table(file);
  const kinds = ["ACC", "DEC", "UC", "BC", "TC"] as const;
  const by = new Map<number, CtuEvent[]>();
  for (const row of rows) {
    const kind = kinds.find((one) => one === row[at("event")]);
    const [from, to] = [row[at("start_sample")] ?? "", row[at("end_sample")] ?? ""];
    if (kind === undefined || from === "" || to === "") continue; // one of its ends is not known
    const record = Number(row[at("record")]);
    const own = by.get(record) ?? [];
    own.push({
      ...{ kind, class: row[at("class")] ?? "" },
      ...{ fromS: Number(from) / RATE, toS: Number(to) / RATE },
    });
    by.set(record, own);
  }
  return by;
}

function table(file: string) {
  const [names = [], ...rows] = readFileSync(file, "utf8")
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(","));
  return { rows, at: (name: string): number => names.indexOf(name) };
}
