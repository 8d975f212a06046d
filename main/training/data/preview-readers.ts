import { CONSENSUS } from "../../../preload/contract/agreement.ts";
import { someOf } from "../../../preload/contract/channel-advice.ts";
import {
  problemOf,
  type DataSelection,
  type Problem,
  type TrainingReader,
} from "../../../preload/contract/run.ts";
import type { Teaching } from "./teaching.ts";

interface TaughtRecording {
  readonly name: string;
  readonly teaching: Teaching;
}

/** Whoever labelled or read the recordings, by name. */
export function readersIn(recordings: readonly TaughtRecording[]): TrainingReader[] {
  const readers = new Map<string, TrainingReader>();
  const add = (name: string, labels: number, { by }: Teaching): void => {
    const before = readers.get(name) ?? { name, recordings: 0, labels: 0, teaches: 0 };
    readers.set(name, {
      name,
      recordings: before.recordings + 1,
      labels: before.labels + labels,
      teaches: before.teaches + Number(by.includes(name)),
    });
  };
  for (const { teaching } of recordings) {
    for (const [name, labels] of teaching.labels) add(name, labels, teaching);
    // All may have been agreed upon, or decided to be nothing: then no label is the consensus's own.
    if (teaching.by.includes(CONSENSUS) && !teaching.labels.has(CONSENSUS)) add(CONSENSUS, 0, teaching);
  }
  return [...readers.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Named readers of whom there is nothing: a name that was misspelt would teach nothing, and nobody would see it. */
export function readerProblems(
  { readers = [] }: Pick<DataSelection, "readers">,
  known: readonly TrainingReader[],
): Problem[] {
  const unknown = readers.filter((one) => one !== CONSENSUS && !known.some(({ name }) => name === one));
  if (unknown.length === 0) return [];
  const names = known.map(({ name }) => name).join(", ");
  return [problemOf("READER_UNKNOWN", { readers: unknown.join(", "), known: names === "" ? "–" : names })];
}

/** Whose labels teach, where several people read the same recordings. */
export function readerAdvice(recordings: readonly TaughtRecording[]): Problem[] {
  const agreed = recordings.filter(({ teaching }) => teaching.by.includes(CONSENSUS));
  const open = agreed.filter(({ teaching }) => teaching.undecided > 0);
  const together = recordings.filter(({ teaching }) => teaching.by.length > 1);
  const readers = [...new Set(together.flatMap(({ teaching }) => teaching.by))].sort();
  return [
    ...(agreed.length === 0
      ? []
      : [problemOf("CONSENSUS_TEACHES", { recordings: someOf(agreed), count: agreed.length })]),
    ...(open.length === 0
      ? []
      : [
          problemOf("READERS_UNDECIDED", {
            count: open.reduce((sum, { teaching }) => sum + teaching.undecided, 0),
            ...{ recordings: someOf(open), total: open.length },
          }),
        ]),
    ...(together.length === 0
      ? []
      : [
          problemOf("READERS_TOGETHER", {
            readers: readers.join(", "),
            ...{ recordings: someOf(together), count: together.length },
          }),
        ]),
  ];
}
