import { z } from "zod";
import { pause } from "../../../compute/pause.ts";
import { asked } from "../../form.ts";
import type { SequenceModel } from "../../model.ts";
import { networksAsked, placeWith, trainingLength } from "../settings.ts";
import { aboutForks } from "./about.ts";
import { fitForks, type ForkPlace, type ForkRecording } from "./fit.ts";
import { forkJudge } from "./judge.ts";
import { LearnedForks } from "./learned.ts";
import { forkStep } from "./step.ts";
import { secondsOf } from "../seconds.ts";
import { simpleForecasts } from "../state-space/simple-forecasts.ts";

export const ForkSettings = z.strictObject({
  kind: z.literal("forks").default("forks"),
  members: networksAsked({
    en: "What they do not agree on is the uncertainty of the model; a single one has none to show.",
    ja: "ネットワーク間の不一致がモデルの不確かさになります。1個だけでは示せません。",
  }),
  components: z
    .number()
    .int()
    .min(1)
    .max(16)
    .default(5)
    .meta(
      asked({
        name: { en: "Normals a future", ja: "1つの未来あたりの正規分布の数" },
        hint: {
          en: "More of them tell uneven futures better; a wider network does not.",
          ja: "増やすと形の偏った未来をより正確に表せます。ネットワークを広げても効果はありません。",
        },
        level: "plain",
      }),
    ),
  length: trainingLength,
});
export type ForkSettings = z.infer<typeof ForkSettings>;

const Place = placeWith<ForkPlace>("done", "under");

const [EPOCHS, FEWEST_STEPS] = [14, 150];
const [HIDDEN, HEAD] = [64, 64];

/**
 * A network with a memory says which event may begin within a minute, how probable each is, and where the heart rate goes
 * in each case: one mixture of normals a future, weighted by its probability.
 */
export const forksModel: SequenceModel<ForkSettings, LearnedForks> = {
  kind: "forks",
  name: { en: "Forking futures", ja: "分岐する未来" },
  sentence: {
    en: "Looks up to a minute ahead: how probable it is that an event begins, and where the heart rate goes if each does. Learns from unlabelled recordings too.",
    ja: "最大1分先を見通します。所見が始まる確率と、それぞれの場合に心拍数がどう進むかを示します。ラベルのない記録からも学びます。",
  },
  over: "sequences",
  labels: "used",
  config: ForkSettings,
  kinds: ["ctg"],
  usualFor: [],
  can: ["ensemble", "export", "forecast", "live"],
  about: aboutForks,
  file: LearnedForks,
  most: { groups: 1, labels: 12 },
  learning: {
    kind: "descent",
    fit: async (settings, data, { runtime, seed, signal, onProgress, onCheckpoint, resume }) => {
      const recordings: ForkRecording[] = [];
      for (const { part, source, marks } of data.sequences) {
        recordings.push({ part, seconds: secondsOf(source), marks });
        await pause(signal);
      }
      const plan = {
        codes: data.groups[0]?.codes ?? [],
        ...{ components: settings.components, members: settings.members, seed, hidden: HIDDEN, head: HEAD },
        epochs: Math.max(1, Math.round(EPOCHS * settings.length)),
        fewestSteps: Math.round(FEWEST_STEPS * settings.length),
      };
      return fitForks(recordings, plan, {
        ...{ runtime: await runtime(), signal, onProgress, onCheckpoint },
        resume: Place.parse(resume), // of this very fit: its run and its data are checked before
      });
    },
  },
  open: (learned) => Promise.resolve(forkJudge(learned)),
  forecastFloors: simpleForecasts,
  step: forkStep,
};
