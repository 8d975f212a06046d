import { defineWords } from "../../ui/words.ts";

/** How what was looked ahead came true. */
export const forecastWords = defineWords("train-forecast", {
  en: {
    inWords: "Looked ahead, in words",
    allHold:
      "The bands hold: at every moment ahead the share of what came that lay in a band is within 2 points of what the band says.",
    someMiss_one:
      "{{count}} of {{all}} bands is off by more than 2 points, most of all the {{share}} % band at +{{ahead}} s, in which {{reached}} lay.",
    someMiss_other:
      "{{count}} of {{all}} bands are off by more than 2 points, most of all the {{share}} % band at +{{ahead}} s, in which {{reached}} lay.",
    notJudged: "Nothing that was looked ahead could be judged: no sample was observed there.",
    better:
      "At +{{ahead}} s it is better than {{floor}} by {{difference}} nats ({{range}}), in {{better}} of {{groups}} recordings.",
    worse:
      "At +{{ahead}} s it is worse than {{floor}} by {{difference}} nats ({{range}}): the simpler method is to be preferred.",
    noDifference: "At +{{ahead}} s no difference from {{floor}} is shown ({{difference}} nats, {{range}}).",
    tooFew:
      "At +{{ahead}} s it differs from {{floor}} by {{difference}} nats; too few recordings for an interval, so it may be chance.",
    noFloor: "It was compared with no simpler method.",
    of: "{{recordings}} of {{people}} never trained on; calibrated on {{others}}.",
    recordings_one: "{{count}} recording",
    recordings_other: "{{count}} recordings",
    people_one: "{{count}} person",
    people_other: "{{count}} people",
    others_one: "{{count}} other",
    others_other: "{{count}} others",
    interval: "95 % interval {{low}} to {{high}}",
    scores: "Beside simpler methods",
    scoresHint:
      "NLL in nats and CRPS in {{unit}}, less is better, on the same moments. Differences recording by recording with their 95 % intervals: bold where they leave zero out.",
    method: "Method",
    ahead: "+{{ahead}}\u00a0s", // its unit never stands alone in the next line
    own: "This model",
    less: "less {{floor}}",
    moments: "Moments",
    "floor.local-level": "local level",
    "floor.ar5": "AR(5)",
    hold: "Do the bands hold?",
    holdHint:
      "Where the dot lies is the share of what came that lay in the band; tinted: within 2 points of what it should hold.",
    holdTenths: "Beneath: a tenth of the recordings lies below, a tenth above.",
    band: "{{share}} % band",
    byMissing: "{{share}} % band, by what was missing in the minute before",
    missing: "Missing",
    missingRange: "{{from}}–{{to}} %",
    pit: "Where in its distribution what came lay",
    pitHint: "Flat is right. High ends: bands too narrow; a high middle: too wide; a slope: off to one side.",
    branches: "Ways it may part",
    branchesHint:
      "Whether an event that readers marked was the first to begin within the horizon, where they read all of it. An AUROC of 0.5 is guessing.",
    branch: "Way",
    share: "came after",
  },
  ja: {
    inWords: "先の予測の要約",
    allHold:
      "予測幅は守られています。どの先の時点でも、実際の値が幅に入った割合は、幅が示す値から2ポイント以内です。",
    someMiss_other:
      "{{all}}個の予測幅のうち{{count}}個が2ポイントを超えて外れています。最も大きいのは{{ahead}}秒先の{{share}} %幅で、入ったのは{{reached}}でした。",
    notJudged: "先の予測は評価できませんでした。その時点の値が一つも観測されていません。",
    better:
      "{{ahead}}秒先では{{floor}}より{{difference}} nat優れています（{{range}}）。{{groups}}件中{{better}}件の記録で上回りました。",
    worse:
      "{{ahead}}秒先では{{floor}}より{{difference}} nat劣っています（{{range}}）。単純な方法のほうが適しています。",
    noDifference: "{{ahead}}秒先では{{floor}}との差は認められません（{{difference}} nat、{{range}}）。",
    tooFew:
      "{{ahead}}秒先での{{floor}}との差は{{difference}} natですが、記録が少なく区間を出せないため、偶然かもしれません。",
    noFloor: "単純な方法との比較は行われていません。",
    of: "学習に使っていない{{people}}の{{recordings}}での結果です。較正には{{others}}を使いました。",
    recordings_other: "記録{{count}}件",
    people_other: "{{count}}名",
    others_other: "別の{{count}}名",
    interval: "95 %区間 {{low}}–{{high}}",
    scores: "単純な方法との比較",
    scoresHint:
      "NLLはnat、CRPSは{{unit}}。小さいほど良く、同じ時点で比べています。差は記録ごとの差の平均と95 %区間で、0を含まないものを太字で示します。",
    method: "方法",
    ahead: "{{ahead}}秒先",
    own: "このモデル",
    less: "{{floor}}との差",
    moments: "時点数",
    "floor.local-level": "ローカルレベル",
    "floor.ar5": "AR(5)",
    hold: "予測幅は守られているか",
    holdHint: "点の位置は実際の値が幅に入った割合です。色の付いた範囲は示された割合から2ポイント以内。",
    holdTenths: "下の数字の範囲より低い記録と高い記録が1割ずつあります。",
    band: "{{share}} %幅",
    byMissing: "直前1分間の欠測の割合ごとの{{share}} %幅",
    missing: "欠測",
    missingRange: "{{from}}–{{to}} %",
    pit: "実際の値が予測分布のどこにあったか",
    pitHint:
      "平らなら適切です。両端が高ければ幅が狭すぎ、中央が高ければ広すぎ、傾いていれば片側に寄っています。",
    branches: "分かれる先",
    branchesHint:
      "予測範囲の全体が判読されたところで、判読者が印を付けた所見が最初に始まったかどうか。AUROCが0.5なら当て推量です。",
    branch: "分かれる先",
    share: "起きた割合",
  },
});
