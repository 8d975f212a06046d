/** File names of the Brain Imaging Data Structure: `sub-01_ses-2_task-grip_run-1_emg.edf`, entities before a suffix. */

const recording =
  /^(sub-[A-Za-z0-9+]{1,100})((?:_[a-z]{1,20}-[A-Za-z0-9+]{1,100}){0,20})_([a-z]{2,20})\.(?:edf|bdf)$/;

/** What stands before the suffix of a recording's name, and whose it is; undefined where the name is none of BIDS. */
export function entitiesOf(
  name: string,
): { readonly stem: string; readonly subject: string; readonly suffix: string } | undefined {
  const match = recording.exec(name);
  if (match === null) return undefined;
  const [, subject = "", more = "", suffix = ""] = match;
  return { stem: `${subject}${more}`, subject, suffix };
}

const besideRecording = /_(?:channels|events|electrodes)\.tsv$|_[a-z]{2,20}\.json$/;
const ofFolder = /^sub-.*_(?:scans|sessions)\.tsv$/;
const ofDataset = /^(?:participants\.tsv|[A-Za-z0-9+_-]{1,200}\.json)$/;

/** Which files of a folder describe a recording or the data set rather than being one, by their names. */
export function descriptionsAmong(names: readonly string[]): (name: string) => boolean {
  const hasRecording = names.some((name) => entitiesOf(name) !== undefined);
  const isDataset = names.includes("dataset_description.json");
  return (name) =>
    ofFolder.test(name) ||
    (name.startsWith("sub-")
      ? hasRecording && besideRecording.test(name)
      : isDataset && ofDataset.test(name));
}

/** Signals in tables without a header, whose rate stands elsewhere: not read. */
export const isBareSignal = (name: string): boolean => /^sub-.*_(?:physio|stim)\.tsv(?:\.gz)?$/.test(name);
