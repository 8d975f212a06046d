import { type Fork, forksOf } from "./mixture.ts";
import { type ForkShape, MOST_SPREAD, MOST_TURN, parameterShapes } from "./shape.ts";

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

export function networkOf(shape: ForkShape, parameters: readonly Float32Array[]): Network {
  const byName = new Map([...parameterShapes(shape).keys()].map((name, index) => [name, parameters[index]]));
  const values = (name: string): Float32Array => byName.get(name) ?? new Float32Array(0);
  const { hidden, classes, horizons, seesInputs } = shape;
  const tables = ["input", "recurrent", "bias"].map((name) => values(`memory.${name}`));
  const [input, recurrent, bias] = [tables[0], tables[1], tables[2]].map((one) => one ?? new Float32Array(0));
  const layer = (name: string, x: ArrayLike<number>): Float64Array =>
    affine(values(`${name}.weight`), values(`${name}.bias`), x);
  const classLogits = ({ output }: Memory): Float64Array =>
    classes > 1 ? layer("class", output) : new Float64Array(1);
  const squash = shape.squash === "relu" ? (v: number) => Math.max(0, v) : Math.tanh;
  const out = outputsOf(shape, layer);
  return {
    shape,
    start: { output: new Float64Array(hidden), cell: new Float64Array(hidden) },
    step: (before, x) => {
      const gates = Float64Array.from(bias ?? []);
      accumulate(input ?? gates, x, gates);
      accumulate(recurrent ?? gates, before.output, gates);
      return opened(gates, before.cell);
    },
    classLogits,
    fork: (memory, x) => {
      const seen = seesInputs ? Float64Array.from([...memory.output, ...Array.from(x)]) : memory.output;
      const plain = layer("head", seen);
      const added = values("head.class");
      const heads = Array.from({ length: classes }, (_, c) =>
        plain.map((value, i) => squash(value + (added[c * shape.head + i] ?? 0))),
      );
      const rows = heads.map(out);
      const joined = Array.from({ length: rows[0]?.length ?? 0 }, (_, at) =>
        concatenated(rows.map((row) => row[at])),
      );
      const logits = classes > 1 ? [classLogits(memory)] : [];
      const [fork] = forksOf(shape, [...logits, ...joined]);
      return fork ?? { components: 0, horizons, probability: new Float64Array(0), futures: [] };
    },
  };
}

const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));

function opened(gates: Float64Array, cellBefore: Float64Array): Memory {
  const hidden = cellBefore.length;
  const [output, cell] = [new Float64Array(hidden), new Float64Array(hidden)];
  for (let i = 0; i < hidden; i += 1) {
    const [admit, keep, show] = [0, 1, 2].map((gate) => sigmoid(gates[gate * hidden + i] ?? 0));
    cell[i] = (keep ?? 0) * (cellBefore[i] ?? 0) + (admit ?? 0) * Math.tanh(gates[3 * hidden + i] ?? 0);
    output[i] = (show ?? 0) * Math.tanh(cell[i] ?? 0);
  }
  return { output, cell };
}

/** out += x W, W [x, out]. */
function accumulate(weight: ArrayLike<number>, x: ArrayLike<number>, out: Float64Array): void {
  const width = out.length;
  for (let i = 0; i < x.length; i += 1) {
    const own = x[i] ?? 0;
    if (own === 0) continue;
    const from = i * width;
    for (let j = 0; j < width; j += 1) out[j] = (out[j] ?? 0) + own * (weight[from + j] ?? 0);
  }
}

function affine(weight: Float32Array, bias: Float32Array, x: ArrayLike<number>): Float64Array {
  const out = Float64Array.from(bias);
  accumulate(weight, x, out);
  return out;
}

/** The tables of one head, in the order of forkPredict. */
function outputsOf(
  { components, dims, horizons, weights, leastSpread }: ForkShape,
  layer: (name: string, x: ArrayLike<number>) => Float64Array,
) {
  const clipped = (value: number, i: number): number =>
    Math.min(Math.max(value, leastSpread[i % horizons] ?? -Infinity), MOST_SPREAD);
  return (head: Float64Array): Float64Array[] => [
    logShares(layer("share", head), components, weights === "path" ? 1 : horizons),
    ...Array.from({ length: dims }, (_, dim) => [
      layer(`mean${dim}`, head),
      layer(`spread${dim}`, head).map(clipped),
    ]).flat(),
    ...(dims === 2 ? [layer("turn", head).map((value) => MOST_TURN * Math.tanh(value))] : []),
  ];
}

/** Log shares of the components, [components, across]. */
function logShares(logits: Float64Array, components: number, across: number): Float64Array {
  const out = logits.slice();
  for (let h = 0; h < across; h += 1) {
    let most = -Infinity;
    for (let k = 0; k < components; k += 1) most = Math.max(most, logits[k * across + h] ?? 0);
    let total = 0;
    for (let k = 0; k < components; k += 1) total += Math.exp((logits[k * across + h] ?? 0) - most);
    for (let k = 0; k < components; k += 1)
      out[k * across + h] = (logits[k * across + h] ?? 0) - most - Math.log(total);
  }
  return out;
}

function concatenated(parts: readonly (Float64Array | undefined)[]): Float64Array {
  const out = new Float64Array(parts.reduce((sum, part) => sum + (part?.length ?? 0), 0));
  let at = 0;
  for (const part of parts) {
    out.set(part ?? [], at);
    at += part?.length ?? 0;
  }
  return out;
}
