// The development recordings as an in-memory library, so that measuring runs the very functions the app runs.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";

/** data/ of the folder that KODO_SHARED names; else shared/data beside the checkout or above it. */
export function dataFolder() {
  const named = process.env.KODO_SHARED;
  if (named) return join(named, "data");
  for (let folder = resolve(import.meta.dirname); ; folder = dirname(folder)) {
    const candidate = join(folder, "shared", "data");
    if (existsSync(candidate)) return candidate;
    if (dirname(folder) === folder) throw new Error("shared/data was not found above " + import.meta.dirname);
  }
}

export function readCsv(path) {
  const [head, ...lines] = readFileSync(path, "utf8").trim().split(/\r?\n/);
  const names = head.split(",");
  return lines.map((line) => Object.fromEntries(line.split(",").map((value, i) => [names[i], value])));
}

const grouped = (rows, keyOf) => {
  const groups = new Map();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return groups;
};

export const gestures = ["neutral", "radial", "flexion", "ulnar", "extension", "close", "open"];

/** emg-myo-armband: 52 recordings of 26 people, 8 electrodes at 200 Hz, every segment an annotation. */
export function emgRecordings() {
  const folder = join(dataFolder(), "emg-myo-armband");
  const files = grouped(readCsv(join(folder, "segments.csv")), (row) => row.file);
  return [...files].map(([file, segments]) => {
    const bytes = gunzipSync(readFileSync(join(folder, file)));
    const rows = bytes.length / 8;
    const channels = Array.from({ length: 8 }, (_, c) => ({
      label: `EMG${c + 1}`,
      role: "emg",
      unit: "count",
      sampleRate: 200,
      sampleType: "int8",
      gain: 1,
      values: Float32Array.from({ length: rows }, (_v, i) => bytes.readInt8(i * 8 + c)),
    }));
    return {
      id: file.replace(".i8.gz", ""),
      kind: "emg",
      subject: `${segments[0].part}-${segments[0].subject}`,
      labelSet: "gestures",
      channels,
      annotations: segments.map((row) => ({
        label: gestures[Number(row.gesture)],
        onsetS: Number(row.first_row) / 200,
        durationS: Number(row.rows) / 200,
      })),
    };
  });
}

export const uciGestures = ["rest", "fist", "flexion", "extension", "radial", "ulnar"];

/**
 * emg-uci-gestures: 45 recordings of 23 people, 8 electrodes. A row of a file is a sample: about 97 new values a second
 * arrived, whatever the milliseconds beside them say. What lies between the gestures is marked as nothing.
 */
export function uciRecordings() {
  const folder = join(dataFolder(), "emg-uci-gestures");
  const sampleRate = 97;
  return readCsv(join(folder, "recordings.csv")).map(({ file, subject }) => {
    const rows = gunzipSync(readFileSync(join(folder, file)))
      .toString("utf8")
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => line.split(",").map(Number));
    const annotations = [];
    for (let from = 0, to = 0; from < rows.length; from = to) {
      const code = rows[from][9];
      while (to < rows.length && rows[to][9] === code) to += 1;
      const label = uciGestures[code - 1];
      if (label) annotations.push({ label, onsetS: from / sampleRate, durationS: (to - from) / sampleRate });
    }
    return {
      id: file.replace(".csv.gz", ""),
      kind: "emg",
      subject: `s${subject}`,
      labelSet: "gestures",
      channels: Array.from({ length: 8 }, (_, c) => ({
        label: `EMG${c + 1}`,
        role: "emg",
        unit: "count",
        sampleRate,
        sampleType: "int8",
        gain: 1,
        values: Float32Array.from(rows, (row) => row[c + 1]),
      })),
      annotations,
    };
  });
}

/** ctg-ctu-uhb: cut to the annotated length, since beyond it absence means nothing. 1433 is left out (README 1.1). */
export function ctgRecordings(limit = Infinity) {
  const folder = join(dataFolder(), "ctg-ctu-uhb");
  const events = grouped(readCsv(join(folder, "events.csv")), (row) => row.record);
  const labels = { ACC: "acceleration", DEC: "deceleration", UC: "contraction" };
  return readCsv(join(folder, "clinical.csv"))
    .filter((row) => row.record !== "1433")
    .slice(0, limit)
    .map((row) => {
      const bytes = readFileSync(join(folder, "records", `${row.record}.dat`));
      const samples = Math.min(Number(row.samples), Number(row.annotated_samples));
      const read = (offset) =>
        Float32Array.from({ length: samples }, (_, i) => bytes.readInt16LE(4 * i + offset) / 100);
      const fhr = read(0);
      const own = (events.get(row.record) ?? [])
        .filter((event) => labels[event.event])
        .map((event) => ({
          isClosed: !event.open && Number(event.end_sample) < samples,
          mark: {
            label: labels[event.event],
            onsetS: Number(event.start_sample) / 4,
            durationS: (Number(event.end_sample) - Number(event.start_sample) + 1) / 4,
          },
        }));
      return {
        id: row.record,
        kind: "ctg",
        subject: row.record,
        fold: Number(row.fold),
        labelSet: "ctg-events",
        readings: [{ onsetS: 0, durationS: samples / 4 }], // experts marked all they saw up to here
        channels: [
          {
            label: "FHR",
            role: "fhr",
            unit: "bpm",
            sampleRate: 4,
            values: fhr,
            reasons: Uint8Array.from(fhr, (v) => (v === 0 ? 1 : 0)),
          },
          { label: "UC", role: "uc", unit: "", sampleRate: 4, values: read(2) },
        ],
        annotations: own.filter(({ isClosed }) => isClosed).map(({ mark }) => mark),
        unclear: own.filter(({ isClosed }) => !isClosed).map(({ mark }) => mark), // one end is not known
      };
    });
}

/** Folds over people, by a fixed shuffle. */
export function folds(people, count, seed) {
  let state = seed + 1;
  const next = () => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648;
  const order = [...new Set(people)].sort();
  for (let i = order.length - 1; i > 0; i -= 1) {
    const j = Math.floor(next() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return Array.from({ length: count }, (_, f) => order.filter((_p, i) => i % count === f));
}
