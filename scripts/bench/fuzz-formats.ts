import type { ImportOptions } from "../../preload/contract/exchange.ts";
import type { SampleType } from "../../preload/contract/recording.ts";
import { joined } from "../../main/acquisition/protocols/bytes.ts";
import { sampleArrays } from "../../main/signal/block.ts";
import type { FormatReader, FormatWriter } from "../../main/formats/format.ts";
import { allOptions, readAnything, type FileSet, type Meters } from "../../main/formats/laws.ts";
import { parseAnnotationTable } from "../../main/formats/annotations/parse.ts";
import { discoverTable, emgWorksTable, noraxonTable } from "../../main/formats/csv/vendor-tables.ts";
import { bytesSource, exportSource, memoryFolder, type RecordingContent } from "../../main/formats/memory.ts";
import { readers, recognise, writers } from "../../main/formats/registry.ts";
import { smallFlacRecord } from "../../main/formats/wfdb/flac-builder.ts";
import { smallXdf } from "../../main/formats/xdf/xdf-builder.ts";

/** A small valid file that mutations start from. */
export interface FuzzSeed extends FileSet {
  readonly reader: FormatReader;
}

export interface FuzzOptions {
  readonly count: number;
  readonly seed: number;
  readonly meters: Meters;
  readonly extra?: readonly FileSet[]; // real files, at most a few KiB each
  readonly progress?: (input: number, reader: string) => void; // before each input
}

export interface FuzzReport {
  readonly inputs: number;
  readonly perReader: Readonly<Record<string, number>>;
  readonly errors: Readonly<Record<string, number>>; // outcomes by code, "ok" among them
  readonly crashes: readonly FuzzCrash[];
  readonly slowestMs: number;
}

/** One broken law. `fuzzReaders` with this seed and `first: input` meets it again. */
export interface FuzzCrash {
  readonly input: number;
  readonly reader: string;
  readonly file: string;
  readonly mutations: readonly string[];
  readonly broken: readonly string[];
}

/** Feeds mutated files to every registered reader. The same seed gives the same inputs. */
export async function fuzzReaders(options: FuzzOptions & { readonly first?: number }): Promise<FuzzReport> {
  const seeds = await fuzzSeeds(options.extra ?? []);
  const byReader = readers.map(({ id }) => seeds.filter(({ reader }) => reader.id === id));
  const bare = readers.filter((_, index) => byReader[index]!.length === 0).map(({ id }) => id);
  if (bare.length > 0) throw new Error(`no fuzz seed for ${bare.join(", ")}: add one to fuzzSeeds`);
  const errors: Record<string, number> = {};
  const perReader: Record<string, number> = {};
  const crashes: FuzzCrash[] = [];
  let slowestMs = 0;
  const first = options.first ?? 0;
  for (let input = first; input < first + options.count; input++) {
    const random = randomFrom(options.seed, input);
    const group = byReader[input % byReader.length]!;
    const seed = group[random.below(group.length)]!;
    const { set, mutations } = mutate(seed, group, random);
    options.progress?.(input, seed.reader.id);
    const outcome = await readAnything(seed.reader, set, optionsFor(random), options.meters);
    errors[outcome.code] = (errors[outcome.code] ?? 0) + 1;
    perReader[seed.reader.id] = (perReader[seed.reader.id] ?? 0) + 1;
    slowestMs = Math.max(slowestMs, outcome.ms);
    if (outcome.broken.length > 0 && crashes.length < 100) {
      crashes.push({
        input,
        reader: seed.reader.id,
        file: set.main,
        mutations,
        broken: outcome.broken.slice(0, 3),
      });
    }
  }
  return { inputs: options.count, perReader, errors, crashes, slowestMs };
}

/** What fuzzBytes reads with: one reader that stands apart from the formats, and small valid inputs of it. */
export interface BytesTarget {
  readonly reader: string;
  readonly seeds: readonly Uint8Array<ArrayBuffer>[];
  readonly read: (bytes: Uint8Array) => unknown;
}

/** Feeds mutated bytes to a reader that takes no recording: tables of annotations, model files. */
export async function fuzzBytes(
  { reader, seeds, read }: BytesTarget,
  options: Omit<FuzzOptions, "extra"> & { readonly first?: number },
): Promise<FuzzReport> {
  const group: FileSet[] = seeds.map((bytes) => ({ main: reader, files: new Map([[reader, bytes]]) }));
  const errors: Record<string, number> = {};
  const crashes: FuzzCrash[] = [];
  let slowestMs = 0;
  const first = options.first ?? 0;
  for (let input = first; input < first + options.count; input++) {
    const random = randomFrom(options.seed, input);
    const { set, mutations } = mutate(group[random.below(group.length)]!, group, random);
    options.progress?.(input, reader);
    const started = options.meters.now();
    let code = "ok";
    try {
      await read(set.files.get(reader)!);
    } catch (error) {
      code = String((error as { code?: unknown }).code);
      if (!/^[a-z]+\/[a-z-]+$/.test(code))
        crashes.push({ input, reader, file: reader, mutations, broken: [String(error)] });
    }
    errors[code] = (errors[code] ?? 0) + 1;
    slowestMs = Math.max(slowestMs, options.meters.now() - started);
  }
  return { inputs: options.count, perReader: { [reader]: options.count }, errors, crashes, slowestMs };
}

/** Tables of annotations in both languages, with and without what may be left out. */
export const annotationTables: BytesTarget = {
  reader: "annotations",
  seeds: [
    "recording,label,onset_s,duration_s,channel\r\narm,Hand close,0.2,0.5,EMG 2\r\narm,Neutral,0.8,0,\r\n",
    '記録;ラベル;開始(秒);終了(秒);備考\n1001;遅発一過性徐脈;12,5;80;"注; 要確認"\n1001;陣痛;90;150;\n',
    "# made by hand\nfile\tevent\tstart\tlength\tauthor\na.edf\tartefact\t1e2\t3\tMori\n",
  ].map((text) => new TextEncoder().encode(text)),
  read: (bytes) => parseAnnotationTable(bytesSource("table.csv", bytes)),
};

/** Small files made by our writers and by hand, and whatever is given, each with the reader that takes it. */
export async function fuzzSeeds(extra: readonly FileSet[]): Promise<FuzzSeed[]> {
  const sets: FileSet[] = [
    ...extra,
    ...fhrmaFiles(),
    ...tables(),
    { main: "seed.xdf", files: new Map([["seed.xdf", smallXdf()]]) },
    { main: "packed.hea", files: smallFlacRecord() },
  ];
  for (const writer of writers) {
    for (const content of smallRecordings()) sets.push(...(await writtenBy(writer, content)));
  }
  sets.push(
    ...sets
      .filter(({ main }) => main === "seed.edf")
      .slice(0, 1)
      .map(besideBids),
  );
  const seeds: FuzzSeed[] = [];
  for (const set of sets) {
    const reader = recognise(set.files.get(set.main)!.subarray(0, 4096), set.main);
    if (reader === undefined) continue;
    const { code } = await readAnything(reader, set, {}, { now: () => 0 });
    if (code === "ok") seeds.push({ ...set, reader }); // not an annotation table beside a recording
  }
  return seeds;
}

async function writtenBy(writer: FormatWriter, content: RecordingContent): Promise<FileSet[]> {
  const folder = memoryFolder();
  await writer.write(
    exportSource(content),
    folder.open,
    { ...allOptions, baseName: "seed" },
    () => undefined,
  );
  const names = [...folder.files.keys()];
  return names
    .filter((name) => recognise(folder.files.get(name)!.subarray(0, 4096), name) !== undefined)
    .map((main) => ({ main, files: folder.files }));
}

/** A CTG with masks, an EMG with a gap all channels share, wide integers and floats: one to three KiB each. */
function smallRecordings(): RecordingContent[] {
  const made = (
    kind: "ctg" | "emg" | "other",
    channels: readonly (readonly [string, string, SampleType, number, number])[],
    gap: boolean,
  ): RecordingContent => ({
    header: {
      name: "seed",
      kind,
      subject: "S01",
      startedAt: "2024-03-05T12:13:14.5",
      facts: {},
      channels: channels.map(([label, unit, sampleType, sampleRate]) => ({
        label,
        unit,
        sampleType,
        sampleRate,
        gain: 0.25,
        offset: 0,
        role: kind === "ctg" ? (label === "UC" ? "uc" : "fhr") : kind,
      })),
    },
    channels: channels.map(([, , sampleType, rate, scale]) => {
      const samples = new sampleArrays[sampleType](Math.ceil(rate * 8));
      for (let at = 0; at < samples.length; at++) samples[at] = Math.sin(at / 5) * scale;
      const reason = new Uint8Array(samples.length).fill(1, 3, 5);
      if (gap) reason.fill(2, Math.ceil(rate * 2), Math.ceil(rate * 5));
      return { samples, reason };
    }),
    annotations: [
      { onsetS: 1, durationS: 2, label: "陣痛", channel: 0, note: "" },
      { onsetS: 3.25, durationS: 0, label: "artefact", channel: undefined, note: "moved" },
    ],
  });
  return [
    made(
      "ctg",
      [
        ["FHR", "bpm", "int16", 4, 600],
        ["UC", "", "uint8", 4, 90],
      ],
      false,
    ),
    made(
      "emg",
      [
        ["EMG 1", "uV", "int16", 20, 3000],
        ["筋電図", "uV", "int8", 12.8, 100],
      ],
      true,
    ),
    made(
      "other",
      [
        ["wide", "V", "int32", 10, 2_000_000],
        ["f", "V", "float32", 5, 1.7],
      ],
      true,
    ),
  ];
}

/** A recording with what BIDS lays beside one. */
function besideBids({ main, files }: FileSet): FileSet {
  const text = (lines: string): Uint8Array => new TextEncoder().encode(lines);
  const named = "sub-01_task-grip_emg.edf";
  return {
    main: named,
    files: new Map([
      [named, files.get(main)!],
      [
        "sub-01_task-grip_channels.tsv",
        text("name\ttype\tunits\tstatus\nFHR\tMISC\tbpm\tgood\nUC\tEMG\tuV\tbad\n"),
      ],
      [
        "sub-01_task-grip_events.tsv",
        text("onset\tduration\ttrial_type\tvalue\n0.5\t1.25\tgrip\t1\n2\tn/a\trest\t2\n"),
      ],
      ["sub-01_task-grip_emg.json", text('{"TaskName":"grip","PowerLineFrequency":50}')],
      ["participants.tsv", text("participant_id\tage\nsub-01\t31\n")],
    ]),
  };
}

function fhrmaFiles(): FileSet[] {
  return (
    [
      ["fhr", 6],
      ["fhrm", 8],
    ] as const
  ).map(([extension, size]) => {
    const bytes = Uint8Array.from({ length: 4 + size * 100 }, (_, i) => (i * 37) & 255);
    return { main: `seed.${extension}`, files: new Map([[`seed.${extension}`, bytes]]) };
  });
}

/** Tables as other programs write them: a time column a signal, rates in a header, a preamble, a day apart from its time. */
function tables(): FileSet[] {
  const signals = ["sensor 1", "sensor 2"].flatMap((sensor) => [
    { sensor, name: "EMG 1", unit: "mV", rate: 100, seconds: 0.4 },
    { sensor, name: "ACC X", unit: "g", rate: 25, seconds: 0.4 },
  ]);
  const rows = Array.from(
    { length: 24 },
    (_, i) => `2026/3/1\t23:59:${40 + Math.floor(i / 4)}\t${i}\t${i < 9 ? "rest" : i < 15 ? "" : "握る"}`,
  );
  const texts = [
    emgWorksTable(signals, { preamble: true, padding: "0" }),
    emgWorksTable(signals),
    discoverTable(signals, { events: [0.1, 0.2] }),
    discoverTable(signals, { times: false }),
    noraxonTable(signals),
    `Patient\tS01\nSampling rate\t4\n日付\t時刻\t心拍 (bpm)\tラベル\n${rows.join("\n")}\n`,
  ];
  return texts.map((text, i) => ({
    main: `table${i}.csv`,
    files: new Map([[`table${i}.csv`, new TextEncoder().encode(text)]]),
  }));
}

function optionsFor(random: Random): ImportOptions {
  const encodings = ["ascii", "utf-8", "shift_jis", "euc-jp", "latin1"] as const;
  return random.below(8) === 0 ? { headerEncoding: encodings[random.below(encodings.length)]! } : {};
}

/** One to six mutations of one of the seed's files; more often than not near its head. */
function mutate(
  seed: FileSet,
  group: readonly FileSet[],
  random: Random,
): { set: FileSet; mutations: string[] } {
  const names = [...seed.files.keys()];
  const target = names.length > 1 && random.below(3) === 0 ? names[random.below(names.length)]! : seed.main;
  const files = new Map(seed.files);
  const mutations: string[] = [];
  if (names.length > 1 && target !== seed.main && random.below(12) === 0) {
    files.delete(target);
    return { set: { main: seed.main, files }, mutations: [`${target} is not there`] };
  }
  let bytes = seed.files.get(target)!.slice();
  for (let left = 1 + random.below(random.below(3) === 0 ? 6 : 2); left > 0; left--) {
    const mutation = mutationsOf[random.below(mutationsOf.length)]!;
    bytes = mutation(bytes, random, group[random.below(group.length)]!);
    mutations.push(`${mutation.name} ${target}`);
  }
  files.set(target, bytes);
  return { set: { main: seed.main, files }, mutations };
}

type Bytes = Uint8Array<ArrayBuffer>;
type Mutation = (bytes: Bytes, random: Random, other: FileSet) => Bytes;

const numbers = [
  "-1",
  "0",
  "1",
  "99999999",
  "-9999999",
  "1e308",
  "4294967295",
  "2147483648",
  "65536",
  "0.00001",
  "NaN",
  "",
  "1,5",
  "-",
  "+0",
  "9007199254740993",
  "1e-320",
  "1e300",
  "Infinity",
  "-1e-310",
];
/** What patterns with repeats in repeats try again from every place. */
const runs = [" ", "\t", "\n", "\r\n", "0", "9", "_", "-", ".", ",", "(", "[", "/", "#", "a ", "1 ", "é"];

const mutationsOf: readonly Mutation[] = [
  function cut(bytes, random) {
    return bytes.slice(0, random.below(bytes.length + 1));
  },
  function flipBits(bytes, random) {
    for (let n = 1 + random.below(8); n > 0 && bytes.length > 0; n--) {
      const at = random.place(bytes.length);
      bytes[at] = bytes[at]! ^ (1 << random.below(8));
    }
    return bytes;
  },
  function setBytes(bytes, random) {
    const values = [0, 0xff, 0x20, 0x2d, 0x39, 0x30, 0x2e, 0x14, 0x15, 0x7f, 0x80, 0x0a, 0x2c, 0x22];
    for (let n = 1 + random.below(4); n > 0 && bytes.length > 0; n--)
      bytes[random.place(bytes.length)] = values[random.below(values.length)]!;
    return bytes;
  },
  function writeNumber(bytes, random) {
    // over the digits next to a random place, keeping the field's width, as a wrong header would
    let at = random.place(Math.max(1, bytes.length));
    for (let step = 0; step < 64 && at < bytes.length && !isDigit(bytes[at]); step++) at++;
    const text = numbers[random.below(numbers.length)]!;
    for (let i = 0; at + i < bytes.length && (i < text.length || isDigit(bytes[at + i])) && i < 16; i++)
      bytes[at + i] = text.charCodeAt(i) || 32;
    return bytes;
  },
  function insertNumber(bytes, random) {
    let at = random.place(bytes.length + 1);
    while (at < bytes.length && !isDigit(bytes[at])) at++;
    const text = new TextEncoder().encode(numbers[random.below(numbers.length)]);
    return joined(bytes.subarray(0, at), text, bytes.subarray(at));
  },
  function remove(bytes, random) {
    const at = random.place(bytes.length + 1);
    return joined(
      bytes.subarray(0, at),
      bytes.subarray(at + 1 + random.below(random.below(4) === 0 ? 256 : 8)),
    );
  },
  function repeat(bytes, random) {
    const at = random.place(bytes.length + 1);
    const slice = bytes.subarray(at, at + 1 + random.below(300));
    const times = 1 + random.below(random.below(6) === 0 ? 8 : 2);
    return joined(bytes.subarray(0, at), ...Array.from({ length: times }, () => slice), bytes.subarray(at));
  },
  function insertRun(bytes, random) {
    const at = random.place(bytes.length + 1);
    const unit = new TextEncoder().encode(runs[random.below(runs.length)]);
    const count = 1 + random.below(random.below(4) === 0 ? 6000 : 60);
    const run = Uint8Array.from({ length: unit.length * count }, (_, i) => unit[i % unit.length]!);
    return joined(bytes.subarray(0, at), run, bytes.subarray(at));
  },
  function insertNoise(bytes, random) {
    const noise = Uint8Array.from({ length: 1 + random.below(24) }, () => random.below(256));
    const at = random.place(bytes.length + 1);
    return joined(bytes.subarray(0, at), noise, bytes.subarray(at));
  },
  function overwrite(bytes, random) {
    const at = random.place(bytes.length + 1);
    const value = random.below(3) === 0 ? random.below(256) : [0, 255, 32][random.below(3)]!;
    return bytes.fill(value, at, at + 1 + random.below(64));
  },
  function splice(bytes, random, other) {
    const donor = other.files.get(other.main)!;
    const from = random.place(donor.length + 1);
    const at = random.place(bytes.length + 1);
    return joined(
      bytes.subarray(0, at),
      donor.subarray(from, from + 1 + random.below(512)),
      bytes.subarray(at),
    );
  },
];

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 48 && byte <= 57;

interface Random {
  below(limit: number): number; // 0 to limit - 1
  place(length: number): number; // an index, half of the time within the first 600 bytes
}

/** Mulberry32 (T. Ettinger, public domain), one stream an input so that each can be met again alone. */
function randomFrom(seed: number, input: number): Random {
  let state = (Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(input + 1, 0xc2b2ae35)) >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return { below, place: (length) => below(below(2) === 0 ? Math.min(length, 600) : length) };
}
