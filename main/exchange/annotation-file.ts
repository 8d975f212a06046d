import { basename } from "node:path";
import { AppError } from "../../preload/contract/errors.ts";
import { repairOf, type RecordingSummary, type Repair } from "../../preload/contract/recording.ts";
import type { OpenRecording } from "../formats/format.ts";
import type { SourceAnnotation } from "../signal/block.ts";
import type { AsyncLibrary } from "../storage/api.ts";
import { listed } from "./labels.ts";
import { storeAnnotations, type JobContext } from "./store-recording.ts";

/** Starts further apart than this belong to different acquisitions: EDF+ events keep the header's whole second. */
const SAME_START_S = 1;

/** A file that holds annotations and no signal, as sleep scorers and some monitors write them. */
export interface AnnotationFile {
  readonly path: string;
  readonly opened: OpenRecording;
  readonly attachTo: string | undefined; // a recording's id, where a person named it
  readonly repairs: Repair[];
  readonly signal: AbortSignal;
}

/**
 * Adds the annotations of a file without signals to the recording they were made on: the one that was named, else the
 * only one that starts when the file says it starts. What lies outside that recording is left out and listed.
 */
export async function attachAnnotations(
  context: JobContext,
  { path, opened, attachTo, repairs, signal }: AnnotationFile,
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
  const recording = await recordingOf(context.library, path, opened.header, attachTo);
  if (attachTo === undefined)
    repairs.push(repairOf("ANNOTATIONS_BESIDE", "info", { file, recording: recording.name }, { file }));
  const shiftS = secondsBetween(recording.startedAt, opened.header.startedAt) ?? 0;
  const placed = found.map((one): SourceAnnotation => ({ ...one, onsetS: one.onsetS + shiftS }));
  const inside = placed.filter(({ onsetS }) => onsetS >= 0 && onsetS <= recording.durationS);
  if (inside.length < placed.length) {
    const values = { count: placed.length - inside.length, recording: recording.name };
    repairs.push(repairOf("ANNOTATIONS_OUTSIDE", "warning", values, { file }));
  }
  const target = { kind: recording.kind, file, author: file, repairs };
  const annotations = await storeAnnotations(context, recording.id, inside, target);
  context.changed({ kind: "annotations", recordingId: recording.id });
  context.changed({ kind: "recordings", ids: [recording.id] });
  return { recordingIds: [recording.id], annotations };
}

async function readThrough(opened: OpenRecording, signal: AbortSignal): Promise<void> {
  const blocks = opened.blocks(() => undefined, signal)[Symbol.asyncIterator]();
  for (let next = await blocks.next(); next.done !== true;) next = await blocks.next();
}

async function recordingOf(
  library: AsyncLibrary,
  path: string,
  header: OpenRecording["header"],
  attachTo: string | undefined,
): Promise<RecordingSummary> {
  if (attachTo !== undefined) return library.getRecording(attachTo);
  const together = (await library.listRecordings()).filter((one) => {
    const apart = secondsBetween(one.startedAt, header.startedAt);
    return apart !== undefined && Math.abs(apart) < SAME_START_S;
  });
  const sameSubject = together.filter(({ subject }) => subject === header.subject);
  const [only, ...others] = sameSubject.length > 0 ? sameSubject : together;
  if (only !== undefined && others.length === 0) return only;
  const file = basename(path);
  if (only === undefined) {
    const message = `${file} holds annotations only, and no recording in the library starts at ${header.startedAt ?? "its unknown start"}; import that recording first, or name it`;
    throw new AppError("data/annotations-alone", message, { file: path, value: header.startedAt ?? null });
  }
  const names = listed([only, ...others].map(({ name }) => name));
  const message = `${file} holds annotations only, and ${others.length + 1} recordings start at ${header.startedAt ?? ""} (${names}); name the one they belong to`;
  throw new AppError("data/recording-ambiguous", message, {
    file: path,
    value: header.startedAt ?? null,
    recordings: others.length + 1,
  });
}

/** From the first clock time to the second, whatever zone both were written in; undefined where either is unknown. */
function secondsBetween(from: string | undefined, to: string | undefined): number | undefined {
  if (from === undefined || to === undefined) return undefined;
  const clock = (iso: string): number => Date.parse(`${iso.replace(/(Z|[+-]\d\d:\d\d)$/, "")}Z`);
  const seconds = (clock(to) - clock(from)) / 1000;
  return Number.isFinite(seconds) ? seconds : undefined;
}
