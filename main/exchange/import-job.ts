import { stat } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { AppError, reportOf, throwIfCancelled } from "../../preload/contract/errors.ts";
import type { FileOutcome, ImportOptions } from "../../preload/contract/exchange.ts";
import { repairOf, type Repair } from "../../preload/contract/recording.ts";
import { sure } from "../../preload/contract/sure.ts";
import type { FormatReader } from "../formats/format.ts";
import { foreignFormat } from "../formats/foreign.ts";
import { soundName } from "../formats/gate.ts";
import { readers } from "../formats/registry.ts";
import { isAnnotationTable } from "../formats/annotations/parse.ts";
import { attachAnnotations } from "./annotation-file.ts";
import { applyAnnotationTable } from "./annotation-table.ts";
import type { Candidate, LeftOut } from "./expand.ts";
import { expandPaths, extensionOf } from "./expand.ts";
import type { FileSource } from "./file-source.ts";
import { isFindingsFile } from "./findings-file.ts";
import { Folders, openFileSource, PAGE_BYTES } from "./file-source.ts";
import type { JobHandle, JobWork } from "./jobs.ts";
import { outcomeOf } from "./jobs.ts";
import { classify } from "./kind.ts";
import { listed } from "./labels.ts";
import type { AsyncLibrary, RecordingFile } from "../storage/api.ts";
import { type JobContext, RecordingGroup } from "./recording-group.ts";
import { storeRecording, type Stored } from "./store-recording.ts";

const HEAD_BYTES = 4096;

/** Imports files and folders: recordings first, then the tables of annotations that speak about them. */
export const importJob =
  (context: JobContext, paths: readonly string[], options: ImportOptions, only?: "annotations"): JobWork =>
  async (handle) => {
    const { candidates, leftOut } = await expandPaths(paths, readers, handle.signal);
    if (candidates.length === 0) {
      const others = leftOut
        .map(({ count, names }) => `; ${count} other file(s): ${names.join(", ")}`)
        .join("");
      const message = `Nothing to import in ${listed(paths.map((path) => basename(path)))}${others}`;
      throw new AppError("data/nothing-to-import", message, {
        folder: paths[0] ?? "",
        expected: knownExtensions(),
      });
    }
    for (const [index, { path }] of candidates.entries()) handle.outcome(index, outcomeOf(path));
    const budget = await Budget.of(candidates);
    const known = await KnownFiles.of(context.library);
    const group = new RecordingGroup(context);
    const settled: Promise<void>[] = [];
    const whole = {
      context,
      candidates,
      options,
      only,
      handle,
      budget,
      known,
      group,
      settled,
      folders: new Folders(),
    };
    const later: [number, Events][] = [];
    try {
      for (const index of candidates.keys()) {
        const events = await importOne(whole, index);
        if (events !== undefined) later.push([index, events]);
      }
    } catch (error) {
      await group.flush().catch(() => undefined); // what was read whole before is kept
      await Promise.all(settled);
      throw error;
    }
    await group.flush();
    await Promise.all(settled);
    for (const [index, events] of later) await applyOne(whole, index, events);
    for (const [index, one] of leftOut.entries())
      handle.outcome(
        candidates.length + index,
        outcomeOf(one.folder, { state: "done", repairs: [untold(one)] }),
      );
  };

/** What a folder held beside its recordings. That is no failure: it is named, and the job goes well. */
function untold({ folder, count, names }: LeftOut): Repair {
  const files = count > names.length ? `${names.join(", ")}, …` : names.join(", ");
  return repairOf(
    "FILES_LEFT_OUT",
    "info",
    { folder: basename(folder), count, files },
    { file: basename(folder) },
  );
}

/** Bytes of the whole job: what files turn out to hold replaces what the folder listing promised. */
class Budget {
  readonly #expected: readonly number[];
  #before = 0; // of the files that are finished
  #ahead: number; // expected of those that are not

  private constructor(expected: readonly number[]) {
    this.#expected = expected;
    this.#ahead = expected.reduce((sum, size) => sum + size, 0);
  }

  static async of(candidates: readonly Candidate[]): Promise<Budget> {
    const sizes: number[] = [];
    for (const { path } of candidates) sizes.push((await sizeOf(path)) + (await signalSizeOf(path)));
    return new Budget(sizes);
  }

  report(handle: JobHandle, index: number, file: string, done: number, actual: number): void {
    const after = this.#ahead - (this.#expected[index] ?? 0);
    handle.progress(file, this.#before + Math.min(done, actual), this.#before + actual + after);
  }

  finish(index: number, actual: number | undefined): void {
    const expected = this.#expected[index] ?? 0;
    this.#before += actual ?? expected;
    this.#ahead -= expected;
  }
}

const sizeOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  );

/** A WFDB header is small and speaks for a large file beside it. */
async function signalSizeOf(path: string): Promise<number> {
  if (extensionOf(path) !== ".hea") return 0;
  return sizeOf(join(dirname(path), `${basename(path, extname(path))}.dat`));
}

interface WholeImport {
  readonly context: JobContext;
  readonly candidates: readonly Candidate[];
  readonly options: ImportOptions;
  readonly only: "annotations" | undefined;
  readonly handle: JobHandle;
  readonly budget: Budget;
  readonly known: KnownFiles;
  readonly group: RecordingGroup;
  readonly folders: Folders;
  readonly settled: Promise<void>[]; // one a recording that was read: its file's outcome is told
}

/** Files that hold events and no samples: a table, or a recording's file without signals. */
type Events = "table" | FormatReader;

/** What kind of events the file holds, where it holds nothing else: they are added once every recording is in. */
async function importOne(
  { context, candidates, options, only, handle, budget, known, group, settled, folders }: WholeImport,
  index: number,
): Promise<Events | undefined> {
  const { path, asked } = sure(candidates[index]);
  const repairs: Repair[] = [];
  let source: FileSource | undefined;
  const settle = (change: Partial<FileOutcome>): void =>
    handle.outcome(index, outcomeOf(path, { repairs, ...change }));
  const fail = (error: unknown): void => {
    const { code, message, detail } = reportOf(error);
    const twins = typeof detail.recordingId === "string" ? [detail.recordingId] : []; // that it met
    settle({ state: "failed", recordingIds: twins, error: { code, message, detail } });
  };
  settle({ state: "running" });
  try {
    throwIfCancelled(handle.signal);
    const survey = new Survey((done, actual) => budget.report(handle, index, path, done, actual));
    source = await openFileSource(path, {
      repair: (repair) => repairs.push(repair),
      signal: handle.signal,
      reached: survey.reached,
      folders,
    });
    if (source.size === 0 && asked) throw emptyFile(source);
    const { name } = source;
    const head = await source.read(0, HEAD_BYTES);
    if (isFindingsFile(name, head))
      throw new AppError(
        "data/findings-file",
        `${name} holds what models and rules said of a recording: it is neither a recording nor labels of people, and is not imported`,
        { file: path },
      );
    if (isAnnotationTable(head, name)) {
      settle({ state: "waiting" });
      return "table";
    }
    const reader = readers.find((one) => one.recognises(head, name));
    if (reader !== undefined && (await holdsNoSignal(reader, source, options))) {
      settle({ state: "waiting" });
      return reader;
    }
    if (only === "annotations") {
      const message = `${source.name} is no table of annotations (its first line must name recording, label, onset_s and duration_s) and no file of annotations without signals`;
      throw new AppError("data/not-annotations", message, { file: path, offset: 0 });
    }
    if (reader === undefined) {
      if (asked) throw unknownFormat(source, head);
      repairs.push(repairOf("NOT_RECOGNISED", "info", { file: source.name }, { file: source.name }));
      settle({ state: "done" });
      return undefined;
    }
    const tell = survey.of(source);
    const stored = await importRecording(context, reader, source, {
      options,
      repairs,
      signal: handle.signal,
      tell,
      known,
      group,
    });
    const done = (): void =>
      settle({ state: "done", recordingIds: [stored.id], annotations: stored.annotations });
    settled.push(
      stored.done.then(done, (error: unknown) => {
        if (!endsTheJob(error)) fail(error); // else the job, waiting for the group, meets it too
      }),
    );
  } catch (error) {
    if (endsTheJob(error)) throw error;
    fail(error);
  } finally {
    budget.finish(index, source?.totalSize);
    await source?.close();
  }
  return undefined;
}

/** Only EDF+ and BDF+ have files of annotations alone; their headers are read quickly and twice. */
const holdsNoSignal = async (
  reader: FormatReader,
  source: FileSource,
  options: ImportOptions,
): Promise<boolean> =>
  (reader.id === "edf" || reader.id === "bdf") &&
  (await reader.open(source, options, () => undefined)).header.channels.length === 0;

/**
 * Progress of one file. Tables are looked through as a whole before their first block, to learn rate and types: half of
 * the bar then belongs to that, and the other half to the blocks.
 */
class Survey {
  readonly #report: (done: number, actual: number) => void;
  #source: FileSource | undefined;
  #furthest = 0;
  #share: number | undefined; // of the bar, spent before the first block

  constructor(report: (done: number, actual: number) => void) {
    this.#report = report;
  }

  readonly reached = (bytes: number): void => {
    this.#furthest = Math.max(this.#furthest, bytes);
    if (this.#source !== undefined && this.#share === undefined)
      this.#report(this.#furthest / 2, this.#source.totalSize);
  };

  /** From now on `source` is being read; what is returned is told of its blocks. */
  of(source: FileSource): (bytes: number) => void {
    this.#source = source;
    this.#report(0, source.totalSize);
    return (bytes) => {
      this.#share ??= source.size > PAGE_BYTES && this.#furthest > source.size / 2 ? 0.5 : 0;
      const actual = source.totalSize;
      this.#report(this.#share * actual + (1 - this.#share) * Math.min(bytes, actual), actual);
    };
  }
}

/** Cancelling, and a library that takes no more, end the whole job; a bad file ends only itself. */
const endsTheJob = (error: unknown): boolean => /^(cancelled|storage)\//.test(reportOf(error).code);

const knownExtensions = (): string => [...new Set(readers.flatMap((reader) => reader.extensions))].join(" ");

const emptyFile = ({ name, path }: FileSource): AppError =>
  new AppError("data/empty-file", `${name} is empty`, { file: path, size: 0, allowed: ">= 1 byte" });

function unknownFormat(source: FileSource, head: Uint8Array): AppError {
  const start = Buffer.from(head.subarray(0, 8)).toString("hex");
  const foreign = foreignFormat(head, source.name);
  if (foreign !== undefined) {
    const sentence = `${source.name} is ${foreign.title}, which Kodo does not read: ${foreign.instead}`;
    return new AppError("data/foreign-format", sentence, { file: source.path, offset: 0, value: start });
  }
  const message = `${source.name} is in no format Kodo reads (first bytes ${start}; expected ${readers.map(({ title }) => title).join(", ")})`;
  return new AppError("data/unknown-format", message, {
    file: source.path,
    offset: 0,
    value: start,
    expected: knownExtensions(),
  });
}

export interface OneImport {
  readonly options: ImportOptions;
  readonly repairs: Repair[];
  readonly signal: AbortSignal;
  readonly tell: (bytes: number) => void; // of the source, read so far
  readonly known: KnownFiles;
  readonly group?: RecordingGroup;
}

/** One opened file into the library, unless it is there already. */
export async function importRecording(
  context: JobContext,
  reader: FormatReader,
  source: FileSource,
  { options, repairs, signal, tell, known, group }: OneImport,
): Promise<Stored> {
  const opened = await reader.open(source, options, (repair) => repairs.push(repair));
  if (opened.header.channels.length === 0) {
    throw new AppError("data/no-signals", `${source.name} holds no signals`, {
      file: source.path,
      channels: 0,
      allowed: ">= 1",
    });
  }
  const header = classify(opened.header, options.kind);
  if (known.called(basename(source.path)).length > 0) await group?.flush(); // one of them may be on its way
  await refuseTwin(context, known, source, repairs, signal);
  const name = freeName(header.name, known.names);
  if (name !== header.name) {
    const values = { name: header.name, free: name };
    repairs.push(repairOf("NAME_TAKEN", "info", values, { file: source.name }));
  }
  const file = basename(source.path);
  const origin = {
    format: reader.id,
    file,
    author: file,
    sha256: (stop: AbortSignal) => source.sha256(stop),
  };
  const bounded = (text: string): string => soundName(text, file, (repair) => repairs.push(repair));
  // The name the source gave, not the one made free.
  const subject = bounded(options.subject ?? header.subject ?? header.name);
  const stored = await storeRecording(context, opened, { ...header, name }, origin, repairs, {
    ...options,
    subject,
    ...(options.study === undefined ? {} : { study: bounded(options.study) }),
    signal,
    done: tell,
    group,
  });
  stored.done.catch(() => known.names.delete(name));
  known.add({ id: stored.id, name, file, sha256: await source.sha256(signal), state: "complete" });
  return stored;
}

/** What the library held when the job began, and what the job has added since. Asking for all of it file by file would take longer than the files do. */
export class KnownFiles {
  readonly names: Set<string>;
  readonly #byFile = new Map<string, RecordingFile[]>();

  private constructor(files: readonly RecordingFile[]) {
    this.names = new Set(files.map(({ name }) => name));
    for (const one of files) this.#keep(one);
  }

  static async of(library: Pick<AsyncLibrary, "listSources">): Promise<KnownFiles> {
    return new KnownFiles(await library.listSources());
  }

  called(file: string): readonly RecordingFile[] {
    return this.#byFile.get(file) ?? [];
  }

  add(one: RecordingFile): void {
    this.names.add(one.name);
    this.#keep(one);
  }

  #keep(one: RecordingFile): void {
    this.#byFile.set(one.file, [...this.called(one.file), one]);
  }
}

/** Refuses a file that the library already has: the same name and the same SHA-256, which only then is read for it. */
async function refuseTwin(
  { library }: JobContext,
  known: KnownFiles,
  source: FileSource,
  repairs: Repair[],
  signal: AbortSignal,
): Promise<void> {
  const file = basename(source.path);
  for (const one of known.called(file)) {
    if (one.state === "interrupted" || one.sha256 === "") {
      repairs.push(repairOf("INTERRUPTED_TWIN", "warning", { file, recording: one.name }, { file }));
      continue;
    }
    if (one.sha256 !== (await source.sha256(signal))) continue;
    const still = await library.getRecording(one.id).catch(() => undefined); // someone may have purged it since
    if (still === undefined) continue;
    throw new AppError("data/already-imported", `${file} is in the library already, as ${still.name}`, {
      file: source.path,
      recordingId: one.id,
      recording: still.name,
    });
  }
}

/** `name`, else `name (2)`, `name (3)`: tables of annotations find recordings by name. */
export function freeName(name: string, taken: ReadonlySet<string>): string {
  let free = name;
  for (let n = 2; taken.has(free); n++) free = `${name} (${n})`;
  return free;
}

async function applyOne(
  { context, candidates, options, handle }: WholeImport,
  index: number,
  events: Events,
): Promise<void> {
  const { path } = sure(candidates[index]);
  const repairs: Repair[] = [];
  const settle = (change: Partial<FileOutcome>): void =>
    handle.outcome(index, outcomeOf(path, { repairs, ...change }));
  settle({ state: "running" });
  try {
    throwIfCancelled(handle.signal);
    const applied =
      events === "table"
        ? await applyAnnotationTable(context, {
            path,
            attachTo: options.attachTo,
            readComplete: options.readComplete,
            repairs,
            signal: handle.signal,
          })
        : await attachFile(context, path, events, { options, repairs, signal: handle.signal });
    settle({ state: "done", recordingIds: [...applied.recordingIds], annotations: applied.annotations });
  } catch (error) {
    if (endsTheJob(error)) throw error;
    const { code, message, detail } = reportOf(error);
    settle({ state: "failed", error: { code, message, detail } });
  }
}

async function attachFile(
  context: JobContext,
  path: string,
  reader: FormatReader,
  { options, repairs, signal }: Pick<OneImport, "options" | "repairs" | "signal">,
): ReturnType<typeof attachAnnotations> {
  const repair = (one: Repair): void => void repairs.push(one);
  const source = await openFileSource(path, { repair, signal });
  try {
    const opened = await reader.open(source, options, repair);
    const { attachTo, readComplete } = options;
    return await attachAnnotations(context, { path, opened, attachTo, readComplete, repairs, signal });
  } finally {
    await source.close();
  }
}
