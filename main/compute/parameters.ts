import type { Tensor } from "@tensorflow/tfjs-core";
import { AppError } from "../../preload/contract/errors.ts";
import { sure } from "../../preload/contract/sure.ts";
import { sizeOf } from "./feeds.ts";
import type { Params, TensorSpec } from "./tensors.ts";

/** A network's parameters: shapes by name. Their order is the one in which an engine is given them, and nothing else. */
export type ParameterShapes = ReadonlyMap<string, readonly number[]>;

export interface NamedArray {
  readonly shape: readonly number[];
  readonly values: Float32Array; // row-major
}

/** The values of a network's parameters by name. */
export type NamedArrays = Readonly<Record<string, NamedArray>>;

/** Parameters while a step is recorded. Throws model/wrong-parameters for a name that there is none of. */
export type NamedTensors = (name: string) => Tensor;

export type ParameterSpec = TensorSpec & { readonly name: string };

export const wrongParameter = (message: string, name: string): AppError =>
  new AppError("model/wrong-parameters", message, { name });

const missing = (name: string): AppError => wrongParameter(`The parameter ${name} is missing`, name);

/** Those of a member of an ensemble, whose names begin with `prefix`. */
export const specsOf = (shapes: ParameterShapes, prefix = ""): ParameterSpec[] =>
  [...shapes].map(([name, shape]) => ({ name: `${prefix}${name}`, shape: [...shape], dtype: "float32" }));

export const countOf = (shapes: ParameterShapes): number =>
  [...shapes.values()].reduce((total, shape) => total + sizeOf(shape), 0);

/** A value for each parameter, by its name and shape. */
export const arraysFrom = (
  shapes: ParameterShapes,
  valuesOf: (name: string, shape: readonly number[]) => Float32Array,
): NamedArrays =>
  Object.fromEntries(
    [...shapes].map(([name, shape]) => [name, { shape: [...shape], values: valuesOf(name, shape) }]),
  );

/** Values in the order of the shapes, each with its name. */
export function named(shapes: ParameterShapes, values: readonly Float32Array[]): NamedArrays {
  let at = 0;
  return arraysFrom(shapes, () => sure(values[at++]));
}

/** Tensors in the order of the shapes, each by its name. */
export function namedTensors(shapes: ParameterShapes, tensors: Params): NamedTensors {
  const byName = new Map([...shapes.keys()].map((name, index) => [name, tensors[index]]));
  return (name) => {
    const found = byName.get(name);
    if (found === undefined) throw missing(name);
    return found;
  };
}

/** Of tensors of so many networks of one kind, those of each by name. */
export function namedMembers(shapes: ParameterShapes, tensors: Params, members: number): NamedTensors[] {
  return Array.from({ length: members }, (_, m) =>
    namedTensors(shapes, tensors.slice(m * shapes.size, (m + 1) * shapes.size)),
  );
}

/** The values of one parameter. Throws model/wrong-parameters where there is none of that name. */
export function valuesOf(arrays: NamedArrays, name: string): Float32Array {
  const found = arrays[name];
  if (found === undefined) throw missing(name);
  return found.values;
}

/**
 * All values in the order of the shapes: what an engine is given. Throws model/wrong-parameters with the name of the
 * parameter that is missing, has another shape, or that the network does not have.
 */
export function inOrder(shapes: ParameterShapes, arrays: NamedArrays): Float32Array[] {
  const unknown = Object.keys(arrays).find((name) => !shapes.has(name));
  if (unknown !== undefined) throw wrongParameter(`There is no parameter ${unknown}`, unknown);
  return [...shapes].map(([name, shape]) => {
    const found = arrays[name];
    if (found === undefined) throw missing(name);
    if (found.shape.join() !== shape.join() || found.values.length !== sizeOf(shape))
      throw wrongParameter(
        `The parameter ${name} is [${found.shape.join(", ")}] with ${found.values.length} values, it has to be [${shape.join(", ")}]`,
        name,
      );
    return found.values;
  });
}
