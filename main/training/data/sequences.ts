import { labelsByGroup, type LabelSet } from "../../../preload/contract/label-set.ts";
import type { RunConfig } from "../../../preload/contract/run.ts";
import type { SignalSource } from "../../models/fronts/front.ts";
import type { Marked, SequenceGroup } from "../../models/model.ts";
import { configured, sequenceModelOf } from "../../models/registry.ts";
import { seededRandom, shuffle } from "../../models/random.ts";
import { signalSource, soundRecording, type ReadLibrary } from "./dataset.ts";
import { leaveOutGroups, splitSubjects, type Part } from "./split.ts";
import { type Teaching, teachingOf } from "./teaching.ts";

/** A recording of a run, whole. Samples are read when they are asked for. */
export interface SequenceRecording {
  readonly id: string;
  readonly name: string;
  readonly subject: string;
  readonly part: Part;
  readonly leftOutBy?: number; // of the training: the network that never learns from it, and for which it is validation
  readonly source: SignalSource;
  readonly isRead: boolean; // completely, by somebody, for the run's labels
  readonly teaching: Teaching;
  readonly marks: Marked | undefined; // absent where nobody read it, or where its labels are put aside: it is unlabelled
}

export interface Sequences {
  readonly groups: readonly SequenceGroup[];
  readonly recordings: readonly SequenceRecording[];
  readonly inTurn: boolean; // nobody is for validation alone: each network leaves other training people out
}

/** Of the training people with labels, how many calibrate where a run names none. */
const VALIDATION_SHARE = 0.17;
const SPLIT_STREAM = 304;
const SHARE_STREAM = 305;

/** The chosen labels by group, with the channel that a group speaks about: that of its labels' first declared role. */
export function sequenceGroups(
  set: LabelSet | undefined,
  labels: readonly string[],
): readonly SequenceGroup[] {
  return (set === undefined ? [] : labelsByGroup(set)).flatMap(({ group, labels: all }) => {
    const own = all.filter(({ code }) => labels.includes(code));
    const role = own.flatMap(({ about }) => about ?? [])[0];
    return own.length === 0
      ? []
      : [{ name: group.code, role: role ?? "other", codes: own.map(({ code }) => code) }];
  });
}

/** The labels that the run's model looks at. */
export const labelsOf = ({ model, data }: Pick<RunConfig, "model" | "data">): readonly string[] =>
  sequenceModelOf(model.kind).labels === "unused" ? [] : data.labels;

/** How many of a run's networks leave training people out in turn. */
const leavingOut = ({ model }: RunConfig): number =>
  sequenceModelOf(model.kind).leavingOut?.(configured(model).settings) ?? 0;

/** Everything a run names, split by person; labels beyond its share are put aside. */
export function readSequences(config: RunConfig, library: ReadLibrary): Sequences {
  const { data, seed } = config;
  const set = library.listLabelSets().find(({ id }) => id === data.labelSet);
  const groups = sequenceGroups(set, labelsOf(config));
  const details = data.recordingIds.map((id) => soundRecording(library, id));
  const named = splitSubjects(
    config,
    details.map(({ subject }) => subject),
  );
  const taught = new Map(details.map(({ id }) => [id, teachingOf(data, library, id)] as const));
  const marksOf = new Map([...taught].map(([id, teaching]) => [id, marksFor(config, teaching, set, groups)]));
  const isLabelled = (id: string): boolean => marksOf.get(id) !== undefined;
  const labelled = details.filter(({ id }) => isLabelled(id)).map(({ subject }) => subject);
  const others = details.map(({ subject }) => subject).filter((subject) => !labelled.includes(subject));
  const needsLabels = sequenceModelOf(config.model.kind).labels === "needed";
  const turns = leavingOut(config);
  const inTurn = turns > 1 && ![...named.values()].includes("validation");
  const parts = inTurn ? named : withValidation(named, needsLabels ? [labelled] : [labelled, others], seed);
  const inTraining = details.filter(({ id, subject }) => parts.get(subject) === "train" && isLabelled(id));
  const kept = keptLabels(
    inTraining.map(({ id }) => id),
    data.labelledShare,
    seed,
  );
  const leftOut = leaveOutGroups(
    details.filter(({ subject }) => parts.get(subject) === "train").map(({ subject }) => subject),
    inTraining.filter(({ id }) => kept.has(id)).map(({ subject }) => subject),
    { members: inTurn ? turns : 0, seed },
  );
  const recordings = details.map((detail): SequenceRecording => {
    const { id, name, subject } = detail;
    const part = parts.get(subject) ?? "train";
    const leftOutBy = leftOut.get(subject) ?? -1;
    return {
      ...{ id, name, subject, part },
      ...(leftOutBy < 0 ? {} : { leftOutBy }),
      source: signalSource({ config }, library, detail),
      isRead: isLabelled(id),
      teaching: taught.get(id) ?? teachingOf(data, library, id),
      marks: part === "train" && !kept.has(id) ? undefined : marksOf.get(id),
    };
  });
  return { groups, recordings, inTurn };
}

/**
 * What people and files say of a recording; a mark of a label that was not chosen teaches its group neither way. Where
 * what is not marked is unknown to the model, the marks are what was read.
 */
function marksFor(
  { model, data: { labels } }: RunConfig,
  teaching: Teaching,
  set: LabelSet | undefined,
  groups: readonly SequenceGroup[],
): Marked | undefined {
  const own = teaching.annotations.filter(({ durationS }) => durationS > 0);
  const events = own
    .filter(({ label }) => labels.includes(label))
    .map(({ label, onsetS, durationS }) => ({ code: label, onsetS, durationS }));
  const read = (sequenceModelOf(model.kind).unmarked === "unknown" ? events : teaching.read).map(
    ({ onsetS, durationS }) => ({ onsetS, durationS }),
  );
  if (read.length === 0 || groups.length === 0) return undefined;
  const groupOf = (code: string): SequenceGroup | undefined => {
    const group = set?.labels.find((label) => label.code === code)?.group;
    return groups.find(({ name }) => name === group);
  };
  const differing = teaching.unclear.flatMap(({ group, onsetS, durationS }) => {
    const code = groups.find(({ name }) => name === group)?.codes[0];
    return code === undefined || durationS === 0 ? [] : [{ code, onsetS, durationS }];
  });
  const others = own.flatMap(({ label, onsetS, durationS }) => {
    const code = labels.includes(label) ? undefined : groupOf(label)?.codes[0];
    return code === undefined ? [] : [{ code, onsetS, durationS }];
  });
  return { read, events, unclear: [...others, ...differing].sort((a, b) => a.onsetS - b.onsetS) };
}

/** Where nobody is named for validation, some of the training people of each sort are, by seed. */
function withValidation(
  parts: ReadonlyMap<string, Part>,
  sorts: readonly (readonly string[])[], // those with labels, and those without where they count too
  seed: number,
): ReadonlyMap<string, Part> {
  if ([...parts.values()].includes("validation")) return parts;
  const next = new Map(parts);
  const random = seededRandom(seed, SPLIT_STREAM);
  for (const subjects of sorts) {
    const people = [...new Set(subjects)].filter((subject) => parts.get(subject) === "train").sort();
    if (people.length < 2) continue;
    const order = shuffle(Int32Array.from(people.keys()), random);
    for (const at of order.slice(0, Math.max(1, Math.round(VALIDATION_SHARE * people.length)))) {
      const subject = people[at];
      if (subject !== undefined) next.set(subject, "validation");
    }
  }
  return next;
}

/** Whole recordings keep their labels or lose them; at least two keep theirs where there are two. */
function keptLabels(ids: readonly string[], share: number, seed: number): ReadonlySet<string> {
  if (share >= 1) return new Set(ids);
  const order = shuffle(Int32Array.from(ids.keys()), seededRandom(seed, SHARE_STREAM));
  const count = Math.min(ids.length, Math.max(2, Math.round(share * ids.length)));
  return new Set([...order.slice(0, count)].flatMap((at) => ids[at] ?? []));
}
