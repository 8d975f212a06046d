import { basename, dirname } from "node:path";
import { AppError, throwIfCancelled } from "../../preload/contract/errors.ts";
import { repairOf, type RecordingSummary, type Repair } from "../../preload/contract/recording.ts";
import type { AnnotationRow } from "../formats/annotations/parse.ts";
import { parseAnnotationTable } from "../formats/annotations/parse.ts";
import { writeAnnotationRows } from "../formats/annotations/write.ts";
import type { ExportSource } from "../formats/format.ts";
import type { ReportRepair, SourceAnnotation } from "../signal/block.ts";
import { everyRecording } from "../storage/client.ts";
import type { AsyncLibrary } from "../storage/api.ts";
import { writeAnnotationsAlone } from "../formats/edf/annotations-alone.ts";
import { exportSource } from "./export-job.ts";
import { openFileSource } from "./file-source.ts";
import { FileGroup } from "./file-sink.ts";
import { declareRead } from "./declare-read.ts";
import { listed } from "./labels.ts";
import type { ExchangeCalls, TableRow } from "./protocol.ts";
import type { JobContext } from "./recording-group.ts";
import type { FoundIn } from "./store-recording.ts";
import { addInBatches, readyAnnotations, withoutKnown } from "./store-recording.ts";

export interface TableImport {
  readonly path: string;
  /** A recording's id, where a person said which one the table is about: it may then call it what it likes. */
  readonly attachTo: string | undefined;
  readonly repairs: Repair[];
  readonly signal: AbortSignal;
  readonly readComplete?: boolean | undefined;
}

/**
 * Adds a table's annotations to the recordings it names. Rows that name recordings the
 * library does not have are left out and listed; a table of which no row fits is refused, and so is one with a bad cell.
 * What a recording has already does not come twice.
 */
export async function applyAnnotationTable(
  context: JobContext,
  { path, attachTo, repairs, signal, readComplete }: TableImport,
): Promise<{ readonly recordingIds: readonly string[]; readonly annotations: number }> {
  const file = basename(path);
  const placed = await readPlaced(context, { path, attachTo, repairs, signal });
  const groups: FoundIn[] = [];
  for (const { recording, found } of placed) {
    const fresh = await withoutKnown(context.library, recording.id, found, { file, repairs });
    groups.push({ recordingId: recording.id, kind: recording.kind, found: fresh });
  }
  const ready = await readyAnnotations(context, groups, { file, author: file, repairs });
  throwIfCancelled(signal);
  await addInBatches(context.library, ready);
  if (readComplete === true)
    for (const { recording, found } of placed)
      await declareRead(context.library, recording.id, {
        ...{ file, author: file, isUndoable: true, repairs },
        among: found,
      });
  for (const [index, { recording }] of placed.entries()) {
    const count = groups[index]?.found.length ?? 0;
    if (placed.length > MOST_NAMED && index >= MOST_NAMED) break;
    if (count === 0) continue;
    repairs.push(repairOf("ANNOTATIONS_ADDED", "info", { count, recording: recording.name }, { file }));
  }
  if (placed.length > MOST_NAMED) {
    const rest = groups.slice(MOST_NAMED);
    const count = rest.reduce((sum, { found }) => sum + found.length, 0);
    repairs.push(repairOf("ANNOTATIONS_ADDED_MORE", "info", { count, recordings: rest.length }, { file }));
  }
  const ids = placed.map(({ recording }) => recording.id);
  for (const recordingId of ids) context.changed({ kind: "annotations", recordingId });
  context.changed({ kind: "recordings", ids });
  return { recordingIds: ids, annotations: groups.reduce((sum, { found }) => sum + found.length, 0) };
}

interface Placed {
  readonly recording: RecordingSummary;
  readonly found: readonly SourceAnnotation[];
}

/** The table's annotations by recording. All rows are looked at before the first word of them may extend a label set. */
async function readPlaced(
  context: JobContext,
  { path, attachTo, repairs, signal }: TableImport,
): Promise<readonly Placed[]> {
  const rows = await readRows(path, repairs, signal);
  const file = basename(path);
  if (rows.length === 0) throw new AppError("data/no-rows", `${file} holds no annotations`, { file: path });
  const names = new Set(rows.map(({ recording }) => recording));
  const recordings =
    attachTo === undefined
      ? await recordingsNamed(context.library, file, names)
      : new Map([[onlyName(names, path), await context.library.getRecording(attachTo)]]);
  const unknown = new Map<string, number>();
  for (const { recording } of rows)
    if (!recordings.has(recording)) unknown.set(recording, (unknown.get(recording) ?? 0) + 1);
  refuseStrangers(file, path, unknown, recordings.size, repairs);
  const perRecording = new Map<RecordingSummary, SourceAnnotation[]>();
  for (const row of rows) {
    const recording = recordings.get(row.recording);
    if (recording === undefined) continue;
    const own = perRecording.get(recording) ?? [];
    own.push(sourceOf(row, recording, path));
    perRecording.set(recording, own);
  }
  return [...perRecording].map(([recording, found]) => ({ recording, found }));
}

/** Recordings listed by name with what each got; the others are summed up. */
const MOST_NAMED = 20;

/** A table that is given to one recording speaks of one. */
function onlyName(names: ReadonlySet<string>, path: string): string {
  const [only = "", ...others] = names;
  if (others.length === 0) return only;
  const listing = listed([...names]);
  const message = `${basename(path)} names ${names.size} recordings (${listing}); its annotations cannot all belong to one`;
  throw new AppError("data/recording-ambiguous", message, {
    file: path,
    value: listing,
    recordings: names.size,
    allowed: "1 recording",
  });
}

async function readRows(
  path: string,
  repairs: Repair[],
  signal: AbortSignal,
): Promise<readonly AnnotationRow[]> {
  const source = await openFileSource(path, { repair: (repair) => repairs.push(repair), signal });
  try {
    return await parseAnnotationTable(source);
  } finally {
    await source.close();
  }
}

/** By id, else by a name that only one recording has; file endings on the table's side are forgiven. */
async function recordingsNamed(
  library: AsyncLibrary,
  file: string,
  names: ReadonlySet<string>,
): Promise<ReadonlyMap<string, RecordingSummary>> {
  const all = await everyRecording(library);
  const byId = new Map(all.map((recording) => [recording.id, recording]));
  const byName = new Map<string, RecordingSummary[]>();
  for (const recording of all) byName.set(recording.name, [...(byName.get(recording.name) ?? []), recording]);
  const found = new Map<string, RecordingSummary>();
  for (const name of names) {
    const named = byName.get(name) ?? byName.get(name.replace(/(\.[A-Za-z]{2,5})?(\.gz)?$/i, "")) ?? [];
    const recording = byId.get(name) ?? named[0];
    if (recording === undefined) continue;
    if (!byId.has(name) && named.length > 1) {
      const message = `${file}: ${named.length} recordings are named ${name}; name it by id: ${listed(named.map(({ id }) => id))}`;
      throw new AppError("data/recording-ambiguous", message, {
        file,
        value: name,
        recordings: named.length,
      });
    }
    found.set(name, recording);
  }
  return found;
}

function refuseStrangers(
  file: string,
  path: string,
  unknown: ReadonlyMap<string, number>,
  known: number,
  repairs: Repair[],
): void {
  if (unknown.size === 0) return;
  const rows = [...unknown.values()].reduce((sum, count) => sum + count, 0);
  const names = listed([...unknown.keys()]);
  if (known === 0) {
    throw new AppError(
      "data/recording-unknown",
      `${file}: the library has none of the recordings it names (${names})`,
      { file: path, value: names, rows },
    );
  }
  repairs.push(repairOf("RECORDINGS_UNKNOWN", "warning", { rows, recordings: names }, { file }));
}

/** A row as an annotation of its recording. Throws where it lies outside it or names a channel it lacks. */
function sourceOf(row: AnnotationRow, recording: RecordingSummary, path: string): SourceAnnotation {
  if (row.onsetS > recording.durationS) {
    const message = `${basename(path)}, line ${row.line}: onset ${row.onsetS} s lies past the end of ${recording.name} (${recording.durationS} s)`;
    throw new AppError("data/onset-outside", message, {
      file: path,
      line: row.line,
      value: row.onsetS,
      allowed: `0 to ${recording.durationS}`,
    });
  }
  if (isOfAll(row)) return row; // of a hundred thousand, each would be there twice
  const { onsetS, durationS, label, code, author, note } = row;
  return { onsetS, durationS, label, code, channel: channelOf(row, recording, path), author, note };
}

const isOfAll = (row: AnnotationRow): row is AnnotationRow & { readonly channel: undefined } =>
  row.channel === undefined;

/** A channel by its label, else by its position from 0. */
function channelOf(row: AnnotationRow, recording: RecordingSummary, path: string): number | undefined {
  if (row.channel === undefined) return undefined;
  const labels = recording.channels.map(({ label }) => label);
  const byLabel = labels.indexOf(row.channel);
  if (byLabel >= 0) return byLabel;
  const position = /^\d+$/.test(row.channel) ? Number(row.channel) : Number.NaN;
  if (position < labels.length) return position;
  const message = `${basename(path)}, line ${row.line}: ${recording.name} has no channel ${row.channel}; it has ${listed(labels)}`;
  throw new AppError("data/channel-unknown", message, {
    file: path,
    line: row.line,
    value: row.channel,
    allowed: labels.join(", "),
  });
}

/**
 * All annotations of some recordings as one table, written to a new file where one is named; to a file of EDF+ with
 * nothing but annotations where its name ends so.
 */
export async function annotationTable(
  library: AsyncLibrary,
  { recordingIds, file, deidentify }: ExchangeCalls["annotationTable"]["ask"],
): Promise<ExchangeCalls["annotationTable"]["answer"]> {
  const isEdf = file !== undefined && /\.edf$/i.test(file);
  if (isEdf && recordingIds.length !== 1) {
    const message = `${basename(file)}: a file of EDF+ holds the annotations of one recording, not of ${recordingIds.length}; name one, or write a .csv`;
    throw new AppError("data/recording-ambiguous", message, {
      file,
      value: recordingIds.length,
      allowed: "1 recording",
    });
  }
  const rows: TableRow[] = [];
  const written: Omit<AnnotationRow, "line">[] = [];
  const repairs: Repair[] = [];
  for (const id of recordingIds) {
    const source = await exportSource(library, await library.getRecording(id), { deidentify });
    repairs.push(...source.repairs);
    if (isEdf) await writeEdf(source, file, (repair) => repairs.push(repair));
    const { name: recording, channels } = source.header;
    for (const { label, code, onsetS, durationS, channel: position, author, note } of source.annotations) {
      const channel = position === undefined ? undefined : (channels[position]?.label ?? String(position));
      const row = { recording, label, onset_s: onsetS, duration_s: durationS };
      rows.push({
        ...row,
        ...(code === undefined ? {} : { code }),
        ...(channel === undefined ? {} : { channel }),
      });
      written.push({ recording, label, code, onsetS, durationS, channel, author, note });
    }
  }
  const text = writeAnnotationRows(written);
  if (file !== undefined && !isEdf) await writeText(file, text);
  return { rows, text, repairs: distinct(repairs) };
}

/** What is said of every recording in the same words, once. */
const distinct = (repairs: readonly Repair[]): Repair[] => [
  ...new Map(repairs.map((one) => [one.message, one] as const)).values(),
];

const writeEdf = (source: ExportSource, path: string, repair: ReportRepair): Promise<void> =>
  inGroup(path, (files) => writeAnnotationsAlone(source, () => files.open(basename(path)), repair));

const writeText = (path: string, text: string): Promise<void> =>
  inGroup(path, async (files) => {
    const sink = await files.open(basename(path));
    await sink.write(new TextEncoder().encode(text));
    await sink.close();
  });

/** One new file, whole or not at all. */
async function inGroup(path: string, work: (files: FileGroup) => Promise<void>): Promise<void> {
  const files = new FileGroup(dirname(path));
  try {
    await work(files);
    await files.publish();
  } catch (error) {
    await files.discard();
    throw error;
  }
}
