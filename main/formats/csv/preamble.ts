import { z } from "zod";
import type { ChannelRole } from "../../../preload/contract/recording.ts";
import { statedRate } from "./vendors.ts";

/** What a known column becomes; undefined leaves the column out. */
export interface PreambleSignal {
  readonly name: string;
  readonly unit?: string;
  readonly role?: ChannelRole;
}

/** What the comment lines above a table say about it. */
export interface Preamble {
  readonly source: "kodo" | "openbci" | "opensignals" | "biosppy" | "plain";
  readonly sampleRate: number | undefined;
  readonly columnNames: readonly string[] | undefined;
  readonly startedAt: string | undefined;
  readonly facts: Readonly<Record<string, string>>;
  /** For known sources: which of the numeric columns are channels, in order, and their units. */
  readonly signalColumns?: (names: readonly string[]) => readonly (PreambleSignal | undefined)[];
}

/** Rows above the names as such lines: `Sampling rate,1000` says what `# Sampling rate: 1000` says. */
export function preambleLines(rows: readonly (readonly string[])[]): string[] {
  const lines: string[] = [];
  for (const [r, row] of rows.entries()) {
    const cells = row.map((cell) => cell.trim());
    const filled = cells.filter((cell) => cell !== "");
    const [key = "", ...rest] = filled;
    if (filled.length === 1) lines.push(key);
    if (filled.length === 2) lines.push(`${key.endsWith(":") ? key.slice(0, -1) : key}: ${rest[0] ?? ""}`);
    // A name with its value in the row below (Noraxon MR, recalled: `...;Frequency` above `...;2000`).
    const at = cells.findIndex((cell) => isKey(cell.toLowerCase(), "frequency"));
    const below = (rows[r + 1]?.[at] ?? "").trim().replace(",", ".");
    if (filled.length > 2 && at >= 0 && Number(below) > 0) lines.push(`frequency: ${below}`);
  }
  return lines;
}

/** A comment line without its # or %. */
export const withoutMark = (comment: string): string => {
  let at = 0;
  while ("#%".includes(comment.charAt(at)) && at < comment.length) at++;
  return comment.slice(at).trim();
};

/** Reads the lines above a table, comments or rows, of OpenBCI, OpenSignals, BioSPPy and other programs. */
export function readPreamble(lines: readonly string[]): Preamble {
  if (lines[0]?.startsWith("OpenBCI")) return openBci(lines);
  if (lines[0]?.startsWith("OpenSignals")) return openSignals(lines);
  return plain(lines);
}

const pairsOf = (lines: readonly string[]): Map<string, string> => {
  const pairs = new Map<string, string>();
  for (const line of lines) {
    const marks = [line.indexOf("="), line.indexOf(":")].filter((at) => at > 0);
    const at = Math.min(...marks);
    if (at > 60 || marks.length === 0) continue;
    const isAssigned = line.startsWith(":=", at);
    pairs.set(line.slice(0, at).trim(), line.slice(at + (isAssigned ? 2 : 1)).trim());
  }
  return pairs;
};

/**
 * OpenBCI GUI, v5 and v6 (app.md 1.8): EXG columns in uV first after the sample index, accelerometer in g. v5 has no
 * row of names, so columns go by position and the header's channel count.
 */
function openBci(lines: readonly string[]): Preamble {
  const facts = pairsOf(lines);
  const count = Number(facts.get("Number of channels"));
  const isKnown = Number.isInteger(count) && count > 0 && count <= 64;
  const numbered = (name: string, n: number): string[] =>
    Array.from({ length: n }, (_, i) => `${name} Channel ${i}`);
  return {
    source: "openbci",
    sampleRate: statedRate(facts.get("Sample Rate") ?? ""),
    columnNames: isKnown ? ["Sample Index", ...numbered("EXG", count), ...numbered("Accel", 3)] : undefined,
    startedAt: undefined,
    facts: Object.fromEntries(facts),
    signalColumns: (names) =>
      names.map((name) => {
        if (/^EXG Channel \d+$/.test(name)) return { name, unit: "uV" };
        if (/^Accel Channel \d+$/.test(name)) return { name, unit: "g" };
        return /^(Digital|Analog|Marker) ?Channel/.test(name) ? { name, unit: "" } : undefined;
      }),
  };
}

const OpenSignalsHeader = z.record(
  z.string(),
  z.object({
    sensor: z.array(z.string()).optional(),
    column: z.array(z.string()),
    label: z.array(z.string()).optional(),
    "sampling rate": z.number().positive(),
    date: z.string().optional(),
    time: z.string().optional(),
    device: z.string().optional(),
    resolution: z.array(z.number()).optional(),
  }),
);

/** OpenSignals (app.md 1.9): line 2 is JSON keyed by device. Analogue channels are raw counts; the scale is not in the file. */
function openSignals(lines: readonly string[]): Preamble {
  const parsed = parseJson(OpenSignalsHeader, lines[1] ?? "");
  const device = Object.values(parsed ?? {})[0];
  if (device === undefined) return plain(lines);
  const analogue = new Set(device.label ?? []);
  const sensorOf = (name: string): string => device.sensor?.[[...analogue].indexOf(name)] ?? "";
  const date = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(device.date ?? "");
  const time = /^(\d{1,2}):(\d{1,2}):(\d{1,2})(\.\d+)?$/.exec(device.time ?? "");
  const two = (text: string | undefined): string => (text ?? "0").padStart(2, "0");
  return {
    source: "opensignals",
    sampleRate: device["sampling rate"],
    columnNames: device.column,
    startedAt:
      date && time
        ? `${date[1]}-${two(date[2])}-${two(date[3])}T${two(time[1])}:${two(time[2])}:${two(time[3])}${time[4] ?? ""}`
        : undefined,
    facts: {
      ...(device.device === undefined ? {} : { device: device.device }),
      ...(device.resolution === undefined ? {} : { resolution: device.resolution.join(" ") }),
      ...(device.sensor === undefined ? {} : { sensor: device.sensor.join(" ") }),
    },
    signalColumns: (names) =>
      names.map((name) => ({
        name,
        unit: analogue.has(name) ? "counts" : "",
        ...(/EMG/i.test(sensorOf(name)) ? { role: "emg" as const } : {}),
      })),
  };
}

const rateKeys = [
  "sample rate",
  "sampling rate",
  "sample frequency",
  "sampling frequency",
  "sample freq",
  "sampling freq",
  "samplerate",
  "frequency",
  "fs",
  "サンプリング周波数",
  "サンプリングレート",
  "標本化周波数",
];
/** `sampling rate (hz)` says the same as `sampling rate`, `fsr` not the same as `fs`. */
const isKey = (key: string, known: string): boolean =>
  key === known || (key.startsWith(known) && " ([（".includes(key.charAt(known.length)));

function plain(lines: readonly string[]): Preamble {
  const pairs = pairsOf(lines);
  const folded = new Map([...pairs].map(([key, value]) => [key.toLowerCase().replace(/[_-]/g, " "), value]));
  const rateKey = [...folded.keys()].find((key) => rateKeys.some((known) => isKey(key, known)));
  const labels = folded
    .get("labels")
    ?.split(/[\t ,]/)
    .filter((label) => label !== "");
  const unit = folded.get("units");
  const isBiosppy = lines[0] === "Simple Text Format";
  return {
    source: isBiosppy ? "biosppy" : "plain",
    sampleRate: rateKey === undefined ? undefined : statedRate(folded.get(rateKey) ?? ""),
    columnNames: labels,
    startedAt: undefined,
    facts: Object.fromEntries(pairs),
    ...(isBiosppy && unit !== undefined
      ? { signalColumns: (names: readonly string[]) => names.map((name) => ({ name, unit })) }
      : {}),
  };
}

export function parseJson<T>(schema: z.ZodType<T>, text: string): T | undefined {
  try {
    const parsed = schema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
