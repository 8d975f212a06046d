import { repairOf, type Repair } from "../../preload/contract/recording.ts";
import type { AsyncLibrary } from "../storage/api.ts";

export interface Declaration {
  readonly file: string;
  readonly author: string;
  readonly isUndoable: boolean; // false where it comes with the recording
  readonly repairs: Repair[];
}

/**
 * Declares a recording read completely for every label set that it carries imported annotations of. A file without any
 * does not say which labels were looked for.
 */
export async function declareRead(
  library: AsyncLibrary,
  recordingId: string,
  { file, author, isUndoable, repairs }: Declaration,
): Promise<void> {
  const versions = new Map<string, number>();
  for (const { labelSet, labelSetVersion, source } of await library.listAnnotations(recordingId))
    if (source === "import") versions.set(labelSet, Math.max(labelSetVersion, versions.get(labelSet) ?? 0));
  const { durationS, name } = await library.getRecording(recordingId);
  if (versions.size === 0)
    repairs.push(repairOf("READ_FOR_NO_LABEL", "warning", { file, recording: name }, { file }));
  const known = await library.listReadings(recordingId);
  for (const [labelSet, labelSetVersion] of versions) {
    const isKnown = known.some(
      (one) =>
        one.labelSet === labelSet &&
        one.labelSetVersion >= labelSetVersion &&
        one.onsetS === 0 &&
        one.durationS >= durationS,
    );
    if (isKnown) continue;
    const reading = { recordingId, labelSet, labelSetVersion, author, onsetS: 0, durationS };
    await library.addReading(reading, { isUndoable });
  }
}
