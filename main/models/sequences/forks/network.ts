import {
  add,
  concat,
  exp,
  gather,
  logSoftmax,
  logSumExp,
  matMul,
  maximum,
  minimum,
  mul,
  neg,
  relu,
  reshape,
  square,
  sub,
  sum,
  tanh,
  tensor1d,
  log,
} from "@tensorflow/tfjs-core";
import type { Scalar, Tensor, Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import { AppError } from "../../../../preload/contract/errors.ts";
import { lstm } from "../../../compute/lstm.ts";
import { type NamedTensors, namedTensors } from "../../../compute/parameters.ts";
import type { Params, TensorSpec } from "../../../compute/tensors.ts";
import { type ForkShape, MOST_SPREAD, MOST_TURN, parameterShapes } from "./shape.ts";

/** How many of what a batch has. An origin is a moment of a row from which is looked ahead. */
export interface ForkBatchSize {
  readonly time: number;
  readonly rows: number;
  readonly origins: number; // whose class is known
  readonly unlabelled: number; // origins whose class is not
}

/**
 * Feeds of the loss, in order:
 * x [time, rows, inputs]; class targets [time x rows, classes], one-hot times a weight;
 * origins: place in x [n] as time x rows + row, class [n, classes] one-hot, targets [n, horizons] for each dimension in
 * units of the horizon's scale, weights [n, horizons];
 * unlabelled origins: place [m], targets [m, horizons] likewise, shares of the horizons [m, horizons] that sum to 1,
 * weight [m].
 * Where there are no classes, what speaks of them is left out; where there are no unlabelled origins, so are they.
 */
export function batchSpecs(shape: ForkShape, size: ForkBatchSize): readonly TensorSpec[] {
  const { inputs, classes, horizons, dims } = shape;
  const { time, rows, origins, unlabelled } = size;
  const of = (...own: number[]): TensorSpec => ({ shape: own, dtype: "float32" });
  const index = (count: number): TensorSpec => ({ shape: [count], dtype: "int32" });
  const targets = (count: number): TensorSpec[] => Array.from({ length: dims }, () => of(count, horizons));
  return [
    of(time, rows, inputs),
    ...(classes > 1 ? [of(time * rows, classes)] : []),
    index(origins),
    ...(classes > 1 ? [of(origins, classes)] : []),
    ...targets(origins),
    of(origins, horizons),
    ...(unlabelled > 0
      ? [index(unlabelled), ...targets(unlabelled), of(unlabelled, horizons), of(unlabelled)]
      : []),
  ];
}

export const linear = (named: NamedTensors, name: string, h: Tensor2D): Tensor2D =>
  add(matMul(h, named(`${name}.weight`)), named(`${name}.bias`));

/** Memory after each input. [time x rows, hidden] */
function remembered(named: NamedTensors, x: Tensor3D): Tensor2D {
  const width = named("memory.bias").size;
  const matrix = (name: string): Tensor2D => reshape(named(name), [named(name).size / width, width]);
  return lstm(x, {
    input: matrix("memory.input"),
    recurrent: matrix("memory.recurrent"),
    bias: reshape(named("memory.bias"), [width]),
  });
}

/** What the head sees at the places: memory, and the inputs beside it where it sees them. */
function seenAt(shape: ForkShape, memory: Tensor2D, { x, place }: { x: Tensor3D; place: Tensor }): Tensor2D {
  const inputs: Tensor2D = reshape(x, [memory.shape[0], shape.inputs]);
  const seen = shape.seesInputs ? concat([memory, inputs], 1) : memory;
  return gather(seen, place);
}

interface Parts {
  readonly logShare: Tensor3D; // [n, components, horizons or 1]
  readonly means: readonly Tensor3D[]; // a dimension: [n, components, horizons]
  readonly spreads: readonly Tensor3D[]; // log deviations
  readonly turn: Tensor3D | undefined; // correlation
}

export function partsOf(named: NamedTensors, shape: ForkShape, head: Tensor2D): Parts {
  const { components, horizons, dims, weights } = shape;
  const rows = head.shape[0];
  const table = (name: string, across = horizons): Tensor3D =>
    reshape(linear(named, name, head), [rows, components, across]);
  const logits = table("share", weights === "path" ? 1 : horizons);
  const least = tensor1d([...shape.leastSpread]);
  const each = Array.from({ length: dims }, (_, dim) => dim);
  return {
    logShare: sub(logits, logSumExp(logits, 1, true)),
    means: each.map((dim) => table(`mean${dim}`)),
    spreads: each.map((dim) => minimum(maximum(table(`spread${dim}`), least), MOST_SPREAD)),
    turn: dims === 2 ? mul(MOST_TURN, tanh(table("turn"))) : undefined,
  };
}

/** ln Σ_k a_k N(target; μ_k, Σ_k). targets [n, horizons] a dimension -> [n, horizons] */
function logDensity({ logShare, means, spreads, turn }: Parts, targets: readonly Tensor[]): Tensor2D {
  const z = means.map((mean, dim) => {
    const target = targets[dim];
    const spread = spreads[dim];
    if (target === undefined || spread === undefined)
      throw new AppError("model/wrong-feeds", "A target has as many dimensions as its distribution", { dim });
    const [rows, , horizons] = mean.shape;
    return mul<Tensor3D>(sub(reshape(target, [rows, 1, horizons]), mean), exp(neg(spread)));
  });
  const squares = z.map((one) => square(one)).reduce((a, b) => add(a, b));
  const constant = -means.length * 0.5 * Math.log(2 * Math.PI);
  const widths = spreads.reduce((a, b) => add(a, b));
  if (turn === undefined) return logSumExp(add(logShare, sub(sub(constant, widths), mul(0.5, squares))), 1);
  const upright = sub(1, square(turn));
  const [first, second] = z;
  const crossed = first === undefined || second === undefined ? 0 : mul(mul(turn, 2), mul(first, second));
  const exponent = mul(-0.5, add(mul(sub(squares, crossed), exp(neg(log(upright)))), log(upright)));
  return logSumExp(add(logShare, add(sub(constant, widths), exponent)), 1);
}

const squashed = <T extends Tensor>(shape: ForkShape, h: T): T =>
  shape.squash === "relu" ? relu(h) : tanh(h);

/** The head of each class for each row, a class after the other: [n x classes, head]. */
export function headOfEach(named: NamedTensors, shape: ForkShape, seen: Tensor2D): Tensor2D {
  const plain = linear(named, "head", seen);
  if (shape.classes === 1) return squashed(shape, plain);
  const rows = plain.shape[0];
  const wide = add(
    reshape(plain, [rows, 1, shape.head]),
    reshape(named("head.class"), [1, shape.classes, shape.head]),
  );
  return reshape(squashed(shape, wide), [rows * shape.classes, shape.head]);
}

/**
 * What the network is taught: −Σ w ln p_c of the class, −Σ w ln Σ_k a_ck N of the class that it was, and where the class is
 * not known, −Σ w ln Σ_c p_c exp(mean over the horizons of ln Σ_k a_ck N): the mean tempers what a future says about its
 * class, which has as many correlated parts as there are horizons.
 */
export function forkLoss(shape: ForkShape, size: ForkBatchSize) {
  const shapes = parameterShapes(shape);
  return (params: Params, feeds: readonly Tensor[]): Scalar => {
    const named = namedTensors(shapes, params);
    const left = [...feeds];
    const next = (): Tensor => {
      const feed = left.shift();
      if (feed === undefined) throw new AppError("model/wrong-feeds", "A batch lacks a feed", { ...size });
      return feed;
    };
    const hasClasses = shape.classes > 1;
    const nextTargets = (): Tensor[] => Array.from({ length: shape.dims }, next);
    const x: Tensor3D = reshape(next(), [size.time, size.rows, shape.inputs]);
    const memory = remembered(named, x);
    const logClass = hasClasses ? logSoftmax(linear(named, "class", memory)) : undefined;
    const terms: Scalar[] = [];
    if (logClass !== undefined) terms.push(neg(sum(mul(logClass, next()))));
    const place = next();
    const plain = linear(named, "head", seenAt(shape, memory, { x, place }));
    const head: Tensor2D = hasClasses ? add(plain, matMul(next(), named("head.class"))) : plain;
    const known = logDensity(partsOf(named, shape, squashed(shape, head)), nextTargets());
    terms.push(neg(sum(mul(known, next()))));
    if (size.unlabelled > 0) {
      const where = next();
      const heads = headOfEach(named, shape, seenAt(shape, memory, { x, place: where }));
      const targets = nextTargets().map((target) => repeated(target, shape.classes));
      const shares = repeated(next(), shape.classes);
      const mean = sum(mul(logDensity(partsOf(named, shape, heads), targets), shares), 1);
      const byClass = reshape(mean, [size.unlabelled, shape.classes]);
      const joint = logClass === undefined ? byClass : add(byClass, gather(logClass, where));
      terms.push(neg(sum(mul(logSumExp(joint, 1), next()))));
    }
    return terms.reduce((a, b) => add<Scalar>(a, b));
  };
}

/** Each row `times` times. */
function repeated(x: Tensor, times: number): Tensor2D {
  const [rows = 0, width = 0] = x.shape;
  const copies = Array.from({ length: times }, () => reshape(x, [rows, 1, width]));
  return reshape(concat(copies, 1), [rows * times, width]);
}

/**
 * What is predicted, to be run whole or exported. Feeds: x [time, rows, inputs] and places [n]. Out: class logits
 * [n, classes], log shares [n x classes, components x (horizons or 1)], and for each dimension means and log deviations
 * [n x classes, components x horizons], last the correlations where there are two.
 */
export function forkPredict(shape: ForkShape) {
  return (params: Params, feeds: readonly Tensor[]): readonly Tensor[] => {
    const [given, place] = feeds;
    if (given === undefined || place === undefined)
      throw new AppError("model/wrong-feeds", "A prediction takes inputs and places", {});
    const named = namedTensors(parameterShapes(shape), params);
    const [time = 0, rows = 0] = given.shape;
    const x: Tensor3D = reshape(given, [time, rows, shape.inputs]);
    const memory = remembered(named, x);
    const heads = headOfEach(named, shape, seenAt(shape, memory, { x, place }));
    const { logShare, means, spreads, turn } = partsOf(named, shape, heads);
    const flat = (table: Tensor): Tensor => reshape(table, [heads.shape[0], -1]);
    const logits = shape.classes > 1 ? [gather(linear(named, "class", memory), place)] : [];
    const each = means.flatMap((mean, dim) => [flat(mean), ...spreads.slice(dim, dim + 1).map(flat)]);
    return [...logits, flat(logShare), ...each, ...(turn === undefined ? [] : [flat(turn)])];
  };
}
