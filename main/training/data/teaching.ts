import { type Agreed, CONSENSUS, type MatchRule, type Verdict } from "../../../preload/contract/agreement.ts";
import type { Annotation } from "../../../preload/contract/annotation.ts";
import { labelsByGroup, type LabelSet } from "../../../preload/contract/label-set.ts";
import { inBoth, type Reading, readingsFor } from "../../../preload/contract/reading.ts";
import type { DataSelection } from "../../../preload/contract/run.ts";
import { opinionsOf } from "../../analysis/agreement/disagreements.ts";
import { commonPart, matchEvents } from "../../analysis/agreement/match.ts";
import { readRecording, ruleIn } from "../../analysis/agreement/read-recording.ts";
import type { Interval } from "../../signal/window.ts";
import type { Library } from "../../storage/api.ts";

type LabelsRead = Pick<
  Library,
  "getRecording" | "listAnnotations" | "listReadings" | "getLabelSet" | "listLabelSets"
>;
type Asked = Pick<DataSelection, "labelSet" | "labels" | "readers">;

/** What is taught of a recording. */
interface Taught {
  readonly annotations: readonly Annotation[]; // of the label set: each event once, however many readers marked it
  readonly read: readonly Interval[]; // where the run's labels were looked for and every one of them marked, by onset
  readonly unclear: readonly Unclear[]; // teaches neither way
  readonly undecided: number; // of them: where readers differ and nobody has decided
}

/** A place of which readers say different things, or of which nobody can tell. */
interface Unclear extends Interval {
  readonly group: string; // of labels
}

export interface Teaching extends Taught {
  readonly by: readonly string[]; // whose labels: readers, or what they agreed upon
  readonly labels: ReadonlyMap<string, number>; // of everybody with labels or readings, who teaches or not
}

/** What people and files say of a recording. */
interface Said {
  readonly id: string;
  readonly annotations: readonly Annotation[];
  readonly own: readonly Annotation[]; // of them, those of the label set; decisions are of another
  readonly readings: readonly Reading[]; // for the label set
}

/**
 * Where readers agreed and decided, that teaches, unless others are named: agreed events, kept or not, where all of them
 * read completely; with nobody but the consensus named, also where nothing was decided yet. Else readers teach by themselves.
 */
export function teachingOf(data: Asked, library: LabelsRead, id: string): Teaching {
  const annotations = library.listAnnotations(id).filter(({ source }) => source !== "model");
  const own = annotations.filter(({ labelSet }) => labelSet === data.labelSet);
  const readings = library.listReadings(id).filter(({ labelSet }) => labelSet === data.labelSet);
  const said = { id, annotations, own, readings };
  const labels = new Map(readings.map(({ author }) => [author, 0]));
  for (const { author } of own) labels.set(author, (labels.get(author) ?? 0) + 1);
  const people = [...labels.keys()].filter((one) => one !== CONSENSUS).sort();
  const named = people.filter((one) => data.readers?.includes(one) ?? true);
  const isAlone = data.readers?.every((one) => one === CONSENSUS) ?? false; // nobody else is named
  if (data.readers?.includes(CONSENSUS) ?? true) {
    const agreed = consensusOf(data, library, { said, among: isAlone ? people : named });
    if (agreed !== undefined && (isAlone || agreed.isDecided)) return { ...agreed, by: [CONSENSUS], labels };
  }
  return { ...ofReaders(data, library, { said, readers: named }), by: named, labels };
}

interface Among {
  readonly said: Said;
  readonly among: readonly string[]; // readers who are compared
}

/** Undefined where fewer than two of them read completely, and nothing is of the consensus itself. */
function consensusOf(
  data: Asked,
  library: LabelsRead,
  { said, among }: Among,
): (Taught & { readonly isDecided: boolean }) | undefined {
  const { own, readings } = said;
  const isOfConsensus = ({ author }: { readonly author: string }): boolean => author === CONSENSUS;
  const [kept, declared] = [own.filter(isOfConsensus), readings.filter(isOfConsensus)];
  const { readers, agreed, disagreements } = opinionsIn(data, library, { said, among });
  if (readers.length < 2 && kept.length === 0 && declared.length === 0) return undefined;
  const readBy = (some: readonly Reading[]): readonly Interval[] =>
    readingsFor(data, some, (version) => library.getLabelSet(data.labelSet, version));
  const common =
    readers.length < 2
      ? []
      : readers.map((reader) => readBy(readings.filter(({ author }) => author === reader))).reduce(inBoth);
  const open = disagreements.filter(({ decision }) => decision === null);
  const unclear = disagreements.filter(
    ({ decision }) => decision === null || decision.label === ("cannot-tell" satisfies Verdict),
  );
  return {
    annotations: [
      ...kept,
      ...agreed.filter(({ isKept }) => !isKept).flatMap((one) => asAnnotation(one, own)),
    ],
    read: [...common, ...readBy(declared)].sort((a, b) => a.onsetS - b.onsetS),
    unclear: unclear.map(({ onsetS, durationS, group }) => ({ onsetS, durationS, group })),
    undecided: open.length,
    isDecided: kept.length > 0 || declared.length > 0 || open.length < disagreements.length,
  };
}

/** What readers who read completely say of the run's groups of labels, compared. */
function opinionsIn(data: Asked, library: LabelsRead, { said, among }: Among) {
  const set = library.listLabelSets().find(({ id }) => id === data.labelSet);
  if (set === undefined) return { readers: [], agreed: [], disagreements: [] };
  const groups = labelsByGroup(set)
    .map(({ group, labels }) => ({ code: group.code, labels: labels.map(({ code }) => code) }))
    .filter(({ labels }) => labels.some((code) => data.labels.includes(code)));
  const { durationS } = library.getRecording(said.id);
  const recording = readRecording(
    { ...said, durationS },
    { set, groups, setOf: (version) => library.getLabelSet(data.labelSet, version) },
  );
  const readers = among.filter((name) => recording.read.some(({ reader }) => reader === name));
  return { readers, ...opinionsOf({ recordings: [recording], readers, groups, ruleOf: ruleIn(set) }) };
}

/** Where readers have it on average. */
const asAnnotation = (
  { label, channel, onsetS, durationS }: Agreed,
  own: readonly Annotation[],
): Annotation[] =>
  own
    .filter((one) => one.label === label)
    .slice(0, 1)
    .map((one) => ({
      ...one,
      onsetS,
      durationS,
      author: CONSENSUS,
      ...(channel === undefined ? {} : { channel }),
    }));

/** What these readers say, put together: what one of them marked is there, whatever the others say. */
function ofReaders(
  data: Asked,
  library: LabelsRead,
  { said, readers }: { readonly said: Said; readonly readers: readonly string[] },
): Taught {
  const isOfThem = ({ author }: { readonly author: string }): boolean => readers.includes(author);
  const set = library.listLabelSets().find(({ id }) => id === data.labelSet);
  return {
    annotations: once(said.own.filter(isOfThem), set),
    read: readingsFor(data, said.readings.filter(isOfThem), (version) =>
      library.getLabelSet(data.labelSet, version),
    ),
    ...{ unclear: [], undecided: 0 },
  };
}

/** Marks of several readers that speak of one event are that event, where it lies on average. */
function once(annotations: readonly Annotation[], set: LabelSet | undefined): readonly Annotation[] {
  const readers = [...new Set(annotations.map(({ author }) => author))].sort();
  if (readers.length < 2) return annotations;
  const ruleOf = ruleIn(set ?? { kind: "other", labels: [] });
  return [...new Set(annotations.map(({ label }) => label))]
    .flatMap((label) => {
      const own = annotations.filter((one) => one.label === label);
      const ofEach = readers.map((reader) => own.filter(({ author }) => author === reader));
      return ofEach.reduce<readonly Event[]>((events, marks) => joined(events, marks, ruleOf(label)), []);
    })
    .map(averaged)
    .sort((a, b) => a.onsetS - b.onsetS);
}

/** Marks of one event, one a reader. */
type Event = readonly [Annotation, ...Annotation[]];

/** One who marked several events where others marked one has marked that one, and no other. */
function joined(events: readonly Event[], marks: readonly Annotation[], rule: MatchRule): readonly Event[] {
  const [known, theirs] = [events.map((event) => placeOf(averaged(event))), marks.map(placeOf)];
  const { pairs, onlyB } = matchEvents(known, theirs, rule);
  const partner = new Map(pairs.map(([event, mark]) => [event, marks[mark]]));
  const isNew = (mark: number): boolean => {
    const place = theirs[mark];
    return place !== undefined && !known.some((one) => commonPart(one, place, rule) !== undefined);
  };
  return [
    ...events.map((event, i): Event => {
      const mark = partner.get(i);
      return mark === undefined ? event : [...event, mark];
    }),
    ...onlyB.filter(isNew).flatMap((mark): Event[] => {
      const one = marks[mark];
      return one === undefined ? [] : [[one]];
    }),
  ];
}

const placeOf = ({ onsetS, durationS, channel }: Annotation) => ({
  fromS: onsetS,
  toS: onsetS + durationS,
  channel,
});

function averaged(event: Event): Annotation {
  const mean = (of: (mark: Annotation) => number): number =>
    event.reduce((sum, mark) => sum + of(mark), 0) / event.length;
  const latest = event.map(({ createdAt }) => createdAt).reduce((a, b) => (a > b ? a : b));
  return {
    ...event[0],
    onsetS: mean(({ onsetS }) => onsetS),
    durationS: mean(({ durationS }) => durationS),
    createdAt: latest,
  };
}
