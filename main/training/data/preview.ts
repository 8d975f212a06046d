import { damagedOf, damagedProblems, engineProblems, missingChannels } from "./preview-channels.ts";
import { previewSequences } from "./preview-sequences.ts";
import { configured, frontNameOf } from "../../models/registry.ts";
import { descentSettings, windowSettings } from "../../models/windows/settings.ts";
import { groupsOf } from "../../../preload/contract/label-set.ts";
import { channelAdvice, someOf } from "../../../preload/contract/channel-advice.ts";
import { matchChannels } from "../../../preload/contract/match-channels.ts";
import type { RecordingDetail } from "../../../preload/contract/recording.ts";
import {
  problemOf,
  type Problem,
  type RunConfig,
  type RunPreview,
  ModelConfig,
} from "../../../preload/contract/run.ts";
import { sure } from "../../../preload/contract/sure.ts";
import type { z } from "zod";
import {
  classesOf,
  classProblems,
  labelledPeople,
  scan,
  splitDataset,
  summarise,
  UNLABELLED,
  wantedOf,
  type DatasetRecording,
  type ReadLibrary,
} from "./dataset.ts";
import type { Lacking } from "./assess.ts";
import { pause } from "../../compute/pause.ts";
import { chooseFront } from "../../models/fronts/registry.ts";
import type { CountWatch } from "../work.ts";
import { readerAdvice, readerProblems, readersIn } from "./preview-readers.ts";
import type { Teaching } from "./teaching.ts";
import { foldConfigs, foldProblems, splitProblems, splitSubjects, type Part } from "./split.ts";

/** What a configuration would train on, without computing any input: masks and annotations only. */
export async function previewRun(
  config: RunConfig,
  library: ReadLibrary,
  watch: Partial<CountWatch> = {},
): Promise<z.infer<typeof RunPreview>> {
  const { model, settings } = configured(config.model);
  if (model.over === "sequences") return previewSequences(config, library, watch);
  const classes = classesOf(config);
  const details = config.data.recordingIds.map((id) => library.getRecording(id));
  const subjects = details.map((detail) => detail.subject);
  const parts = splitSubjects(config, subjects);
  const rows: { recordings: DatasetRecording[]; label: number[]; segment: number[]; recording: number[] } = {
    recordings: [],
    label: [],
    segment: [],
    recording: [],
  };
  let segments = 0;
  const front = chooseFront(
    frontNameOf(config.model),
    details.map(({ kind }) => kind),
  );
  const unread: Unread[] = [];
  const taught: { readonly name: string; readonly teaching: Teaching }[] = [];
  const unobserved = new Map<string, Lacking>();
  const wanted = wantedOf({ config }, library);
  const matched = details.map((detail) => ({ detail, matches: matchChannels(wanted, detail.channels) }));
  const damaged = await damagedOf(details, library, watch.signal);
  const readable = matched
    .filter(({ detail }) => !damaged.includes(detail))
    .filter(({ matches }) => matches.every(({ channel }) => channel !== undefined))
    .map(({ detail }) => detail);
  for (const [index, detail] of readable.entries()) {
    watch.onCounted?.({ read: index, of: readable.length });
    const { isAssessable, lacking, labels, teaching } = scan({ config }, library, front, detail.id);
    taught.push({ name: detail.name, teaching });
    for (const one of lacking) {
      const key = one.channels.join(" ");
      unobserved.set(key, { ...one, windows: one.windows + (unobserved.get(key)?.windows ?? 0) });
    }
    const from = rows.label.length;
    isAssessable.forEach((is, window) => {
      if (is === 0) return;
      const segment = sure(labels.segment[window]);
      rows.label.push(sure(labels.label[window]));
      rows.segment.push(segment < 0 ? -1 : segment + segments);
      rows.recording.push(index);
    });
    segments += labels.segments;
    const { id, name, subject, kind } = detail;
    const part = parts.get(subject) as Part;
    const unmarked = rows.label.slice(from).filter((label) => label === UNLABELLED).length;
    if (config.data.background === "read-completely" && unmarked > 0)
      unread.push({ name, windows: unmarked });
    const unassessable = isAssessable.length - (rows.label.length - from);
    rows.recordings.push({ id, name, subject, kind, part, from, to: rows.label.length, unassessable });
    await pause(watch.signal);
  }
  const whole = {
    recordings: rows.recordings,
    label: Int16Array.from(rows.label),
    segment: Int32Array.from(rows.segment),
    recording: Int32Array.from(rows.recording),
  };
  const labelled = labelledPeople(whole);
  const folds = foldConfigs(config, labelled);
  const foldFaults = foldProblems(config, labelled);
  const splits = config.split.folds === undefined ? [config] : foldFaults.length > 0 ? [] : folds;
  const readers = readersIn(taught);
  const problems = [
    ...readerProblems(config.data, readers),
    ...foldFaults,
    ...splits.flatMap((split) => splitProblems(split, subjects)),
    ...configProblems(config, details),
    ...groupProblems(config, library),
    ...missingChannels(matched),
    ...damagedProblems(damaged),
  ];
  if (problems.length === 0) {
    for (const split of splits)
      problems.push(
        ...classProblems(
          { ...splitDataset(whole, split), classes },
          { members: windowSettings(split.model).members },
        ),
      );
  }
  const summary = summarise({ ...splitDataset(whole, config), classes });
  return {
    ...summary,
    model: ModelConfig.parse(settings),
    unit: "windows",
    subjects: inFolds(summary.subjects, folds),
    classes: [...classes],
    readers,
    problems: once(problems),
    advice: [
      ...channelAdvice(matched.map(({ detail, matches }) => ({ name: detail.name, matches }))),
      ...readerAdvice(taught),
      ...unreadAdvice(unread),
      ...[...unobserved.values()].map(unobservedAdvice),
    ],
  };
}

interface Unread {
  readonly name: string;
  readonly windows: number;
}

const unreadAdvice = (unread: readonly Unread[]): Problem[] =>
  unread.length === 0
    ? []
    : [
        problemOf("NOT_READ_COMPLETELY", {
          count: unread.reduce((sum, { windows }) => sum + windows, 0),
          recordings: someOf(unread),
          total: unread.length,
        }),
      ];

function unobservedAdvice({ channels, windows }: Lacking): Problem {
  const [first = "", ...others] = channels;
  return others.length === 0
    ? problemOf("WINDOWS_UNOBSERVED", { channel: first, count: windows })
    : problemOf("ELECTRODES_UNOBSERVED", { channel: `${first} – ${others.at(-1) ?? ""}`, count: windows });
}

type SubjectRow = z.infer<typeof RunPreview>["subjects"][number];

function inFolds(rows: readonly SubjectRow[], folds: readonly RunConfig[]): SubjectRow[] {
  const foldOf = new Map(
    folds.flatMap(({ split: { testSubjects } }, fold) =>
      testSubjects.map((subject) => [subject, fold] as const),
    ),
  );
  return rows.map((row) => {
    const fold = foldOf.get(row.subject);
    return fold === undefined ? row : { ...row, fold };
  });
}

/** Folds have most of their problems in common. */
const once = (problems: readonly Problem[]): Problem[] =>
  problems.filter(({ message }, at) => problems.findIndex((other) => other.message === message) === at);

function configProblems(config: RunConfig, details: readonly RecordingDetail[]): Problem[] {
  const problems: Problem[] = engineProblems(config);
  if (config.data.background === "annotated-recordings") problems.push(problemOf("BACKGROUND_OUTDATED", {}));
  if (classesOf(config).length < 2) problems.push(problemOf("ONE_CLASS", {}));
  if (new Set(classesOf(config)).size < classesOf(config).length) problems.push(problemOf("LABEL_TWICE", {}));
  if (
    config.data.windows.centreS !== undefined &&
    config.data.windows.centreS > config.data.windows.windowS
  ) {
    problems.push(
      problemOf("CENTRE_TOO_LONG", {
        centreS: config.data.windows.centreS,
        windowS: config.data.windows.windowS,
      }),
    );
  }
  problems.push(...variationProblems(config, details));
  const short = details.filter((detail) => detail.durationS < config.data.windows.windowS);
  if (short.length === details.length)
    problems.push(problemOf("RECORDINGS_SHORT", { windowS: config.data.windows.windowS }));
  return problems;
}

/** A window gets one class: its labels must exclude each other. */
function groupProblems({ data: { labelSet, labels } }: RunConfig, library: ReadLibrary): Problem[] {
  const groups = groupsOf(
    library.listLabelSets().find(({ id }) => id === labelSet),
    labels,
  );
  return groups.length < 2
    ? []
    : [problemOf("LABEL_GROUPS", { count: groups.length, groups: groups.join(", ") })];
}

function variationProblems(config: RunConfig, details: readonly RecordingDetail[]): Problem[] {
  const { variation } = descentSettings(config.model);
  const { windowS } = config.data.windows;
  if (variation === undefined) return [];
  const problems: Problem[] = [];
  const front = chooseFront(
    frontNameOf(config.model),
    details.map(({ kind }) => kind),
  );
  if (variation.gainSd > 0 && !front.mayScale)
    problems.push(problemOf("VARIATION_GAIN", { front: front.name }));
  if (variation.shiftS > windowS / 2)
    problems.push(problemOf("VARIATION_SHIFT", { shiftS: variation.shiftS, windowS }));
  return problems;
}
