import { defineWords } from "../../ui/words.ts";

/** What tracks say of themselves. */
export const traceWords = defineWords("trace", {
  en: {
    notAssessable: "not assessable: {{names}}",
    noValue: "{{name}}: not assessable",
    value: "{{name}} {{value}} {{unit}}",
    valueBand: "{{name}} {{value}} ({{low}} to {{high}}) {{unit}}",
    probability: "probability {{value}}",
    probabilityBand: "probability {{value}} ({{low}} to {{high}})",
    seconds: "{{seconds}} s",
    clause: "by {{clause}}",
    regimes: "regime",
    mayCome: "may come",
    share: "{{name}} {{value}}",
    notable: "above the dotted line, as one in a hundred is",
    notableLine: "1 in 100 lies above the dotted line",
    filled: "filled",
    filledGap: "gap of {{seconds}} s, filled by a model, not recorded",
  },
  ja: {
    notAssessable: "判定不可：{{names}}",
    noValue: "{{name}}：判定不可",
    value: "{{name}} {{value}} {{unit}}",
    valueBand: "{{name}} {{value}}（{{low}}–{{high}}）{{unit}}",
    probability: "確率 {{value}}",
    probabilityBand: "確率 {{value}}（{{low}}–{{high}}）",
    seconds: "{{seconds}}秒",
    clause: "根拠：{{clause}}",
    regimes: "状態",
    mayCome: "起こりうる所見",
    share: "{{name}} {{value}}",
    notable: "点線より上（100点に1点の大きさ）",
    notableLine: "点線より上は100点に1点",
    filled: "補完値",
    filledGap: "{{seconds}}秒の欠測をモデルで補完（記録された値ではない）",
  },
});
