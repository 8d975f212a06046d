import type { Marked } from "./match.ts";

export interface Stretch {
  readonly fromS: number;
  readonly toS: number;
}

/** A mark with the annotation it stands for. */
export interface ReaderMark extends Marked {
  readonly id: string;
  readonly reader: string;
}

/** A stretch that a reader declared read completely, for one group of labels or (absent) for all of a set. */
export interface ReadStretch extends Stretch {
  readonly reader: string;
  readonly group: string | undefined;
}

/** What readers said of a recording in one label set. */
export interface ReadRecording {
  readonly id: string;
  readonly durationS: number;
  readonly marks: readonly ReaderMark[];
  readonly decided: readonly DecidedMark[]; // of the consensus
  readonly read: readonly ReadStretch[];
}

export interface DecidedMark extends Marked {
  readonly id: string;
  readonly isVerdict: boolean; // nothing, or nobody can tell: its label is that verdict
  readonly note: string;
}

/** Labels of a group of the set, in its order. */
export interface ComparedGroup {
  readonly code: string;
  readonly labels: readonly string[];
}

export const isRead = (
  { read }: Pick<ReadRecording, "read">,
  { reader, group, atS }: { readonly reader: string; readonly group: string; readonly atS: number },
): boolean =>
  read.some(
    (one) =>
      one.reader === reader &&
      (one.group === undefined || one.group === group) &&
      one.fromS <= atS &&
      atS <= one.toS,
  );

export const middleOf = ({ fromS, toS }: Stretch): number => (fromS + toS) / 2;

/**
 * A reader's category in the middle of every second: 0 none, i + 1 the group's i-th label, −1 not declared read. Where two
 * labels that exclude each other lie on each other the later one counts. Points fill no second.
 */
export function categoriesBySecond(
  recording: Pick<ReadRecording, "durationS" | "marks" | "read">,
  {
    reader,
    group: { code, labels },
    channel,
  }: { readonly reader: string; readonly group: ComparedGroup; readonly channel: number | undefined },
): Int16Array {
  const seconds = new Int16Array(Math.floor(recording.durationS)).fill(-1);
  const fill = ({ fromS, toS }: Stretch, category: number, where: (now: number) => boolean): void => {
    const from = Math.max(0, Math.ceil(fromS - 0.5));
    for (let s = from; s < seconds.length && s + 0.5 < toS; s += 1)
      if (where(seconds[s] ?? 0)) seconds[s] = category;
  };
  for (const one of recording.read)
    if (one.reader === reader && (one.group === undefined || one.group === code)) fill(one, 0, () => true);
  const own = recording.marks.filter(
    (one) =>
      one.reader === reader &&
      (channel === undefined || one.channel === undefined || one.channel === channel),
  );
  for (const mark of [...own].sort((a, b) => a.fromS - b.fromS)) {
    const at = labels.indexOf(mark.label);
    if (at >= 0) fill(mark, at + 1, (now) => now >= 0);
  }
  return seconds;
}

/** Channels that marks of the group tell apart: where there are two, as of twins, each has its own seconds. */
export function channelsApart(
  recording: Pick<ReadRecording, "marks">,
  { labels }: ComparedGroup,
): readonly (number | undefined)[] {
  const named = new Set(
    recording.marks.flatMap(({ label, channel }) =>
      channel !== undefined && labels.includes(label) ? [channel] : [],
    ),
  );
  return named.size < 2 ? [undefined] : [...named].sort((a, b) => a - b);
}
