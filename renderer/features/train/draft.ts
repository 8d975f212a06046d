import {
  matchChannels,
  sharedChannels,
  strays,
  wantedChannels,
} from "../../../preload/contract/match-channels.ts";
import { labelsByGroup, type LabelSet } from "../../../preload/contract/label-set.ts";
import type { RecordingKind } from "../../../preload/contract/recording.ts";
import type { Candidate } from "./candidates.ts";
import type { DataSelection, ModelConfig, RunConfig, RunPreview } from "../../../preload/contract/run.ts";
import type { ModelDescription } from "../../../preload/contract/model.ts";
import { isOfSequences, labelNeed, modelConfig, modelsFor, usualModel } from "./model-settings.ts";

export const parts = ["train", "validation", "test"] as const;
export type Part = (typeof parts)[number];

/** Of the background rules those that a new training may follow. */
export const backgrounds = [
  "never",
  "read-completely",
] as const satisfies readonly DataSelection["background"][];

/** A training as it is being put together. */
export interface Draft {
  readonly name: string; // empty: named after its data
  readonly kind: RecordingKind;
  readonly recordingIds: readonly string[];
  readonly labelSet: string;
  readonly labelGroup: string; // a window gets one class: of the labels those of this group of the set
  readonly labels: readonly string[]; // of any group; see `classesOf`
  readonly readers: readonly string[]; // whose labels teach; none: what readers agreed upon, else everybody's
  readonly channels: readonly string[];
  readonly background: (typeof backgrounds)[number];
  readonly windowS: number;
  readonly strideS: number;
  readonly centreS: number | undefined;
  readonly minObserved: number;
  readonly parts: Readonly<Record<string, Part>>; // by subject
  readonly splitSeed: number;
  readonly folds: number | undefined; // cross-validation instead of fixed parts
  readonly labelledShare: number;
  readonly model: ModelConfig; // its kind, and the settings that a person changed
  readonly otherModels: Readonly<Record<string, ModelConfig>>; // by kind: what was changed of them before another was chosen
  readonly seed: number;
  readonly engine: RunConfig["engine"];
}

export interface Preset {
  readonly id: "emg-500" | "emg-260" | "emg-1000" | "ctg-120" | "ctg-120-wide";
  readonly kind: RecordingKind;
  readonly windowS: number;
  readonly strideS: number;
  readonly centreS: number | undefined;
}
/** Lengths the methods were measured with; the first of a kind is its default. */
export const presets: readonly Preset[] = [
  { id: "emg-500", kind: "emg", windowS: 0.5, strideS: 0.25, centreS: undefined },
  { id: "emg-260", kind: "emg", windowS: 0.26, strideS: 0.13, centreS: undefined },
  { id: "emg-1000", kind: "emg", windowS: 1, strideS: 0.5, centreS: undefined },
  { id: "ctg-120", kind: "ctg", windowS: 120, strideS: 10, centreS: 30 },
  { id: "ctg-120-wide", kind: "ctg", windowS: 120, strideS: 30, centreS: 30 },
];
export const presetOf = (draft: Pick<Draft, "windowS" | "strideS" | "centreS">): Preset | undefined =>
  presets.find(
    (one) => one.windowS === draft.windowS && one.strideS === draft.strideS && one.centreS === draft.centreS,
  );

/** What a model of this kind learns from unless told otherwise: not the mother's pulse, not battery voltages. */
const usualRoles: Readonly<Record<RecordingKind, readonly string[]>> = {
  ctg: ["fhr", "uc"],
  emg: ["emg"],
  other: ["fhr", "uc", "emg", "other", "mhr"],
};

/** Chosen recordings that lack a channel which one would learn from: what it is called, and who they are. */
export const lackingChannels = (
  kind: RecordingKind,
  chosen: readonly Candidate[],
): readonly { readonly channel: string; readonly recordings: readonly Candidate[] }[] =>
  strays(chosen)
    .filter(({ channel }) => usualRoles[kind].includes(channel.role))
    .map(({ channel, recordings }) => ({ channel: channel.label, recordings }));

export interface ChannelOption {
  readonly label: string;
  readonly isChosen: boolean;
  readonly isShared: boolean; // every chosen recording has it, whatever it calls it
}

/** The channels the draft has chosen, also where a recording lacks them, and the others that all its recordings share. */
export function channelOptions(
  draft: Pick<Draft, "channels" | "recordingIds">,
  recordings: readonly Candidate[],
): readonly ChannelOption[] {
  const ids = new Set(draft.recordingIds);
  const chosen = recordings.filter((one) => ids.has(one.id));
  // Which list of channels knows one is all that is asked: recordings of one device may share theirs.
  const known = new Map([...chosen, ...recordings].map((one) => [one.channels, one.id]));
  const lists = new Map([...known].map(([channels, id]) => [id, channels]));
  const config = { data: { channels: draft.channels, recordingIds: [...lists.keys()] } };
  const wanted = wantedChannels({ config }, (id) => lists.get(id));
  const matches = [...new Set(chosen.map(({ channels }) => channels))].map((one) =>
    matchChannels(wanted, one),
  );
  const taken = new Set((matches[0] ?? []).map(({ channel }) => channel?.label));
  return [
    ...draft.channels.map((label, i) => ({
      label,
      isChosen: true,
      isShared: matches.every((one) => one[i]?.channel !== undefined),
    })),
    ...sharedChannels(chosen)
      .filter((label) => !taken.has(label) && !draft.channels.includes(label))
      .map((label) => ({ label, isChosen: false, isShared: true })),
  ];
}

function usualChannels(kind: RecordingKind, chosen: readonly Candidate[]): string[] {
  const roles = usualRoles[kind];
  const shared = sharedChannels(chosen);
  const usual = shared.filter((label) =>
    chosen[0]?.channels.some((one) => one.label === label && roles.includes(one.role)),
  );
  const isThere = (role: string): boolean =>
    chosen[0]?.channels.some((one) => one.role === role && usual.includes(one.label)) === true;
  // One recording without a heart rate leaves the others theirs: it is named, and can be left out.
  const lacking = (kind === "other" ? [] : roles).flatMap((role) => {
    const most = isThere(role) ? undefined : strays(chosen).find(({ channel }) => channel.role === role);
    return most === undefined ? [] : [most.channel.label];
  });
  const own = [...lacking, ...usual];
  return own.length > 0 ? own : shared;
}

const CTG_CLASSES = ["acceleration", "deceleration"];

/** The groups that classes can come from, with the labels that can be classes. */
export const classGroups = (set: LabelSet | undefined): ReturnType<typeof labelsByGroup> =>
  (set === undefined ? [] : labelsByGroup(set))
    .map(({ group, labels }) => ({ group, labels: labels.filter(({ shape }) => shape === "interval") }))
    .filter(({ labels }) => labels.length > 0);

/** The labels that the model learns: of one that classifies windows those of its group, of one of whole recordings all, or none. */
export function classesOf(
  { model, labelSet, labelGroup, labels }: Pick<Draft, "model" | "labelSet" | "labelGroup" | "labels">,
  { labelSets, models }: Stock,
): readonly string[] {
  if (labelNeed(model, models) === "unused") return [];
  if (isOfSequences(model, models)) return labels;
  const groups = classGroups(labelSets.find(({ id }) => id === labelSet));
  const own = groups.find(({ group }) => group.code === labelGroup)?.labels ?? [];
  return labels.filter((one) => own.some(({ code }) => code === one));
}

/** Labels in the order of their set. */
const inOrder = (set: LabelSet | undefined, isChosen: (code: string) => boolean): readonly string[] =>
  classGroups(set).flatMap(({ labels }) => labels.map(({ code }) => code).filter(isChosen));

export const toggled = (
  labels: readonly string[],
  code: string,
  set: LabelSet | undefined,
): readonly string[] => inOrder(set, (one) => labels.includes(one) !== (one === code));

/** Another group for the classes, with what is offered of it at first; labels of the others stay chosen. */
export function withGroup(
  labels: readonly string[],
  code: string,
  set: LabelSet | undefined,
): Pick<Draft, "labelGroup" | "labels"> {
  const usual = usualLabels(set, code);
  const own = classGroups(set).find(({ group }) => group.code === usual.labelGroup)?.labels ?? [];
  const isAsked = own.some((label) => labels.includes(label.code));
  return {
    labelGroup: usual.labelGroup,
    labels: isAsked ? labels : inOrder(set, (one) => [...labels, ...usual.labels].includes(one)),
  };
}

/** Classes offered at first, of the first group where none is named: of CTG's events the two kinds, else every interval label. */
export function usualLabels(
  set: LabelSet | undefined,
  group?: string,
): { readonly labelGroup: string; readonly labels: readonly string[] } {
  const groups = classGroups(set);
  const found = groups.find((one) => one.group.code === group) ?? groups[0];
  const intervals = found?.labels.map(({ code }) => code) ?? [];
  const ctg = CTG_CLASSES.filter((code) => intervals.includes(code));
  const isCtg = set?.kind === "ctg" && ctg.length === CTG_CLASSES.length;
  return { labelGroup: found?.group.code ?? "", labels: isCtg ? ctg : intervals };
}

const CTG_EVENTS = [...CTG_CLASSES, "contraction"];

/** Labels offered at first where a model learns every group at once. */
function usualEvents(set: LabelSet | undefined): readonly string[] {
  const all = classGroups(set).flatMap(({ labels }) => labels.map(({ code }) => code));
  const ctg = CTG_EVENTS.filter((code) => all.includes(code));
  return set?.kind === "ctg" && ctg.length > 0 ? ctg : all;
}

/** What a model is offered of a set at first. `isWhole`: it follows whole recordings. */
export const labelsAtFirst = (
  set: LabelSet | undefined,
  isWhole: boolean,
): Pick<Draft, "labelGroup" | "labels"> => ({
  ...usualLabels(set),
  ...(isWhole ? { labels: usualEvents(set) } : {}),
});

function randomFrom(seed: number): () => number {
  let a = (seed + 0x9e3779b9) >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * A split by person: about a quarter of those with labels for the test, the rest for training, where each is left out in
 * turn for calibration. The same people and seed always give the same split, in whatever order they are listed.
 */
export function splitForMe(
  subjects: readonly string[],
  seed: number,
  labelled: readonly string[] = subjects,
): Record<string, Part> {
  const all = [...new Set(subjects)];
  const isLabelled = new Set(labelled);
  const order = all.filter((subject) => isLabelled.has(subject)).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const random = randomFrom(seed);
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const swap = order[i] as string;
    order[i] = order[j] as string;
    order[j] = swap;
  }
  const test = new Set(order.slice(0, order.length < 2 ? 0 : Math.max(1, Math.round(order.length / 4))));
  return Object.fromEntries(all.map((subject) => [subject, test.has(subject) ? "test" : "train"]));
}

/** People with at least one event. */
export const labelledSubjects = (recordings: readonly Candidate[]): string[] =>
  recordings.filter((one) => one.annotationCount > 0).map((one) => one.subject);

/** The same, as a preview counted it, or everybody where no labels are looked at; undefined before there is one. */
export const labelledIn = (preview: RunPreview | undefined): string[] | undefined =>
  preview?.subjects
    .filter((one) => one.labelled > 0 || preview.unit === "recordings")
    .map((one) => one.subject);

export interface PartCounts {
  readonly people: number;
  readonly recordings: number;
  readonly hours: number;
  readonly labelled: number;
  readonly unlabelled: number;
  readonly unassessable: number;
}

/** People and windows of each part of a split, as the preview counted them. */
export function countsOfParts({ subjects }: Pick<RunPreview, "subjects">): Record<Part, PartCounts> {
  const none: PartCounts = {
    people: 0,
    recordings: 0,
    hours: 0,
    labelled: 0,
    unlabelled: 0,
    unassessable: 0,
  };
  const counts: Record<Part, PartCounts> = { train: none, validation: none, test: none };
  for (const one of subjects) {
    const known = counts[one.part];
    counts[one.part] = {
      people: known.people + 1,
      recordings: known.recordings + one.recordings,
      hours: known.hours + (one.hours ?? 0),
      labelled: known.labelled + one.labelled,
      unlabelled: known.unlabelled + one.unlabelled,
      unassessable: known.unassessable + one.unassessable,
    };
  }
  return counts;
}

const bySubject = new Intl.Collator(undefined, { numeric: true }).compare;

export const subjectsOf = (recordings: readonly Candidate[]): string[] =>
  [...new Set(recordings.map((one) => one.subject))].sort(bySubject);

/** What a draft chooses from beside recordings. */
export interface Stock {
  readonly labelSets: readonly LabelSet[];
  readonly models: readonly ModelDescription[];
}

/** A first draft: every recording of the kind with the most labelled ones. */
export function firstDraft(recordings: readonly Candidate[], stock: Stock): Draft {
  const kinds = ["emg", "ctg", "other"] as const;
  const labelled = (kind: RecordingKind) =>
    recordings.filter((one) => one.kind === kind && one.annotationCount > 0).length;
  const count = (kind: RecordingKind) => recordings.filter((one) => one.kind === kind).length;
  const kind = [...kinds].sort((a, b) => labelled(b) - labelled(a) || count(b) - count(a))[0] ?? "emg";
  return draftOfKind(kind, recordings, stock);
}

export const emptyDraft: Draft = {
  name: "",
  kind: "emg",
  recordingIds: [],
  labelSet: "",
  labelGroup: "",
  labels: [],
  readers: [],
  channels: [],
  background: "never",
  windowS: 0.5,
  strideS: 0.25,
  centreS: undefined,
  minObserved: 0.5,
  parts: {},
  splitSeed: 0,
  folds: undefined,
  labelledShare: 1,
  model: { kind: "" },
  otherModels: {},
  seed: 0,
  engine: "auto",
};

/** A first draft of a kind of recording: nothing of a draft of another kind is taken over. */
export function draftOfKind(
  kind: RecordingKind,
  recordings: readonly Candidate[],
  { labelSets, models }: Stock,
): Draft {
  const chosen = recordings.filter((one) => one.kind === kind && one.state === "complete");
  const set = labelSets.find((one) => one.kind === kind) ?? labelSets[0];
  const preset = presets.find((one) => one.kind === kind) ?? presets[0];
  const model = usualModel(kind, models);
  const labelled = labelledSubjects(chosen);
  return {
    ...emptyDraft,
    kind,
    recordingIds: chosen.map((one) => one.id),
    labelSet: set?.id ?? "",
    ...labelsAtFirst(set, isOfSequences(model, models)),
    channels: usualChannels(kind, chosen),
    background: kind === "ctg" ? "read-completely" : "never",
    windowS: preset?.windowS ?? emptyDraft.windowS,
    strideS: preset?.strideS ?? emptyDraft.strideS,
    centreS: preset?.centreS,
    model,
    parts: splitForMe(
      chosen.map((one) => one.subject),
      emptyDraft.splitSeed,
      labelled.length > 0 ? labelled : undefined, // without any only what needs none can be trained
    ),
  };
}

/**
 * The draft with these recordings: people who stay keep their part, new ones join the training part. The channels stay as
 * they were chosen: one that a recording lacks is said (see `lackingOf`), not dropped.
 */
export function withRecordings(
  draft: Draft,
  recordingIds: readonly string[],
  recordings: readonly Candidate[],
): Draft {
  const ids = new Set(recordingIds);
  const chosen = recordings.filter((one) => ids.has(one.id));
  return {
    ...draft,
    recordingIds: chosen.map((one) => one.id),
    channels: draft.channels.length > 0 ? draft.channels : usualChannels(draft.kind, chosen),
    parts: Object.fromEntries(
      subjectsOf(chosen).map((subject) => [subject, draft.parts[subject] ?? "train"]),
    ),
  };
}

/**
 * The draft without recordings that have left the library or its kind, with its people as they are called now, and without
 * labels that no group of the label set has as intervals any more: what is not on the page is not sent.
 */
export function inStep(
  draft: Draft,
  recordings: readonly Candidate[],
  { labelSets }: Pick<Stock, "labelSets">,
): Draft {
  const ofKind = recordings.filter(({ kind }) => kind === draft.kind);
  const set = labelSets.find(({ id }) => id === draft.labelSet);
  const groups = classGroups(set);
  const groupWith = (code: string | undefined) =>
    groups.find(({ labels }) => labels.some((label) => label.code === code));
  const group =
    groups.find((one) => one.group.code === draft.labelGroup) ??
    groupWith(draft.labels.find((code) => groupWith(code))) ??
    groups[0];
  const labelGroup = group?.group.code ?? "";
  const labels = draft.labels.filter((code) => groupWith(code) !== undefined);
  const next = { ...withRecordings(draft, draft.recordingIds, ofKind), labelGroup, labels };
  const isSame =
    labelGroup === draft.labelGroup &&
    next.recordingIds.length === draft.recordingIds.length &&
    labels.length === draft.labels.length &&
    Object.keys(next.parts).length === Object.keys(draft.parts).length &&
    Object.keys(next.parts).every((subject) => subject in draft.parts);
  return isSame ? draft : next;
}

/** The draft with another model, whose settings are as they were left. */
export const withModel = ({ otherModels, model, ...draft }: Draft, kind: string): Draft => ({
  ...draft,
  model: kind === model.kind ? model : (otherModels[kind] ?? { kind }),
  otherModels: { ...otherModels, [model.kind]: model },
});

/** What the draft asks main for; undefined while something is missing that has no default. */
export function configOf(
  draft: Draft,
  { name, ...stock }: Stock & { readonly name: string },
): RunConfig | undefined {
  const { models } = stock;
  const { recordingIds, labelSet, channels, windowS, strideS } = draft;
  const labels = classesOf(draft, stock);
  if (!modelsFor(draft.kind, models).some(({ kind }) => kind === draft.model.kind)) return undefined;
  const lacksLabels = labels.length === 0 || labelSet === "";
  if (recordingIds.length === 0 || channels.length === 0) return undefined;
  if (lacksLabels && labelNeed(draft.model, models) === "needed") return undefined;
  if (!(windowS > 0) || !(strideS > 0)) return undefined;
  const isWhole = isOfSequences(draft.model, models);
  const folds = isWhole ? undefined : draft.folds;
  const inPart = (part: Part) =>
    Object.keys(draft.parts)
      .filter((subject) => draft.parts[subject] === part)
      .sort();
  return {
    name: draft.name.trim() === "" ? name : draft.name.trim(),
    seed: draft.seed,
    data: {
      recordingIds: [...recordingIds],
      labelSet,
      labels: [...labels],
      ...(draft.readers.length === 0 ? {} : { readers: [...draft.readers] }),
      background: isWhole ? "read-completely" : draft.background,
      channels: [...channels],
      labelledShare: draft.labelledShare,
      windows: {
        windowS,
        strideS,
        ...(draft.centreS === undefined ? {} : { centreS: draft.centreS }),
        minOverlap: 0.5,
        minObserved: draft.minObserved,
      },
    },
    split: {
      ...(folds === undefined ? {} : { folds }),
      testSubjects: folds === undefined ? inPart("test") : [],
      validationSubjects: folds === undefined ? inPart("validation") : [],
    },
    model: modelConfig(draft.model, draft.kind, models),
    engine: draft.engine,
  };
}
