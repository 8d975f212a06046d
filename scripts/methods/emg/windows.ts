import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { sure } from "../../../preload/contract/sure.ts";
import type { FeatureTable, Front, FrontLayout, SignalSource } from "../../../main/models/fronts/front.ts";
import type { Random } from "../../../main/models/random.ts";
import { pickedInputs } from "../../../main/models/window-rows.ts";
import type { WindowGrid } from "../../../main/signal/window.ts";

/** A recording of a bracelet: samples row by row, and what the person did when. */
export interface EmgRecording {
  readonly id: string;
  readonly person: string;
  readonly block: string;
  readonly sampleRate: number;
  readonly electrodes: number;
  readonly samples: Int16Array; // [rows x electrodes]
  readonly segments: readonly { readonly gesture: number; readonly first: number; readonly rows: number }[];
}

/** How long a window is and how far the next one begins after it, in samples. */
export interface Cut {
  readonly size: number;
  readonly step: number;
}

export interface EmgWindows extends FeatureTable {
  readonly count: number;
  readonly width: number;
  readonly layout: FrontLayout;
  readonly labels: Int32Array; // gesture of each window
  readonly segments: Int32Array; // number of the segment it lies in, unlike between recordings
  readonly recordings: readonly string[];
  readonly people: readonly string[];
}

/** Which samples of a window's recording are taken away: 1 where they stay. */
export type Loss = (recording: EmgRecording, observed: Uint8Array) => void; // [rows x electrodes], all 1 before

type CsvRow = Readonly<Record<string, string>>;

function csv(path: string): CsvRow[] {
  const [head = "", ...lines] = readFileSync(path, "utf8").trim().split(/\r?\n/);
  const names = head.split(",");
  return lines.map((line) => {
    const values = line.split(",");
    return Object.fromEntries(names.map((name, i) => [name, values[i] ?? ""]));
  });
}

const segmentsOf = (rows: readonly CsvRow[]): EmgRecording["segments"] =>
  rows.map((row) => ({
    gesture: Number(row["gesture"]),
    first: Number(row["first_row"]),
    rows: Number(row["rows"]),
  }));

/** Groups in the order in which each is first met. */
export function grouped<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}

const byFile = (rows: readonly CsvRow[]): [string, CsvRow[]][] => [
  ...grouped(rows, (row) => row["file"] ?? ""),
];

/** emg-myo-armband: 26 people, 8 electrodes at 200 Hz, 7 gestures; 13 of them (part eval) with three blocks. */
export function myo(data: string): EmgRecording[] {
  const folder = join(data, "emg-myo-armband");
  return byFile(csv(join(folder, "segments.csv"))).map(([file, rows]) => {
    const bytes = gunzipSync(readFileSync(join(folder, file)));
    return {
      ...{
        id: file,
        person: `${rows[0]?.["part"]}-${rows[0]?.["subject"]}`,
        block: rows[0]?.["block"] ?? "",
      },
      ...{ sampleRate: 200, electrodes: 8 },
      samples: Int16Array.from(new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length)),
      segments: segmentsOf(rows),
    };
  });
}

/** emg-3dc: 3 people, 10 electrodes at 1000 Hz, 11 gestures. */
export function threeDc(data: string): EmgRecording[] {
  const folder = join(data, "emg-3dc");
  return byFile(csv(join(folder, "segments.csv"))).map(([file, rows]) => ({
    ...{ id: file, person: rows[0]?.["participant"] ?? "", block: rows[0]?.["block"] ?? "" },
    ...{ sampleRate: 1000, electrodes: 10 },
    samples: new Int16Array(Uint8Array.from(gunzipSync(readFileSync(join(folder, file)))).buffer),
    segments: segmentsOf(rows),
  }));
}

const UCI_RATE = 97; // new values a second, whatever the milliseconds beside them say

/** emg-uci-gestures: 23 people, 8 electrodes, 6 gestures (the unmarked rows between them belong to no segment). */
export function uci(data: string): EmgRecording[] {
  const folder = join(data, "emg-uci-gestures");
  return csv(join(folder, "recordings.csv")).map((row) => {
    const lines = gunzipSync(readFileSync(join(folder, row["file"] ?? "")))
      .toString("utf8")
      .trim()
      .split("\n");
    const rows = lines.slice(1).map((line) => line.split(",").map(Number));
    const segments: { gesture: number; first: number; rows: number }[] = [];
    for (let from = 0, to = 0; from < rows.length; from = to) {
      while (to < rows.length && rows[to]?.[9] === rows[from]?.[9]) to += 1;
      const code = rows[from]?.[9] ?? 0;
      if (code >= 1 && code <= 6) segments.push({ gesture: code - 1, first: from, rows: to - from });
    }
    return {
      ...{ id: row["file"] ?? "", person: row["subject"] ?? "", block: row["series"] ?? "" },
      ...{ sampleRate: UCI_RATE, electrodes: 8, segments },
      samples: Int16Array.from(rows.flatMap((values) => values.slice(1, 9))),
    };
  });
}

/** A recording as a front reads it: the whole of it, for some fronts look at what came before a window. */
function sourceOf(recording: EmgRecording, observed: Uint8Array): SignalSource {
  const { electrodes, sampleRate, samples } = recording;
  const rows = samples.length / electrodes;
  return {
    durationS: rows / sampleRate,
    channels: Array.from({ length: electrodes }, (_, i) => ({
      ...{ label: `EMG${i + 1}`, unit: "count", role: "emg", sampleRate, sampleType: "int8" },
      ...{ gain: 1, offset: 0, sampleCount: rows },
    })),
    read(channel, from, count) {
      const length = Math.max(0, Math.min(count, rows - from));
      const at = (i: number): number => (from + i) * electrodes + channel;
      return {
        values: Float32Array.from({ length }, (_, i) => samples[at(i)] ?? 0),
        observed: Uint8Array.from({ length }, (_, i) => observed[at(i)] ?? 0),
      };
    },
  };
}

function drained(front: Front, source: SignalSource, grid: WindowGrid): FeatureTable {
  const steps = front.extract(source, grid);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** Windows of every segment, none of which reaches into another one; every `every`-th of them. */
export function windowsOf(
  recordings: readonly EmgRecording[],
  front: Front,
  { size, step }: Cut,
  { every = 1, loss }: { readonly every?: number; readonly loss?: Loss | undefined } = {},
): EmgWindows {
  const [x, observed, labels, segments]: [Float32Array[], Uint8Array[], number[], number[]] = [
    [],
    [],
    [],
    [],
  ];
  const [ids, people]: [string[], string[]] = [[], []];
  const layout = layoutOf(recordings, front, size);
  const { width } = layout;
  let segment = 0;
  let windows = 0;
  for (const recording of recordings) {
    const { sampleRate } = recording;
    const seen = new Uint8Array(recording.samples.length).fill(1);
    loss?.(recording, seen);
    const source = sourceOf(recording, seen);
    for (const { gesture, first, rows } of recording.segments) {
      const count = rows < size ? 0 : Math.floor((rows - size) / step) + 1;
      const strides = { windowS: size / sampleRate, strideS: step / sampleRate };
      const table = drained(front, source, { ...strides, count, first: first / step });
      for (let n = 0; n < count; n += 1, windows += 1) {
        if (windows % every !== 0) continue;
        x.push(table.x.subarray(n * width, (n + 1) * width));
        observed.push(table.observed.subarray(n * width, (n + 1) * width));
        labels.push(gesture);
        segments.push(segment);
        ids.push(recording.id);
        people.push(recording.person);
      }
      segment += 1;
    }
  }
  const count = labels.length;
  const joined = { x: new Float32Array(count * width), observed: new Uint8Array(count * width) };
  x.forEach((row, n) => joined.x.set(row, n * width));
  observed.forEach((row, n) => joined.observed.set(row, n * width));
  return {
    ...{ ...joined, count, width, layout, recordings: ids, people },
    ...{ labels: Int32Array.from(labels), segments: Int32Array.from(segments) },
  };
}

/** All of them have the same electrodes and rate. */
function layoutOf(recordings: readonly EmgRecording[], front: Front, size: number): FrontLayout {
  const { electrodes, sampleRate } = sure(recordings[0]);
  return front.layout(
    Array.from({ length: electrodes }, (_, i) => `EMG${i + 1}`),
    size / sampleRate,
  );
}

/** The windows of some of the people. */
export function ofPeople(of: EmgWindows, isTaken: (person: string) => boolean): EmgWindows {
  const rows = of.people.flatMap((person, n) => (isTaken(person) ? [n] : []));
  const ints = (values: Int32Array): Int32Array => Int32Array.from(rows, (n) => values[n] ?? 0);
  const names = (values: readonly string[]): string[] => rows.map((n) => values[n] ?? "");
  return {
    ...{ ...pickedInputs(of, rows), width: of.width, layout: of.layout },
    ...{ labels: ints(of.labels), segments: ints(of.segments) },
    ...{ recordings: names(of.recordings), people: names(of.people) },
  };
}

/** Each window's electrodes absent with probability `share`, one by one: both of an electrode's inputs. */
export function withoutElectrodes(
  of: EmgWindows,
  electrodes: number,
  share: number,
  random: Random,
): EmgWindows {
  const observed = of.observed.slice();
  for (let n = 0; n < of.count; n += 1)
    for (let electrode = 0; electrode < electrodes; electrode += 1) {
      if (random.next() >= share) continue;
      for (let at = electrode; at < of.width; at += electrodes) observed[n * of.width + at] = 0;
    }
  return { ...of, observed, x: of.x.map((value, i) => (observed[i] === 1 ? value : 0)) };
}

/** Single samples lost with probability `share`, each electrode by itself. */
export const singleSamples =
  (share: number, random: Random): Loss =>
  (_recording, observed) => {
    for (let i = 0; i < observed.length; i += 1) if (random.next() < share) observed[i] = 0;
  };

/** Bursts of a window's length that take neighbouring electrodes with them, until `share` of the recording is gone. */
export const bursts =
  (share: number, cut: Cut, random: Random): Loss =>
  ({ electrodes }, observed) => {
    const rows = observed.length / electrodes;
    const wide = 3;
    for (let lost = 0; lost < share * observed.length; lost += cut.size * wide) {
      const first = random.below(Math.max(1, rows - cut.size));
      const middle = random.below(electrodes);
      for (let row = first; row < Math.min(rows, first + cut.size); row += 1)
        for (let e = 0; e < wide; e += 1) observed[row * electrodes + ((middle + e) % electrodes)] = 0;
    }
  };
