import type { VerifyProblem } from "./care.ts";
import type { Words } from "./label-set.ts";
import { fillIn, type ValuesIn } from "./sentences.ts";

/** What a check of the library found to be other than it was written: a sentence a code, in which `{{name}}` marks a value. */
export const verifySentences = {
  FILE: { en: "{{said}}", ja: "SQLite の検査結果：{{said}}" },
  LOOSE_ROW: { en: "A row of {{table}} belongs to nothing", ja: "{{table}} の行の親がありません" },
  ROW: {
    en: "A row of {{table}} ({{row}}) is not what was written",
    ja: "{{table}} の行（{{row}}）が書き込み時と異なります",
  },
  CHANNEL_END: {
    en: "Channel {{channel}} says it has {{count}} samples; its last block ends at {{end}}",
    ja: "チャネル {{channel}} は {{count}} サンプルと記録されていますが、最後のブロックは {{end}} で終わっています",
  },
  RUN_MODEL: { en: "The model of run {{run}} is damaged", ja: "学習 {{run}} のモデルが壊れています" },
  RUN_CHECKPOINT: {
    en: "The checkpoint of run {{run}} is damaged",
    ja: "学習 {{run}} の途中経過が壊れています",
  },
  PREDICTION: {
    en: "What run {{run}} predicted is not what was written",
    ja: "学習 {{run}} の予測が書き込み時と異なります",
  },
  CURVE: {
    en: "Finding {{finding}} has lost values of its curve {{curve}}",
    ja: "所見 {{finding}} の曲線 {{curve}} の値が失われています",
  },
  BLOCK: {
    en: "Channel {{channel}}: {{count}} samples from {{fromS}} s on are not what was written",
    ja: "チャネル {{channel}}：{{fromS}} 秒からの {{count}} サンプルが書き込み時と異なります",
  },
  OVERVIEW: {
    en: "Channel {{channel}}: page {{page}} of overview {{level}} is not what was written; it is computed anew from the samples",
    ja: "チャネル {{channel}}：概観 {{level}} の {{page}} ページ目が書き込み時と異なります（サンプルから計算し直されます）",
  },
  LOG_BROKEN: {
    en: "The log was changed or cut: it holds {{entries}} whole entries, and entry {{entry}} does not follow",
    ja: "操作記録が変更または切断されています：完全な記録は {{entries}} 件で、{{entry}} 番がつながっていません",
  },
  LOG_CUT: {
    en: "The log was changed or cut before entry {{entry}}, which says so",
    ja: "操作記録は {{entry}} 番より前で変更または切断されています（その記録自体が示しています）",
  },
} as const satisfies Readonly<Record<string, Words>>;
export type VerifyCode = keyof typeof verifySentences;
export type VerifyValues<Code extends VerifyCode> = ValuesIn<(typeof verifySentences)[Code]["en"]>;

const isKnown = (code: string): code is VerifyCode => Object.hasOwn(verifySentences, code);

/** What is wrong, in words; the English sentence where the code is not known. */
export const verifyProblemIn = ({ code, values, message }: VerifyProblem, language: "en" | "ja"): string =>
  isKnown(code) ? fillIn(verifySentences[code][language], values) : message;
