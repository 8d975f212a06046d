import { basename } from "node:path";
import { AppError } from "../../preload/contract/errors.ts";
import { repairOf, type RecordingSummary, type Repair } from "../../preload/contract/recording.ts";
import { bindText } from "../formats/edf/dialect.ts";
import type { OpenRecording } from "../formats/format.ts";
import type { SourceAnnotation } from "../signal/block.ts";
import { everyRecording } from "../storage/client.ts";
import type { AsyncLibrary } from "../storage/api.ts";
import { declareRead } from "./declare-read.ts";
import { listed } from "./labels.ts";
import type { JobContext } from "./recording-group.ts";
import { addToRecording } from "./store-recording.ts";

/** Starts further apart than this belong to different acquisitions: EDF+ events keep the header's whole second. */
const SAME_START_S = 1;

/** A file that holds annotations and no signal, as sleep scorers and some monitors write them. */
export interface AnnotationFile {
  readonly path: string;
  readonly opened: OpenRecording;
  readonly attachTo: string | undefined; // a recording's id, where a person named it
  readonly repairs: Repair[];
  readonly signal: AbortSignal;
  readonly readComplete?: boolean | undefined;
}

/**
 * Adds the annotations of a file without signals to the recording they were made on: the one that was named, else the
 * only one that starts when the file says it starts, else, where a start is unknown, the only one of the file's name.
 * What lies outside that recording is left out and listed, and so is what it has already.
 */
export async function attachAnnotations(
  context: JobContext,
  { path, opened, attachTo, repairs, signal, readComplete }: AnnotationFile,
): Promise<{ readonly recordingIds: readonly string[]; readonly annotations: number }> {
  const file = basename(path);
  await readThrough(opened, signal); // EDF+ keeps them between the samples
  const found = await opened.annotations();
  if (found.length === 0)
    throw new AppError("data/no-signals", `${file} holds neither signals nor annotations`, {
      file: path,
      channels: 0,
      allowed: ">= 1",
    });
  const { recording, by } = await recordingOf(context.library, path, opened.header, attachTo);
  if (by !== undefined) repairs.push(repairOf(by, "info", { file, recording: recording.name }, { file }));
  const shiftS = secondsBetween(recording.startedAt, opened.header.startedAt) ?? 0;
  const labels = new Map(recording.channels.map(({ label }, i) => [label, i] as const).toReversed());
  const placed = found.map((one): SourceAnnotation => ({
    ...bindToChannel(one, labels),
    onsetS: one.onsetS + shiftS,
  }));
  const inside = placed.filter(({ onsetS }) => onsetS >= 0 && onsetS <= recording.durationS);
  if (inside.length < placed.length) {
    const values = { count: placed.length - inside.length, recording: recording.name };
    repairs.push(repairOf("ANNOTATIONS_OUTSIDE", "warning", values, { file }));
  }
  const target = { kind: recording.kind, file, author: file, repairs };
  const annotations = await addToRecording(context, recording.id, inside, target);
  if (readComplete === true)
    await declareRead(context.library, recording.id, {
      ...{ file, author: file, isUndoable: true, repairs },
      among: inside,
    });
  const values = { count: annotations, recording: recording.name };
  if (annotations > 0) repairs.push(repairOf("ANNOTATIONS_ADDED", "info", values, { file }));
  context.changed({ kind: "annotations", recordingId: recording.id });
  context.changed({ kind: "recordings", ids: [recording.id] });
  return { recordingIds: [recording.id], annotations };
}

/** By the channel's label as a file of ours gives it, else as `text@@label`: the file has no channels to look it up in. */
function bindToChannel(one: SourceAnnotation, labels: ReadonlyMap<string, number>): SourceAnnotation {
  if (one.channelLabel !== undefined) return { ...one, channel: labels.get(one.channelLabel) };
  const field = one.note === "" ? "label" : "note"; // the note is the end of the text
  const { text, channel } = bindText(one[field], labels);
  return channel === undefined ? one : { ...one, channel, [field]: text };
}

async function readThrough(opened: OpenRecording, signal: AbortSignal): Promise<void> {
  const blocks = opened.blocks(() => undefined, signal)[Symbol.asyncIterator]();
  for (let next = await blocks.next(); next.done !== true;) next = await blocks.next();
}

interface Found {
  readonly recording: RecordingSummary;
  readonly by: "ANNOTATIONS_BESIDE" | "ANNOTATIONS_BY_NAME" | undefined; // undefined: a person named it
}

async function recordingOf(
  library: AsyncLibrary,
  path: string,
  header: OpenRecording["header"],
  attachTo: string | undefined,
): Promise<Found> {
  if (attachTo !== undefined) return { recording: await library.getRecording(attachTo), by: undefined };
  const all = await everyRecording(library);
  const apart = (one: RecordingSummary): number | undefined =>
    secondsBetween(one.startedAt, header.startedAt);
  const together = all.filter((one) => Math.abs(apart(one) ?? Infinity) < SAME_START_S);
  const tests: ((one: RecordingSummary) => boolean)[] = [
    ({ subject }) => subject === header.subject,
    ({ name }) => name === header.name,
  ];
  const fitting = tests.reduce((left, test) => (left.some(test) ? left.filter(test) : left), together);
  const [only, ...others] = fitting;
  if (only !== undefined && others.length === 0) return { recording: only, by: "ANNOTATIONS_BESIDE" };
  const [named, ...more] = all.filter((one) => one.name === header.name && apart(one) === undefined);
  if (only === undefined && named !== undefined && more.length === 0)
    return { recording: named, by: "ANNOTATIONS_BY_NAME" };
  const file = basename(path);
  const start = header.startedAt === undefined ? "its unknown start" : header.startedAt;
  if (only === undefined) {
    const message = `${file} holds annotations only, and no recording in the library starts at ${start} or, where a start is unknown, is named ${header.name}; import that recording first, or say which one they belong to`;
    throw new AppError("data/annotations-alone", message, { file: path, value: header.startedAt ?? null });
  }
  const names = listed(fitting.map(({ name }) => name));
  const message = `${file} holds annotations only, and ${fitting.length} recordings start at ${start} (${names}); say which one they belong to`;
  throw new AppError("data/recording-ambiguous", message, {
    file: path,
    value: header.startedAt ?? null,
    recordings: fitting.length,
  });
}

/** From the first clock time to the second, whatever zone both were written in; undefined where either is unknown. */
function secondsBetween(from: string | undefined, to: string | undefined): number | undefined {
  if (from === undefined || to === undefined) return undefined;
  const clock = (iso: string): number => Date.parse(`${iso.replace(/(Z|[+-]\d\d:\d\d)$/, "")}Z`);
  const seconds = (clock(to) - clock(from)) / 1000;
  return Number.isFinite(seconds) ? seconds : undefined;
}
