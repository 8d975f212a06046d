import { z } from "zod";
import { asked } from "../asked.ts";
import type { StreamShape } from "../protocol.ts";

export const CorometricsSetup = z.object({
  mode: z
    .enum(["transmit-receive", "update"])
    .default("transmit-receive")
    .meta(
      asked(
        ["Mode of the monitor", "モニターの通信モード"],
        [
          "As in its service menu. To ask a monitor that sends by itself does no harm",
          "サービスメニューの設定に合わせる。自ら送るモニターに要求しても害はない",
        ],
        "plain",
        {
          "transmit-receive": ["Answers (transmit-receive)", "応答（transmit-receive）"],
          update: ["Sends by itself (update)", "自ら送信（update）"],
        },
      ),
    ),
  /** The table that would tell it from the mode characters was not found. */
  heartRate2: z
    .enum(["fetal", "maternal", "none"])
    .default("fetal")
    .meta(
      asked(["Second heart rate", "第2心拍数"], ["Whose it is", "誰の心拍か"], "plain", {
        fetal: ["Second fetus", "もう一人の胎児"],
        maternal: ["Mother", "母体"],
        none: ["None", "なし"],
      }),
    ),
  /** Likewise. */
  uterine: z
    .enum(["unknown", "external", "intrauterine"])
    .default("unknown")
    .meta(
      asked(
        ["Contraction sensor", "陣痛計の種類"],
        [
          "The monitor does not say in words that are known. A catheter is recorded in mmHg, the others without a unit",
          "モニターの通知からは判別できない。カテーテルはmmHg、ほかは単位なしで記録する",
        ],
        "plain",
        {
          unknown: ["Not known", "不明"],
          external: ["Belt (external)", "腹壁のベルト（外測）"],
          intrauterine: ["Catheter (intrauterine)", "子宮内カテーテル（内測）"],
        },
      ),
    ),
});
export type CorometricsSetup = z.output<typeof CorometricsSetup>;

export const HEART_HZ = 4;
export const UTERINE_HZ = 8;

export type Measured = "heartRate1" | "heartRate2" | "uterine";

/** What each stream measures, in their order. */
export const measuredBy = ({ heartRate2 }: CorometricsSetup): readonly Measured[] =>
  heartRate2 === "none" ? ["heartRate1", "uterine"] : ["heartRate1", "heartRate2", "uterine"];

export const rateOf = (what: Measured): number => (what === "uterine" ? UTERINE_HZ : HEART_HZ);

/** Each in a stream of its own: every message carries one value, and is lost alone. */
export function streamsOf(setup: CorometricsSetup): readonly StreamShape[] {
  const isMaternal = setup.heartRate2 === "maternal";
  const headers = {
    heartRate1: { label: "HR1", unit: "bpm", role: "fhr", sampleType: "int16" },
    heartRate2: {
      label: isMaternal ? "MHR" : "HR2",
      unit: "bpm",
      role: isMaternal ? "mhr" : "fhr",
      sampleType: "int16",
    },
    uterine: {
      label: "UA",
      unit: setup.uterine === "intrauterine" ? "mmHg" : "",
      role: "uc",
      sampleType: "uint8",
    },
  } as const;
  return measuredBy(setup).map((what) => {
    const rate = rateOf(what);
    return { rate, channels: [{ ...headers[what], sampleRate: rate, gain: 1, offset: 0 }] };
  });
}
