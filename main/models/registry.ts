import type { z } from "zod";
import { AppError } from "../../preload/contract/errors.ts";
import type { ModelDescription } from "../../preload/contract/model.ts";
import type { ModelConfig } from "../../preload/contract/run.ts";
import { formOf } from "./form.ts";
import type { Model } from "./model.ts";
import { identityCoupledModel } from "./windows/identity-coupled.ts";
import { ldaModel } from "./windows/lda.ts";

/** Every model there is. Training, pages, command line, model files and laws all read this list: one line a model. */
const shipped: readonly Model[] = [identityCoupledModel, ldaModel];

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

const settingAt = (path: readonly PropertyKey[]): string => ["model", ...path.map(String)].join(".");

export const settingsProblems = (error: z.ZodError): string[] =>
  error.issues.map(({ path, message }) => `${settingAt(path)}: ${message}`);

export function descriptionOf(model: Model): ModelDescription {
  const { kind, name, sentence, over, kinds, usualFor, learning, can, config } = model;
  return {
    ...{ kind, name, sentence, over },
    ...{ kinds: [...kinds], usualFor: [...usualFor], can: [...can] },
    learning: learning.kind,
    fields: formOf(config),
  };
}
