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
import { wantedOf, type ReadLibrary } from "./dataset.ts";
import { damagedProblems, engineProblems, isDamaged, missingChannels } from "./preview-channels.ts";
import { readSequences, sequenceGroups, type SequenceRecording } from "./sequences.ts";
import { splitProblems, type Part } from "./split.ts";

/** What a model that follows whole recordings would learn from: events where people read completely. */
export function previewSequences(config: RunConfig, library: ReadLibrary): z.infer<typeof RunPreview> {
  const { data } = config;
  const { settings } = configured(config.model);
  const details = data.recordingIds.map((id) => library.getRecording(id));
  const wanted = wantedOf({ config }, library);
  const matched = details.map((detail) => ({ detail, matches: matchChannels(wanted, detail.channels) }));
  const damaged = details.filter(({ id }) => isDamaged(library, id));
  const problems: Problem[] = [
    ...splitProblems(
      config,
      details.map(({ subject }) => subject),
      true,
    ),
    ...engineProblems(config),
    ...missingChannels(matched),
    ...damagedProblems(damaged),
    ...labelProblems(
      config,
      library,
      wanted.map(({ role }) => role),
    ),
    ...(config.split.folds === undefined ? [] : [problemOf("FOLDS_NOT_FOR_EVENTS", {})]),
  ];
  const isReadable = damaged.length === 0 && !problems.some(({ code }) => code === "CHANNEL_MISSING");
  const { recordings } = isReadable ? readSequences(config, library) : { recordings: [] };
  if (isReadable) problems.push(...readingProblems(config, recordings));
  const unlabelled = recordings.filter(({ marks }) => marks === undefined);
  const unread = unlabelled.filter(({ isRead }) => !isRead);
  const eventsOf = (of: readonly SequenceRecording[], code?: string): number =>
    of.flatMap(({ marks }) => marks?.events ?? []).filter((one) => code === undefined || one.code === code)
      .length;
  const people = [...new Set(recordings.map(({ subject }) => subject))].sort();
  return {
    model: ModelConfig.parse(settings),
    unit: "events",
    classes: [...data.labels],
    windows: { labelled: eventsOf(recordings), unlabelled: unlabelled.length, unassessable: 0 },
    perClass: data.labels.map((code) => eventsOf(recordings, code)),
    subjects: people.map((subject) => {
      const own = recordings.filter((one) => one.subject === subject);
      return {
        subject,
        recordings: own.length,
        part: own[0]?.part ?? "train",
        labelled: eventsOf(own),
        unlabelled: own.filter(({ marks }) => marks === undefined).length,
        unassessable: 0,
      };
    }),
    problems,
    advice: [
      ...channelAdvice(matched.map(({ detail, matches }) => ({ name: detail.name, matches }))),
      ...(unread.length === 0
        ? []
        : [problemOf("RECORDINGS_NOT_READ", { recordings: someOf(unread), count: unread.length })]),
    ],
  };
}

/** Training, calibration and test each need recordings that were read, and every label something to learn from. */
function readingProblems({ data, split }: RunConfig, recordings: readonly SequenceRecording[]): Problem[] {
  const read = (part: Part): readonly SequenceRecording[] =>
    recordings.filter((one) => one.part === part && one.marks !== undefined);
  const training = read("train");
  if (training.length === 0) return [problemOf("EVENTS_NOT_READ", {})];
  const marked = new Set(training.flatMap(({ marks }) => marks?.events ?? []).map(({ code }) => code));
  return [
    ...data.labels
      .filter((label) => !marked.has(label))
      .map((label) => problemOf("NO_EVENT_OF_LABEL", { label })),
    ...(read("validation").length === 0 ? [problemOf("VALIDATION_NOT_READ", {})] : []),
    ...(split.testSubjects.length > 0 && read("test").length === 0 ? [problemOf("TEST_NOT_READ", {})] : []),
  ];
}

/** Every chosen label lasts, stands in a group of the set, and its group's channel is among those that are read. */
function labelProblems(
  { model, data: { labelSet, labels } }: RunConfig,
  library: ReadLibrary,
  roles: readonly (ChannelRole | undefined)[],
): Problem[] {
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
      .map(({ codes, role }) => problemOf("GROUP_CHANNEL_MISSING", { labels: codes.join(", "), role })),
    ...sizeProblems(groups, sequenceModelOf(model.kind).most),
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
