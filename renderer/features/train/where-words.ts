import { defineWords } from "../../ui/words.ts";

export const whereWords = defineWords("train-where", {
  en: {
    where: "Where it is trained",
    needsFolds:
      "Only a cross-validation is shared out. Switch it on above; each fold is then done by whoever takes it.",
    noFolds: "This model has no folds to share out; it is trained on this machine.",
    leaves:
      "The chosen recordings go into the archive at {{name}} as they are now. The report is pooled here, and is the same as on this machine.",

    doneAt: "Done at {{name}}",
    handing: "Handing recordings over: {{done}} of {{of}}",
    handed: "Being handed over to the cluster",
    fitsDone: "{{done}} of {{of}} fits done",
    fitsThere: "{{active}} under way, {{waiting}} waiting",
    heard: "Last word at {{at}}",
    unheard: "Nothing was heard since Kodo started.",
    lostSince:
      "Nothing is heard of the cluster since {{at}}. What was done there is kept; it is asked again at {{again}}.",
    lostEver: "Nothing is heard of the cluster. What was done there is kept; it is asked again at {{again}}.",
    mayClose: "Kodo may be closed: the results are fetched when it is open again.",
    notPaused: "Workers elsewhere do not pause.",
    goOn: "Go on there",
    stopped:
      "Stopped before the end. What its workers finished is kept there, and is fetched when it goes on.",
    recordPlace: "Folds done at",
  },
  ja: {
    where: "学習する場所",
    needsFolds: "分担できるのは交差検証だけです。上で有効にすると、各分割を空いたワーカーが受け持ちます。",
    noFolds: "このモデルには分担できる分割がないため、このコンピューターで学習します。",
    leaves:
      "選んだ記録は、現在の状態で {{name}} のアーカイブに入ります。結果の集計はここで行い、このコンピューターで学習した場合と同じになります。",

    doneAt: "{{name}} で学習",
    handing: "記録を渡しています：{{done}} / {{of}}",
    handed: "クラスターに渡しています",
    fitsDone: "{{of}}件中 {{done}}件完了",
    fitsThere: "実行中 {{active}}、待機中 {{waiting}}",
    heard: "最後の応答 {{at}}",
    unheard: "起動してからまだ応答がありません。",
    lostSince:
      "{{at}} からクラスターの応答がありません。終わった分はそこに残っています。{{again}} にもう一度問い合わせます。",
    lostEver:
      "クラスターの応答がありません。終わった分はそこに残っています。{{again}} にもう一度問い合わせます。",
    mayClose: "Kodoを終了してもかまいません。結果は次に開いたときに受け取ります。",
    notPaused: "クラスターでの学習は一時停止できません。",
    goOn: "クラスターで続ける",
    stopped: "途中で止まりました。ワーカーが終えた分は残っており、続けると受け取ります。",
    recordPlace: "分割の学習場所",
  },
});
