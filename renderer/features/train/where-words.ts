import { defineWords } from "../../ui/words.ts";

export const whereWords = defineWords("train-where", {
  en: {
    where: "Where it is trained",
    here: "This machine",
    there: "The cluster",
    switchKey: "This machine or the cluster",
    needsFolds:
      "Only a cross-validation is shared out. Switch it on above; each fold is then done by whoever takes it.",
    noFolds: "This model has no folds to share out; it is trained on this machine.",
    asking: "Asking the cluster",
    workers_one: "{{count}} worker of this version, {{lanes}} fits at a time, {{busy}} of them busy",
    workers_other: "{{count}} workers of this version, {{lanes}} fits at a time, {{busy}} of them busy",
    noWorkers: "No worker of this version is at work now: the folds wait until one is.",
    others_one: "{{count}} worker of another version, which does not take them",
    others_other: "{{count}} workers of another version, which do not take them",
    queue_one: "{{count}} fit waits before it",
    queue_other: "{{count}} fits wait before it",
    queueEmpty: "Nothing waits before it",
    leaves:
      "The chosen recordings go into the archive at {{name}} as they are now. The report is pooled here, and is the same as on this machine.",
    lost: "The cluster cannot be reached now. A training that is started waits until it can.",

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
    here: "このコンピューター",
    there: "クラスター",
    switchKey: "学習する場所を切り替える",
    needsFolds: "分担できるのは交差検証だけです。上で有効にすると、各分割を空いたワーカーが受け持ちます。",
    noFolds: "このモデルには分担できる分割がないため、このコンピューターで学習します。",
    asking: "クラスターに問い合わせ中",
    workers_other: "この版のワーカー {{count}}台、同時に {{lanes}}件まで（うち {{busy}}件が使用中）",
    noWorkers: "この版のワーカーは現在稼働していません。稼働するまで待ちます。",
    others_other: "ほかの版のワーカー {{count}}台（この学習は受け持ちません）",
    queue_other: "先に {{count}}件が待っています",
    queueEmpty: "先に待っているものはありません",
    leaves:
      "選んだ記録は、現在の状態で {{name}} のアーカイブに入ります。結果の集計はここで行い、このコンピューターで学習した場合と同じになります。",
    lost: "いまはクラスターに接続できません。開始した学習は、接続できるまで待ちます。",

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
