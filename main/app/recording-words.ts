import type { Notice, NoticeKind, RecordingLook } from "./recording-alarms.ts";

export type Spoken = "en" | "ja";

interface Said {
  readonly title: string;
  readonly body: string;
}

/** What is said outside the page: never of whom a recording is, since a notification may stand on a locked screen. */
interface Words {
  readonly notices: Readonly<Record<NoticeKind, Said>>;
  readonly looks: Readonly<Record<RecordingLook, string>>; // the tray's tooltip
  readonly open: string;
  readonly silence: string;
  readonly quit: string;
  readonly close: Question;
  readonly end: Question;
  readonly cancel: string;
  readonly notStopped: string;
}

interface Question {
  readonly message: string;
  readonly detail: string;
  readonly stop: string;
  readonly keep: string;
}

const words: Readonly<Record<Spoken, Words>> = {
  en: {
    notices: {
      unplugged: {
        title: "Signal lost: {port} is unplugged",
        body: "The recording goes on. It is looked for once a second, and the time without it is marked as missing.",
      },
      silent: {
        title: "Signal lost: nothing comes from {port}",
        body: "The recording goes on. Look at the device, its power and its cable; the time without it is marked as missing.",
      },
      loss: {
        title: "Samples of {port} are being lost",
        body: "{percent} % in the last 5 s. They are marked as missing.",
      },
      resumed: {
        title: "{port} is back",
        body: "The same recording goes on; the gap is marked with its reason.",
      },
      "rate-off": {
        title: "{port} sends at another rate than it says",
        body: "{sends} samples a second, not {said}. Every sample is kept. Look at its settings.",
      },
      "disk-low": { title: "The disk is nearly full", body: "There is room for {minutes} more minutes." },
      "storage-slow": {
        title: "Samples wait to be stored",
        body: "None is lost so far. Other programs may keep the disk busy.",
      },
      "storage-held": {
        title: "Nothing is being stored",
        body: "Samples wait in memory. Free space on the disk of the library.",
      },
      "storage-lost": {
        title: "Samples can be stored nowhere",
        body: "{samples} are lost so far. Free space on the disk, or end the recording.",
      },
      "clock-jump": {
        title: "The computer's clock was set",
        body: "By {seconds} s. The recording goes on by its own clock.",
      },
      "host-slept": { title: "The computer slept for {seconds} s", body: "That time is marked as missing." },
      "recorder-restarted": {
        title: "The recorder ended and was started again",
        body: "The same recording goes on; the time between is marked as missing.",
      },
      "recorder-lost": {
        title: "Nothing is being recorded",
        body: "The recorder ended and could not go on. What was stored is in the library; connect the devices anew.",
      },
      fault: {
        title: "Kodo has a fault",
        body: "The recording goes on. End it when you can and start Kodo again.",
      },
    },
    looks: {
      armed: "Kodo: devices are connected, nothing is stored",
      recording: "Kodo: recording",
      alarm: "Kodo: signal lost",
    },
    open: "Open Kodo",
    silence: "Silence the alarm",
    quit: "Quit Kodo",
    close: {
      message: "A recording is under way",
      detail:
        "It can go on without the window. Alarms are told by the system then, and Kodo's symbol in the tray, or starting Kodo again, brings the window back.",
      stop: "Stop and close",
      keep: "Keep recording, close the window",
    },
    end: {
      message: "A recording is under way",
      detail: "If Kodo quits, the recording ends. All that came is stored.",
      stop: "Stop and quit",
      keep: "Keep recording",
    },
    cancel: "Cancel",
    notStopped: "The recording could not be ended",
  },
  ja: {
    notices: {
      unplugged: {
        title: "信号が途絶えました：{port}が外れています",
        body: "記録は続いています。1秒ごとに再接続を試み、その間は欠測として印を付けます。",
      },
      silent: {
        title: "信号が途絶えました：{port}からデータが届きません",
        body: "記録は続いています。機器の電源とケーブルを確かめてください。その間は欠測として印を付けます。",
      },
      loss: {
        title: "{port}のデータが欠けています",
        body: "直近5秒間の{percent} %です。欠測として印を付けます。",
      },
      resumed: {
        title: "{port}が復帰しました",
        body: "同じ記録が続きます。途切れた区間には理由を付けて印を残しました。",
      },
      "rate-off": {
        title: "{port}のサンプリング周波数が設定と違います",
        body: "毎秒{said}点のはずが{sends}点届いています。サンプルはすべて残しています。設定を確かめてください。",
      },
      "disk-low": { title: "ディスクの空きがわずかです", body: "あと{minutes}分記録できます。" },
      "storage-slow": {
        title: "保存待ちのデータがあります",
        body: "失われたデータはまだありません。ほかのプログラムがディスクを使っている可能性があります。",
      },
      "storage-held": {
        title: "保存が止まっています",
        body: "データはメモリで待っています。ライブラリのあるディスクの空きを増やしてください。",
      },
      "storage-lost": {
        title: "データを保存できません",
        body: "これまでに{samples}点が失われました。ディスクの空きを増やすか、記録を終えてください。",
      },
      "clock-jump": {
        title: "コンピューターの時計が変更されました",
        body: "{seconds}秒です。記録は独自の時計で続いています。",
      },
      "host-slept": {
        title: "コンピューターが{seconds}秒間スリープしていました",
        body: "その間は欠測として印を付けます。",
      },
      "recorder-restarted": {
        title: "記録用プロセスが終了し、再開しました",
        body: "同じ記録が続いています。その間は欠測として印を付けます。",
      },
      "recorder-lost": {
        title: "記録は行われていません",
        body: "記録用プロセスが終了し、再開できませんでした。保存済みのデータはライブラリにあります。機器を接続し直してください。",
      },
      fault: {
        title: "Kodoに不具合が起きました",
        body: "記録は続いています。区切りのよいところで記録を終え、Kodoを起動し直してください。",
      },
    },
    looks: {
      armed: "Kodo：機器に接続中（保存はしていません）",
      recording: "Kodo：記録中",
      alarm: "Kodo：信号が途絶えています",
    },
    open: "Kodoを開く",
    silence: "警報音を止める",
    quit: "Kodoを終了",
    close: {
      message: "記録中です",
      detail:
        "ウインドウを閉じても記録を続けられます。警報はシステムの通知でお知らせします。トレイのKodoのアイコン、またはKodoの再起動でウインドウが戻ります。",
      stop: "記録を終えて閉じる",
      keep: "記録を続けてウインドウを閉じる",
    },
    end: {
      message: "記録中です",
      detail: "Kodoを終了すると記録も終わります。届いたデータはすべて保存されます。",
      stop: "記録を終えて終了",
      keep: "記録を続ける",
    },
    cancel: "キャンセル",
    notStopped: "記録を終えられませんでした",
  },
};

export const recordingWords = (language: Spoken): Words => words[language];

/** A notice in a language, with what it is about. */
export function saidOf({ kind, values }: Pick<Notice, "kind" | "values">, language: Spoken): Said {
  const share = values["share"];
  const all = typeof share === "number" ? { ...values, percent: Math.round(share * 1000) / 10 } : values;
  const fill = (text: string): string =>
    text.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(all[name] ?? "?"));
  const { title, body } = words[language].notices[kind];
  return { title: fill(title), body: fill(body) };
}

/** The tray's tooltip: what the recorder does, or the alarm that outweighs the others. */
export const tooltipOf = (look: RecordingLook, worst: Notice | undefined, language: Spoken): string =>
  worst === undefined ? words[language].looks[look] : `Kodo: ${saidOf(worst, language).title}`;
