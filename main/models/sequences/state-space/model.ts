import { z } from "zod";
import { asked } from "../../form.ts";
import type { SequenceModel } from "../../model.ts";
import { trainingLength } from "../settings.ts";
import { aboutStateSpace } from "./about.ts";
import { fitStateSpace } from "./fit.ts";
import { stateSpaceJudge } from "./judge.ts";
import { LearnedStateSpace } from "./learned.ts";
import type { NetCheckpoint } from "./net/learn.ts";
import { LearnedNet } from "./net/learned.ts";
import { stateSpacePictures } from "./pictures.ts";
import { recordingsOf } from "./recordings.ts";
import { simpleForecasts } from "./simple-forecasts.ts";

const StateSpaceSettings = z.strictObject({
  kind: z.literal("state-space").default("state-space"),
  corrects: z
    .boolean()
    .default(true)
    .meta(
      asked({
        name: { en: "Networks correct the forecast", ja: "ネットワークで予測を補正" },
        hint: {
          en: "They read the states and the last minutes. Without them the filter alone looks ahead.",
          ja: "状態と直近数分を読んで補正します。使わない場合はフィルタだけで予測します。",
        },
        level: "plain",
      }),
    ),
  members: z
    .number()
    .int()
    .min(1)
    .max(10)
    .default(4)
    .meta(
      asked({
        name: { en: "Networks", ja: "ネットワーク数" },
        hint: {
          en: "What they say is averaged; more take longer.",
          ja: "出力は平均されます。増やすと学習が長くなります。",
        },
        level: "plain",
      }),
    ),
  regimes: z
    .boolean()
    .default(true)
    .meta(
      asked({
        name: { en: "Regimes of variability", ja: "変動性の状態" },
        hint: {
          en: "How lively the signal is: reduced, moderate or increased, with probabilities.",
          ja: "信号の変動の大きさを、減少・中等度・増加の確率で示します。",
        },
        level: "plain",
      }),
    ),
  contractions: z
    .boolean()
    .default(true)
    .meta(
      asked({
        name: { en: "Contractions drive the heart rate", ja: "子宮収縮を入力に使う" },
        hint: {
          en: "Where there are any, and only if they tell something of recordings nothing was learned from.",
          ja: "収縮の記録があり、学習に使わなかった記録で効果が認められた場合だけ使います。",
        },
        level: "plain",
        kinds: ["ctg"],
      }),
    ),
  eventRegimes: z
    .boolean()
    .default(false)
    .meta(
      asked({
        name: { en: "Regimes of accelerations and decelerations", ja: "一過性頻脈・徐脈の状態" },
        hint: {
          en: "How probable each is at a moment is shown beside variability; for these alone labels are looked at. What is foreseen stays the same.",
          ja: "変動性の状態と並べて、各時点での確率を示します。ラベルはこのためだけに使います。予測は変わりません。",
        },
        level: "plain",
        kinds: ["ctg"],
      }),
    ),
  readersCount: z
    .number()
    .min(0)
    .max(1)
    .default(1)
    .meta(
      asked({
        name: { en: "How far readers' marks count for these", ja: "判読者のラベルをどれだけ重んじるか" },
        hint: {
          en: "1: as readers are known to err. 0: not at all; the regimes are then found from the signals alone. Recordings nobody read teach either way.",
          ja: "1：判読者の誤りやすさを見込んで使います。0：使わず、信号だけから状態を求めます。判読されていない記録からも常に学びます。",
        },
        level: "expert",
        kinds: ["ctg"],
      }),
    ),
  fillsGaps: z
    .boolean()
    .default(true)
    .meta(
      asked({
        name: { en: "Learn to fill gaps", ja: "欠測区間の推定も学ぶ" },
        hint: {
          en: "Only what is asked for is filled, and it is never written into samples.",
          ja: "求められたときだけ推定し、記録のサンプルには書き込みません。",
        },
        level: "plain",
      }),
    ),
  length: trainingLength,
});
type StateSpaceSettings = z.infer<typeof StateSpaceSettings>;

/** Where a fit stood, written by that very fit: what was learned already is read as from a file. */
const Place = z
  .object({
    states: LearnedStateSpace,
    network: z.custom<NetCheckpoint>().optional(),
    corrected: LearnedNet.nullish(),
    gaps: z.custom<NetCheckpoint>().optional(),
  })
  .optional();

/**
 * A state-space model of a signal with networks inside: states in clinical words, forecasts with bands that hold at every
 * horizon, gaps filled in the open, live too.
 */
export const stateSpaceModel: SequenceModel<StateSpaceSettings, LearnedStateSpace> = {
  kind: "state-space",
  name: { en: "States and their future", ja: "状態空間モデル" },
  sentence: {
    en: "Takes the heart rate apart into baseline, deviations and variability, looks up to two minutes ahead with bands, and fills gaps. Learns from unlabelled recordings.",
    ja: "心拍数を基線・偏り・変動性に分け、最大2分先までを幅つきで予測し、欠測区間を推定します。ラベルのない記録から学びます。",
  },
  over: "sequences",
  labels: "used",
  config: StateSpaceSettings,
  kinds: ["ctg", "other"],
  usualFor: [],
  can: ["ensemble", "forecast", "live", "fill", "baseline"],
  about: aboutStateSpace,
  file: LearnedStateSpace,
  pictures: stateSpacePictures,
  learning: {
    kind: "descent",
    fit: async (settings, data, tools) => {
      const { recordings, isRate, unit, named } = await recordingsOf(data, tools.signal);
      const readers = { named, strength: settings.readersCount };
      const plan = {
        ...{ isRate, unit, regimes: settings.regimes, contractions: isRate && settings.contractions },
        readers: isRate && settings.eventRegimes ? readers : undefined,
        members: settings.corrects ? settings.members : 0,
        ...{ fillsGaps: settings.fillsGaps, length: settings.length },
      };
      return fitStateSpace(recordings, plan, {
        ...tools,
        resume: Place.parse(tools.resume), // of this very fit: its run and its data are checked before
      });
    },
  },
  open: (learned) => Promise.resolve(stateSpaceJudge(learned)),
  forecastFloors: simpleForecasts,
};
