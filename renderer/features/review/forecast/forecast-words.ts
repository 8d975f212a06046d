import { defineWords, type KeyOf, type Translate } from "../../../ui/words.ts";

/** What is said of forecasts, regimes and filled gaps. */
export const forecastWords = defineWords("forecast", {
  en: {
    tab: "Forecast",
    title: "Forecast at {{time}}",
    titleNoCursor: "Forecast",
    show: "Show",
    forecast: "Forecast",
    forks: "Forks",
    came: "What came",
    regimes: "Regimes",
    baseline: "Baseline",
    fills: "Filled gaps",
    "keys.forecast": "Forecast at the cursor",
    "keys.forks": "Possible futures apart",
    "keys.came": "What came after the cursor",
    "keys.regimes": "Regimes",
    "keys.baseline": "Baseline",
    "keys.fills": "Filled gaps",
    "keys.nextFork": "Next fork of the futures",
    "keys.previousFork": "Previous fork of the futures",
    by: "Looked ahead by",
    asking: "Looking ahead",

    off: "The forecast is off. With it on, a fan at the cursor shows what may come next.",
    noCursor: "Put the cursor where the forecast should begin: click the trace, or use the arrow keys.",
    cannot: "Cannot be assessed here",
    cannotText:
      "Too little was observed before the cursor to say what may come. Move it to where the signal is.",
    noRun: "No model looks ahead yet",
    noRunText:
      "Train one that follows whole recordings and looks ahead: Train, then choose {{names}}. Labels are not needed.",
    train: "Train a model",
    noRunNames: "a state-space model",
    noneFits: "No model fits this recording",
    noneFitsText:
      "Models that look ahead exist, but none reads the channels of this recording. Train one on recordings like it.",

    noEvent: "no event",
    way: "future {{number}}",
    chipInterval: "90 %: {{low}}–{{high}}",
    fork: "fork at +{{ahead}} s, index {{index}}",
    pointed: "+{{ahead}} s: {{low}}–{{high}} {{unit}} ({{share}} %)",
    beyondEnd: "The recording ends here: {{seconds}} s of the forecast lie beyond it and are not drawn.",
    assumedHere: "{{channel}} from here on is assumed",

    "say.middle": "In {{ahead}} s {{channel}} is most likely about {{value}} {{unit}}, {{trend}}.",
    "trend.level": "about as now",
    "trend.up": "higher than now",
    "trend.down": "lower than now",
    "say.band": "With 90 % probability {{channel}} lies between {{low}} and {{high}}.",
    "say.ways_one": "One future is open.",
    "say.ways_other": "{{count}} futures are open.",
    "say.wayFirst":
      "Most likely: {{name}} ({{probability}}), with {{channel}} about {{value}} {{unit}} in {{ahead}} s.",
    "say.wayNear": "Nearly as likely: {{name}} ({{probability}}), about {{value}} {{unit}}.",
    "say.wayLess": "Less likely: {{name}} ({{probability}}), about {{value}} {{unit}}.",
    "say.part": "They part after {{ahead}} s.",
    "say.noPart": "The model does not see them part clearly.",

    bands: "Bands, {{unit}}",
    bandsAll: "Bands, {{unit}}, all futures together",
    ahead: "ahead",
    aheadS: "+{{seconds}} s",
    bandShare: "{{share}} %",
    range: "{{low}}–{{high}}",

    spread: "Where the spread at +{{seconds}} s comes from",
    noise: "noise",
    forkShare: "fork",
    modelUnsure: "model unsure",

    assumes: "What the model assumes",
    assumedUc:
      "{{channel}} beyond the cursor is unknown. It is taken to go on as drawn for {{seconds}} s, and counts for nothing after that.",

    hold: "Do the bands hold?",
    holdWhom_one: "Judged on {{recordings}} of {{count}} person not trained on.",
    holdWhom_other: "Judged on {{recordings}} of {{count}} people not trained on.",
    recordings_one: "{{count}} recording",
    recordings_other: "{{count}} recordings",
    holdNoMost_one:
      "No: {{count}} of {{all}} bands missed its share by more than 2 points, at most by {{most}}. {{sense}}",
    holdNoMost_other:
      "No: {{count}} of {{all}} bands missed their share by more than 2 points, at most by {{most}}. {{sense}}",
    tooWide: "What came lay in them more often than they say.",
    tooNarrow: "What came lay in them less often than they say: read them as too narrow.",
    mixed: "Some are too wide, some too narrow.",
    holdYes: "Yes: at every horizon each band held its share within 2 points.",
    holdNo_one:
      "Not quite: {{count}} of {{all}} bands missed its share by more than 2 points, at most by {{most}}. {{sense}}",
    holdNo_other:
      "Not quite: {{count}} of {{all}} bands missed their share by more than 2 points, at most by {{most}}. {{sense}}",
    holdUnknown:
      "This run was not judged on recordings of people it had not seen, so nobody knows whether its bands hold.",
    holdTint: "Tinted: within 2 points.",
    calibrated_one: "Calibrated on recordings of {{count}} other person.",
    calibrated_other: "Calibrated on recordings of {{count}} other people.",

    regimesTitle: "Over the whole recording",
    findStates: "Follow the recording",
    findAgain: "Follow it again",
    finding: "Following the recording",
    statesThere: "What it says of the recording is drawn on the trace and in the lanes beneath it.",

    forksOfOther:
      "So says {{name}}, which is not the run chosen here: going to a fork shows the forecast of that run.",
    forksOfGone:
      "So says another run, which can look ahead here no more: the forecast shown there may see no fork.",
    forksFound_one: "The futures part clearly at {{count}} moment.",
    forksFound_other: "The futures part clearly at {{count}} moments.",
    noForks:
      "Nowhere do the futures part clearly: the index is at most {{highest}}, and forks are marked from {{least}}.",
    previousFork: "Previous",
    nextFork: "Next",

    gaps: "Gaps",
    gapsNone:
      "Missing samples are left as gaps. A model can say what may have been there; it is drawn apart and never stored in the samples.",
    gapsFilled_one:
      "{{count}} gap filled, of {{longest}} s. It is drawn apart, and nothing is written into the samples.",
    gapsFilled_other:
      "{{count}} gaps filled, the longest of {{longest}} s. They are drawn apart, and nothing is written into the samples.",
    gapsNothing: "No gap here could be filled.",
    gapsRead: "Gaps are filled. They are drawn apart, and nothing is written into the samples.",
    fill: "Fill gaps",
    filling: "Filling",
    removeFills: "Remove fills",
    removeHint: "What is removed can be made again by filling again.",
    noFiller: "No trained model here can fill gaps.",
    "said.filled": "What could be filled is drawn in violet. It was not recorded.",
    "said.removed": "Fills removed. Filling again brings them back.",
    "said.fork": "Fork {{number}} of {{all}}, at {{time}}, index {{index}}",
    "said.noForkAfter": "No fork after the cursor",
    "said.noForkBefore": "No fork before the cursor",
    "said.forksUnknown":
      "Where the futures part is not known yet: no model that tells them apart has followed this recording.",
    "said.forksAsked": "Forks are being read",
    "said.on": "{{part}} shown",
    "said.off": "{{part}} hidden",
  },
  ja: {
    tab: "予測",
    title: "{{time}} からの予測",
    titleNoCursor: "予測",
    show: "表示",
    forecast: "予測",
    forks: "分岐",
    came: "実際の経過",
    regimes: "状態",
    baseline: "基線",
    fills: "補完値",
    "keys.forecast": "カーソル位置からの予測",
    "keys.forks": "分岐ごとの予測",
    "keys.came": "カーソル以降の実際の経過",
    "keys.regimes": "状態の帯",
    "keys.baseline": "基線",
    "keys.fills": "補完した欠測",
    "keys.nextFork": "次の分岐",
    "keys.previousFork": "前の分岐",
    by: "使うモデル",
    asking: "予測中",

    off: "予測は表示されていません。表示すると、カーソルから先に起こりうる経過が扇形で示されます。",
    noCursor: "予測を始める位置にカーソルを置いてください。波形をクリックするか、矢印キーで動かせます。",
    cannot: "ここでは判定不可",
    cannotText: "直前の観測が少なすぎて予測できません。カーソルを信号のある位置に移してください。",
    noRun: "先を予測するモデルがまだありません",
    noRunText: "「学習」で{{names}}を選び、記録全体をたどるモデルを学習してください。ラベルは要りません。",
    train: "モデルを学習",
    noRunNames: "状態空間モデル",
    noneFits: "この記録に合うモデルがありません",
    noneFitsText:
      "予測のできるモデルはありますが、この記録のチャネルを読めるものがありません。同じ種類の記録で学習してください。",

    noEvent: "変化なし",
    way: "経過{{number}}",
    chipInterval: "90 %：{{low}}–{{high}}",
    fork: "{{ahead}}秒後に分岐、指標 {{index}}",
    pointed: "+{{ahead}}秒：{{low}}–{{high}} {{unit}}（{{share}} %）",
    beyondEnd: "予測のうち{{seconds}}秒は記録の終わりより先にあり、描かれません。",
    assumedHere: "ここから先の{{channel}}は仮定",

    "say.middle": "{{ahead}}秒後の{{channel}}は{{value}} {{unit}}前後（{{trend}}）とみられます。",
    "trend.level": "今と同程度",
    "trend.up": "今より高い",
    "trend.down": "今より低い",
    "say.band": "{{channel}}は90 %の確率で{{low}}から{{high}}の間に入ります。",
    "say.ways_other": "{{count}}通りの経過が考えられます。",
    "say.wayFirst":
      "最も可能性が高いのは{{name}}（{{probability}}）で、{{ahead}}秒後の{{channel}}は{{value}} {{unit}}前後です。",
    "say.wayNear": "{{name}}も同程度に考えられます（{{probability}}、{{value}} {{unit}}前後）。",
    "say.wayLess": "ほかに{{name}}も考えられます（{{probability}}、{{value}} {{unit}}前後）。",
    "say.part": "分かれるのは{{ahead}}秒後です。",
    "say.noPart": "明確には分かれません。",

    bands: "予測の幅（{{unit}}）",
    bandsAll: "予測の幅（{{unit}}、全経過を合わせて）",
    ahead: "先",
    aheadS: "+{{seconds}}秒",
    bandShare: "{{share}} %",
    range: "{{low}}–{{high}}",

    spread: "{{seconds}}秒後のばらつきの内訳",
    noise: "雑音",
    forkShare: "分岐",
    modelUnsure: "モデルの不確かさ",

    assumes: "モデルの仮定",
    assumedUc:
      "カーソルから先の{{channel}}は分かりません。{{seconds}}秒間は描いたとおりに続くものとし、その後は考慮しません。",

    hold: "予測の幅は当たるか",
    holdWhom_other: "学習に使っていない{{count}}人の{{recordings}}で評価しています。",
    recordings_other: "{{count}}記録",
    holdNoMost_other:
      "当たっていません。{{all}}個の幅のうち{{count}}個で差が2ポイントを超え、最大{{most}}ポイントです。{{sense}}",
    tooWide: "実際には幅の示す確率より多く入りました。",
    tooNarrow: "実際には幅の示す確率ほど入りませんでした。幅は狭すぎるものとして読んでください。",
    mixed: "広すぎる幅と狭すぎる幅があります。",
    holdYes: "当たっています。どの時点でも、実際に入った割合と幅の確率との差は2ポイント以内です。",
    holdNo_other:
      "一部で外れます。{{all}}個の幅のうち{{count}}個で差が2ポイントを超え、最大{{most}}ポイントです。{{sense}}",
    holdUnknown: "学習に使っていない人の記録では評価されていないため、幅が当たるかどうかは分かりません。",
    holdTint: "着色部分は差が2ポイント以内。",
    calibrated_other: "別の{{count}}人の記録で較正しています。",

    regimesTitle: "記録全体について",
    findStates: "記録全体をたどる",
    findAgain: "もう一度たどる",
    finding: "解析中",
    statesThere: "記録全体についての結果は、波形の上とその下の欄に描かれています。",

    forksOfOther:
      "分岐を示したのは、「使うモデル」ではなく「{{name}}」です。分岐へ移動すると、予測もそのモデルのものに切り替わります。",
    forksOfGone:
      "分岐を示したのは別のモデルで、今はこの記録の予測に使えません。表示中の予測には分岐が現れないことがあります。",
    forksFound_other: "経過が明確に分かれる時点は{{count}}か所です。",
    noForks:
      "経過が明確に分かれる時点はありません。指標は最大{{highest}}で、{{least}}以上を分岐として示します。",
    previousFork: "前へ",
    nextFork: "次へ",

    gaps: "欠測区間",
    gapsNone:
      "欠測は欠測のまま残しています。モデルで補完することもできますが、区別して描かれ、記録された値には書き込まれません。",
    gapsFilled_other:
      "{{count}}か所を補完しました。最長{{longest}}秒です。区別して描かれ、記録された値には書き込まれません。",
    gapsNothing: "補完できる欠測区間はありませんでした。",
    gapsRead: "補完してあります。区別して描かれ、記録された値には書き込まれません。",
    fill: "欠測を補完",
    filling: "補完中",
    removeFills: "補完を取り除く",
    removeHint: "取り除いても、もう一度補完すれば同じものが得られます。",
    noFiller: "欠測を補完できる学習済みモデルがありません。",
    "said.filled": "補完できた欠測を紫で描きました。記録された値ではありません。",
    "said.removed": "補完を取り除きました。もう一度補完すれば元に戻ります。",
    "said.fork": "分岐{{all}}か所中{{number}}番目、{{time}}、指標 {{index}}",
    "said.noForkAfter": "カーソルより後に分岐はありません",
    "said.noForkBefore": "カーソルより前に分岐はありません",
    "said.forksUnknown":
      "分岐の位置はまだ分かりません。経過を分けて示すモデルが、この記録をまだたどっていません。",
    "said.forksAsked": "分岐を読み込み中です",
    "said.on": "{{part}}を表示しました",
    "said.off": "{{part}}を隠しました",
  },
});
export type ForecastKey = NonNullable<KeyOf<typeof forecastWords>>;
export type ForecastTranslate = Translate<ForecastKey>;
