import { labelsByGroup, type LabelSet } from "../../preload/contract/label-set.ts";
import { codesReadFor, type Reading } from "../../preload/contract/reading.ts";
import { repairOf, type Repair } from "../../preload/contract/recording.ts";
import { builtInName } from "../privacy/plain-words.ts";
import type { Pseudonyms } from "../privacy/pseudonyms.ts";
import type { SourceReading } from "../signal/block.ts";
import type { AsyncLibrary } from "../storage/api.ts";

/** What was read completely, as a file says it. Without names only what was read for label sets that come with Kodo. */
export async function readingsForFile(
  library: AsyncLibrary,
  recordingId: string,
  codes: Pseudonyms | undefined,
): Promise<readonly SourceReading[]> {
  const found: SourceReading[] = [];
  for (const one of await library.listReadings(recordingId)) {
    const { onsetS, durationS, labelSet, author } = one;
    const all = codesReadFor(one, await library.getLabelSet(labelSet, one.labelSetVersion));
    const plain = all.filter((code) => builtInName(labelSet, code) !== undefined);
    if (codes !== undefined && plain.length === 0) continue;
    found.push({
      ...{ onsetS, durationS, labelSet },
      labels: codes === undefined ? all : plain,
      author: author === "" || codes === undefined ? author : codes.author(author),
    });
  }
  return found;
}

/**
 * Declares what a file says was read. It counts for the newest version of the label set that has no label beyond those
 * that were looked for; else for the groups of the newest version of which that is true; where there are none either, it
 * is left out and said.
 */
export async function storeReadings(
  library: AsyncLibrary,
  recordingId: string,
  readings: readonly SourceReading[],
  { file, repairs }: { readonly file: string; readonly repairs: Repair[] },
): Promise<void> {
  const end = readings.length === 0 ? 0 : (await library.getRecording(recordingId)).durationS;
  for (const { onsetS, durationS: declaredS, labelSet, labels, author } of readings) {
    const durationS = Math.min(declaredS, end - onsetS);
    if (durationS <= 0) continue; // of a file that was cut
    const looked = await lookedFor(library, labelSet, labels);
    if (looked.length === 0) {
      repairs.push(repairOf("READING_LEFT_OUT", "warning", { file, set: labelSet }, { file }));
      continue;
    }
    const stretch = { author: author ?? file, onsetS, durationS };
    for (const what of looked)
      await library.addReading(
        { recordingId, labelSet, ...what, ...stretch },
        { isUndoable: false, isFromFile: true },
      );
  }
}

type Looked = Pick<Reading, "labelSetVersion" | "group">;

async function lookedFor(
  library: AsyncLibrary,
  id: string,
  labels: readonly string[],
): Promise<readonly Looked[]> {
  const whole = await versionWithin(library, id, labels);
  if (whole !== undefined) return [{ labelSetVersion: whole }];
  const newest = (await library.listLabelSets()).find((set) => set.id === id);
  if (newest === undefined) return [];
  return labelsByGroup(newest)
    .filter((one) => one.labels.every(({ code }) => labels.includes(code)))
    .map(({ group }) => ({ labelSetVersion: newest.version, group: group.code }));
}

async function versionWithin(
  library: AsyncLibrary,
  id: string,
  labels: readonly string[],
): Promise<number | undefined> {
  const newest = (await library.listLabelSets()).find((set) => set.id === id);
  const isWithin = (set: LabelSet): boolean => set.labels.every(({ code }) => labels.includes(code));
  for (let version = newest?.version ?? 0; version > 0; version -= 1)
    if (isWithin(await library.getLabelSet(id, version))) return version;
  return undefined;
}
