import { basename, extname } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { Annotation } from "../../preload/contract/annotation.ts";
import { AppError, reportOf, throwIfCancelled } from "../../preload/contract/errors.ts";
import { isOfReading, shownReading } from "../../preload/contract/ctg-shown.ts";
import type { Finding } from "../../preload/contract/finding.ts";
import { wordIn } from "../../preload/contract/label-set.ts";
import { noteIn } from "../../preload/contract/noted.ts";
import { type RecordingDetail, repairOf, type Repair } from "../../preload/contract/recording.ts";
import type { ReportRequest } from "../../preload/contract/report.ts";
import type { ByteSink } from "../formats/format.ts";
import { type Fonts, openFonts } from "../paper/fonts.ts";
import { pagesOf } from "../paper/pages.ts";
import { openPdf } from "../paper/pdf.ts";
import { openPicture } from "../paper/picture.ts";
import type { PaperAnnotation, PaperChannel, PaperLabel, Report } from "../paper/report.ts";
import { tableOf } from "../paper/table.ts";
import { builtInName } from "../privacy/plain-words.ts";
import { Pseudonyms } from "../privacy/pseudonyms.ts";
import type { AsyncLibrary } from "../storage/api.ts";
import { deidentified } from "./deidentify.ts";
import { folderOf, writeUnderFreeName } from "./export-job.ts";
import type { FileGroup } from "./file-sink.ts";
import type { JobHandle, JobWork } from "./jobs.ts";
import { outcomeOf } from "./jobs.ts";
import type { JobContext } from "./recording-group.ts";
import { inPlaces } from "../../preload/contract/in-places.ts";

/** What the paper is written with. */
export interface ReportTools {
  readonly fontFolder: string;
  readonly software: string; // program and version
  readonly now: () => Date;
}

/** Puts recordings on paper, the files of each whole or not at all. Existing files stay. */
export const reportJob =
  ({ library }: JobContext, request: ReportRequest, tools: ReportTools): JobWork =>
  async (handle) => {
    await folderOf(request.directory);
    const fonts = openFonts(tools.fontFolder);
    for (const [index, id] of request.recordingIds.entries())
      handle.outcome(index, outcomeOf(id, { recordingIds: [id] }));
    for (const index of request.recordingIds.keys())
      await reportOne({ library, request, tools, fonts, handle }, index);
  };

interface Doing {
  readonly library: AsyncLibrary;
  readonly request: ReportRequest;
  readonly tools: ReportTools;
  readonly fonts: Fonts;
  readonly handle: JobHandle;
}

async function reportOne(doing: Doing, index: number): Promise<void> {
  const { library, request, handle } = doing;
  const id = request.recordingIds[index] ?? "";
  let shownAs = id;
  try {
    throwIfCancelled(handle.signal);
    const detail = inPlaces(await library.getRecording(id));
    shownAs = detail.name;
    handle.outcome(index, outcomeOf(shownAs, { state: "running", recordingIds: [id] }));
    const { report, repairs } = await reportFor(doing, detail);
    const progress = (done: number): void =>
      handle.progress(detail.name, index + done, request.recordingIds.length);
    const published = await underName(request, report.recording.name, (base, files) =>
      writeFiles(doing, report, { base, files, progress }),
    );
    const { deidentify, files } = request;
    await library.log({
      ...{ actor: "kodo", action: "recording.report", subject: id },
      detail: { files: files.join(" "), deidentify },
    });
    handle.outcome(
      index,
      outcomeOf(published[0] ?? detail.name, { state: "done", recordingIds: [id], repairs: [...repairs] }),
    );
  } catch (error) {
    const { code, message, detail } = reportOf(error);
    if (/^(cancelled|storage)\//.test(code)) throw error;
    handle.outcome(
      index,
      outcomeOf(shownAs, { state: "failed", recordingIds: [id], error: { code, message, detail } }),
    );
  }
}

/** A name that a person gave is that name or none; one after the recording gets a number where it is taken. */
async function underName(
  { directory, fileName }: ReportRequest,
  name: string,
  write: (base: string, files: FileGroup) => Promise<void>,
): Promise<readonly string[]> {
  const base = fileName === undefined ? name : basename(fileName, extname(fileName));
  return writeUnderFreeName(directory, base, write, { isFixed: fileName !== undefined });
}

interface Writing {
  readonly base: string;
  readonly files: FileGroup;
  readonly progress: (done: number) => void; // share of this recording
}

async function writeFiles(doing: Doing, report: Report, writing: Writing): Promise<void> {
  const { request, handle } = doing;
  for (const kind of request.files) {
    if (kind === "pdf") await writePdf(doing, report, writing);
    else if (kind === "png") await writePictures(doing, report, writing);
    else await writeWhole(writing, `${writing.base}.csv`, new TextEncoder().encode(tableOf(report)));
    throwIfCancelled(handle.signal);
  }
}

async function writePdf({ fonts, tools, handle }: Doing, report: Report, writing: Writing): Promise<void> {
  const pen = openPdf(fonts, {
    ...{ title: report.recording.name, creator: tools.software, createdAt: tools.now() },
    language: report.options.language,
  });
  const sink = await writing.files.open(`${writing.base}.pdf`);
  const pages = pagesOf(pen, report);
  for (const [i, page] of pages.entries()) {
    page.draw(pen);
    await drain(pen.take(), sink);
    await breathe(handle);
    writing.progress((i + 1) / pages.length);
  }
  await pen.end();
  await drain(pen.take(), sink);
  await sink.close();
}

/** The pages of the strip, a picture each. */
async function writePictures({ fonts, handle }: Doing, report: Report, writing: Writing): Promise<void> {
  const pen = openPicture(fonts);
  const strips = pagesOf(pen, report).filter(({ kind }) => kind === "strip");
  for (const [i, page] of strips.entries()) {
    page.draw(pen);
    const number = String(i + 1).padStart(String(strips.length).length, "0"); // in order by their names too
    const name = strips.length === 1 ? `${writing.base}.png` : `${writing.base}-page-${number}.png`;
    await writeWhole(writing, name, pen.png());
    await breathe(handle);
    writing.progress((i + 1) / strips.length);
  }
}

async function writeWhole({ files }: Writing, name: string, bytes: Uint8Array): Promise<void> {
  const sink = await files.open(name);
  await sink.write(bytes);
  await sink.close();
}

async function drain(chunks: readonly Uint8Array[], sink: ByteSink): Promise<void> {
  for (const chunk of chunks) await sink.write(chunk);
}

/** A page takes a while: whoever asked to stop is heard between two. */
async function breathe({ signal }: JobHandle): Promise<void> {
  await setImmediate();
  throwIfCancelled(signal);
}

/** A stored recording as paper shows it, with names or with what stands in for them. */
async function reportFor(
  { library, request, tools }: Doing,
  detail: RecordingDetail,
): Promise<{ readonly report: Report; readonly repairs: readonly Repair[] }> {
  const drawn = detail.channels.filter(({ role }) => role === "fhr" || role === "mhr" || role === "uc");
  if (detail.kind !== "ctg" || drawn.length === 0)
    throw new AppError(
      "data/not-a-ctg",
      `${detail.name} is no cardiotocogram with a heart rate or contractions: paper is drawn of these alone`,
      { recording: detail.name, value: detail.kind, allowed: "ctg" },
    );
  refuseOutside(detail, request);
  const annotations = await library.listAnnotations(detail.id);
  const codes = request.deidentify ? new Pseudonyms(await library.pseudonymKey()) : undefined;
  const plain = codes && deidentified(detail, annotations, codes);
  const told = plain?.header.channels ?? detail.channels;
  const labelOf = await labelsOf(library, request.language, annotations, codes);
  const runs = new Map((await library.listRuns()).map(({ id, config }) => [id, config.name]));
  const channels = await Promise.all(
    drawn.map((channel) => channelOf(library, detail.id, channel, told[channel.position] ?? channel)),
  );
  const shown = annotations.map((annotation, i): PaperAnnotation => ({
    ...{ onsetS: annotation.onsetS, durationS: annotation.durationS },
    label: {
      ...labelOf(annotation.label, annotation.labelSet),
      ...(plain === undefined || builtInName(annotation.labelSet, annotation.label) !== undefined
        ? {}
        : { name: plain.annotations[i]?.label ?? "" }), // as in every file that leaves
    },
    channel: annotation.channel === undefined ? undefined : told[annotation.channel]?.label,
    author: plain === undefined ? annotation.author : (plain.annotations[i]?.author ?? ""),
    note: plain === undefined ? noteIn(annotation.note, request.language) : "",
  }));
  const { withOverlays, withAnnotations, paperSpeed, fhrRange, isApart, language, span } = request;
  return {
    repairs: codes === undefined ? [] : [repairOf("DEIDENTIFIED", "info", {})],
    report: {
      recording: {
        ...{ name: plain?.header.name ?? detail.name, subject: plain?.header.subject ?? detail.subject },
        ...{ startedAt: plain === undefined ? detail.startedAt : undefined, durationS: detail.durationS },
        source: plain === undefined ? detail.source.file : detail.source.format,
      },
      sha256: (await library.checksum(detail.id)).sha256,
      software: tools.software,
      gestation: gestationOf((await library.getCtgContext(detail.id))?.gestationDays),
      channels,
      leftOut: detail.channels
        .filter((one) => !drawn.includes(one))
        .map(({ position, label }) => told[position]?.label ?? label),
      findings: withOverlays ? await findingsOf(library, detail.id) : [],
      annotations: shown,
      labelOf: (code) => labelOf(code, undefined),
      nameOfRun: (id) => codes?.run(id) ?? runs.get(id) ?? id,
      options: {
        ...{ withOverlays, withAnnotations, paperSpeed, fhrRange, language, isApart },
        ...(span ? { span } : {}),
      },
    },
  };
}

/** A stretch without anything of the recording in it would be a page of paper that looks as if nothing had been recorded. */
function refuseOutside({ name, durationS }: RecordingDetail, { span }: ReportRequest): void {
  if (span === undefined || span.fromS < Math.min(span.toS, durationS)) return;
  const { fromS, toS } = span;
  throw new AppError(
    "data/beyond-end",
    `Nothing of ${name} lies between ${fromS} and ${toS} s: it lasts ${durationS} s`,
    { recording: name, fromS, toS, durationS },
  );
}

const gestationOf = (days: number | undefined): string | undefined =>
  days === undefined ? undefined : `${Math.floor(days / 7)}+${days % 7}`;

const PIECE = 1 << 20; // samples asked for at once

async function channelOf(
  library: AsyncLibrary,
  recordingId: string,
  channel: RecordingDetail["channels"][number],
  { label, unit }: Pick<PaperChannel, "label" | "unit">, // as they are to be printed
): Promise<PaperChannel> {
  const { position, label: recordedAs, role, sampleRate, sampleCount } = channel;
  const values = new Float32Array(sampleCount);
  const reasons = new Uint8Array(sampleCount);
  for (let first = 0; first < sampleCount; first += PIECE) {
    const count = Math.min(PIECE, sampleCount - first);
    const piece = await library.samples(recordingId, position, first, count, true);
    values.set(piece.values, first);
    reasons.set(piece.reasons, first);
  }
  return { position, label, recordedAs, unit, role, sampleRate, values, reasons };
}

/** What was said of the recording and still holds, of readings by rule the one by the library's settings. */
async function findingsOf(library: AsyncLibrary, recordingId: string): Promise<readonly Finding[]> {
  const current = (await library.listFindings(recordingId)).filter(({ isOutdated }) => !isOutdated);
  const { ctg } = await library.getSettings();
  const shown = current.filter((one) => !isOfReading(one)).concat(shownReading(current, ctg));
  return Promise.all(shown.map(({ id }) => library.getFinding(id)));
}

type LabelOf = (code: string, set: string | undefined) => PaperLabel;

/**
 * Labels of all sets, in the language of the paper; where two sets have the same code, the set that is named. With codes
 * only the words that came with Kodo are told.
 */
async function labelsOf(
  library: AsyncLibrary,
  language: "en" | "ja",
  annotations: readonly Annotation[],
  codes: Pseudonyms | undefined,
): Promise<LabelOf> {
  const sets = [...(await library.listLabelSets())];
  for (const { labelSet, labelSetVersion } of annotations)
    if (!sets.some(({ id }) => id === labelSet))
      sets.push(await library.getLabelSet(labelSet, labelSetVersion));
  const labels = sets.flatMap(({ id, labels: own }) => own.map((label) => ({ id, label })));
  return (code, set) => {
    const found = labels.find(({ id, label }) => label.code === code && (set === undefined || id === set));
    if (found !== undefined && (codes === undefined || builtInName(found.id, code) !== undefined))
      return {
        name: wordIn(found.label.name, language),
        letter: found.label.letter,
        colour: found.label.colour,
      };
    const name = codes?.label(`${set ?? found?.id ?? ""} ${code}`) ?? code;
    return { name, letter: name.slice(0, 1).toUpperCase(), colour: found?.label.colour ?? "#5c6876" };
  };
}
