import { AppError } from "../../preload/contract/errors.ts";
import { sure } from "../../preload/contract/sure.ts";
import type { TensorSpec } from "./tensors.ts";
import type { TypedArray } from "./runtime.ts";

export const sizeOf = (shape: readonly number[]): number => shape.reduce((size, extent) => size * extent, 1);

export const allocate = (spec: TensorSpec): TypedArray =>
  spec.dtype === "int32" ? new Int32Array(sizeOf(spec.shape)) : new Float32Array(sizeOf(spec.shape));

/** A step is compiled for fixed shapes: a feed of another count, length or type is a mistake of the caller. */
export function checkArrays(what: string, arrays: readonly TypedArray[], specs: readonly TensorSpec[]): void {
  if (arrays.length !== specs.length) {
    throw new AppError(
      "model/wrong-feeds",
      `${specs.length} arrays of ${what} are needed, ${arrays.length} were given`,
      {
        what,
        expected: specs.length,
        given: arrays.length,
      },
    );
  }
  specs.forEach((spec, index) => {
    const array = sure(arrays[index]);
    const dtype = array instanceof Int32Array ? "int32" : "float32";
    if (array.length === sizeOf(spec.shape) && dtype === spec.dtype) return;
    throw new AppError(
      "model/wrong-feeds",
      `${what} ${index} has ${array.length} ${dtype} values; the step was compiled for ${sizeOf(spec.shape)} of ${spec.dtype} [${spec.shape.join(", ")}]`,
      { what, index, given: array.length, expected: sizeOf(spec.shape), dtype },
    );
  });
}

export const copyOf = (arrays: readonly TypedArray[]): TypedArray[] => arrays.map((array) => array.slice());
