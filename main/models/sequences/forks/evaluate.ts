import { type NamedArrays, valuesOf } from "../../../compute/parameters.ts";
import { softmaxRows } from "../../linear-algebra.ts";
import type { ClassFuture, Fork } from "./mixture.ts";
import { type ForkShape, MOST_SPREAD, MOST_TURN } from "./shape.ts";

/** Where the memory of one sequence stands. */
export interface Memory {
  readonly output: Float64Array; // [hidden]
  readonly cell: Float64Array;
}

/**
 * The network in float64, a step at a time: what follows a recording of any length, without a runtime. The same numbers as
 * network.ts in its precision.
 */
export interface Network {
  readonly shape: ForkShape;
  readonly start: Memory;
  step(before: Memory, x: ArrayLike<number>): Memory;
  /** What is seen from a memory; x: the inputs just taken. */
  fork(memory: Memory, x: ArrayLike<number>): Fork;
  classLogits(memory: Memory): Float64Array;
}

export function networkOf(shape: ForkShape, parameters: NamedArrays): Network {
  const values = (name: string): Float32Array => valuesOf(parameters, name);
  const layer = (name: string): Layer => ({
    weight: values(`${name}.weight`),
    bias: values(`${name}.bias`),
  });
  const { hidden, classes, components, horizons, seesInputs } = shape;
  const [input, recurrent, bias] = [
    values("memory.input"),
    values("memory.recurrent"),
    values("memory.bias"),
  ];
  const head = layer("head");
  const of = classes > 1 ? layer("class") : undefined;
  const added = classes > 1 ? values("head.class") : new Float32Array(0);
  const futureOf = futuresOf(shape, layer);
  const classLogits = ({ output }: Memory): Float64Array =>
    of === undefined ? new Float64Array(1) : affine(of, output);
  return {
    shape,
    start: { output: new Float64Array(hidden), cell: new Float64Array(hidden) },
    step: (before, x) => {
      const gates = Float64Array.from(bias);
      accumulate(input, x, gates);
      accumulate(recurrent, before.output, gates);
      return opened(gates, before.cell);
    },
    classLogits,
    fork: (memory, x) => {
      const plain = affine(head, seesInputs ? joined(memory.output, x) : memory.output);
      const futures: ClassFuture[] = [];
      for (let c = 0; c < classes; c += 1) futures.push(futureOf(squashedHead(shape, plain, added, c)));
      return {
        ...{ components, horizons, futures },
        probability: softmaxRows(classLogits(memory), classes),
      };
    },
  };
}

interface Layer {
  readonly weight: Float32Array; // [in, out]
  readonly bias: Float32Array;
}

function joined(first: Float64Array, then: ArrayLike<number>): Float64Array {
  const all = new Float64Array(first.length + then.length);
  all.set(first);
  all.set(then, first.length);
  return all;
}

const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));

/** Gates in the order in which they admit, keep, show, and what is admitted. */
function opened(gates: Float64Array, cellBefore: Float64Array): Memory {
  const hidden = cellBefore.length;
  const [output, cell] = [new Float64Array(hidden), new Float64Array(hidden)];
  for (let i = 0; i < hidden; i += 1) {
    const kept = sigmoid(gates[hidden + i] ?? 0) * (cellBefore[i] ?? 0);
    const own = kept + sigmoid(gates[i] ?? 0) * Math.tanh(gates[3 * hidden + i] ?? 0);
    cell[i] = own;
    output[i] = sigmoid(gates[2 * hidden + i] ?? 0) * Math.tanh(own);
  }
  return { output, cell };
}

/** out += x W, W [x, out]: four rows at a time, in the order in which one after another would be added. */
function accumulate(weight: Float32Array, x: ArrayLike<number>, out: Float64Array): void {
  const width = out.length;
  const whole = x.length - (x.length % 4);
  for (let i = 0; i < whole; i += 4) {
    const a = x[i] ?? 0;
    const b = x[i + 1] ?? 0;
    const c = x[i + 2] ?? 0;
    const d = x[i + 3] ?? 0;
    const first = i * width;
    const second = first + width;
    const third = second + width;
    const fourth = third + width;
    for (let j = 0; j < width; j += 1)
      out[j] =
        (out[j] ?? 0) +
        a * (weight[first + j] ?? 0) +
        b * (weight[second + j] ?? 0) +
        c * (weight[third + j] ?? 0) +
        d * (weight[fourth + j] ?? 0);
  }
  for (let i = whole; i < x.length; i += 1) {
    const [own, from] = [x[i] ?? 0, i * width];
    for (let j = 0; j < width; j += 1) out[j] = (out[j] ?? 0) + own * (weight[from + j] ?? 0);
  }
}

function affine({ weight, bias }: Layer, x: ArrayLike<number>): Float64Array {
  const out = Float64Array.from(bias);
  accumulate(weight, x, out);
  return out;
}

/** The head of one class: what all have in common, and what the class adds to it. */
function squashedHead(
  { squash }: ForkShape,
  plain: Float64Array,
  added: Float32Array,
  c: number,
): Float64Array {
  const head = new Float64Array(plain.length);
  const from = c * plain.length;
  for (let i = 0; i < plain.length; i += 1) {
    const value = (plain[i] ?? 0) + (added[from + i] ?? 0);
    head[i] = squash === "relu" ? Math.max(0, value) : Math.tanh(value);
  }
  return head;
}

/** What a class' head says. */
function futuresOf(shape: ForkShape, layer: (name: string) => Layer): (head: Float64Array) => ClassFuture {
  const { dims, leastSpread, horizons } = shape;
  const share = layer("share");
  const tables = Array.from(
    { length: dims },
    (_, dim) => [layer(`mean${dim}`), layer(`spread${dim}`)] as const,
  );
  const turn = dims === 2 ? layer("turn") : undefined;
  const deviations = (own: Float64Array): Float64Array => {
    for (let i = 0; i < own.length; i += 1) {
      const least = leastSpread[i % horizons] ?? -Infinity;
      own[i] = Math.exp(Math.min(Math.max(own[i] ?? 0, least), MOST_SPREAD));
    }
    return own;
  };
  return (head) => ({
    share: sharesOf(affine(share, head), shape),
    means: tables.map(([mean]) => affine(mean, head)),
    spreads: tables.map(([, spread]) => deviations(affine(spread, head))),
    turn: turn && affine(turn, head).map((value) => MOST_TURN * Math.tanh(value)),
  });
}

/** Shares of the components at each horizon, [components x horizons]: a path has the same at all of them. */
function sharesOf(logits: Float64Array, { components, horizons, weights }: ForkShape): Float64Array {
  const across = weights === "path" ? 1 : horizons;
  const out = new Float64Array(components * horizons);
  for (let h = 0; h < horizons; h += 1) {
    const at = across === 1 ? 0 : h;
    let most = -Infinity;
    for (let k = 0; k < components; k += 1) most = Math.max(most, logits[k * across + at] ?? 0);
    let total = 0;
    for (let k = 0; k < components; k += 1) total += Math.exp((logits[k * across + at] ?? 0) - most);
    const log = most + Math.log(total);
    for (let k = 0; k < components; k += 1)
      out[k * horizons + h] = Math.exp((logits[k * across + at] ?? 0) - log);
  }
  return out;
}
