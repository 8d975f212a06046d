import type { z } from "zod";
import { AppError } from "../../preload/contract/errors.ts";
import type { ModelDescription } from "../../preload/contract/model.ts";
import type { ModelConfig } from "../../preload/contract/run.ts";
import { formOf } from "./form.ts";
import type { Model, SequenceModel, WindowModel } from "./model.ts";
import { eventNetModel } from "./sequences/event-net/model.ts";
import { signalTrustModel } from "./sequences/signal-trust/model.ts";
import { stateSpaceModel } from "./sequences/state-space/model.ts";
import { forksModel } from "./sequences/forks/model.ts";
import { coupledEnergyModel } from "./windows/coupled-energy.ts";
import { coupledSoftmaxModel } from "./windows/coupled-softmax.ts";
import { identityCoupledModel } from "./windows/identity-coupled.ts";
import { curriculumModel } from "./windows/semi/curriculum.ts";
import { fixMatchModel } from "./windows/semi/fix-match.ts";
import { pseudoLabelModel } from "./windows/semi/pseudo-label.ts";
import { supervisedModel } from "./windows/semi/supervised.ts";
import { vaeM2Model } from "./windows/semi/vae-m2.ts";
import { johnsonSuModel } from "./windows/johnson-su.ts";
import { identitySdgmModel } from "./windows/identity-sdgm.ts";
import { ldaModel } from "./windows/lda.ts";
import { logisticModel } from "./windows/logistic.ts";
import { qdaModel } from "./windows/qda.ts";
import { rawConvModel } from "./windows/raw-conv.ts";
import { sdgmModel } from "./windows/sdgm.ts";
import { WindowSettings } from "./windows/settings.ts";

/** Every model there is. Training, pages, command line, model files and laws all read this list: one line a model. */
const shipped: readonly Model[] = [
  identityCoupledModel,
  ldaModel,
  qdaModel,
  logisticModel,
  sdgmModel,
  johnsonSuModel,
  rawConvModel,
  identitySdgmModel,
  eventNetModel,
  stateSpaceModel,
  forksModel,
  signalTrustModel,
  coupledSoftmaxModel,
  coupledEnergyModel,
  supervisedModel,
  pseudoLabelModel,
  fixMatchModel,
  vaeM2Model,
  curriculumModel,
];

const added: Model[] = [];

/** A model for the length of a test; returns what takes it out again. */
export function registered(model: Model): () => void {
  added.push(model);
  return () => void added.splice(added.indexOf(model), 1);
}

export const models = (): readonly Model[] => [...shipped, ...added];

/** Throws model/unknown-kind. */
export function modelOf(kind: string): Model {
  const model = models().find((one) => one.kind === kind);
  if (model !== undefined) return model;
  const known = models().map((one) => one.kind);
  throw new AppError("model/unknown-kind", `No model is called ${kind}; there are ${known.join(", ")}`, {
    kind,
    known: known.join(", "),
  });
}

/** Of one that classifies windows. Throws model/unknown-kind, model/not-windows. */
export function windowModelOf(kind: string): WindowModel {
  const model = modelOf(kind);
  if (model.over === "windows") return model;
  throw new AppError("model/not-windows", `${kind} follows whole recordings and knows no windows`, { kind });
}

/** Of one that follows whole recordings. Throws model/unknown-kind, model/not-sequences. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- as in the list
export function sequenceModelOf(kind: string): SequenceModel<any, any> {
  const model = modelOf(kind);
  if (model.over === "sequences") return model;
  throw new AppError("model/not-sequences", `${kind} classifies windows and says no events`, { kind });
}

/** A model and its settings, checked. Throws model/bad-config with each field, what is wrong with it and its range; its detail has them by field. */
export function configured(config: ModelConfig): { readonly model: Model; readonly settings: unknown } {
  const model = modelOf(config.kind);
  const parsed = model.config.safeParse(config);
  if (parsed.success) return { model, settings: parsed.data };
  throw new AppError("model/bad-config", settingsProblems(parsed.error).join("; "), {
    kind: config.kind,
    problems: parsed.error.issues.length,
    ...Object.fromEntries(parsed.error.issues.map(({ path, message }) => [settingAt(path), message])),
  });
}

/** The front that a configuration names, or that its model takes where none is named. */
export function frontNameOf(config: ModelConfig): string {
  const settings: unknown = modelOf(config.kind).config.safeParse(config).data;
  return WindowSettings.parse(settings ?? config).front;
}

const settingAt = (path: readonly PropertyKey[]): string => ["model", ...path.map(String)].join(".");

export const settingsProblems = (error: z.ZodError): string[] =>
  error.issues.map(({ path, message }) => `${settingAt(path)}: ${message}`);

const channelsOf = ({
  hears,
  mayLack,
}: Pick<SequenceModel<unknown, unknown>, "hears" | "mayLack">): Pick<
  ModelDescription,
  "hears" | "mayLack"
> => ({
  ...(hears === undefined ? {} : { hears: [...hears] }),
  ...(mayLack === undefined ? {} : { mayLack: [...mayLack] }),
});

export function descriptionOf(model: Model): ModelDescription {
  const { kind, name, sentence, over, kinds, usualFor, learning, can, config, about } = model;
  return {
    ...{ kind, name, sentence, over },
    labels: model.over === "sequences" ? model.labels : "needed",
    ...(model.over === "sequences" ? channelsOf(model) : {}),
    ...{ kinds: [...kinds], usualFor: [...usualFor], can: [...can] },
    about,
    learning: learning.kind,
    fields: formOf(config),
  };
}
