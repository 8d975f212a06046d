import { channelAdvice, someOf } from "../../../preload/contract/channel-advice.ts";
import { matchChannels } from "../../../preload/contract/match-channels.ts";
import {
  ModelConfig,
  problemOf,
  type Problem,
  type RunConfig,
  type RunPreview,
} from "../../../preload/contract/run.ts";
import type { ChannelRole } from "../../../preload/contract/recording.ts";
import type { z } from "zod";
import type { SequenceGroup, SequenceModel } from "../../models/model.ts";
import { configured, sequenceModelOf } from "../../models/registry.ts";
import { mayLack, wantedOf, type ReadLibrary } from "./dataset.ts";
import {
  damagedOf,
  damagedProblems,
  engineProblems,
  type Matched,
  missingChannels,
} from "./preview-channels.ts";
import type { CountWatch } from "../work.ts";
import { readerAdvice, readerProblems, readersIn } from "./preview-readers.ts";
import { labelsOf, readSequences, sequenceGroups, type SequenceRecording } from "./sequences.ts";
import { splitProblems, type Part } from "./split.ts";

/** What a model that follows whole recordings would learn from: events where people read completely, or the recordings alone. */
export async function previewSequences(
  config: RunConfig,
  library: ReadLibrary,
  { signal }: Partial<CountWatch> = {},
): Promise<z.infer<typeof RunPreview>> {
  const { settings } = configured(config.model);
  const { labels: need, unmarked } = sequenceModelOf(config.model.kind);
  const labels = labelsOf(config);
  const details = config.data.recordingIds.map((id) => library.getRecording(id));
  const wanted = wantedOf({ config }, library);
  const matched = details.map((detail) => ({ detail, matches: matchChannels(wanted, detail.channels) }));
  const damaged = await damagedOf(details, library, signal);
  const subjects = details.map(({ subject }) => subject);
  const problems: Problem[] = [
    ...splitProblems(config, subjects, true).map((one) =>
      one.code === "NO_VALIDATION_SUBJECT" && need !== "needed" ? problemOf("NO_ONE_TO_CALIBRATE", {}) : one,
    ),
    ...engineProblems(config),
    ...missingChannels(matched, mayLack({ config })),
    ...damagedProblems(damaged),
    ...labelProblems(
      config,
      library,
      wanted.map(({ role }) => role),
    ),
    ...(config.split.folds === undefined ? [] : [problemOf("FOLDS_NOT_FOR_EVENTS", {})]),
  ];
  const isReadable =
    damaged.length === 0 &&
    !problems.some(({ code }) => code === "CHANNEL_MISSING" || code === "CHANNEL_TWICE");
  const { recordings, inTurn } = isReadable
    ? readSequences(config, library)
    : { recordings: [], inTurn: false };
  const readers = labels.length === 0 ? [] : readersIn(recordings);
  if (isReadable && labels.length > 0) problems.push(...readerProblems(config.data, readers));
  const lacking = isReadable && labels.length > 0 ? readingProblems(config, recordings) : [];
  if (need === "needed") problems.push(...lacking);
  const unlabelled = recordings.filter(({ marks }) => marks === undefined);
  return {
    model: ModelConfig.parse(settings),
    unit: labels.length === 0 ? "recordings" : "events",
    classes: [...labels],
    windows: { labelled: eventsOf(recordings), unlabelled: unlabelled.length, unassessable: 0 },
    perClass: labels.map((code) => eventsOf(recordings, code)),
    subjects: peopleOf(recordings),
    ...(inTurn ? { inTurn } : {}),
    readers,
    problems,
    advice: [
      ...channelAdvice(matched.map(({ detail, matches }) => ({ name: detail.name, matches }))),
      ...(labels.length === 0 ? [] : readerAdvice(recordings)),
      ...(need === "needed" ? unreadAdvice(unlabelled, unmarked) : freeAdvice(config, lacking)),
      ...unobservedAdvice(matched),
      ...unheardAdvice(config, matched),
    ],
  };
}

const eventsOf = (of: readonly SequenceRecording[], code?: string): number =>
  of.flatMap(({ marks }) => marks?.events ?? []).filter((one) => code === undefined || one.code === code)
    .length;

function peopleOf(recordings: readonly SequenceRecording[]): z.infer<typeof RunPreview>["subjects"] {
  const bySubject = new Map<string, SequenceRecording[]>();
  for (const one of recordings) {
    const own = bySubject.get(one.subject) ?? [];
    bySubject.set(one.subject, own);
    own.push(one);
  }
  return [...bySubject]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([subject, own]) => {
      return {
        subject,
        recordings: own.length,
        part: own[0]?.part ?? "train",
        labelled: eventsOf(own),
        unlabelled: own.filter(({ marks }) => marks === undefined).length,
        unassessable: 0,
        hours: own.reduce((sum, { source }) => sum + source.durationS / 3600, 0),
      };
    });
}

function unreadAdvice(
  unlabelled: readonly SequenceRecording[],
  unmarked: SequenceModel<unknown, unknown>["unmarked"],
): Problem[] {
  const unread = unlabelled.filter(({ isRead }) => !isRead);
  if (unread.length === 0) return [];
  const code = unmarked === "unknown" ? "RECORDINGS_NOT_MARKED" : "RECORDINGS_NOT_READ";
  return [problemOf(code, { recordings: someOf(unread), count: unread.length })];
}

/** Of a model that learns without labels too: which of those chosen teach it nothing. */
function freeAdvice(config: RunConfig, lacking: readonly Problem[]): Problem[] {
  if (labelsOf(config).length < config.data.labels.length) return [problemOf("LABELS_NOT_LOOKED_AT", {})];
  if (lacking.some(({ code }) => code === "EVENTS_NOT_READ")) return [problemOf("SIGNALS_ALONE", {})];
  return lacking.filter(({ code }) => code === "NO_EVENT_OF_LABEL");
}

/** A channel that some recording has without a single sample of it. */
function unobservedAdvice(matched: readonly Matched[]): Problem[] {
  const wanted = matched[0]?.matches.map((match) => match.wanted.label) ?? [];
  return wanted.flatMap((channel, i) => {
    const empty = matched.filter(({ matches }) => matches[i]?.channel?.observedCount === 0);
    const recordings = empty.map(({ detail }) => detail);
    if (recordings.length === 0) return [];
    return [
      problemOf("CHANNEL_EMPTY", { channel, recordings: someOf(recordings), count: recordings.length }),
    ];
  });
}

/** A channel that the model would look at and some recordings have, and that was not chosen. */
function unheardAdvice(config: RunConfig, matched: readonly Matched[]): Problem[] {
  const chosen = new Set(matched.flatMap(({ matches }) => matches.map(({ wanted }) => wanted.role)));
  const { hears = [] } = sequenceModelOf(config.model.kind);
  return hears
    .filter((role) => !chosen.has(role))
    .flatMap((role) => {
      const having = matched.filter(({ detail }) => detail.channels.some((one) => one.role === role));
      const recordings = having.map(({ detail }) => detail);
      if (recordings.length === 0) return [];
      return [
        problemOf("CHANNEL_UNHEARD", { role, recordings: someOf(recordings), count: recordings.length }),
      ];
    });
}

/** Training, calibration and test each need recordings that were read, or marked where marks alone teach, and every label something to learn from. */
function readingProblems(
  { model, data, split }: RunConfig,
  recordings: readonly SequenceRecording[],
): Problem[] {
  const isMarked = sequenceModelOf(model.kind).unmarked === "unknown";
  const read = (part: Part): readonly SequenceRecording[] =>
    recordings.filter((one) => one.part === part && one.marks !== undefined);
  const training = read("train");
  if (training.length === 0) return [problemOf(isMarked ? "NOTHING_MARKED" : "EVENTS_NOT_READ", {})];
  const marked = new Set(training.flatMap(({ marks }) => marks?.events ?? []).map(({ code }) => code));
  return [
    ...data.labels
      .filter((label) => !marked.has(label))
      .map((label) => problemOf("NO_EVENT_OF_LABEL", { label })),
    ...(read("validation").length === 0 && !training.some(({ leftOutBy }) => leftOutBy !== undefined)
      ? [problemOf(isMarked ? "VALIDATION_NOT_MARKED" : "VALIDATION_NOT_READ", {})]
      : []),
    ...(split.testSubjects.length > 0 && read("test").length === 0
      ? [problemOf(isMarked ? "TEST_NOT_MARKED" : "TEST_NOT_READ", {})]
      : []),
  ];
}

/** Every chosen label lasts, stands in a group of the set, and its group's channel is among those that are read. */
function labelProblems(
  config: RunConfig,
  library: ReadLibrary,
  roles: readonly (ChannelRole | undefined)[],
): Problem[] {
  const { labels: need, most } = sequenceModelOf(config.model.kind);
  const { labelSet } = config.data;
  const labels = labelsOf(config);
  if (labels.length === 0) return need === "needed" ? [problemOf("LABELS_NEEDED", {})] : [];
  const set = library.listLabelSets().find(({ id }) => id === labelSet);
  const groups = sequenceGroups(set, labels);
  const known = groups.flatMap(({ codes }) => codes);
  const others = labels.filter((code) => !known.includes(code));
  const points = (set?.labels ?? []).filter(({ code, shape }) => shape === "point" && known.includes(code));
  return [
    ...(others.length === 0 ? [] : [problemOf("LABEL_UNKNOWN", { labels: others.join(", ") })]),
    ...(points.length === 0
      ? []
      : [problemOf("LABEL_IS_MOMENT", { labels: points.map(({ code }) => code).join(", ") })]),
    ...groups
      .filter(({ role }) => role !== "other" && !roles.includes(role))
      .map(({ codes, role }) =>
        problemOf("GROUP_CHANNEL_MISSING", { labels: codes.join(", "), role: role.toUpperCase() }),
      ),
    ...sizeProblems(groups, most),
  ];
}

/** No more groups, and no more labels in one of them, than the model learns at once. */
function sizeProblems(
  groups: readonly SequenceGroup[],
  most: SequenceModel<unknown, unknown>["most"],
): Problem[] {
  if (most === undefined) return [];
  return [
    ...(groups.length > most.groups
      ? [problemOf("LABEL_GROUPS_TOO_MANY", { count: groups.length, most: most.groups })]
      : []),
    ...groups
      .filter(({ codes }) => codes.length > most.labels)
      .map(({ name, codes }) =>
        problemOf("LABELS_TOO_MANY", { group: name, count: codes.length, most: most.labels }),
      ),
  ];
}
