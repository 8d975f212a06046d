import { createHash } from "node:crypto";
import { DECISIONS_SET } from "../../preload/contract/agreement.ts";
import { AppError } from "../../preload/contract/errors.ts";
import type { Run, RunConfig, RunData } from "../../preload/contract/run.ts";
import type { AsyncLibrary } from "../storage/api.ts";
import type { Trainer } from "../training/process/host-api.ts";

/** What of a recording's facts decides about a run. */
export interface Deciding {
  readonly labelSet: string;
  readonly readings: boolean; // where people read completely
}

type DataLibrary = Pick<
  AsyncLibrary,
  "getRecording" | "checksum" | "listAnnotations" | "listMasks" | "listReadings"
>;

/** Models of whole recordings learn where people read completely, whatever unmarked windows would count as. */
export async function decidingOf(
  trainer: Pick<Trainer, "models">,
  { data: { labelSet, background }, model }: RunConfig,
): Promise<Deciding> {
  const isOverSequences = async (): Promise<boolean> =>
    (await trainer.models()).some(({ kind, over }) => kind === model.kind && over === "sequences");
  return { labelSet, readings: background === "read-completely" || (await isOverSequences()) };
}

export async function dataOf(
  library: DataLibrary,
  recordingId: string,
  deciding: Deciding,
): Promise<RunData> {
  const { subject, name } = await library.getRecording(recordingId);
  const { sha256 } = await library.checksum(recordingId);
  return {
    recordingId,
    recording: name,
    subject,
    checksum: sha256,
    labels: await labelsOf(library, recordingId, deciding),
  };
}

/**
 * Digest of what decides about windows beside the samples: the label set's annotations and readings, and the masks on top;
 * where several people labelled or read it, also whose each is, and what was decided of their differences.
 */
async function labelsOf(
  library: DataLibrary,
  recordingId: string,
  { labelSet, readings: areRead }: Deciding,
): Promise<string> {
  const all = await library.listAnnotations(recordingId);
  const own = all.filter((one) => one.labelSet === labelSet);
  const annotations = own.map(({ label, onsetS, durationS, channel }) =>
    JSON.stringify([label, onsetS, durationS, channel ?? null]),
  );
  const masks = (await library.listMasks(recordingId)).map(({ reason, channel, onsetS, durationS }) =>
    JSON.stringify([reason, channel ?? null, onsetS, durationS]),
  );
  const read = (await library.listReadings(recordingId)).filter((one) => one.labelSet === labelSet);
  const readings = read.map(({ labelSetVersion, onsetS, durationS, group }) =>
    JSON.stringify([labelSetVersion, onsetS, durationS, ...(group === undefined ? [] : [group])]),
  );
  const decisions = all.filter((one) => one.labelSet === DECISIONS_SET);
  const told = [...own, ...read, ...decisions].map((one) =>
    JSON.stringify([one.author, "label" in one ? one.label : null, one.onsetS, one.durationS]),
  );
  const isOfSeveral = new Set([...own, ...read].map(({ author }) => author)).size > 1;
  const lines = [
    ...[...annotations.sort(), "", ...masks.sort()],
    ...(areRead ? ["", ...readings.sort()] : []),
    ...(isOfSeveral ? ["", ...told.sort()] : []),
  ];
  return createHash("sha256").update(lines.join("\n")).digest("hex");
}

/** Throws model/data-changed, by name, where a recording is not what the run began with. */
export async function refuseChangedData(
  { library, trainer }: { readonly library: DataLibrary; readonly trainer: Pick<Trainer, "models"> },
  { data, config }: Pick<Run, "data" | "config">,
): Promise<void> {
  const deciding = await decidingOf(trainer, config);
  for (const before of data) {
    const now = await dataOf(library, before.recordingId, deciding);
    const field =
      now.checksum !== before.checksum
        ? "checksum"
        : before.labels !== undefined && now.labels !== before.labels
          ? "labels"
          : undefined;
    if (field === undefined) continue;
    const what = field === "labels" ? `Labels or masks of ${now.recording}` : now.recording;
    throw new AppError("model/data-changed", `${what} changed since the run began`, {
      recordingId: before.recordingId,
      expected: before[field] ?? null,
      value: now[field] ?? null,
    });
  }
}
