import { defineWords } from "./words.ts";

/** Where something is done, wherever that is asked. */
export const placeWords = defineWords("place", {
  en: {
    here: "This machine",
    there: "The cluster",
    switchKey: "This machine or the cluster",
    asking: "Asking the cluster",
    workers_one: "{{count}} worker of this version, {{lanes}} at a time, {{busy}} of them busy",
    workers_other: "{{count}} workers of this version, {{lanes}} at a time, {{busy}} of them busy",
    noWorkers: "No worker of this version is at work now: what is asked waits until one is.",
    others_one: "{{count}} worker of another version, which does not take it",
    others_other: "{{count}} workers of another version, which do not take it",
    queue_one: "{{count}} job waits before it",
    queue_other: "{{count}} jobs wait before it",
    queueEmpty: "Nothing waits before it",
    lost: "The cluster cannot be reached now. What is started waits until it can.",
  },
  ja: {
    here: "このコンピューター",
    there: "クラスター",
    switchKey: "行う場所を切り替える",
    asking: "クラスターに問い合わせ中",
    workers_other: "この版のワーカー {{count}}台、同時に {{lanes}}件まで（うち {{busy}}件が使用中）",
    noWorkers: "この版のワーカーは現在稼働していません。稼働するまで待ちます。",
    others_other: "ほかの版のワーカー {{count}}台（これは受け持ちません）",
    queue_other: "先に {{count}}件が待っています",
    queueEmpty: "先に待っているものはありません",
    lost: "いまはクラスターに接続できません。開始したものは、接続できるまで待ちます。",
  },
});
