import type { AppError } from "../../../preload/contract/errors.ts";
import type { ModelDescription, ModelField } from "../../../preload/contract/model.ts";
import type { RecordingKind } from "../../../preload/contract/recording.ts";
import type { ModelConfig } from "../../../preload/contract/run.ts";

/** Settings by key: of a model those that a person changed, of a group all of them. */
export type Settings = Readonly<Record<string, unknown>>;

/** Models that learn from recordings of a kind, the usual first choice of it first. */
export const modelsFor = (
  kind: RecordingKind,
  models: readonly ModelDescription[],
): readonly ModelDescription[] => {
  const able = models.filter(({ kinds }) => kinds.includes(kind));
  const isUsual = ({ usualFor }: ModelDescription): boolean => usualFor.includes(kind);
  return [...able.filter(isUsual), ...able.filter((one) => !isUsual(one))];
};

/** Follows whole recordings: every group of the label set at once, no windows, no cross-validation. */
export const isOfSequences = ({ kind }: ModelConfig, models: readonly ModelDescription[]): boolean =>
  models.find((one) => one.kind === kind)?.over === "sequences";

/** Whether it learns from labels: needs them, uses what there are, or looks at none. */
export const labelNeed = (
  { kind }: ModelConfig,
  models: readonly ModelDescription[],
): ModelDescription["labels"] => models.find((one) => one.kind === kind)?.labels ?? "needed";

/** Engines are timed on the model itself, before it learns from windows by descent. */
export const timesEngines = ({ over, learning }: ModelDescription): boolean =>
  over === "windows" && learning === "descent";

/** The one a new training begins with, as it is; with none for the kind its name is empty and nothing can start. */
export const usualModel = (kind: RecordingKind, models: readonly ModelDescription[]): ModelConfig => ({
  kind: modelsFor(kind, models)[0]?.kind ?? "",
});

export const isAskedFor = (
  { kinds }: { readonly kinds?: readonly RecordingKind[] | undefined },
  kind: RecordingKind,
): boolean => kinds === undefined || kinds.includes(kind);

/** The fields of a model that recordings of a kind are asked for. */
export const fieldsFor = ({ fields }: ModelDescription, kind: RecordingKind): readonly ModelField[] =>
  fields.filter((field) => isAskedFor(field, kind));

/** What a setting is unless a person changes it; undefined where the model chooses, and for a group that is off. */
export const usualValue = (field: ModelField, kind: RecordingKind): number | boolean | string | undefined =>
  field.type === "group" ? undefined : (field.usualOf?.[kind] ?? field.usual);

/** The settings with one changed; undefined takes it back to what is usual. */
export const withSetting = (settings: Settings, key: string, value: unknown): Settings =>
  Object.fromEntries(
    [...Object.entries(settings).filter(([one]) => one !== key), [key, value] as const].filter(
      ([, one]) => one !== undefined,
    ),
  );

/** The configuration of a model: what a person changed, and what is usual for the kind but not for the model. */
export function modelConfig(
  { kind: model, ...changed }: ModelConfig,
  kind: RecordingKind,
  models: readonly ModelDescription[],
): ModelConfig {
  const description = models.find((one) => one.kind === model);
  const fields = description ? fieldsFor(description, kind) : [];
  const usual = fields.flatMap((field) => {
    const value = field.type === "group" ? undefined : field.usualOf?.[kind];
    return value === undefined ? [] : [[field.key, value] as const];
  });
  return { kind: model, ...Object.fromEntries(usual), ...changed };
}

const BEFORE = "model.";

/** What main finds wrong with settings, by the key of the field; of a group by that of the group. */
export function settingProblems(error: AppError | null): ReadonlyMap<string, string> {
  if (error?.code !== "model/bad-config") return new Map();
  return new Map(
    Object.entries(error.detail).flatMap(([path, message]) => {
      const [key] = path.startsWith(BEFORE) ? path.slice(BEFORE.length).split(".") : [];
      return key === undefined || typeof message !== "string" ? [] : [[key, message] as const];
    }),
  );
}
