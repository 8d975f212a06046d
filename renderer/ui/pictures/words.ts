import { defineWords } from "../words.ts";

export const picturesWords = defineWords("pictures", {
  en: {
    nothing: "This run’s model shows nothing of itself.",
    firstMember: "Of the {{members}} members the first is shown.",
    across: "Across",
    up: "Up",
    input: "Input",
    middle: "95 % in {{low}} to {{high}}",
    densitiesHint: "Each row is drawn to its own height; the thick line holds the middle 95 %.",
    largest: "The {{shown}} largest of {{all}}",
  },
  ja: {
    nothing: "この実行のモデルには、図示できる内容がありません。",
    firstMember: "{{members}}個のメンバーのうち1番目を示します。",
    across: "横軸",
    up: "縦軸",
    input: "入力",
    middle: "95 %：{{low}}〜{{high}}",
    densitiesHint: "各行の高さは個別に揃えています。太線は中央の95 %です。",
    largest: "{{all}}個のうち大きい{{shown}}個",
  },
});
