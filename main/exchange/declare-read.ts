import type { Annotation } from "../../preload/contract/annotation.ts";
import { IMPORTED_SET } from "../../preload/contract/label-set.ts";
import { repairOf, type Repair } from "../../preload/contract/recording.ts";
import type { SourceAnnotation } from "../signal/block.ts";
import type { AsyncLibrary } from "../storage/api.ts";

export interface Declaration {
  readonly file: string;
  readonly author: string; // of what names nobody in the file
  readonly isUndoable: boolean; // false where it comes with the recording
  readonly repairs: Repair[];
  /** The file's own annotations; absent: all that the recording was imported with. */
  readonly among?: readonly SourceAnnotation[];
}

/** What tells a file's annotation among those of a recording. */
const placeOf = ({ onsetS, durationS }: Pick<Annotation, "onsetS" | "durationS">): string =>
  `${onsetS} ${durationS}`;

/**
 * Declares a recording read completely for every label set that it carries imported annotations of, by whoever made
 * them: readers can be compared only where labels and declarations are of one name. A file without any does not say which
 * labels were looked for; nor do words that no label set knows, since the imported set holds those of every other file as well.
 */
export async function declareRead(
  library: AsyncLibrary,
  recordingId: string,
  { file, author, isUndoable, repairs, among }: Declaration,
): Promise<void> {
  const places = among && new Set(among.map(placeOf));
  const named = among && new Set(among.map((one) => one.author));
  const versions = new Map<string, number>();
  const authors = new Map<string, Set<string>>(); // by label set
  for (const one of await library.listAnnotations(recordingId)) {
    const { labelSet, labelSetVersion, source } = one;
    if (source !== "import" || places?.has(placeOf(one)) === false) continue;
    versions.set(labelSet, Math.max(labelSetVersion, versions.get(labelSet) ?? 0));
    const by = named?.has(one.author) === false ? author : one.author; // it may have come with another file before
    authors.set(labelSet, (authors.get(labelSet) ?? new Set()).add(by));
  }
  const isOfWords = versions.delete(IMPORTED_SET);
  if (isOfWords)
    repairs.push(repairOf("READ_FOR_OWN_WORDS", "warning", { file, set: IMPORTED_SET }, { file }));
  const { durationS, name } = await library.getRecording(recordingId);
  if (versions.size === 0 && !isOfWords)
    repairs.push(repairOf("READ_FOR_NO_LABEL", "warning", { file, recording: name }, { file }));
  const known = await library.listReadings(recordingId);
  for (const [labelSet, labelSetVersion] of versions)
    for (const by of authors.get(labelSet) ?? []) {
      const isKnown = known.some(
        (one) =>
          one.labelSet === labelSet &&
          one.author === by &&
          one.group === undefined &&
          one.labelSetVersion >= labelSetVersion &&
          one.onsetS === 0 &&
          one.durationS >= durationS,
      );
      if (isKnown) continue;
      const reading = { recordingId, labelSet, labelSetVersion, author: by, onsetS: 0, durationS };
      await library.addReading(reading, { isUndoable, isFromFile: true });
    }
}
