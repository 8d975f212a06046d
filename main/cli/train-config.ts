import { z } from "zod";
import { sharedChannels } from "../../preload/contract/match-channels.ts";
import type { RecordingSummary } from "../../preload/contract/recording.ts";
import {
  DataSelection,
  inPlaces,
  ModelConfig,
  RunFields,
  SplitConfig,
  WindowSelection,
  type RunConfig,
} from "../../preload/contract/run.ts";
import { labelsByGroup, type LabelSet, wordIn } from "../../preload/contract/label-set.ts";
import type { ModelDescription } from "../../preload/contract/model.ts";
import { AppError } from "../../preload/contract/errors.ts";
import { sure } from "../../preload/contract/sure.ts";
import { UsageError } from "./usage.ts";

export type Flags = Readonly<Record<string, string | boolean | undefined>>;
export type Fields = Readonly<Record<string, unknown>>;

type FlagKind = "text" | "number" | "list";

/** Flag, field of the run configuration wherever it lies in it, how its value reads. */
const flags: readonly (readonly [string, string, FlagKind])[] = [
  ["name", "name", "text"],
  ["label-set", "labelSet", "text"],
  ["labels", "labels", "list"],
  ["readers", "readers", "list"],
  ["background", "background", "text"],
  ["channels", "channels", "list"],
  ["window", "windowS", "number"],
  ["stride", "strideS", "number"],
  ["centre", "centreS", "number"],
  ["min-overlap", "minOverlap", "number"],
  ["min-observed", "minObserved", "number"],
  ["labelled-share", "labelledShare", "number"],
  ["test-subjects", "testSubjects", "list"],
  ["validation-subjects", "validationSubjects", "list"],
  ["folds", "folds", "number"],
  ["seed", "seed", "number"],
  ["epochs", "epochs", "number"],
  ["patience", "patience", "number"],
  ["sampling", "sampling", "text"],
  ["members", "members", "number"],
  ["layers", "layers", "number"],
  ["batch-size", "batchSize", "number"],
  ["learning-rate", "learningRate", "number"],
  ["generative-weight", "generativeWeight", "number"],
  ["coupling-variance", "couplingVariance", "number"],
  ["augmentation", "augmentation", "text"],
  ["front", "front", "text"],
  ["adaptation", "adaptation", "text"],
  ["model", "kind", "text"],
  ["engine", "engine", "text"],
];

export const trainFlagNames: readonly string[] = flags.map(([flag]) => flag);

export const listOf = (text: string): string[] =>
  text
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "");

export function numberOf(flag: string, text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value))
    throw new UsageError(`--${flag} takes a number, not "${text}"`);
  return value;
}

/** The fields flags set; a flag not given sets nothing. */
export function fromFlags(given: Flags): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [flag, field, kind] of flags) {
    const text = given[flag];
    if (typeof text !== "string") continue;
    fields[field] = kind === "text" ? text : kind === "list" ? listOf(text) : numberOf(flag, text);
  }
  return fields;
}

/** A field that stands in the data selection, or beside everything else as in files of version 0.1. */
const dataOf = (fields: Fields): Fields => z.record(z.string(), z.unknown()).catch({}).parse(fields.data);

/** The names or ids of recordings that a configuration names. */
export const recordingsNamed = (fields: Fields): string[] =>
  z.array(z.string()).catch([]).parse(dataOf(fields).recordingIds);

/** What a file says and what flags say over it, each field in its place. */
export const joinedFields = (file: Fields, given: Fields): Fields =>
  z
    .record(z.string(), z.unknown())
    .parse(inPlaces({ ...z.record(z.string(), z.unknown()).parse(inPlaces(file)), ...given }));

/** A configuration file's object, whatever fields it has; its own `recordingIds` may be names. */
export function parseConfigFile(text: string, file: string): Record<string, unknown> {
  try {
    const parsed = z.record(z.string(), z.unknown()).safeParse(JSON.parse(text));
    if (parsed.success) return parsed.data;
  } catch {
    // said below
  }
  throw new AppError("data/bad-config", `${file} does not hold a JSON object`, { file });
}

/** A configuration as a person gives it: a misspelt field is refused, not ignored. */
const Strict = RunFields.extend({
  data: DataSelection.extend({ windows: WindowSelection.strict() }).strict(),
  split: SplitConfig.strict(),
}).strict();

/** A model of whole recordings has none; a configuration has the field. */
const UNUSED_WINDOWS = { windowS: 120, strideS: 10 };

export interface ConfigContext {
  readonly models: readonly ModelDescription[];
  readonly recordings: readonly RecordingSummary[];
  readonly labelSets: readonly LabelSet[];
}

/** What the registry says of the model that a configuration names. */
export const modelNamed = (
  fields: Fields,
  models: readonly ModelDescription[],
): ModelDescription | undefined =>
  models.find(({ kind }) => kind === ModelConfig.catch({ kind: "" }).parse(fields.model ?? {}).kind);

/**
 * The label set a configuration names; the only one where it names none. Undefined where it names none and its model
 * learns without labels.
 */
export function chosenSet(
  fields: Fields,
  labelSets: readonly LabelSet[],
  models: readonly ModelDescription[],
): LabelSet | undefined {
  const named = dataOf(fields).labelSet;
  const isFree = (modelNamed(fields, models)?.labels ?? "needed") !== "needed";
  return isFree && (named === undefined || named === "") ? undefined : neededSet(fields, labelSets);
}

function neededSet(fields: Fields, labelSets: readonly LabelSet[]): LabelSet {
  const allowed = labelSets.map(({ id }) => id).join(", ") || "none";
  const named = dataOf(fields).labelSet ?? (labelSets.length === 1 ? sure(labelSets[0]).id : undefined);
  if (named === undefined) throw new UsageError(`train needs --label-set; the library has ${allowed}`);
  const set = labelSets.find(({ id }) => id === named);
  if (set !== undefined) return set;
  const value = JSON.stringify(named);
  throw new AppError("data/label-set-unknown", `No label set ${value}; there is ${allowed}`, {
    value,
    allowed,
  });
}

/**
 * The whole configuration: what is not said follows from the recordings. Labels: all of the set, where they exclude each
 * other or the model learns every group; none where no set is named and none is needed. Channels: those every
 * recording has, of the roles its kind is about or the model hears. Throws with the field, its value and what is allowed.
 */
export function completeConfig(fields: Fields, { recordings, labelSets, models }: ConfigContext): RunConfig {
  const set = chosenSet(fields, labelSets, models);
  const data = dataOf(fields);
  const given = z.record(z.string(), z.unknown()).catch({}).parse(data.windows);
  const model = modelNamed(fields, models);
  const isWhole = model?.over === "sequences";
  const windows = isWhole ? { ...UNUSED_WINDOWS, ...given } : given;
  for (const needed of ["windowS", "strideS"] as const) {
    if (windows[needed] === undefined)
      throw new UsageError(`train needs --${needed === "windowS" ? "window" : "stride"} (seconds)`);
  }
  if (!isWhole && data.labels === undefined && set !== undefined && set.groups.length > 1) {
    const groups = labelsByGroup(set).map(({ labels }) => labels.map(({ code }) => code).join(","));
    throw new UsageError(
      `train needs --labels of one group of ${set.id}, since those of different groups may hold at once: ${groups.join(" or ")}`,
    );
  }
  const whole = {
    name: `${wordIn((set ?? model)?.name ?? { en: "Recordings", ja: "記録" }, "en")}, ${recordings.length} recordings`,
    ...fields,
    data: {
      labels: model?.labels === "unused" ? [] : labelsFrom(set, isWhole),
      ...(isWhole ? { background: "read-completely" } : {}),
      channels: commonChannels(recordings, model),
      ...data,
      windows,
      labelSet: set?.id ?? "",
      recordingIds: recordings.map(({ id }) => id),
    },
    split: {
      testSubjects: [],
      validationSubjects: [],
      ...z.record(z.string(), z.unknown()).catch({}).parse(fields.split),
    },
    model: fields.model ?? {},
  };
  const parsed = Strict.safeParse(whole);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(
    ({ path, message }) => `${path.map(String).join(".") || "configuration"}: ${message}`,
  );
  throw new AppError("data/bad-config", issues.join("; "), { problems: issues.length });
}

const labelsFrom = (set: LabelSet | undefined, isWhole: boolean): string[] =>
  (set?.labels ?? []).filter(({ shape }) => !isWhole || shape === "interval").map(({ code }) => code);

/** Those that every recording has, of the roles that the model hears; what a recording may lack, where any has it. */
function commonChannels(
  recordings: readonly RecordingSummary[],
  { hears, mayLack = [] }: Pick<ModelDescription, "hears" | "mayLack"> = {},
): string[] {
  const [first] = recordings;
  if (first === undefined) return [];
  const labels = sharedChannels(recordings);
  const shared = first.channels.filter(({ label }) => labels.includes(label));
  const usual = hears ?? (first.kind === "emg" ? ["emg"] : first.kind === "ctg" ? ["fhr", "uc"] : undefined);
  const wanted = usual === undefined ? shared : shared.filter(({ role }) => usual.includes(role));
  const optional = mayLack
    .filter((role) => !wanted.some((one) => one.role === role))
    .flatMap((role) => recordings.flatMap(({ channels }) => channels).find((one) => one.role === role) ?? []);
  return [...(wanted.length > 0 ? wanted : shared), ...optional].map(({ label }) => label);
}
