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
            "lines: numbers as most sketches print them. strict: $counter,time,values*checksum",
            "lines：通常の数値の行。strict：$カウンター,時刻,値*チェックサム",
          ],
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
            "raw EMG, its envelope (rectified and smoothed: not to be filtered as EMG), or something else",
            "筋電図の生波形（raw）、包絡線（整流・平滑済みで筋電図フィルターの対象外）、またはその他",
          ],
        ),
      ),
    columns: z
      .array(ColumnRole)
      .max(COLUMNS_MAX)
      .default([])
      .meta(
        asked(["Columns", "列"], ["What each column is. Empty: a value each", "各列の役割。空ならすべて値"]),
      ),
    counter: z
      .enum(["8 bit", "16 bit", "32 bit"])
      .default("16 bit")
      .meta(asked(["Counter", "カウンター"], ["Where it begins again", "ゼロに戻る大きさ"], "expert")),
    timeUnit: z
      .enum(["us", "ms", "s"])
      .default("us")
      .meta(
        asked(
          ["Unit of the time column", "時刻列の単位"],
          ["us and ms begin again at 2^32", "usとmsは2^32で戻る"],
          "expert",
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
