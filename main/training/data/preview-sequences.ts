import { channelAdvice, someOf } from "../../../preload/contract/channel-advice.ts";
import { matchChannels } from "../../../preload/contract/match-channels.ts";
import {
  ModelConfig,
  problemOf,
  type Problem,
  type RunConfig,
  type RunPreview,
} from "../../../preload/contract/run.ts";
import type { z } from "zod";
import { configured } from "../../models/registry.ts";
import { wantedOf, type ReadLibrary } from "./dataset.ts";
import { damagedProblems, isDamaged, missingChannels } from "./preview-channels.ts";
import { readSequences, sequenceGroups, type SequenceRecording } from "./sequences.ts";
import { splitProblems } from "./split.ts";

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
    ),
    ...missingChannels(matched),
    ...damagedProblems(damaged),
    ...labelProblems(config, library),
    ...(config.split.folds === undefined ? [] : [problemOf("FOLDS_NOT_FOR_EVENTS", {})]),
  ];
  const isReadable = damaged.length === 0 && !problems.some(({ code }) => code === "CHANNEL_MISSING");
  const { recordings } = isReadable ? readSequences(config, library) : { recordings: [] };
  if (isReadable && !recordings.some(({ part, marks }) => part === "train" && marks !== undefined))
    problems.push(problemOf("EVENTS_NOT_READ", {}));
  const unread = recordings.filter(({ marks }) => marks === undefined);
  const eventsOf = (of: readonly SequenceRecording[], code?: string): number =>
    of.flatMap(({ marks }) => marks?.events ?? []).filter((one) => code === undefined || one.code === code)
      .length;
  const people = [...new Set(recordings.map(({ subject }) => subject))].sort();
  return {
    model: ModelConfig.parse(settings),
    unit: "events",
    classes: [...data.labels],
    windows: { labelled: eventsOf(recordings), unlabelled: unread.length, unassessable: 0 },
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

/** Every chosen label stands in a group of the set: a group has a network of its own. */
function labelProblems({ data: { labelSet, labels } }: RunConfig, library: ReadLibrary): Problem[] {
  const set = library.listLabelSets().find(({ id }) => id === labelSet);
  const known = sequenceGroups(set, labels).flatMap(({ codes }) => codes);
  const others = labels.filter((code) => !known.includes(code));
  return others.length === 0 ? [] : [problemOf("LABEL_UNKNOWN", { labels: others.join(", ") })];
}
