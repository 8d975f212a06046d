import { z } from "zod";
import { pause } from "../../../compute/pause.ts";
import { asked } from "../../form.ts";
import type { SequenceModel } from "../../model.ts";
import { dropoutAsked, networksAsked, placeWith, trainingLength } from "../settings.ts";
import { aboutSignalTrust } from "./about.ts";
import { SignalTrustConfig } from "./config.ts";
import { fitSignalTrust, type TrustPlace, type TrustRecording } from "./fit.ts";
import { trustInput } from "./input.ts";
import { signalTrustJudge, trustJudge } from "./judge.ts";
import { LearnedSignalTrust } from "./learned.ts";
import { trustSeconds } from "./seconds.ts";

export const SignalTrustSettings = z.strictObject({
  kind: z.literal("signal-trust").default("signal-trust"),
  members: networksAsked({
    en: "Each is averaged over the ends of its last three rounds of training; the spread of all is the band.",
    ja: "それぞれ、学習の最後の3周期の終わりの状態を平均します。全体のばらつきが帯になります。",
  }),
  pastOnly: z
    .boolean()
    .default(false)
    .meta(
      asked({
        name: { en: "By the past alone", ja: "過去の信号だけで判定" },
        hint: {
          en: "Can then judge every second while a recording comes in.",
          ja: "記録中にも毎秒判定できるようになります。",
        },
        level: "plain",
      }),
    ),
  length: trainingLength,
  dropout: dropoutAsked,
});
export type SignalTrustSettings = z.infer<typeof SignalTrustSettings>;

function configOf(
  { members, pastOnly, length, dropout }: SignalTrustSettings,
  seed: number,
): SignalTrustConfig {
  const usual = SignalTrustConfig.parse({ seed, members, pastOnly, dropout });
  const cycles = usual.cycles.map(({ steps, rate }) => ({
    rate,
    steps: Math.max(1, Math.round(steps * length)),
  }));
  return { ...usual, cycles };
}

const Place = placeWith<TrustPlace>("done", "under");

/**
 * How likely what is drawn as the fetal heart rate is not the fetus, sample by sample: a U-Net over time that sees the
 * maternal heart rate where there is one. Learns from marked stretches alone; what is not marked is unknown.
 */
export const signalTrustModel: SequenceModel<SignalTrustSettings, LearnedSignalTrust> = {
  kind: "signal-trust",
  name: { en: "Signal trust", ja: "信号の信頼性" },
  sentence: {
    en: "Says at every moment how probable it is that what is drawn is not the fetus but the mother or a false count. With a maternal heart rate it is much surer; without one it often says that it does not know.",
    ja: "描かれている心拍数が胎児のものではない（母体の心拍や計数の誤り）確率を刻々と示します。母体心拍数があれば確度は大きく上がり、なければ「不明」とすることが多くなります。",
  },
  over: "sequences",
  labels: "needed",
  unmarked: "unknown",
  hears: ["fhr", "mhr"],
  mayLack: ["mhr"],
  config: SignalTrustSettings,
  kinds: ["ctg"],
  usualFor: [],
  can: ["ensemble", "live", "trust"],
  about: aboutSignalTrust,
  file: LearnedSignalTrust,
  most: { groups: 1, labels: 12 },
  learning: {
    kind: "descent",
    fit: async (settings, data, { runtime, seed, signal, onProgress, onCheckpoint, resume }) => {
      const recordings: TrustRecording[] = [];
      for (const { part, source, marks } of data.sequences) {
        if (marks !== undefined) recordings.push({ part, input: trustInput(source), marks });
        await pause(signal);
      }
      return fitSignalTrust(recordings, configOf(settings, seed), {
        ...{ runtime: await runtime(), signal, onProgress, onCheckpoint },
        resume: Place.parse(resume), // of this very fit: its run and its data are checked before
      });
    },
  },
  open: async (learned, runtime) => ({
    ...signalTrustJudge(await trustJudge(learned, await runtime()), learned.members.length),
    ...(learned.config.pastOnly ? { seconds: async () => trustSeconds(learned, await runtime()) } : {}),
  }),
};
