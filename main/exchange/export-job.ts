import type { Stats } from "node:fs";
import { mkdir, stat } from "node:fs/promises";
import { basename } from "node:path";
import { AppError, reportOf, throwIfCancelled } from "../../preload/contract/errors.ts";
import type { ExportRequest } from "../../preload/contract/exchange.ts";
import type { Annotation } from "../../preload/contract/annotation.ts";
import type { SeriesSummary } from "../../preload/contract/finding.ts";
import { noteIn } from "../../preload/contract/noted.ts";
import { type RecordingDetail, type Repair, repairOf } from "../../preload/contract/recording.ts";
import { sure } from "../../preload/contract/sure.ts";
import { filledLabel } from "../formats/channel-role.ts";
import type { ExportSource, FormatWriter } from "../formats/format.ts";
import { readers, writers } from "../formats/registry.ts";
import type { AsyncLibrary } from "../storage/api.ts";
import { inPlaces } from "../../preload/contract/in-places.ts";
import { movedBy } from "../signal/places.ts";
import { Pseudonyms } from "../privacy/pseudonyms.ts";
import type { RecordingHeader, SourceAnnotation } from "../signal/block.ts";
import { readingsForFile } from "./readings.ts";
import { deidentified } from "./deidentify.ts";
import { extensionOf } from "./expand.ts";
import { naming } from "./file-error.ts";
import { currentFindings, writeFindings } from "./findings-file.ts";
import { FileGroup, shortened } from "./file-sink.ts";
import type { JobHandle, JobWork } from "./jobs.ts";
import { outcomeOf } from "./jobs.ts";
import { labelTexts } from "./label-texts.ts";
import type { JobContext } from "./recording-group.ts";

/** Writes recordings into a folder, each whole or not at all. Existing files stay: a taken name gets a number. */
export const exportJob =
  ({ library }: JobContext, request: ExportRequest): JobWork =>
  async (handle) => {
    const writer = writers.find(({ id }) => id === request.format);
    if (writer === undefined) {
      const formats = writers.map(({ id }) => id).join(", ");
      throw new AppError("data/unknown-format", `No writer for ${request.format}; there is ${formats}`, {
        value: request.format,
        allowed: formats,
      });
    }
    await folderOf(request.directory);
    for (const [index, id] of request.recordingIds.entries()) {
      handle.outcome(index, outcomeOf(id, { recordingIds: [id] }));
    }
    for (const index of request.recordingIds.keys()) await exportOne(library, writer, request, index, handle);
  };

/** Throws where there is no folder of this name to write into, and none can be made. */
export async function folderOf(path: string): Promise<void> {
  const facts = await naming(path, () => folderAt(path));
  if (!facts.isDirectory())
    throw new AppError("data/not-a-folder", `${basename(path)} is not a folder`, { file: path });
}

/** The folder to write into, made where there is none. */
async function folderAt(path: string): Promise<Stats> {
  const found = await stat(path).catch(() => undefined);
  if (found !== undefined) return found;
  await mkdir(path, { recursive: true });
  return stat(path);
}

async function exportOne(
  library: AsyncLibrary,
  writer: FormatWriter,
  request: ExportRequest,
  index: number,
  handle: JobHandle,
): Promise<void> {
  const id = sure(request.recordingIds[index]);
  const repairs: Repair[] = [];
  const total = request.recordingIds.length;
  let shownAs = id;
  try {
    throwIfCancelled(handle.signal);
    const recorded = await library.getRecording(id);
    const detail = await withDerived(library, recorded, request);
    shownAs = detail.name;
    handle.outcome(index, outcomeOf(shownAs, { state: "running", recordingIds: [id] }));
    const source = withMoved(await exportSource(library, detail, request), detail);
    const bytes = sampleBytes(detail);
    const published = await writeUnderFreeName(
      request.directory,
      source.header.name,
      async (baseName, files) => {
        repairs.splice(0, repairs.length, ...source.repairs); // none of an attempt under a name that was taken
        const { withAnnotations, withMask } = request;
        const progress = (done: number): void =>
          handle.progress(detail.name, (index + done) * bytes, total * bytes);
        await writer.write(
          source,
          files.open,
          { baseName, withAnnotations, withMask, signal: handle.signal, progress },
          (repair) => repairs.push(repair),
        );
        if (request.withFindings === true)
          await writeFindings(
            library,
            { detail, header: source.header, codes: await codesFor(library, request) },
            { open: files.open, baseName },
          );
        throwIfCancelled(handle.signal);
      },
    );
    const annotations = request.withAnnotations ? source.annotations.length : 0;
    const { format, deidentify } = request;
    await library.log({
      actor: "kodo",
      action: "recording.export",
      subject: id,
      detail: { format, deidentify, annotations, files: published.length },
    });
    handle.outcome(
      index,
      outcomeOf(mainOf(published) ?? detail.name, {
        state: "done",
        recordingIds: [id],
        annotations,
        repairs,
      }),
    );
  } catch (error) {
    const { code, message, detail } = reportOf(error);
    if (/^(cancelled|storage)\//.test(code)) throw error;
    handle.outcome(
      index,
      outcomeOf(shownAs, { state: "failed", recordingIds: [id], repairs, error: { code, message, detail } }),
    );
  }
}

/** Of an export's files the one to open: the header of a WFDB record, not its samples. */
const mainOf = (published: readonly string[]): string | undefined =>
  published.find((path) => readers.some(({ extensions: [first] }) => extensionOf(path) === first)) ??
  published[0];

/**
 * Writes and publishes under `name`, else `name-2`, `name-3`, ...: whichever is free for every file the writer opens,
 * since a WFDB header names its data file. A fixed name is that name as it is, or none.
 */
export async function writeUnderFreeName(
  directory: string,
  name: string,
  write: (baseName: string, files: FileGroup) => Promise<void>,
  { isFixed = false } = {},
): Promise<readonly string[]> {
  const base = isFixed ? name : safeName(name);
  for (let n = 1; ; n++) {
    const files = new FileGroup(directory);
    try {
      await write(n === 1 ? base : `${base}-${n}`, files);
      return await files.publish();
    } catch (error) {
      await files.discard();
      if (isFixed || !(error instanceof AppError) || error.code !== "data/file-exists") throw error;
    }
  }
}

/** Sample bytes of a recording, as a measure of work (two bytes a sample is near enough for a progress bar). */
const sampleBytes = ({ channels }: RecordingDetail): number =>
  2 *
  Math.max(
    1,
    channels.reduce((sum, { sampleCount }) => sum + sampleCount, 0),
  );

const codesFor = async (
  library: AsyncLibrary,
  { deidentify }: Pick<ExportRequest, "deidentify">,
): Promise<Pseudonyms | undefined> => (deidentify ? new Pseudonyms(await library.pseudonymKey()) : undefined);

/** A stored recording as writers read it, as it is or without names, and what was changed for that. */
export async function exportSource(
  library: AsyncLibrary,
  detail: RecordingDetail,
  { deidentify }: Pick<ExportRequest, "deidentify">,
): Promise<ExportSource & { readonly repairs: readonly Repair[] }> {
  const annotations = await library.listAnnotations(detail.id);
  const codes = await codesFor(library, { deidentify });
  const words = codes
    ? deidentified(detail, annotations, codes)
    : { header: headerOf(detail), annotations: await asWritten(library, annotations), repairs: [] };
  return {
    ...words,
    readings: await readingsForFile(library, detail.id, codes),
    sampleCounts: inPlaces(detail).channels.map(({ sampleCount }) => sampleCount),
    read: async (channel, first, count) => {
      const position = detail.channels[channel]?.position ?? channel;
      return { ...(await library.digitalBlock(detail.id, position, first, count, true)), channel };
    },
  };
}

/**
 * Files have one rate a channel: what a device with a clock of its own sent is written at its place in the recording's
 * time, and the file says so among its facts. By how much, and what it cost, is told.
 */
function withMoved<S extends ExportSource & { readonly repairs: readonly Repair[] }>(
  source: S,
  { clocks = [], channels }: RecordingDetail,
): S {
  const repairs = [...source.repairs];
  const facts = { ...source.header.facts };
  for (const { channels: own, pieces } of clocks) {
    const named = channels.filter(({ position }) => own.includes(position));
    const [first] = named;
    if (first === undefined) continue;
    const moved = movedBy({ ...first, clock: pieces });
    const [from, to] = [moved.fromS.toFixed(3), moved.toS.toFixed(3)];
    const { leftOut, empty } = moved;
    const names = named.map(({ label }) => label).join(", ");
    const isCostly = leftOut > 0;
    repairs.push(repairOf("OTHER_CLOCK", isCostly ? "warning" : "info", { names, from, to, leftOut, empty }));
    for (const { position } of named)
      facts[`channel.${position + 1}.moved`] =
        `by whole samples, ${from} s at its begin, ${to} s at its end; ${leftOut} left out, ${empty} empty`;
  }
  return { ...source, repairs, header: { ...source.header, facts } };
}

/**
 * The recording with what was asked for of the curves that models and rules drew of it, after its own channels; no two
 * labels are the same. Of readings by rule it is the one by the library's settings. What was put where samples are missing says so in the first word of its label.
 */
async function withDerived(
  library: AsyncLibrary,
  detail: RecordingDetail,
  { withFindings = false, withFilled = false }: Pick<ExportRequest, "withFindings" | "withFilled">,
): Promise<RecordingDetail> {
  if (!withFindings && !withFilled) return detail;
  const isAsked = ({ as }: SeriesSummary): boolean => (as === "filled" ? withFilled : withFindings);
  const series = (await currentFindings(library, detail.id)).flatMap(({ content }) =>
    content.kind === "curves" ? content.series.filter(isAsked) : [],
  );
  const channels = [...detail.channels];
  const add = (label: string, position: number | undefined, of: SeriesSummary): void => {
    if (position === undefined) return;
    const isTaken = (one: string): boolean => channels.some((channel) => channel.label === one);
    let unique = label;
    for (let n = 2; isTaken(unique); n += 1) unique = `${label} ${n}`;
    channels.push({
      ...{ position, label: unique, unit: of.unit, sampleRate: of.sampleRate, sampleCount: of.sampleCount },
      ...{ role: "other", sampleType: "float32", gain: 1, offset: 0, observedCount: of.sampleCount },
    });
  };
  for (const one of series) {
    const label = one.as === "filled" ? filledLabel(one.name) : one.name;
    add(label, one.value, one);
    add(`${label} low`, one.low, one);
    add(`${label} high`, one.high, one);
  }
  return { ...detail, channels };
}

const headerOf = ({ name, kind, subject, startedAt, channels, facts }: RecordingDetail): RecordingHeader => ({
  name,
  kind,
  subject,
  startedAt,
  channels: channels.map(({ label, unit, sampleRate, role, sampleType, gain, offset }) => ({
    label,
    unit,
    sampleRate,
    role,
    sampleType,
    gain,
    offset,
  })),
  facts,
});

async function asWritten(
  library: AsyncLibrary,
  annotations: readonly Annotation[],
): Promise<readonly SourceAnnotation[]> {
  const { forFile } = await labelTexts(library, annotations);
  return annotations.map((one) => ({
    onsetS: one.onsetS,
    durationS: one.durationS,
    label: forFile(one),
    code: one.label,
    channel: one.channel,
    author: one.author === "" ? undefined : one.author,
    note: noteIn(one.note, "en"), // files have no language of their own
  }));
}

/** A name every file system takes: letters, digits, `-`, `_`, `.`; nothing else, and not too long. */
export function safeName(name: string): string {
  const safe = name
    .normalize("NFC")
    .replace(/[^\p{L}\p{N}._-]+/gu, "_")
    .replace(/^[._]+|(?<![._])[._]+$/g, "");
  const short = shortened(safe, 80);
  return short === "" || /^(con|prn|aux|nul|com\d|lpt\d)$/i.test(short) ? `recording_${short}` : short;
}
