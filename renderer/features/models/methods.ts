import type { Words } from "../../../preload/contract/label-set.ts";
import type { AboutMethod } from "../../../preload/contract/method.ts";
import type { ModelDescription } from "../../../preload/contract/model.ts";
import { everywhere } from "./everywhere.ts";

/** A method with a page: a model of the registry, or what every training has. */
export interface Method {
  readonly kind: string;
  readonly name: Words;
  readonly sentence: Words;
  readonly about: AboutMethod;
  readonly model: ModelDescription | undefined;
}

/** One page a method. */
export const methodsOf = (models: readonly ModelDescription[]): readonly Method[] => [
  ...models.map((model) => {
    const { kind, name, sentence, about } = model;
    return { kind, name, sentence, about, model };
  }),
  ...everywhere.map((one) => ({ ...one, model: undefined })),
];
