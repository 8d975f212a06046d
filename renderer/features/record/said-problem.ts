import type { Alarm, ProtocolKind, VerifiedBy } from "../../../preload/contract/acquisition.ts";
import { common } from "../../ui/common-words.ts";
import { byteSize, clock, length, number, percent } from "../../ui/format.ts";
import { translate, type Language, type Translate, type KeyOf } from "../../ui/words.ts";
import type { SetupProblem } from "./setup-draft.ts";
import { fieldName, type FieldProblem } from "./setup-form.ts";
import { recordWords } from "./words.ts";

type RecordKey = KeyOf<typeof recordWords>;

/** What is wrong with a setting, as its field says it. */
export function problemWords(problem: FieldProblem, language: Language): string {
  const t = translate(recordWords, language);
  switch (problem.kind) {
    case "missing":
      return t("field.missing");
    case "whole":
      return t("field.whole");
    case "not-offered":
      return t("field.notOffered", { value: problem.value });
    case "too-many":
      return t("field.tooMany", { most: problem.most });
    case "range": {
      const { least, most } = problem;
      if (least === undefined) return t("field.atMost", { most: most ?? 0 });
      return most === undefined ? t("field.atLeast", { least }) : t("field.range", { least, most });
    }
  }
}

export const protocolName = (kind: ProtocolKind, language: Language): string =>
  translate(recordWords, language)(`protocol.${kind}`);

export const verifiedText = (by: VerifiedBy, language: Language): string =>
  translate(recordWords, language)(`verified.${by}`);

/** What keeps it from starting, in a sentence with what to do. */
export function setupProblemText(problem: SetupProblem, language: Language): string {
  const t = translate(recordWords, language);
  const c = translate(common, language);
  switch (problem.code) {
    case "no-subject":
    case "no-device":
    case "no-label-set":
    case "no-gesture":
    case "gone-label-set":
    case "gone-model":
      return t(`problem.${problem.code}`);
    case "no-port":
      return t("problem.no-port", { device: problem.device });
    case "same-port":
      return t("problem.same-port", { device: problem.device, other: problem.other, port: problem.port });
    case "other-kind":
      return t("problem.other-kind", {
        protocol: protocolName(problem.protocol, language),
        kind: c(`kind.${problem.records}`),
      });
    case "too-long":
      return t("problem.too-long", { field: t(problem.field), most: problem.most });
    case "course":
      return t("problem.course", {
        name: t(problem.field),
        what: problemWords(problem.problem, language),
      });
    case "setting":
      return t("problem.setting", {
        device: problem.device,
        name: fieldName(problem.field, language),
        what: problemWords(problem.problem, language),
      });
  }
}

export interface SaidAlarm {
  readonly title: string;
  readonly text: string;
  readonly steps: readonly string[]; // what to do, in order
}

/** Alarms by weight: the first of these is what the band says. What goes on comes before what is over. */
const weights: readonly Alarm["kind"][] = [
  "storage-lost",
  "storage-held",
  "unplugged",
  "silent",
  "loss",
  "storage-slow",
  "disk-low",
  "rate-off",
  "recorder-restarted",
  "host-slept",
  "clock-jump",
];
export const byWeight = (alarms: readonly Alarm[]): readonly Alarm[] =>
  [...alarms].sort((a, b) => weights.indexOf(a.kind) - weights.indexOf(b.kind));

/** An alarm that says signal or samples are being lost; the others are told without the alarm's colour and sound. */
export const isLoss = ({ kind }: Pick<Alarm, "kind">): boolean =>
  isOfStorage(kind) || kind === "unplugged" || kind === "silent" || kind === "loss";
const isOfStorage = (kind: Alarm["kind"]): boolean => kind === "storage-lost" || kind === "storage-held";

type LineAlarm = Alarm & { readonly kind: "unplugged" | "silent" | "loss" };
const isOfLine = (alarm: Alarm): alarm is LineAlarm => isLoss(alarm) && !isOfStorage(alarm.kind);

/** Of which there is something else to say while nothing is recorded yet. */
type ArmedAlarm = LineAlarm | (Alarm & { readonly kind: "host-slept" | "clock-jump" });
const isOfArmed = (alarm: Alarm): alarm is ArmedAlarm =>
  isOfLine(alarm) || alarm.kind === "host-slept" || alarm.kind === "clock-jump";

export function saidAlarm(
  alarm: Alarm,
  facts: {
    readonly elapsedS: number;
    readonly attempts: number;
    readonly isSerialMonitor: boolean;
    readonly isRecorded: boolean; // else devices are only connected, and nothing goes on by itself
    readonly device?: string | undefined; // its name, where there are others, whose signal may come
  },
  language: Language,
): SaidAlarm {
  const t = translate(recordWords, language);
  const forText = length(Math.max(0, facts.elapsedS - alarm.sinceS), language);
  const port = String(alarm.values["port"] ?? "");
  const setS = Number(alarm.values["seconds"] ?? 0); // of a clock that was set, or of a sleep
  const values = {
    port,
    device: facts.device ?? "",
    seconds: forText,
    slept: length(setS, language),
    from: clock(Math.floor(Math.max(0, alarm.sinceS - setS))),
    since: clock(Math.floor(alarm.sinceS)),
    attempts: facts.attempts,
    share: percent(Number(alarm.values["share"] ?? 0)),
    left: length(Number(alarm.values["leftS"] ?? 0), language),
    bytes: byteSize(Number(alarm.values["bytes"] ?? 0), language),
    by: `${setS < 0 ? "−" : "+"}${length(Math.abs(setS), language)}`,
    said: number(Number(alarm.values["said"] ?? 0), language),
    sends: number(Number(alarm.values["sends"] ?? 0), language, 3),
    drift: length(Number(alarm.values["driftS"] ?? 0), language),
  };
  const steps = stepsFor(alarm, facts.isSerialMonitor, t);
  const isOfLater = alarm.kind === "rate-off" && (alarm.device ?? 0) > 0;
  return {
    title:
      facts.device !== undefined && isOfLine(alarm)
        ? t(`alarmOf.${alarm.kind}`, values)
        : t(`alarm.${alarm.kind}`, values),
    text:
      facts.isRecorded || !isOfArmed(alarm)
        ? t(textOf(alarm, isOfLater), values)
        : t(`alarmArmed.${alarm.kind}`, values),
    steps: facts.isRecorded ? steps : steps.filter((step) => step !== t("step.goesOn")),
  };
}

function textOf({ kind, values }: Alarm, isOfLater: boolean): RecordKey {
  if (isOfLater) return "alarmText.rate-off-other";
  return kind === "storage-slow" && values["spillBytes"] === 0
    ? "alarmText.storage-slow-memory"
    : `alarmText.${kind}`;
}

function stepsFor(alarm: Alarm, isMonitor: boolean, t: Translate<RecordKey>): readonly string[] {
  switch (alarm.kind) {
    case "unplugged":
    case "silent":
      return isMonitor
        ? [t("step.monitorCable"), t("step.monitorPower"), t("step.goesOn")]
        : [t("step.dongle"), t("step.battery"), t("step.goesOn")];
    case "loss":
      return isMonitor ? [t("step.monitorCable"), t("step.goesOn")] : [t("step.closer"), t("step.dongle")];
    case "storage-held":
      return [t("step.freeSpace"), t("step.waits")];
    case "storage-lost":
    case "disk-low":
      return [t("step.freeSpace"), t("step.stopSoon")];
    case "rate-off":
      return [t("step.rate")];
    case "storage-slow":
      return [t("step.otherPrograms"), t("step.waits")];
    case "recorder-restarted":
    case "host-slept":
      return [t("step.checkGap")];
    case "clock-jump":
      return []; // it left no gap
  }
}
