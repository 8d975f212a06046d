import {
  type DeviceFound,
  type DeviceList,
  NOTE_MAX,
  type ParsedDeviceChoice,
  type ParsedSessionSetup,
  type ProtocolInfo,
  type ProtocolKind,
} from "../../../preload/contract/acquisition.ts";
import type { LabelSet } from "../../../preload/contract/label-set.ts";
import { NAME_MAX, type RecordingKind } from "../../../preload/contract/recording.ts";
import { fieldProblem, fieldsOf, type FieldProblem, type SetupField } from "./setup-form.ts";
import type { z } from "zod";

export interface DeviceDraft {
  readonly key: number; // of this window, for what was found out about it
  readonly protocol: ProtocolKind;
  readonly port: string;
  readonly line: ParsedDeviceChoice["line"];
  readonly setup: Readonly<Record<string, unknown>>; // what differs from the usual
  readonly sites: readonly string[];
  readonly found: z.output<typeof DeviceFound> | undefined; // who answered there
}

export interface GuidedDraft {
  readonly restS: number;
  readonly mvc: boolean;
  readonly gestures: readonly string[]; // codes, in the order of the label set
  readonly repetitions: number;
  readonly holdS: number;
  readonly changeS: number;
  readonly isShuffled: boolean;
}

/** What is filled in so far. */
export interface Draft {
  readonly subject: string;
  readonly study: string;
  readonly note: string;
  readonly kind: RecordingKind;
  readonly devices: readonly DeviceDraft[];
  readonly labelSet: string; // "": no keys
  readonly way: "free" | "guided";
  readonly guided: GuidedDraft;
  readonly runId: string | undefined; // of the model that decides while it is recorded
}

const usualGuide: GuidedDraft = {
  ...{ restS: 5, mvc: true, gestures: [], repetitions: 3, holdS: 5, changeS: 3, isShuffled: false },
};

export const emptyDraft: Draft = {
  ...{ subject: "", study: "", note: "", kind: "ctg", devices: [], labelSet: "", way: "free" },
  ...{ guided: usualGuide, runId: undefined },
};

let nextKey = 1;

/** A device as it was last set up on this port; else as its protocol usually is. */
export function deviceOn(list: DeviceList, protocol: ProtocolKind, port: string): DeviceDraft {
  const portId = list.ports.find(({ path }) => path === port)?.id ?? port;
  const known = list.remembered?.find((one) => one.portId === portId && one.choice.protocol === protocol);
  const { line, setup = {}, sites = [] } = known?.choice ?? {};
  return { key: nextKey++, protocol, port, line, setup, sites, found: undefined };
}

/** A further device: one that was recorded from before and is there, else the first free port with what usually speaks there. */
export function anotherDevice(list: DeviceList, draft: Draft): DeviceDraft | undefined {
  const taken = new Set(draft.devices.map(({ port }) => port));
  const free = list.ports.filter(({ path }) => !taken.has(path));
  const known = free
    .map((port) => ({ port, one: list.remembered?.find(({ portId }) => portId === port.id) }))
    .find(({ one }) => one !== undefined && recordsOf(list, one.choice.protocol) === draft.kind);
  if (known?.one) return deviceOn(list, known.one.choice.protocol, known.port.path);
  const protocol = list.protocols.find(({ records }) => records === draft.kind) ?? list.protocols[0];
  if (!protocol) return undefined;
  const port = free.find(({ kind }) => kind === "serial") ?? free[0];
  return deviceOn(list, protocol.kind, port?.path ?? "");
}

const recordsOf = (list: DeviceList, kind: ProtocolKind): RecordingKind | undefined =>
  list.protocols.find((one) => one.kind === kind)?.records;

export const protocolOf = (list: DeviceList, kind: ProtocolKind): ProtocolInfo | undefined =>
  list.protocols.find((one) => one.kind === kind);

/** The whole set-up of a device: the usual one with what was changed. */
export const wholeSetup = (info: ProtocolInfo | undefined, device: DeviceDraft): Record<string, unknown> => ({
  ...info?.usual,
  ...device.setup,
});

export const choiceOf = (list: DeviceList, device: DeviceDraft): ParsedDeviceChoice => ({
  protocol: device.protocol,
  port: device.port.trim(),
  ...(device.line === undefined ? {} : { line: device.line }),
  setup: wholeSetup(protocolOf(list, device.protocol), device),
  sites: [...device.sites],
});

export function setupOf(draft: Draft, list: DeviceList): ParsedSessionSetup {
  const { guided } = draft;
  return {
    name: "",
    ...{
      subject: draft.subject.trim(),
      study: draft.study.trim(),
      note: draft.note.trim(),
      kind: draft.kind,
    },
    devices: draft.devices.map((device) => choiceOf(list, device)),
    labelSet: draft.labelSet,
    ...(draft.way === "guided"
      ? {
          guided: {
            ...{
              labelSet: draft.labelSet,
              restS: guided.restS,
              mvc: guided.mvc,
              gestures: [...guided.gestures],
            },
            ...{ repetitions: guided.repetitions, holdS: guided.holdS, changeS: guided.changeS, trimS: 0.5 },
            seed: guided.isShuffled ? seedOf(draft.subject) : 0,
          },
        }
      : {}),
    ...(draft.runId === undefined ? {} : { live: { runId: draft.runId } }),
  };
}

/** The same subject, the same order: a second visit can be compared. Never 0, which means as given. */
function seedOf(text: string): number {
  let seed = 2166136261;
  for (const sign of text) seed = Math.imul(seed ^ (sign.codePointAt(0) ?? 0), 16777619) >>> 0;
  return seed || 1;
}

/** A template as a draft again. Whom it is about, and what was noted of them, stays as it was filled in. */
export function draftFrom(
  setup: ParsedSessionSetup,
  { subject, note }: Pick<Draft, "subject" | "note">,
): Draft {
  const { guided } = setup;
  return {
    ...{ subject, study: setup.study, note, kind: setup.kind, labelSet: setup.labelSet },
    devices: setup.devices.map(({ protocol, port, line, setup: own, sites }) => ({
      ...{ key: nextKey++, protocol, port, line, setup: own, sites, found: undefined },
    })),
    way: guided ? "guided" : "free",
    guided: guided ? { ...guided, isShuffled: guided.seed !== 0 } : usualGuide,
    runId: setup.live?.runId,
  };
}

/** What keeps it from starting. `device` counts from 1. */
export type SetupProblem =
  | {
      readonly code:
        "no-subject" | "no-device" | "no-label-set" | "no-gesture" | "gone-label-set" | "gone-model";
    }
  | { readonly code: "no-port"; readonly device: number }
  | { readonly code: "same-port"; readonly device: number; readonly other: number; readonly port: string }
  | { readonly code: "other-kind"; readonly protocol: ProtocolKind; readonly records: RecordingKind }
  | { readonly code: "too-long"; readonly field: "subject" | "study" | "note"; readonly most: number }
  | { readonly code: "course"; readonly field: GuidedNumber; readonly problem: FieldProblem }
  | {
      readonly code: "setting";
      readonly device: number;
      readonly field: SetupField;
      readonly problem: FieldProblem;
    };

/** `runs`: that can judge live, once they are known. What is gone was chosen by a template, or before it was deleted. */
export function problemsOf(
  draft: Draft,
  list: DeviceList,
  {
    sets,
    runs,
  }: { readonly sets: readonly LabelSet[]; readonly runs?: readonly { readonly id: string }[] | undefined },
): readonly SetupProblem[] {
  const { subject, study, note, devices, kind } = draft;
  const problems: SetupProblem[] = [];
  if (subject.trim() === "") problems.push({ code: "no-subject" });
  for (const [field, text, most] of [
    ["subject", subject, NAME_MAX],
    ["study", study, NAME_MAX],
    ["note", note, NOTE_MAX],
  ] as const)
    if (text.trim().length > most) problems.push({ code: "too-long", field, most });
  if (devices.length === 0) problems.push({ code: "no-device" });
  problems.push(...devices.flatMap((device, i) => deviceProblems(device, i, draft, list)));
  const [first] = devices;
  const records = devices.map((device) => recordsOf(list, device.protocol));
  if (first && kind !== "other" && records[0] && !records.includes(kind))
    problems.push({ code: "other-kind", protocol: first.protocol, records: records[0] });
  const set = sets.find(({ id }) => id === draft.labelSet);
  if (draft.labelSet !== "" && !set) problems.push({ code: "gone-label-set" });
  else if (draft.way === "guided") {
    problems.push(...courseProblems(draft.guided));
    if (!set) problems.push({ code: "no-label-set" });
    else if (draft.guided.gestures.length === 0) problems.push({ code: "no-gesture" });
  }
  if (draft.runId !== undefined && runs?.every(({ id }) => id !== draft.runId) === true)
    problems.push({ code: "gone-model" });
  return problems;
}

/** What a guided course counts, within the bounds of the contract. */
export const guidedNumbers = {
  repetitions: { kind: "number", least: 1, most: 100, isWhole: true },
  holdS: { kind: "number", least: 0.5, most: 600, isWhole: false },
  changeS: { kind: "number", least: 0, most: 600, isWhole: false },
  restS: { kind: "number", least: 0, most: 600, isWhole: false },
} as const;
export type GuidedNumber = keyof typeof guidedNumbers;
export const guidedNumberNames = ["repetitions", "holdS", "changeS", "restS"] as const;

const courseProblems = (guided: GuidedDraft): SetupProblem[] =>
  guidedNumberNames.flatMap((field) => {
    const problem = fieldProblem(guidedNumbers[field], guided[field]);
    return problem ? [{ code: "course", field, problem }] : [];
  });

function deviceProblems(device: DeviceDraft, i: number, draft: Draft, list: DeviceList): SetupProblem[] {
  const port = device.port.trim();
  const problems: SetupProblem[] = [];
  const other = draft.devices.findIndex((one, j) => j < i && port !== "" && one.port.trim() === port);
  if (port === "") problems.push({ code: "no-port", device: i + 1 });
  if (other >= 0) problems.push({ code: "same-port", device: i + 1, other: other + 1, port });
  const info = protocolOf(list, device.protocol);
  const setup = wholeSetup(info, device);
  for (const field of fieldsOf(info?.form)) {
    const problem = fieldProblem(field.shape, setup[field.key]);
    if (problem) problems.push({ code: "setting", device: i + 1, field, problem });
  }
  return problems;
}

/** Gestures of a set that can be held; those that were ticked before, else all of them. */
export function gesturesIn(set: LabelSet | undefined, ticked: readonly string[] = []): readonly string[] {
  const held = (set?.labels ?? []).filter(({ shape }) => shape === "interval").map(({ code }) => code);
  const kept = held.filter((code) => ticked.includes(code));
  return kept.length > 0 ? kept : held;
}

/** How long a guided recording takes, in seconds. */
export function guidedLasts({ restS, mvc, gestures, repetitions, holdS, changeS }: GuidedDraft): number {
  return restS + (mvc ? 3 * (3 + changeS) : 0) + repetitions * gestures.length * (changeS + holdS);
}

/** The line that is tried where none is chosen: the protocol's first. */
export const usualLine = (info: ProtocolInfo | undefined) => info?.lines[0];
