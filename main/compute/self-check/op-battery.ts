import { grads, mul, sum, tensor } from "@tensorflow/tfjs-core";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import { sure } from "../../../preload/contract/sure.ts";
import { sizeOf } from "../feeds.ts";
import type { OpCase } from "./op-cases.ts";
import type { CompiledPredict, Predict, Runtime, TypedArray } from "../runtime.ts";
import { seeded } from "../seeded.ts";

export interface OpResult {
  readonly value: TypedArray;
  readonly gradients: readonly TypedArray[]; // of sum(slope * value), by the float32 inputs in order
}

export function inputsOf({ inputs }: OpCase, seed: number): TypedArray[] {
  const { uniform } = seeded(seed);
  return inputs.map(({ shape, dtype, from, to }) =>
    dtype === "int32"
      ? Int32Array.from({ length: sizeOf(shape) }, () => from + Math.floor(uniform() * (to - from)))
      : Float32Array.from({ length: sizeOf(shape) }, () => from + uniform() * (to - from)),
  );
}

/** Uneven, so that no two errors of a gradient cancel. */
const slopeAt = (index: number): number => 0.5 + ((index * 7) % 11) / 10;

const weighted = (value: Tensor): Scalar =>
  sum(
    mul(
      value,
      tensor(
        Float32Array.from({ length: value.size }, (_, index) => slopeAt(index)),
        value.shape,
      ),
    ),
  );

const differentiated = ({ inputs }: OpCase): number[] =>
  inputs.flatMap(({ dtype }, index) => (dtype === "float32" ? [index] : []));

/** Value and, where there is one, gradient of an op in one function, as a runtime compiles it. */
export async function evaluate(
  runtime: Runtime,
  opCase: OpCase,
  values: readonly TypedArray[],
): Promise<OpResult> {
  const floats = differentiated(opCase);
  const predict: Predict = (_, inputs) => {
    const value = opCase.run(...inputs);
    if (!opCase.gradient) return [value];
    const loss = (...moved: Tensor[]): Scalar =>
      weighted(opCase.run(...inputs.map((input, index) => moved[floats.indexOf(index)] ?? input)));
    return [value, ...grads(loss)(floats.map((index) => sure(inputs[index])))];
  };
  const compiled = await runtime.compilePredict(predict, [], opCase.inputs);
  const [value, ...gradients] = await compiled.run(values);
  await compiled.dispose();
  return { value: sure(value), gradients };
}

/**
 * The gradient by central differences of the op's own value, summed in float64. The value is float32, so the step is
 * wide (1 %) and the result good to about 1 %: enough to catch a wrong formula, which no comparison of two runtimes
 * that share TensorFlow.js's gradients would.
 */
export async function differences(
  runtime: Runtime,
  opCase: OpCase,
  values: readonly TypedArray[],
): Promise<readonly Float64Array[]> {
  const compiled = await runtime.compilePredict((_, inputs) => [opCase.run(...inputs)], [], opCase.inputs);
  const gradients: Float64Array[] = [];
  for (const input of differentiated(opCase)) {
    const gradient = new Float64Array(sure(values[input]).length);
    for (let at = 0; at < gradient.length; at++) {
      const [high, low] = [
        await totalAt(compiled, values, input, at, 0.01),
        await totalAt(compiled, values, input, at, -0.01),
      ];
      gradient[at] = (high - low) / 0.02;
    }
    gradients.push(gradient);
  }
  await compiled.dispose();
  return gradients;
}

async function totalAt(
  compiled: CompiledPredict,
  values: readonly TypedArray[],
  input: number,
  at: number,
  by: number,
): Promise<number> {
  const moved = sure(values[input]).slice();
  moved[at] = sure(moved[at]) + by;
  const [value] = await compiled.run(values.with(input, moved));
  return Array.from(sure(value)).reduce((total, one, index) => total + one * slopeAt(index), 0);
}

/** The largest difference, relative to the largest entry (at least 1). */
export function distance(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Infinity;
  let [difference, scale] = [0, 1];
  for (let at = 0; at < expected.length; at++) {
    const [a, b] = [sure(actual[at]), sure(expected[at])];
    if (Object.is(a, b) || a === b) continue;
    difference = Math.max(difference, Number.isNaN(a - b) ? Infinity : Math.abs(a - b));
    scale = Math.max(scale, Math.abs(b));
  }
  return difference / scale;
}
