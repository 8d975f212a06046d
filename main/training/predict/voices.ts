import { AppError } from "../../../preload/contract/errors.ts";
import type { Runtime } from "../../compute/runtime.ts";
import { windowModelOf } from "../../models/registry.ts";
import type { TrainedModel } from "../model-file/model-file.ts";
import { createScorer, type Scores } from "./score.ts";

/** The members of a trained model, ready to be asked about windows, however they learned. */
export interface Voices {
  /** x standardised, 0 where unobserved, observed: [n x width] */
  score(x: Float32Array, observed: Uint8Array, signal?: AbortSignal): Promise<Scores>;
  /** Which way of its class, from 1, the first member sees in each window, given the class [n]. Absent: its classes have one each. */
  subclasses?(x: Float32Array, observed: Uint8Array, classOf: ArrayLike<number>): Uint8Array;
  dispose(): Promise<void>;
}

/** Networks are compiled for the runtime; what learned in rounds is computed here, in float64, and needs none. */
export async function voicesOf(
  model: Pick<TrainedModel, "kind" | "network" | "members" | "learned" | "classes">,
  width: number,
  runtime: () => Promise<Runtime>,
  rows?: number, // judged in one call
): Promise<Voices> {
  const { learning, ...rest } = windowModelOf(model.kind);
  if (learning.kind === "descent") {
    const estimator = learning.estimator(model.network);
    const scorer = await createScorer(await runtime(), estimator, {
      members: model.members.length,
      width,
      classes: model.classes.length,
      rows,
    });
    await scorer.write(model.members);
    return scorer;
  }
  if (!("score" in rest))
    throw new AppError("model/unknown-kind", `${model.kind} cannot judge windows`, { kind: model.kind });
  const [first] = model.learned;
  const judge = rest;
  return {
    ...(judge.subclasses !== undefined && model.learned.length > 0
      ? {
          subclasses: (x: Float32Array, observed: Uint8Array, classOf: ArrayLike<number>) =>
            judge.subclasses?.(first, { count: x.length / width, x, observed }, classOf) ??
            new Uint8Array(classOf.length),
        }
      : {}),
    score: (x, observed) => {
      const said = model.learned.map((learned): ReturnType<typeof rest.score> =>
        rest.score(learned, { count: x.length / width, x, observed }),
      );
      return Promise.resolve({
        logits: said.map(({ logits }) => logits),
        logDensity: said.map(({ logDensity }) => logDensity),
      });
    },
    dispose: () => Promise.resolve(),
  };
}
