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
  },
  ja: {
    notAssessable: "判定不可：{{names}}",
    noValue: "{{name}}：判定不可",
    value: "{{name}} {{value}} {{unit}}",
    valueBand: "{{name}} {{value}}（{{low}}～{{high}}）{{unit}}",
    probability: "確率 {{value}}",
    probabilityBand: "確率 {{value}}（{{low}}～{{high}}）",
    seconds: "{{seconds}}秒",
    clause: "根拠：{{clause}}",
  },
});
