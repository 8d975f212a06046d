import { z } from "zod";
import type { Content, Series } from "../../../../preload/contract/finding.ts";
import type { ChannelRole } from "../../../../preload/contract/recording.ts";
import { pause } from "../../../compute/pause.ts";
import { asked } from "../../form.ts";
import type { SequenceData, SequenceGroup, SequenceModel } from "../../model.ts";
import { dropoutAsked, networksAsked, placeWith, trainingLength } from "../settings.ts";
import { aboutEventNet } from "./about.ts";
import { ctgGroups, EventGroup, EventNetConfig, MOST_CODES, type EventCode } from "./config.ts";
import { eventFloor } from "./floor.ts";
import { fitEventNet, type EventNetCheckpoint } from "./fit.ts";
import type { EventRecording } from "./lessons.ts";
import { channelsOf, eventInput } from "./input.ts";
import { eventJudge, type EventJudgement, type GroupJudgement } from "./judge.ts";
import { LearnedEventNet } from "./learned.ts";
import { matchSeconds } from "./score.ts";
import { spansWhere } from "./spans.ts";

export const EventNetSettings = z.strictObject({
  kind: z.literal("event-net").default("event-net"),
  members: networksAsked(
    {
      en: "Their spread is the band; a single one has none.",
      ja: "ばらつきが帯になります。1個だけでは帯はありません。",
    },
    { en: "Networks a group", ja: "グループごとのネットワーク数" },
    4,
  ),
  learnsRules: z
    .boolean()
    .default(true)
    .meta(
      asked({
        name: { en: "Learn first what a rule finds", ja: "まず規則が見つける所見を学ぶ" },
        hint: {
          en: "In all recordings, labelled or not: this is what unlabelled recordings teach.",
          ja: "ラベルの有無によらず全記録から学びます。ラベルなしの記録はここで役立ちます。",
        },
        level: "plain",
      }),
    ),
  length: trainingLength,
  dropout: dropoutAsked,
});
export type EventNetSettings = z.infer<typeof EventNetSettings>;

/** Which way the heart rate or the uterus goes in an event, by the label's code: what the rules look for. */
const shapes: Readonly<Record<string, EventCode["shape"]>> = {
  acceleration: "rise",
  deceleration: "fall",
  "early-deceleration": "fall",
  "late-deceleration": "fall",
  "variable-deceleration": "fall",
  "prolonged-deceleration": "fall",
  contraction: "rise",
};

/** A group of a label set as the method knows it: a network of its own, on the channel that its labels speak about. */
export function eventGroupOf({ name, role, codes }: SequenceGroup, settings: EventNetSettings): EventGroup {
  const channel = role === "uc" ? "uc" : "fhr";
  const usual = ctgGroups().find((group) => group.channel === channel);
  const own = codes.map((code) => ({
    code,
    shape: shapes[code] ?? "any",
    matchS: matchSeconds(channel),
  }));
  const hasRules = own.every(({ shape }) => shape !== "any");
  const times = (steps: number): number => Math.max(1, Math.round(steps * settings.length));
  return EventGroup.parse({
    ...usual,
    name,
    codes: own,
    finding: channel === "fhr" && hasRules ? "hybrid" : "threshold",
    steps: times(usual?.steps ?? 850),
    pretrainSteps: settings.learnsRules && hasRules ? times(usual?.pretrainSteps ?? 300) : 0,
  });
}

const configOf = (settings: EventNetSettings, { groups }: Pick<SequenceData, "groups">, seed: number) =>
  EventNetConfig.parse({
    groups: groups.map((group) => eventGroupOf(group, settings)),
    seed,
    members: settings.members,
    dropout: settings.dropout,
  });

const Place = placeWith<EventNetCheckpoint>("done", "under");

/**
 * Events over whole recordings: a small U-Net a group of labels, on seven rows a second of heart rate and contractions
 * with their masks; probabilities a second, with bands; events where a rule proposes and the network accepts.
 */
export const eventNetModel: SequenceModel<EventNetSettings, LearnedEventNet> = {
  kind: "event-net",
  name: { en: "Event networks", ja: "所見検出ネットワーク" },
  sentence: {
    en: "Follows a whole recording second by second, one small network a group of labels, and says events with their probability. Where the channel of a group was not observed it says nothing.",
    ja: "記録全体を1秒ごとに追い、ラベルのグループごとに小さなネットワークが所見とその確率を示します。グループのチャネルが観測されていない所では何も言いません。",
  },
  over: "sequences",
  labels: "needed",
  config: EventNetSettings,
  kinds: ["ctg"],
  usualFor: ["ctg"],
  can: ["ensemble", "events"],
  about: aboutEventNet,
  leavingOut: ({ members }) => members,
  file: LearnedEventNet,
  most: { groups: MOST_CODES, labels: MOST_CODES },
  learning: {
    kind: "descent",
    fit: async (settings, data, { runtime, seed, signal, onProgress, onCheckpoint, resume }) => {
      const config = configOf(settings, data, seed);
      const recordings: EventRecording[] = [];
      for (const { id, part, leftOutBy, source, marks } of data.sequences) {
        recordings.push({ id, part, leftOutBy, input: eventInput(source, config), labels: marks });
        await pause(signal);
      }
      return fitEventNet(recordings, config, {
        runtime: await runtime(),
        signal,
        onProgress: ({ done, loss }) => onProgress(done, loss),
        onCheckpoint,
        resume: Place.parse(resume), // of this very fit: its run and its data are checked before
      });
    },
  },
  floor: (settings, data, { seed, signal }) => eventFloor(configOf(settings, data, seed), data, signal),
  open: async (learned, runtime) => {
    const judge = await eventJudge(learned, await runtime());
    return {
      judge: async (source, { signal }) => {
        const channels = channelsOf(source);
        const judgement = await judge.judge(eventInput(source, learned.config, channels), { signal });
        const labelOf = (role: ChannelRole): string | undefined => {
          const index = role === "uc" ? channels.uc : channels.fhr;
          return index === undefined ? undefined : source.channels[index]?.label;
        };
        const roles = new Map(learned.config.groups.map(({ name, channel }) => [name, channel]));
        return contentOf(judgement, (group) => labelOf(roles.get(group) ?? "fhr"));
      },
      dispose: () => judge.dispose(),
    };
  },
};

/** Probabilities a second as curves, and the events. */
function contentOf(
  { perSecond, events }: EventJudgement,
  channelOf: (group: string) => string | undefined,
): Content[] {
  const withChannel = (group: string): { channel?: string } => {
    const channel = channelOf(group);
    return channel === undefined ? {} : { channel };
  };
  return [
    { kind: "curves", series: perSecond.flatMap((one) => seriesOf(one)), forecasts: [] },
    {
      kind: "events",
      labelSet: "",
      events: events.map(({ group, code, onsetS, durationS, probability, low, high }) => ({
        ...{ onsetS, durationS, code, probability, low, high },
        ...withChannel(group),
        facts: {},
      })),
      notAssessable: perSecond.flatMap(({ assessable, classes }) =>
        spansWhere(assessable.length, (second) => assessable[second] !== 1).map(({ from, to }) => ({
          onsetS: from,
          durationS: to - from,
          codes: classes.slice(1),
        })),
      ),
    },
  ];
}

function seriesOf({ classes, probability, low, high, assessable }: GroupJudgement): Series[] {
  const width = classes.length;
  const column = (table: Float32Array, at: number): Float32Array =>
    Float32Array.from({ length: assessable.length }, (_, second) => table[second * width + at] ?? 0);
  return classes.slice(1).map((code, c) => ({
    name: code,
    unit: "probability",
    sampleRate: 1,
    value: column(probability, c + 1),
    low: column(low, c + 1),
    high: column(high, c + 1),
    observed: assessable,
  }));
}
