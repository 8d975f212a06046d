import { add } from "@tensorflow/tfjs-core";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import { sure } from "../../preload/contract/sure.ts";
import type { Params } from "./tensors.ts";

/** A number to be made small, by parameters and the feeds of a batch. */
export interface Loss {
  (params: Params, feeds: readonly Tensor[]): Scalar;
  /** Losses that add up to this one, about `count` of them: they may be computed side by side. */
  readonly inParts?: ((count: number) => readonly Loss[]) | undefined;
  /** The models whose losses add up to this one, where they share nothing: the parameters in order, each its own. */
  readonly models?: readonly ModelLoss[] | undefined;
}
export interface ModelLoss {
  readonly loss: Loss;
  readonly parameters: number; // tensors
  readonly feeds: readonly number[]; // which of the whole loss's
}

/** The losses of several models as one. */
export function lossOfModels(models: readonly ModelLoss[]): Loss {
  const ends = models.map((_, index) => modelParameters(models.slice(0, index + 1)));
  const whole: Loss = (params, feeds) =>
    models
      .map(({ loss, parameters, feeds: own }, index) =>
        loss(
          params.slice(sure(ends[index]) - parameters, ends[index]),
          own.map((feed) => sure(feeds[feed])),
        ),
      )
      .reduce((total, loss) => add<Scalar>(total, loss));
  const [only] = models;
  if (only === undefined || models.length > 1) return Object.assign(whole, { models });
  const inParts = (count: number): readonly Loss[] =>
    (only.loss.inParts?.(count) ?? []).map(
      (part): Loss =>
        (params, feeds) =>
          part(
            params,
            only.feeds.map((feed) => sure(feeds[feed])),
          ),
    );
  return Object.assign(whole, { inParts });
}

/** How many tensors of parameters they have. */
export const modelParameters = (models: readonly ModelLoss[]): number =>
  models.reduce((total, { parameters }) => total + parameters, 0);
