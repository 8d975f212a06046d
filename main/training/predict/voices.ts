import { AppError } from "../../../preload/contract/errors.ts";
import { pause } from "../../compute/pause.ts";
import type { Runtime } from "../../compute/runtime.ts";
import { windowModelOf } from "../../models/registry.ts";
import type { TrainedModel } from "../model-file/model-file.ts";
import { integrated } from "./integrated.ts";
import { createScorer, type Scorer, type Scores } from "./score.ts";

/** Windows judged at a time by what learned in rounds: between them a cancel is heard. */
const ROWS = 4096;

const pickedFrom = (
  { x, observed }: { readonly x: Float32Array; readonly observed: Uint8Array },
  from: number,
  length: number,
) => ({ x: x.subarray(from, from + length), observed: observed.subarray(from, from + length) });

/** The members of a trained model, ready to be asked about windows, however they learned. */
export interface Voices {
  /** x standardised, 0 where unobserved, observed: [n x width] */
  score(x: Float32Array, observed: Uint8Array, signal?: AbortSignal): Promise<Scores>;
  /** The same voices, whose probabilities are meant at that temperature where something is missing. Disposed of with these. */
  at(temperature: number): Voices;
  /** Which way of its class, from 1, the first member sees in each window, given the class [n]. Absent: its classes have one each. */
  subclasses?(x: Float32Array, observed: Uint8Array, classOf: ArrayLike<number>): Uint8Array;
  dispose(): Promise<void>;
}

/** Networks are compiled for the runtime; what learned in rounds is computed here, in float64, and needs none. */
export async function voicesOf(
  model: Pick<TrainedModel, "kind" | "network" | "members" | "learned" | "density" | "classes"> &
    Partial<Pick<TrainedModel, "temperature">>,
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
    return ofNetworks(scorer, model);
  }
  if (!("score" in rest))
    throw new AppError("model/unknown-kind", `${model.kind} cannot judge windows`, { kind: model.kind });
  const [first] = model.learned;
  const judge = rest;
  const voices: Voices = {
    at: () => voices,
    ...(judge.subclasses !== undefined && model.learned.length > 0
      ? {
          subclasses: (x: Float32Array, observed: Uint8Array, classOf: ArrayLike<number>) =>
            judge.subclasses?.(first, { count: x.length / width, x, observed }, classOf) ??
            new Uint8Array(classOf.length),
        }
      : {}),
    async score(x, observed, signal) {
      const [count, k] = [x.length / width, model.classes.length];
      const said = {
        logits: model.learned.map(() => new Float32Array(count * k)),
        logDensity: model.learned.map(() => new Float32Array(count)),
      };
      for (let from = 0; from < count; from += ROWS) {
        const own = pickedFrom({ x, observed }, from * width, ROWS * width);
        for (const [m, learned] of model.learned.entries()) {
          if (from + m > 0) await pause(signal);
          const part: ReturnType<typeof rest.score> = judge.score(learned, {
            count: own.x.length / width,
            ...own,
          });
          said.logits[m]?.set(part.logits, from * k);
          said.logDensity[m]?.set(part.logDensity, from);
        }
      }
      return said;
    },
    dispose: () => Promise.resolve(),
  };
  return voices;
}

function ofNetworks(
  scorer: Scorer,
  {
    density,
    classes,
    temperature = 1,
  }: Pick<TrainedModel, "density" | "classes"> & Partial<Pick<TrainedModel, "temperature">>,
): Voices {
  const rest = { dispose: () => scorer.dispose() };
  if (density === undefined) {
    const voices: Voices = { ...rest, at: () => voices, score: (...of) => scorer.score(...of) };
    return voices;
  }
  const at = (own: number): Voices => ({
    ...{ ...rest, at },
    score: (x, observed, signal) =>
      integrated(
        (...of) => scorer.score(...of),
        { density, classes: classes.length, temperature: own },
        x,
        observed,
        signal,
      ),
  });
  return at(temperature);
}
