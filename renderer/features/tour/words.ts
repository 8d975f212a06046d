import { defineWords } from "../../ui/words.ts";

export const tourWords = defineWords("tour", {
  en: {
    tour: "Tour",
    place: "Tour · {{step}} of {{all}}",
    next: "Next",
    back: "Back",
    end: "End the tour",
    done: "Done",
    waiting: "The synthetic study is being made on this computer…",
    ask: "The tour needs a small synthetic study, which this library does not hold. It would be made beside your recordings, marked synthetic, and can be moved to the bin afterwards.",
    make: "Make the study",
    notMade: "The synthetic study was not made.",

    "library.title": "Everything begins here",
    "library.text":
      "Each row is a recording. Those of the tour are synthetic and say so everywhere. Arrow keys move, Enter opens, Space ticks, / searches. Files can be dropped anywhere on the window.",
    "review.title": "The strip",
    "review.text":
      "Heart rate above, contractions below, as on paper. Drag or use the arrow keys to move, ↑ and ↓ to zoom, ] to go to the next event. Hatched is missing, with its reason.",
    "label.title": "Labels",
    "label.text":
      "Press D where a deceleration begins and D again where it ends. The panel on the right shows what is selected. Ctrl+Z takes back, also after a restart.",
    "train.title": "Learning from labels",
    "train.text":
      "Choose recordings, labels and a method. People are kept apart: those a model is tested on, it has never seen. A training goes on while you work.",
    "predict.title": "What a model says",
    "predict.text":
      "With a trained model, O shows its probabilities under the strip, and where it is unsure. Enter accepts a suggestion; until then it is nobody's label.",
    "models.title": "How the methods work",
    "models.text":
      "A card for each method: the idea, the formula, what it assumes, and where it is published.",
    "settings.title": "Yours",
    "settings.text":
      "Put your name here: it stands beside your labels. Label sets are edited here, and the log says what was done to the library.",
    "own.title": "Your own recordings",
    "own.text":
      "Import brings in EDF, BDF, WFDB, CSV and more. The study you saw can be moved to the bin. The tour can be started again with F1.",
  },
  ja: {
    tour: "ツアー",
    place: "ツアー · {{step}}/{{all}}",
    next: "次へ",
    back: "戻る",
    end: "ツアーを終える",
    done: "終わり",
    waiting: "このコンピューター上で合成データの研究を作成しています…",
    ask: "ツアーには小さな合成データの研究が必要ですが、このライブラリにはありません。作成すると、お手元の記録と並んで「合成」と表示されます。後でごみ箱に移せます。",
    make: "研究を作成",
    notMade: "合成データの研究は作成されませんでした。",

    "library.title": "ここから始まります",
    "library.text":
      "1行が1記録です。ツアーの記録は合成データで、どの画面でもそう表示されます。矢印キーで移動、Enterで開く、Spaceで選択、/で検索します。ファイルは画面のどこにドロップしてもかまいません。",
    "review.title": "記録紙",
    "review.text":
      "紙の記録と同じく、上が心拍数、下が子宮収縮です。ドラッグか矢印キーで移動し、↑と↓で拡大・縮小、]で次の所見に進みます。斜線は欠測で、理由も示します。",
    "label.title": "ラベル",
    "label.text":
      "一過性徐脈の始まりでD、終わりでもう一度Dを押します。選んだものの内容は右の欄に出ます。Ctrl+Zで元に戻せます。再起動した後でも戻せます。",
    "train.title": "ラベルから学習する",
    "train.text":
      "記録、ラベル、手法を選びます。対象者は分けて扱い、評価に使う人をモデルが学習で見ることはありません。学習中もほかの作業を続けられます。",
    "predict.title": "モデルの予測",
    "predict.text":
      "学習したモデルがあれば、Oで確率と、自信のない区間が記録紙の下に出ます。Enterで提案を採用します。採用するまでは誰のラベルでもありません。",
    "models.title": "手法のしくみ",
    "models.text": "手法ごとに、考え方、数式、前提、文献を1枚のカードにまとめています。",
    "settings.title": "設定",
    "settings.text":
      "お名前を入れると、付けたラベルに記されます。ラベルセットもここで編集します。操作履歴には、ライブラリに行った操作が文章で残ります。",
    "own.title": "ご自分の記録で",
    "own.text":
      "「取り込む」でEDF、BDF、WFDB、CSVなどを読み込めます。いま見た研究はごみ箱に移せます。ツアーはF1でもう一度始められます。",
  },
});
