import { z } from "zod";
import { sure } from "../../../preload/contract/sure.ts";
import { finiteDoubles } from "../file-parts.ts";
import { concatenated } from "../linear-algebra.ts";
import type { Random } from "../random.ts";

/** Two hidden layers of one width (ELU) and a linear end, in float64, row by row: for methods that learn in rounds. */
export interface MlpShape {
  readonly inputs: number;
  readonly hidden: number;
  readonly outputs: number;
}

export const mlpSize = ({ inputs, hidden, outputs }: MlpShape): number =>
  hidden * (inputs + 1) + hidden * (hidden + 1) + outputs * (hidden + 1);

/** Normal with variance 2 / inputs for weights, 0 for biases. Of each layer W [out x in], then b. */
export function mlpStart(shape: MlpShape, random: Random): Float64Array {
  const flat = new Float64Array(mlpSize(shape));
  for (const { weights, inputs, outputs } of layersOf(shape))
    for (let at = 0; at < inputs * outputs; at += 1)
      flat[weights + at] = Math.sqrt(2 / inputs) * random.normal();
  return flat;
}

/** W and b of a layer. */
const SavedLayer = z.strictObject({ weights: finiteDoubles, biases: finiteDoubles });
/** A network as it is saved, each array by its name. */
export const SavedMlp = z.strictObject({ layer1: SavedLayer, layer2: SavedLayer, layer3: SavedLayer });
type SavedMlp = z.infer<typeof SavedMlp>;

/** The parts of one flat vector, which share its memory. */
export function mlpParts(shape: MlpShape, flat: Float64Array): SavedMlp {
  const [layer1, layer2, layer3] = layersOf(shape);
  const part = ({ weights, biases, outputs }: Layer): z.infer<typeof SavedLayer> => ({
    ...{ weights: flat.subarray(weights, biases), biases: flat.subarray(biases, biases + outputs) },
  });
  return { layer1: part(layer1), layer2: part(layer2), layer3: part(layer3) };
}

/** The same parts as one vector. */
export const mlpFlat = ({ layer1, layer2, layer3 }: SavedMlp): Float64Array =>
  concatenated([layer1, layer2, layer3].flatMap(({ weights, biases }) => [weights, biases]));

/** What each must be as long as, by its name in a file. */
export function mlpLengths(
  shape: MlpShape,
  saved: SavedMlp,
  name: string,
): Record<string, readonly [Float64Array, number]> {
  const layers = [saved.layer1, saved.layer2, saved.layer3];
  return Object.fromEntries(
    layersOf(shape).flatMap(({ inputs, outputs }, at) => {
      const { weights, biases } = sure(layers[at]);
      const layer = `${name}.layer${at + 1}`;
      return [
        [`${layer}.weights`, [weights, inputs * outputs]],
        [`${layer}.biases`, [biases, outputs]],
      ];
    }),
  );
}

interface Layer {
  readonly inputs: number;
  readonly outputs: number;
  readonly weights: number; // where they begin
  readonly biases: number;
}

function layersOf({ inputs, hidden, outputs }: MlpShape): readonly [Layer, Layer, Layer] {
  const layer = (from: number, count: number, out: number): Layer => ({
    ...{ inputs: count, outputs: out, weights: from, biases: from + count * out },
  });
  const first = layer(0, inputs, hidden);
  const second = layer(first.biases + hidden, hidden, hidden);
  return [first, second, layer(second.biases + hidden, hidden, outputs)];
}

/** What a row went through. */
export interface MlpTrace {
  readonly first: Float64Array; // [h], after the activation
  readonly second: Float64Array; // [h]
  readonly out: Float64Array; // [o]
}

export const mlpTrace = ({ hidden, outputs }: MlpShape): MlpTrace => ({
  first: new Float64Array(hidden),
  second: new Float64Array(hidden),
  out: new Float64Array(outputs),
});

function through(
  flat: Float64Array,
  layer: Layer,
  x: Float64Array,
  out: Float64Array,
  isBent: boolean,
): void {
  for (let j = 0; j < layer.outputs; j += 1) {
    let sum = flat[layer.biases + j] ?? 0;
    const from = layer.weights + j * layer.inputs;
    for (let i = 0; i < layer.inputs; i += 1) sum += (flat[from + i] ?? 0) * (x[i] ?? 0);
    out[j] = isBent && sum < 0 ? Math.expm1(sum) : sum;
  }
}

export function mlpForward(shape: MlpShape, flat: Float64Array, x: Float64Array, trace: MlpTrace): void {
  const [first, second, last] = layersOf(shape);
  through(flat, first, x, trace.first, true);
  through(flat, second, trace.first, trace.second, true);
  through(flat, last, trace.second, trace.out, false);
}

/** Derivative by a layer's inputs from that by what it gives; its weights' derivative is added to `gradient`. */
function back(
  flat: Float64Array,
  layer: Layer,
  x: Float64Array,
  slope: Float64Array,
  gradient: Float64Array | undefined,
): Float64Array {
  const before = new Float64Array(layer.inputs);
  for (let j = 0; j < layer.outputs; j += 1) {
    const own = slope[j] ?? 0;
    if (own === 0) continue;
    const from = layer.weights + j * layer.inputs;
    for (let i = 0; i < layer.inputs; i += 1) before[i] = (before[i] ?? 0) + own * (flat[from + i] ?? 0);
    if (gradient === undefined) continue;
    gradient[layer.biases + j] = (gradient[layer.biases + j] ?? 0) + own;
    for (let i = 0; i < layer.inputs; i += 1)
      gradient[from + i] = (gradient[from + i] ?? 0) + own * (x[i] ?? 0);
  }
  return before;
}

/** Of ELU, from what it gave. */
function bent(slope: Float64Array, given: Float64Array): Float64Array {
  for (let i = 0; i < slope.length; i += 1) {
    const value = given[i] ?? 0;
    if (value < 0) slope[i] = (slope[i] ?? 0) * (value + 1);
  }
  return slope;
}

/** Adds the derivative by the weights to `gradient`, where there is one; returns that by the row. */
export function mlpBackward(
  shape: MlpShape,
  flat: Float64Array,
  x: Float64Array,
  trace: MlpTrace,
  slope: Float64Array,
  gradient: Float64Array | undefined,
): Float64Array {
  const [first, second, last] = layersOf(shape);
  const atSecond = bent(back(flat, last, trace.second, slope, gradient), trace.second);
  const atFirst = bent(back(flat, second, trace.first, atSecond, gradient), trace.first);
  return back(flat, first, x, atFirst, gradient);
}
