import { z } from "zod";
import { asked } from "../asked.ts";
import type { StreamShape } from "../protocol.ts";
import { checksums } from "./frame.ts";

export const Series50Setup = z.object({
  /** Fixes label and unit before the monitor is asked; the mode that it tells stands beside them as a status. */
  uterine: z
    .enum(["external", "intrauterine"])
    .default("external")
    .meta(
      asked(
        ["Contraction sensor", "陣痛計の種類"],
        ["A belt gives relative units, a catheter mmHg", "ベルトは相対値、カテーテルはmmHg"],
        "plain",
        {
          external: ["Belt (external)", "腹壁のベルト（外測）"],
          intrauterine: ["Catheter (intrauterine)", "子宮内カテーテル（内測）"],
        },
      ),
    ),
  maskRed: z
    .boolean()
    .default(false)
    .meta(
      asked(
        ["Leave out red quality", "信号品質「赤」を除く"],
        [
          "Heart rates that the monitor marks red count as missing. Otherwise they stay, with their quality beside them",
          "モニターが「赤」とした心拍数を欠測とする。選ばなければ品質とともに残す",
        ],
      ),
    ),
  checksum: z
    .enum(checksums)
    .default("transmitted")
    .meta(
      asked(
        ["Checksum", "チェックサム"],
        [
          "As sent is the guide's way; another only where connecting says so",
          "仕様書は送信どおり。ほかは接続時に案内された場合だけ",
        ],
        "expert",
        {
          transmitted: ["As sent (transmitted)", "送信どおり（transmitted）"],
          payload: ["Payload alone (payload)", "データ部のみ（payload）"],
          unescaped: ["Before doubling (unescaped)", "二重化の前（unescaped）"],
          "low-byte-first": ["Swapped (low-byte-first)", "逆順（low-byte-first）"],
          "initial-ffff": ["From FFFF (initial-ffff)", "初期値FFFF（initial-ffff）"],
        },
      ),
    ),
});
export type Series50Setup = z.output<typeof Series50Setup>;

export const RATE = 4; // Hz
export const PER_BLOCK = 4; // samples, one block a second

/** Positions in the stream; a quality channel follows for each heart rate, in their order. */
export const TOCO = 3;
export const QUALITY = 4;
export const CHANNELS = 7;

export function streamsOf({ uterine }: Series50Setup): readonly StreamShape[] {
  const base = { sampleRate: RATE, offset: 0 } as const;
  const rate = { ...base, unit: "bpm", sampleType: "int16", gain: 0.25 } as const;
  const quality = { ...base, unit: "", role: "other", sampleType: "uint8", gain: 1 } as const;
  // The guide gives toco units of 0.5; that a catheter's count is 0.5 mmHg is inferred [R].
  const toco = uterine === "intrauterine" ? { label: "IUP", unit: "mmHg" } : { label: "TOCO", unit: "" };
  return [
    {
      rate: RATE,
      channels: [
        { ...rate, label: "FHR1", role: "fhr" },
        { ...rate, label: "FHR2", role: "fhr" },
        { ...rate, label: "MHR", role: "mhr" },
        { ...base, ...toco, role: "uc", sampleType: "uint8", gain: 0.5 },
        { ...quality, label: "FHR1 quality" },
        { ...quality, label: "FHR2 quality" },
        { ...quality, label: "MHR quality" },
      ],
    },
  ];
}
