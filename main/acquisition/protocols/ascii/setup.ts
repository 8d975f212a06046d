import { z } from "zod";
import { SAMPLE_RATE_MAX } from "../../../../preload/contract/recording.ts";
import { asked } from "../asked.ts";
import { ownChannels, ownFields } from "../own-channels.ts";
import type { StreamShape } from "../protocol.ts";

export const ColumnRole = z.enum(["value", "counter", "time", "ignore"]);
export type ColumnRole = z.infer<typeof ColumnRole>;

export const counterTurns = { "8 bit": 256, "16 bit": 0x10000, "32 bit": 2 ** 32 } as const;
export const timeUnitsS = { us: 1e-6, ms: 1e-3, s: 1 } as const;
const COLUMNS_MAX = 80;

export const AsciiSetup = z
  .object({
    form: z
      .enum(["lines", "strict"])
      .default("lines")
      .meta(
        asked(
          ["Form", "形式"],
          [
            "Numbers as most sketches print them, or $counter,time,values*checksum",
            "通常の数値の行、または $カウンター,時刻,値*チェックサム",
          ],
          "plain",
          {
            lines: ["Plain lines", "数値の行"],
            strict: ["With counter and checksum", "カウンター・検算付き"],
          },
        ),
      ),
    ...ownFields,
    rate: z
      .number()
      .min(0.01)
      .max(SAMPLE_RATE_MAX)
      .default(100)
      .meta(
        asked(["Lines a second", "毎秒の行数"], ["Hz, one line for each sample", "Hz（1行が1サンプル）"]),
      ),
    keepsRate: z
      .boolean()
      .default(false)
      .meta(
        asked(
          ["The device keeps this rate", "この速さを保つ"],
          [
            "Then lines that did not come are counted by the clock, where none counts them",
            "選ぶと、カウンターがなくても時計で欠落を数える",
          ],
        ),
      ),
    signal: z
      .enum(["raw", "envelope", "other"])
      .default("raw")
      .meta(
        asked(
          ["Signal", "信号"],
          [
            "An envelope is rectified and smoothed already: it is not filtered as EMG",
            "包絡線は整流・平滑済みのため、筋電図フィルターの対象外",
          ],
          "plain",
          {
            raw: ["Raw EMG", "筋電図の生波形"],
            envelope: ["Envelope of an EMG", "筋電図の包絡線"],
            other: ["Something else", "その他"],
          },
        ),
      ),
    columns: z
      .array(ColumnRole)
      .max(COLUMNS_MAX)
      .default([])
      .meta(
        asked(
          ["Columns", "列"],
          [
            "What each is: value, counter, time or ignore. Empty: a value each",
            "各列の役割：value（値）、counter（カウンター）、time（時刻）、ignore（使わない）。空ならすべて値",
          ],
        ),
      ),
    counter: z
      .enum(["8 bit", "16 bit", "32 bit"])
      .default("16 bit")
      .meta(
        asked(["Counter", "カウンター"], ["Where it begins again", "ゼロに戻る大きさ"], "expert", {
          "8 bit": ["8 bit (256)", "8ビット（256）"],
          "16 bit": ["16 bit (65 536)", "16ビット（65 536）"],
          "32 bit": ["32 bit (4 294 967 296)", "32ビット（4 294 967 296）"],
        }),
      ),
    timeUnit: z
      .enum(["us", "ms", "s"])
      .default("us")
      .meta(
        asked(
          ["Unit of the time column", "時刻列の単位"],
          ["Microseconds and milliseconds begin again at 2^32", "マイクロ秒とミリ秒は2^32で戻る"],
          "expert",
          { us: ["Microseconds", "マイクロ秒"], ms: ["Milliseconds", "ミリ秒"], s: ["Seconds", "秒"] },
        ),
      ),
  })
  .refine(
    ({ form, columns, channels }) =>
      form === "strict" ||
      columns.length === 0 ||
      columns.filter((role) => role === "value").length === channels,
    { error: "As many columns have to be values as there are channels", path: ["columns"] },
  );
export type AsciiSetup = z.output<typeof AsciiSetup>;

/** Columns of a line: in the strict form counter, time in us and values. */
export function columnsOf({ form, columns, channels }: AsciiSetup): readonly ColumnRole[] {
  const values = Array.from({ length: channels }, () => "value" as const);
  if (form === "strict") return ["counter", "time", ...values];
  return columns.length === 0 ? values : columns;
}

export const counterTurnOf = ({ form, counter }: AsciiSetup): number =>
  form === "strict" ? counterTurns["16 bit"] : counterTurns[counter];

export function streamsOf(setup: AsciiSetup): readonly StreamShape[] {
  const { rate, signal } = setup;
  const channels = ownChannels(setup, {
    rate,
    role: signal === "raw" ? "emg" : "other",
    sampleType: setup.form === "strict" ? "int32" : "float64",
  });
  const counts = columnsOf(setup).includes("counter");
  return [{ rate, channels, ...(counts ? { counterSamples: counterTurnOf(setup) } : {}) }];
}
