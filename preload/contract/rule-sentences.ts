import type { CtgEngine } from "./ctg.ts";
import { wordIn, type Words } from "./label-set.ts";
import { fillIn, type ValuesIn } from "./sentences.ts";
import type { Reason } from "./verdict.ts";

/**
 * What the rules say of a cardiotocogram, in English and in Japanese, each written on its own. `{{name}}` marks a value;
 * a value that is a code of `termOf` is said in words. Times of day never stand here: `at` is the time since the
 * recording's start, such as 0:44:49.
 */
export const ruleSentences = {
  // Baseline
  BASELINE_NORMAL: { en: "Baseline {{bpm}} bpm", ja: "基線 {{bpm}} bpm" },
  BASELINE_HIGH: {
    en: "Baseline {{bpm}} bpm, above {{limit}} bpm for {{minutes}} min",
    ja: "基線 {{bpm}} bpm：{{limit}} bpm を超える状態が {{minutes}} 分持続",
  },
  BASELINE_LOW: {
    en: "Baseline {{bpm}} bpm, below {{limit}} bpm for {{minutes}} min",
    ja: "基線 {{bpm}} bpm：{{limit}} bpm 未満の状態が {{minutes}} 分持続",
  },
  BASELINE_VERY_LOW: {
    en: "Baseline {{bpm}} bpm, below 100 bpm; below {{limit}} bpm for {{minutes}} min",
    ja: "基線 {{bpm}} bpm（100 bpm 未満）：{{limit}} bpm 未満の状態が {{minutes}} 分持続",
  },
  BASELINE_NOT_YET: {
    en: "Baseline outside {{low}} to {{high}} bpm for {{minutes}} min so far; it counts once it lasts more than {{least}} min",
    ja: "基線が {{low}}〜{{high}} bpm を外れて {{minutes}} 分（{{least}} 分を超えると異常と判定）",
  },
  BASELINE_TACHYCARDIA: {
    en: "Baseline {{bpm}} bpm: tachycardia",
    ja: "基線 {{bpm}} bpm：頻脈",
  },
  BASELINE_BRADYCARDIA: {
    en: "Baseline {{bpm}} bpm: bradycardia",
    ja: "基線 {{bpm}} bpm：徐脈",
  },
  // Variability
  VARIABILITY_NORMAL: { en: "Variability {{bpm}} bpm", ja: "基線細変動 {{bpm}} bpm" },
  VARIABILITY_REDUCED: {
    en: "Variability {{bpm}} bpm: reduced for {{minutes}} min; pathological after more than {{least}} min",
    ja: "基線細変動 {{bpm}} bpm：減少が {{minutes}} 分（{{least}} 分を超えると病的）",
  },
  VARIABILITY_REDUCED_LONG: {
    en: "Variability below 5 bpm for {{minutes}} min, more than {{least}} min",
    ja: "基線細変動 5 bpm 未満が {{minutes}} 分持続（{{least}} 分超）",
  },
  VARIABILITY_INCREASED: {
    en: "Variability {{bpm}} bpm: increased for {{minutes}} min; pathological after more than {{least}} min",
    ja: "基線細変動 {{bpm}} bpm：増加が {{minutes}} 分（{{least}} 分を超えると病的）",
  },
  VARIABILITY_INCREASED_LONG: {
    en: "Variability above 25 bpm for {{minutes}} min, more than {{least}} min",
    ja: "基線細変動 25 bpm 超が {{minutes}} 分持続（{{least}} 分超）",
  },
  VARIABILITY_IS: {
    en: "Variability {{bpm}} bpm: {{variability}}",
    ja: "基線細変動 {{bpm}} bpm：{{variability}}",
  },
  // Sinusoidal pattern
  SINUSOIDAL: {
    en: "Sinusoidal pattern for {{minutes}} min",
    ja: "サイナソイダルパターンが {{minutes}} 分持続",
  },
  SINUSOIDAL_SHORT: {
    en: "Oscillates like a sinusoidal pattern for {{minutes}} min; look at it: it counts from {{least}} min",
    ja: "サイナソイダル様の波形が {{minutes}} 分（{{least}} 分から判定に用いる）。波形を確認してください",
  },
  SINUSOIDAL_OTHER: {
    en: "Oscillates like a sinusoidal pattern for {{minutes}} min, but at another rate or height than one that counts; look at it",
    ja: "サイナソイダル様の波形が {{minutes}} 分。周期または振幅が基準の範囲外のため判定には用いません。波形を確認してください",
  },
  // Decelerations
  DECELERATIONS_NONE: {
    en: "No deceleration seen in the last {{minutes}} min",
    ja: "直近 {{minutes}} 分間、一過性徐脈を認めない",
  },
  DECELERATIONS_SEEN: {
    en: "In the last {{minutes}} min: {{late}} late, {{variable}} variable, {{prolonged}} prolonged, {{early}} early",
    ja: "直近 {{minutes}} 分間：遅発 {{late}}、変動 {{variable}}、遷延 {{prolonged}}、早発 {{early}}（一過性徐脈の回数）",
  },
  DECELERATIONS_NOT_REPETITIVE: {
    en: "Decelerations with {{count}} of {{contractions}} contractions in {{minutes}} min: not repetitive, nor with {{least}} or more and over half of them in the last {{recent}} min (our reading; the text names no span)",
    ja: "直近 {{minutes}} 分間、一過性徐脈を伴う子宮収縮は {{contractions}} 回中 {{count}} 回：反復性なし。直近 {{recent}} 分間でも {{least}} 回以上かつ過半数には当たらない（本ソフトの解釈。原文に期間の定めはない）",
  },
  DECELERATIONS_REPETITIVE: {
    en: "Decelerations with {{count}} of {{contractions}} contractions in {{minutes}} min: repetitive (our reading; the text names no span)",
    ja: "直近 {{minutes}} 分間、一過性徐脈を伴う子宮収縮は {{contractions}} 回中 {{count}} 回：反復性（本ソフトの解釈。原文に期間の定めはない）",
  },
  DECELERATIONS_FEW_NO_UC: {
    en: "{{count}} deceleration(s) in {{minutes}} min; contractions cannot be told, {{least}} would count as repetitive",
    ja: "直近 {{minutes}} 分間に一過性徐脈 {{count}} 回。子宮収縮が判定できない（{{least}} 回以上で反復性とする）",
  },
  DECELERATIONS_MANY_NO_UC: {
    en: "{{count}} decelerations in {{minutes}} min; contractions cannot be told, so {{least}} or more count as repetitive",
    ja: "直近 {{minutes}} 分間に一過性徐脈 {{count}} 回。子宮収縮が判定できないため、{{least}} 回以上は反復性とする",
  },
  LATE_SHALLOW: {
    en: "{{count}} late deceleration(s) of the last {{minutes}} min are 10 to 15 bpm deep: they count because the trace has no acceleration and reduced variability",
    ja: "直近 {{minutes}} 分間の遅発一過性徐脈のうち {{count}} 回は深さ 10〜15 bpm。一過性頻脈がなく基線細変動が減少しているため数に含める",
  },
  DECELERATIONS_LATE_LONG: {
    en: "Late or prolonged decelerations repeat for {{minutes}} min, more than {{least}} min",
    ja: "遅発または遷延一過性徐脈が {{minutes}} 分にわたり反復（{{least}} 分超）",
  },
  DECELERATIONS_LATE_LONG_REDUCED: {
    en: "Late or prolonged decelerations repeat for {{minutes}} min with reduced variability, more than {{least}} min",
    ja: "基線細変動の減少を伴い、遅発または遷延一過性徐脈が {{minutes}} 分にわたり反復（{{least}} 分超）",
  },
  PROLONGED_OVER: {
    en: "Prolonged deceleration at {{at}}, {{seconds}} s, more than {{least}} s",
    ja: "{{at}} に遷延一過性徐脈 {{seconds}} 秒（{{least}} 秒超）",
  },
  PROLONGED_BELOW_80: {
    en: "It falls below 80 bpm with reduced variability ({{bpm}} bpm): the text calls this an emergency",
    ja: "80 bpm 未満で基線細変動も減少（{{bpm}} bpm）：緊急を要するパターンとされる",
  },
  RECURRENT_LATE: {
    en: "Recurrent late decelerations: with {{count}} of {{contractions}} contractions in {{minutes}} min",
    ja: "反復する遅発一過性徐脈：直近 {{minutes}} 分間の子宮収縮 {{contractions}} 回中 {{count}} 回",
  },
  RECURRENT_VARIABLE: {
    en: "Recurrent variable decelerations: with {{count}} of {{contractions}} contractions in {{minutes}} min",
    ja: "反復する変動一過性徐脈：直近 {{minutes}} 分間の子宮収縮 {{contractions}} 回中 {{count}} 回",
  },
  RECURRENT_LATE_NO_UC: {
    en: "{{count}} late decelerations in {{minutes}} min: taken as recurrent, since contractions cannot be told",
    ja: "直近 {{minutes}} 分間に遅発一過性徐脈 {{count}} 回。子宮収縮が判定できないため反復とみなす",
  },
  RECURRENT_VARIABLE_NO_UC: {
    en: "{{count}} variable decelerations in {{minutes}} min: taken as recurrent, since contractions cannot be told",
    ja: "直近 {{minutes}} 分間に変動一過性徐脈 {{count}} 回。子宮収縮が判定できないため反復とみなす",
  },
  // Contractions
  TACHYSYSTOLE: {
    en: "Tachysystole: {{rate}} contractions in 10 min, averaged over 30 min",
    ja: "頻収縮：10 分あたり {{rate}} 回（30 分平均）",
  },
  TACHYSYSTOLE_TWICE: {
    en: "Tachysystole: more than five contractions in each of two successive 10 min",
    ja: "頻収縮：連続する 2 回の 10 分間にそれぞれ 5 回を超える",
  },
  TACHYSYSTOLE_DECELERATIONS: {
    en: "The tachysystole comes with decelerations",
    ja: "頻収縮に一過性徐脈を伴う",
  },
  // Five levels
  JSOG_CELL: {
    en: "Variability {{variability}}, baseline {{baseline}}, {{deceleration}}: level {{level}}",
    ja: "基線細変動：{{variability}}、基線：{{baseline}}、{{deceleration}}：レベル {{level}}",
  },
  JSOG_NO_CELL: {
    en: "The table has no cell for {{deceleration}} with {{baseline}}; the row's highest level is taken",
    ja: "表に「{{baseline}}・{{deceleration}}」の欄がないため、同じ行の最高レベルを用いる",
  },
  JSOG_AT: {
    en: "The deceleration at {{at}} sets the level: nadir {{nadir}} bpm, depth {{depth}} bpm",
    ja: "{{at}} の一過性徐脈による判定：最下点 {{nadir}} bpm、深さ {{depth}} bpm",
  },
  // What the Japanese guideline attaches to each level: reference text and no advice of this program. Recalled, not read: to be
  // checked against Okai et al., J Obstet Gynaecol Res 2010, and the national guideline before it is relied on.
  JSOG_CARE_1: {
    en: "The guideline's text for this level, for reference, to be checked against Okai 2010: A: watch",
    ja: "この判定レベルに対するガイドラインの記載（参考。Okai 2010 との照合が必要）：A：経過観察",
  },
  JSOG_CARE_2: {
    en: "The guideline's text for this level, for reference, to be checked against Okai 2010: A: watch; or B: watch more closely, conservative measures, look for the cause",
    ja: "この判定レベルに対するガイドラインの記載（参考。Okai 2010 との照合が必要）：A：経過観察、または B：監視の強化、保存的処置の施行および原因検索",
  },
  JSOG_CARE_3: {
    en: "The guideline's text for this level, for reference, to be checked against Okai 2010: B: watch more closely, conservative measures, look for the cause; or C: the same, and prepare for rapid delivery",
    ja: "この判定レベルに対するガイドラインの記載（参考。Okai 2010 との照合が必要）：B：監視の強化、保存的処置の施行および原因検索、または C：保存的処置の施行および原因検索、急速遂娩の準備",
  },
  JSOG_CARE_4: {
    en: "The guideline's text for this level, for reference, to be checked against Okai 2010: C: conservative measures, look for the cause, prepare for rapid delivery; or D: rapid delivery, prepare for resuscitation",
    ja: "この判定レベルに対するガイドラインの記載（参考。Okai 2010 との照合が必要）：C：保存的処置の施行および原因検索、急速遂娩の準備、または D：急速遂娩の実行、新生児蘇生の準備",
  },
  JSOG_CARE_5: {
    en: "The guideline's text for this level, for reference, to be checked against Okai 2010: D: rapid delivery, prepare for resuscitation",
    ja: "この判定レベルに対するガイドラインの記載（参考。Okai 2010 との照合が必要）：D：急速遂娩の実行、新生児蘇生の準備",
  },
  // Before labour
  CRITERION_MET: { en: "{{criterion}}: met", ja: "{{criterion}}：満たす" },
  CRITERION_NOT_MET: { en: "{{criterion}}: not met", ja: "{{criterion}}：満たさない" },
  CRITERION_VALUE_MET: {
    en: "{{criterion}}: met ({{value}} {{unit}})",
    ja: "{{criterion}}：満たす（{{value}} {{unit}}）",
  },
  CRITERION_VALUE_NOT_MET: {
    en: "{{criterion}}: not met ({{value}} {{unit}})",
    ja: "{{criterion}}：満たさない（{{value}} {{unit}}）",
  },
  REFERENCE_TABLE: {
    en: "Centiles by {{table}} ({{source}}): week {{week}}, 1st {{low}} ms, 10th {{high}} ms",
    ja: "参照表「{{table}}」（{{source}}）：妊娠 {{week}} 週、1 パーセンタイル {{low}} ms、10 パーセンタイル {{high}} ms",
  },
  MOVEMENTS_IGNORED: {
    en: "{{count}} fetal heart rates are recorded: movements do not count",
    ja: "胎児心拍が {{count}} 本記録されているため、胎動は数えない",
  },
  STILL_RECORDING: {
    en: "{{minutes}} of {{most}} min: recording goes on, the numbers are not to be read yet",
    ja: "{{most}} 分中 {{minutes}} 分：記録を継続し、数値はまだ判読しない",
  },
  // A heart rate that stands still
  FROZEN: {
    en: "In {{count}} of the last {{minutes}} min the heart rate does not move at all: is it the monitor? They are left out until somebody masks them or marks them as true signal",
    ja: "直近 {{minutes}} 分のうち {{count}} 分は心拍数がまったく変化していない：モニターの停止の疑い。除外するか「正しい信号（胎児）」と印を付けるまで判読に用いない",
  },
  FROZEN_MINUTE: {
    en: "The heart rate does not move at all here: is it the monitor? Its variability cannot be told",
    ja: "心拍数がまったく変化していない：モニターの停止の疑い。基線細変動は判定できない",
  },
  OUTSIDE: {
    en: "In {{count}} of the last {{minutes}} min the heart rate is drawn outside {{low}} to {{high}} bpm and left out, until somebody marks it as true signal: look at it",
    ja: "直近 {{minutes}} 分のうち {{count}} 分は心拍数が {{low}}〜{{high}} bpm の範囲外にあり、「正しい信号（胎児）」と印を付けるまで判読に用いない。波形を確認してください",
  },
  OUTSIDE_MINUTE: {
    en: "The heart rate is drawn outside {{low}} to {{high}} bpm here: it is left out, look at it",
    ja: "心拍数が {{low}}〜{{high}} bpm の範囲外にあり、判読に用いない。波形を確認してください",
  },
  // What would have been needed
  NEEDS_MINUTES: {
    en: "{{minutes}} min recorded so far; {{least}} min are needed",
    ja: "記録 {{minutes}} 分。判定には {{least}} 分が必要",
  },
  NEEDS_BASELINE: {
    en: "A baseline can be told in {{assessable}} of the last {{minutes}} min; half is needed",
    ja: "直近 {{minutes}} 分のうち基線を判定できるのは {{assessable}} 分（半分以上が必要）",
  },
  NEEDS_VARIABILITY: {
    en: "Variability can be told in {{assessable}} of the last {{minutes}} min; half of those outside events is needed, and {{least}} min at least",
    ja: "直近 {{minutes}} 分のうち基線細変動を判定できるのは {{assessable}} 分（一過性変動を除く時間の半分以上、最低 {{least}} 分が必要）",
  },
  NEEDS_SIGNAL: {
    en: "The heart rate is seen in {{assessable}} of the last {{minutes}} min; half is needed to tell that there was no deceleration",
    ja: "直近 {{minutes}} 分のうち心拍数が得られたのは {{assessable}} 分（一過性徐脈の有無の判定には半分以上が必要）",
  },
  NEEDS_CONTRACTIONS: {
    en: "Contractions, to tell late from early decelerations: {{count}} cannot be told",
    ja: "早発と遅発の区別に必要な子宮収縮の記録：{{count}} 回の一過性徐脈が判定不能",
  },
  NEEDS_CONTRACTIONS_RECURRENT: {
    en: "Contractions, to tell whether decelerations come with half of them",
    ja: "一過性徐脈が反復しているかの判定に必要な子宮収縮の記録",
  },
  NEEDS_WHOLE_DECELERATION: {
    en: "{{count}} deceleration(s) of which less than half was seen",
    ja: "信号の半分以上が欠けた一過性徐脈 {{count}} 回",
  },
  NEEDS_RUN: {
    en: "Whether {{state}} lasted longer: {{minutes}} min are seen, it may be {{most}} min",
    ja: "{{state}}の持続時間：確認できるのは {{minutes}} 分、最長 {{most}} 分の可能性",
  },
  NEEDS_RUN_UNSEEN: {
    en: "Whether {{state}} lasts: what is seen is too scattered to tell, it may be {{most}} min",
    ja: "{{state}}の持続の有無：得られた信号が断片的で確認できず、最長 {{most}} 分の可能性",
  },
  BETWEEN: {
    en: "What is seen allows {{least}} to {{most}}",
    ja: "得られた信号からは「{{least}}」から「{{most}}」までの可能性がある",
  },
  NEEDS_BEFORE_LABOUR: {
    en: "Valid before labour only; whether labour had begun is not stated",
    ja: "陣痛発来前のみ有効。陣痛の有無が未入力",
  },
  IN_LABOUR: { en: "Not valid in labour", ja: "分娩中は適用できない" },
  NEEDS_REFERENCE_TABLE: {
    en: "{{criterion}}: needs a reference table of centiles by gestational age",
    ja: "{{criterion}}：妊娠週数別のパーセンタイル表（参照表）が必要",
  },
  NEEDS_GESTATION: {
    en: "{{criterion}}: needs the gestational age within the reference table",
    ja: "{{criterion}}：参照表の範囲内の妊娠週数が必要",
  },
  NEEDS_MOVEMENTS: {
    en: "{{criterion}}: needs felt fetal movements, and nobody marked one",
    ja: "{{criterion}}：自覚された胎動の印が必要（付けられていない）",
  },
  TOO_MANY_FETUSES: {
    en: "{{count}} fetal heart rates are recorded: not valid for triplets and more",
    ja: "胎児心拍が {{count}} 本記録されている：三胎以上には適用できない",
  },
  NEEDS_MEASURE: {
    en: "{{criterion}}: too little signal",
    ja: "{{criterion}}：信号不足のため判定不能",
  },
} as const satisfies Readonly<Record<string, Words>>;
export type RuleCode = keyof typeof ruleSentences;
/** The values that a sentence needs. */
export type RuleValues<Code extends RuleCode> = ValuesIn<(typeof ruleSentences)[Code]["en"]>;

/** Words for values that are codes. */
const ruleTerms: Readonly<Record<string, Words>> = {
  "variability-absent": { en: "absent", ja: "消失" },
  "variability-minimal": { en: "minimal", ja: "減少" },
  "variability-decreased": { en: "decreased", ja: "減少" },
  "variability-reduced": { en: "reduced", ja: "減少" },
  "variability-normal": { en: "normal", ja: "正常" },
  "variability-moderate": { en: "moderate", ja: "中等度（正常）" },
  "variability-increased": { en: "increased", ja: "増加" },
  "variability-marked": { en: "marked", ja: "増加" },
  "variability-sinusoidal": { en: "sinusoidal", ja: "サイナソイダルパターン" },
  "baseline-normal": { en: "normal", ja: "正常脈" },
  "baseline-tachycardia": { en: "tachycardia", ja: "頻脈" },
  "baseline-bradycardia": { en: "bradycardia", ja: "徐脈" },
  "baseline-severe-bradycardia": { en: "severe bradycardia", ja: "高度徐脈" },
  "deceleration-none": { en: "no deceleration", ja: "一過性徐脈なし" },
  "deceleration-early": { en: "early deceleration", ja: "早発一過性徐脈" },
  "deceleration-variable-mild": { en: "mild variable deceleration", ja: "軽度変動一過性徐脈" },
  "deceleration-variable-severe": { en: "severe variable deceleration", ja: "高度変動一過性徐脈" },
  "deceleration-late-mild": { en: "mild late deceleration", ja: "軽度遅発一過性徐脈" },
  "deceleration-late-severe": { en: "severe late deceleration", ja: "高度遅発一過性徐脈" },
  "deceleration-prolonged-mild": { en: "mild prolonged deceleration", ja: "軽度遷延一過性徐脈" },
  "deceleration-prolonged-severe": { en: "severe prolonged deceleration", ja: "高度遷延一過性徐脈" },
  "run-high": { en: "a baseline above 160 bpm", ja: "160 bpm を超える基線" },
  "run-low": { en: "a baseline below 110 bpm", ja: "110 bpm 未満の基線" },
  "run-reduced": { en: "reduced variability", ja: "基線細変動の減少" },
  "run-sinusoidal": { en: "a sinusoidal pattern", ja: "サイナソイダルパターン" },
  "run-increased": { en: "increased variability", ja: "基線細変動の増加" },
  "unit-beats": { en: "beats", ja: "拍" },
  "unit-movements": { en: "movements marked", ja: "回の胎動の印" },
  "criterion-episode": {
    en: "An episode of high variation above the 1st centile",
    ja: "1 パーセンタイルを超える高変動エピソード",
  },
  "criterion-decelerations": { en: "No large deceleration", ja: "大きな一過性徐脈がない" },
  "criterion-rate": { en: "Basal heart rate 116 to 160 bpm", ja: "基礎心拍数 116〜160 bpm" },
  "criterion-movement": {
    en: "A fetal movement or three accelerations",
    ja: "胎動 1 回または一過性頻脈 3 回",
  },
  "criterion-sinusoidal": { en: "No sinusoidal rhythm", ja: "サイナソイダルパターンがない" },
  "criterion-stv": { en: "Short-term variation of 3 ms or more", ja: "短期変動（STV）3 ms 以上" },
  "criterion-activity": {
    en: "An acceleration, or high variation with many movements",
    ja: "一過性頻脈、または高変動エピソードと多数の胎動",
  },
  "criterion-end": {
    en: "No deceleration or loss of signal at the end",
    ja: "終了時に一過性徐脈・信号欠落がない",
  },
};

/** A class of a scheme as it is shown: never by colour alone. */
interface RuleClass {
  readonly code: string;
  readonly name: Words;
  readonly letter: string; // for a ribbon
  readonly rank: 1 | 2 | 3 | 4 | 5; // place on the ramp of colours, 1 the most reassuring
}

const level = (rank: RuleClass["rank"], care: Words): RuleClass => ({
  ...{ code: `${rank}`, letter: `${rank}`, rank },
  name: { en: `Level ${rank}: ${care.en}`, ja: `レベル ${rank}（${care.ja}）` },
});

/** The classes of every engine, the most reassuring first. What cannot be assessed is no class: its code is null. */
export const ruleClasses: Readonly<Record<CtgEngine, readonly RuleClass[]>> = {
  "figo-2015": [
    { code: "normal", name: { en: "Normal", ja: "正常" }, letter: "N", rank: 1 },
    { code: "suspicious", name: { en: "Suspicious", ja: "疑わしい（suspicious）" }, letter: "S", rank: 3 },
    { code: "pathological", name: { en: "Pathological", ja: "病的（pathological）" }, letter: "P", rank: 5 },
  ],
  "nichd-2008": [
    { code: "I", name: { en: "Category I", ja: "カテゴリー I" }, letter: "I", rank: 1 },
    { code: "II", name: { en: "Category II", ja: "カテゴリー II" }, letter: "II", rank: 3 },
    { code: "III", name: { en: "Category III", ja: "カテゴリー III" }, letter: "III", rank: 5 },
  ],
  "jsog-2010": [
    level(1, { en: "normal", ja: "正常波形" }),
    level(2, { en: "benign variant", ja: "亜正常波形" }),
    level(3, { en: "mildly abnormal", ja: "異常波形・軽度" }),
    level(4, { en: "moderately abnormal", ja: "異常波形・中等度" }),
    level(5, { en: "severely abnormal", ja: "異常波形・高度" }),
  ],
  antepartum: [
    { code: "met", name: { en: "Criteria met", ja: "基準を満たす" }, letter: "✓", rank: 1 },
    {
      code: "continue",
      name: { en: "Not met yet, keep recording", ja: "未達・記録を継続" },
      letter: "…",
      rank: 2,
    },
    { code: "not-met", name: { en: "Criteria not met", ja: "基準を満たさない" }, letter: "–", rank: 4 },
  ],
};

/** Names of the schemes. */
export const ruleEngineNames: Readonly<Record<CtgEngine, Words>> = {
  "figo-2015": { en: "FIGO 2015", ja: "FIGO 2015" },
  "nichd-2008": { en: "NICHD 2008", ja: "NICHD 2008" },
  "jsog-2010": { en: "JSOG 2010", ja: "日本産科婦人科学会 5 段階" },
  antepartum: {
    en: "Computerised antepartum criteria (research)",
    ja: "分娩前コンピュータ判定基準（研究用）",
  },
};

export const notAssessable: Words = { en: "not assessable", ja: "判定不能" };

/** Words for values that are codes: terms, and classes as ENGINE/CODE. */
const termOf = new Map<string, Words>([
  ...Object.entries(ruleTerms),
  ...Object.entries(ruleClasses).flatMap(([engine, classes]) =>
    classes.map(({ code, name }) => [`${engine}/${code}`, name] as const),
  ),
]);

const isRuleCode = (code: string): code is RuleCode => Object.hasOwn(ruleSentences, code);

/** A reason in words: of an unknown code, as a newer version may write, the code itself. */
export function reasonIn({ code, values }: Reason, language: "en" | "ja"): string {
  if (!isRuleCode(code)) return code;
  const named = Object.entries(values).map(([name, value]): [string, string | number] => {
    const term = typeof value === "string" ? termOf.get(value) : undefined;
    return [name, term === undefined ? value : wordIn(term, language)];
  });
  return fillIn(wordIn(ruleSentences[code], language), Object.fromEntries(named));
}
