import type { Agreed, Disagreement, MatchRule, OpinionEvent } from "../../../preload/contract/agreement.ts";
import type { Compared } from "./agreement.ts";
import { commonPart } from "./match.ts";
import { isRead, middleOf, type ComparedGroup, type ReaderMark, type ReadRecording } from "./readers.ts";

const SAME_S = 1e-6;

/** Where readers differ, and what they agree upon, in order of recording and time. */
export function opinionsOf({ recordings, readers, groups, ruleOf }: Omit<Compared, "seed">): {
  readonly disagreements: Disagreement[];
  readonly agreed: Agreed[];
} {
  const disagreements: Disagreement[] = [];
  const agreed: Agreed[] = [];
  if (readers.length < 2) return { disagreements, agreed };
  for (const recording of recordings) {
    const places = groups.flatMap((group) => placesOf(recording, { readers, group, ruleOf }));
    for (const place of places.sort((a, b) => a.fromS - b.fromS)) {
      const kind = kindOf(place, readers);
      if (kind === undefined) agreed.push(agreedOn(recording, place, ruleOf));
      else disagreements.push({ ...differing(recording, place, readers), kind });
    }
  }
  return { disagreements, agreed };
}

/** Marks that speak of one event, or that chain into one another. */
interface Place {
  readonly group: ComparedGroup;
  readonly marks: readonly ReaderMark[]; // in order of time; one at least
  readonly fromS: number;
  readonly toS: number;
}

function placesOf(
  recording: ReadRecording,
  { readers, group, ruleOf }: Pick<Compared, "readers" | "ruleOf"> & { readonly group: ComparedGroup },
): readonly Place[] {
  const isCommon = (mark: ReaderMark): boolean =>
    readers.every((reader) => isRead(recording, { reader, group: group.code, atS: middleOf(mark) }));
  const marks = recording.marks
    .filter(({ label, reader }) => group.labels.includes(label) && readers.includes(reader))
    .sort((a, b) => a.fromS - b.fromS || a.toS - b.toS);
  const clusters: ReaderMark[][] = [];
  for (const mark of marks) {
    const isOne = (other: ReaderMark): boolean => commonPart(mark, other, ruleOf(mark.label)) !== undefined;
    const touched = clusters.filter((cluster) =>
      cluster.some((other) => other.reader !== mark.reader && isOne(other)),
    );
    const whole = [...touched.flat(), mark];
    for (const cluster of touched) clusters.splice(clusters.indexOf(cluster), 1);
    clusters.push(whole);
  }
  return clusters
    .filter((cluster) => cluster.some(isCommon))
    .map((cluster) => ({
      ...{ group, marks: cluster },
      fromS: Math.min(...cluster.map(({ fromS }) => fromS)),
      toS: Math.max(...cluster.map(({ toS }) => toS)),
    }));
}

/** Undefined where every reader has one mark there, of one label. */
function kindOf({ marks }: Place, readers: readonly string[]): Disagreement["kind"] | undefined {
  const counts = readers.map((reader) => marks.filter((one) => one.reader === reader).length);
  if (counts.includes(0)) return "missed";
  if (new Set(marks.map(({ label }) => label)).size > 1) return "label";
  return counts.every((count) => count === 1) ? undefined : "number";
}

function agreedOn(
  { id, decided }: ReadRecording,
  { group, marks, fromS, toS }: Place,
  ruleOf: (label: string) => MatchRule,
): Agreed {
  const mean = (of: (mark: ReaderMark) => number): number =>
    marks.reduce((sum, mark) => sum + of(mark), 0) / marks.length;
  const onsetS = mean((mark) => mark.fromS);
  const { label = "", channel } = marks.find((mark) => mark.channel !== undefined) ?? marks[0] ?? {};
  const isKept = decided.some(
    (one) => one.label === label && commonPart(one, { fromS, toS, channel }, ruleOf(label)) !== undefined,
  );
  return {
    ...{
      recordingId: id,
      group: group.code,
      label,
      onsetS,
      durationS: mean((mark) => mark.toS) - onsetS,
      isKept,
    },
    ...(channel === undefined ? {} : { channel }),
  };
}

function differing(
  recording: ReadRecording,
  place: Place,
  readers: readonly string[],
): Omit<Disagreement, "kind"> {
  const { group, marks, fromS, toS } = place;
  return {
    ...{ recordingId: recording.id, group: group.code, onsetS: fromS, durationS: toS - fromS },
    opinions: readers.map((reader) => ({
      reader,
      events: marks.filter((one) => one.reader === reader).map(eventOf),
    })),
    decision: decisionFor(recording, place),
  };
}

const eventOf = ({ id, label, channel, fromS, toS }: ReaderMark): OpinionEvent => ({
  ...{ id, label, onsetS: fromS, durationS: toS - fromS },
  ...(channel === undefined ? {} : { channel }),
});

/** A label of the group that the consensus has there; or a verdict of exactly that place: readers who moved a mark since are asked anew. */
function decisionFor({ decided }: ReadRecording, { group, fromS, toS }: Place): Disagreement["decision"] {
  const found = decided.find((one) =>
    one.isVerdict
      ? Math.abs(one.fromS - fromS) < SAME_S && Math.abs(one.toS - toS) < SAME_S
      : group.labels.includes(one.label) &&
        one.fromS <= toS &&
        one.toS >= fromS &&
        isWithin(one, { fromS, toS }),
  );
  return found === undefined ? null : { id: found.id, label: found.label, note: found.note };
}

/** Is its middle there? A neighbour's label that only reaches in decides nothing here. */
const isWithin = (
  one: { readonly fromS: number; readonly toS: number },
  place: { readonly fromS: number; readonly toS: number },
): boolean => middleOf(one) >= place.fromS && middleOf(one) <= place.toS;
