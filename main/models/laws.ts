import {
  add,
  cast,
  dispose,
  memory,
  mul,
  oneHot,
  slice,
  softmax,
  sum,
  tensor,
  tensor1d,
  tensor2d,
  tidy,
  valueAndGrads,
  type Scalar,
  type Tensor,
  type Tensor2D,
} from "@tensorflow/tfjs-core";
import { sure } from "../../preload/contract/sure.ts";
import { inOrder, type NamedTensors, namedTensors } from "../compute/parameters.ts";
import type { Batch, Estimator } from "./estimator.ts";
import { seededRandom } from "./random.ts";

/** A small batch as plain arrays; NaN lies behind the mask on purpose. */
export interface LawBatch {
  readonly rows: number;
  readonly features: number;
  readonly classes: number;
  readonly x: Float32Array;
  readonly observed: Float32Array;
  readonly labels: readonly number[]; // -1 unlabelled
}

export function lawBatch(rows: number, features: number, classes: number, seed = 1): LawBatch {
  const random = seededRandom(seed);
  const x = Float32Array.from({ length: rows * features }, () => 0.4 * random.normal());
  const observed = Float32Array.from(x, () => (random.next() < 0.8 ? 1 : 0));
  const labels = Array.from({ length: rows }, (_, n) => (n % 4 === 3 ? -1 : n % classes));
  return { rows, features, classes, x, observed, labels };
}

/** A law looks at one model and one batch and says what is wrong, or undefined. */
export type Law = (model: Estimator<unknown>, batch: LawBatch) => string | undefined;

/** Parameters some way from the start, where everything takes part, in the order of their names. */
function moved(model: Estimator<unknown>, seed: number): Tensor[] {
  const random = seededRandom(seed);
  const start = inOrder(model.parameters, model.init(0));
  return [...model.parameters.values()].map((shape, i) =>
    tensor(
      sure(start[i]).map((v) => v + 0.05 * random.normal()),
      [...shape],
      "float32",
    ),
  );
}

const byName = (model: Estimator<unknown>, params: readonly Tensor[]): NamedTensors =>
  namedTensors(model.parameters, params);

const lossAt = (model: Estimator<unknown>, params: readonly Tensor[], batch: Batch): Scalar =>
  model.loss(byName(model, params), batch);

const slopesAt = (model: Estimator<unknown>, params: readonly Tensor[], batch: Batch) =>
  valueAndGrads((...p: Tensor[]) => lossAt(model, p, batch))([...params]);

const forwardAt = (
  model: Estimator<unknown>,
  params: readonly Tensor[],
  x: Tensor2D,
  observed: Tensor2D,
): ReturnType<Estimator<unknown>["forward"]> => model.forward(byName(model, params), x, observed);

const x2d = (batch: LawBatch, values = batch.x): Tensor2D => tensor2d(values, [batch.rows, batch.features]);
const safe = (batch: LawBatch): Float32Array => batch.x.map((v, i) => (batch.observed[i] === 1 ? v : 0));

function tensorsOf(batch: LawBatch): Batch {
  const labels = tensor1d(batch.labels as number[], "int32");
  return {
    x: x2d(batch, safe(batch)),
    observed: x2d(batch, batch.observed),
    y: cast(oneHot(labels, batch.classes), "float32") as Tensor2D,
    weight: tensor2d(new Float32Array(batch.rows).fill(1), [batch.rows, 1]),
  };
}

function probabilitiesOf(
  model: Estimator<unknown>,
  params: readonly Tensor[],
  x: Tensor2D,
  observed: Tensor2D,
): Float32Array {
  const { logits, logDensity } = forwardAt(model, params, x, observed);
  return Float32Array.from([...softmax(logits).dataSync(), ...logDensity.dataSync()]);
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < a.length; i += 1) {
    const difference = Math.abs(sure(a[i]) - sure(b[i]));
    if (!(difference <= largest)) largest = difference; // NaN stays
  }
  return largest;
}

const within = (name: string, found: number, limit: number): string | undefined =>
  found <= limit ? undefined : `${name}: ${found}, at most ${limit}`;

export const laws: Readonly<Record<string, Law>> = {
  "unobserved samples cannot change a prediction": (model, batch) =>
    tidy(() => {
      const params = moved(model, 3);
      const observed = x2d(batch, batch.observed);
      const random = seededRandom(9);
      const other = batch.x.map((v, i) => (batch.observed[i] === 1 ? v : 1000 * random.normal()));
      const a = probabilitiesOf(model, params, x2d(batch, safe(batch)), observed);
      const b = probabilitiesOf(model, params, x2d(batch, other), observed);
      return within("difference", largestDifference(a, b), 0);
    }),
  "unobserved samples cannot change the loss or a gradient": (model, batch) =>
    tidy(() => {
      const params = moved(model, 3);
      const plain = tensorsOf(batch);
      const other = {
        ...plain,
        x: x2d(
          batch,
          batch.x.map((v, i) => (batch.observed[i] === 1 ? v : 77)),
        ),
      };
      const of = (feeds: Batch): Tensor[] => {
        const { value, grads } = slopesAt(model, params, feeds);
        return [value, ...grads];
      };
      const with77 = of(other);
      const apart = of(plain).map((t, i) =>
        largestDifference(t.dataSync(), (with77[i] as Tensor).dataSync()),
      );
      return within("difference", Math.max(...apart), 0);
    }),
  "NaN behind the mask keeps loss and gradients finite": (model, batch) =>
    tidy(() => {
      const hidden = batch.x.map((v, i) => (batch.observed[i] === 1 ? v : NaN));
      const feeds = { ...tensorsOf(batch), x: x2d(batch, hidden) };
      const { value, grads } = slopesAt(model, moved(model, 3), feeds);
      const isFinite = [value, ...grads].every((t) => t.dataSync().every((v) => Number.isFinite(v)));
      return isFinite ? undefined : "the loss or a gradient is not finite";
    }),
  "probabilities are in [0, 1] and sum to one": (model, batch) =>
    tidy(() => {
      const { logits } = forwardAt(
        model,
        moved(model, 3),
        x2d(batch, safe(batch)),
        x2d(batch, batch.observed),
      );
      const p = softmax(logits);
      const sums = largestDifference(sum(p, 1).dataSync(), new Float32Array(batch.rows).fill(1));
      const isInside = p.dataSync().every((v) => v >= 0 && v <= 1);
      return isInside ? within("sum", sums, 1e-6) : "a probability lies outside [0, 1]";
    }),
  "the order of rows does not matter": (model, batch) =>
    tidy(() => {
      const params = moved(model, 3);
      const d = batch.features;
      const turn = (values: Float32Array): Float32Array =>
        Float32Array.from({ length: values.length }, (_, i) =>
          sure(values[(batch.rows - 1 - Math.floor(i / d)) * d + (i % d)]),
        );
      const a = forwardAt(
        model,
        params,
        x2d(batch, safe(batch)),
        x2d(batch, batch.observed),
      ).logits.dataSync();
      const b = forwardAt(
        model,
        params,
        x2d(batch, turn(safe(batch))),
        x2d(batch, turn(batch.observed)),
      ).logits.dataSync();
      const k = batch.classes;
      const back = Float32Array.from({ length: b.length }, (_, i) =>
        sure(b[(batch.rows - 1 - Math.floor(i / k)) * k + (i % k)]),
      );
      return within("difference", largestDifference(a, back), 1e-5);
    }),
  "the same seed gives the same parameters": (model) => {
    const [a, b] = [model.init(5), model.init(5)].map((own) => inOrder(model.parameters, own));
    if (a === undefined || b === undefined) return "there are no parameters";
    const isSame = a.every((values, i) => largestDifference(values, sure(b[i])) === 0);
    return isSame ? undefined : "parameters differ";
  },
  "gradients are finite and reach every parameter": (model, batch) =>
    tidy(() => {
      const { grads } = slopesAt(model, moved(model, 3), tensorsOf(batch));
      const bad = grads.findIndex((g) => g.dataSync().some((v) => !Number.isFinite(v)));
      const dead = grads.findIndex((g) => g.dataSync().every((v) => v === 0));
      const names = [...model.parameters.keys()];
      if (bad >= 0) return `the gradient of ${names[bad] ?? ""} is not finite`;
      return dead >= 0 ? `no gradient reaches ${names[dead] ?? ""}` : undefined;
    }),
  "gradients agree with finite differences": (model, batch) =>
    tidy(() => {
      const params = moved(model, 4);
      const feeds = tensorsOf(batch);
      const { grads } = slopesAt(model, params, feeds);
      const random = seededRandom(2);
      for (const [i, name] of [...model.parameters.keys()].entries()) {
        if (model.held?.includes(name) === true) continue;
        const param = sure(params[i]);
        const direction =
          param.shape.length === 0
            ? tensor(1)
            : tensor(
                Float32Array.from({ length: param.size }, () => random.normal()),
                param.shape,
              );
        const at = (step: number): number =>
          sure(
            lossAt(
              model,
              params.map((p, j) => (i === j ? add(p, mul(direction, step)) : p)),
              feeds,
            ).dataSync()[0],
          );
        const central = (step: number): number => (at(step) - at(-step)) / (2 * step);
        const numeric = (4 * central(1e-3) - central(2e-3)) / 3; // Richardson: what is bent is followed to the fourth order
        const exact = sure(sum(mul(grads[i] as Tensor, direction)).dataSync()[0]);
        const scale = Math.max(0.05, Math.abs(numeric), Math.abs(exact));
        if (Math.abs(numeric - exact) > 0.03 * scale) return `${name}: ${exact} against ${numeric} measured`;
      }
      return undefined;
    }),
  "rows of weight 0 do not count": (model, batch) =>
    tidy(() => {
      const params = moved(model, 3);
      const feeds = tensorsOf(batch);
      const rows = batch.rows - 3;
      const weight = tensor2d(
        Float32Array.from({ length: batch.rows }, (_, n) => (n < rows ? 1 : 0)),
        [batch.rows, 1],
      );
      const padded = sure(lossAt(model, params, { ...feeds, weight }).dataSync()[0]);
      const cut = <T extends Tensor>(t: T): T => slice(t, [0, 0], [rows, sure(t.shape[1])]) as T;
      const short = lossAt(model, params, {
        x: cut(feeds.x),
        observed: cut(feeds.observed),
        y: cut(feeds.y),
        weight: cut(feeds.weight),
      });
      return within(
        "difference",
        Math.abs(padded - sure(short.dataSync()[0])),
        1e-4 * (1 + Math.abs(padded)),
      );
    }),
  "the loss of a batch is the mean of its parts', weighted by their labelled mass": (model, batch) =>
    tidy(() => {
      const params = moved(model, 3);
      const feeds = tensorsOf(batch);
      const massOf = ({ y, weight }: Batch): number => sure(sum(mul(weight, y)).dataSync()[0]);
      const lossOf = (own: Batch): number => sure(lossAt(model, params, own).dataSync()[0]);
      const cut = batch.rows >> 1;
      const part = (from: number, count: number): Batch => {
        const rows = <T extends Tensor>(t: T): T => slice(t, [from, 0], [count, sure(t.shape[1])]) as T;
        return {
          x: rows(feeds.x),
          observed: rows(feeds.observed),
          y: rows(feeds.y),
          weight: rows(feeds.weight),
        };
      };
      const parts = [part(0, cut), part(cut, batch.rows - cut)];
      const mean = parts.reduce((total, own) => total + lossOf(own) * massOf(own), 0) / massOf(feeds);
      const whole = lossOf(feeds);
      return within("difference", Math.abs(whole - mean), 1e-4 * (1 + Math.abs(whole)));
    }),
  "using a model alters neither its config nor its parameters": (model, batch) =>
    tidy(() => {
      const config = JSON.stringify(model.config);
      const params = moved(model, 3);
      const before = params.map((p) => p.dataSync().slice());
      slopesAt(model, params, tensorsOf(batch));
      const apart = params.map((p, i) => largestDifference(p.dataSync(), before[i] as Float32Array));
      if (JSON.stringify(model.config) !== config || !Object.isFrozen(model.config))
        return "the config is not frozen";
      return within("parameters", Math.max(...apart), 0);
    }),
  "no tensor is left": (model, batch) => {
    const params = moved(model, 3);
    const feeds = tensorsOf(batch);
    const before = memory().numTensors;
    tidy(() => {
      lossAt(model, params, feeds);
      forwardAt(model, params, feeds.x, feeds.observed);
    });
    const left = memory().numTensors - before;
    dispose([...params, feeds.x, feeds.observed, feeds.y, feeds.weight]);
    return left === 0 ? undefined : `${left} tensors left`;
  },
};
