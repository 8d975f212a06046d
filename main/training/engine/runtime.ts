import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import type { TensorSpec } from "../../models/estimator.ts";

export type TypedArray = Float32Array | Int32Array;

/** One optimiser step: pure, fixed shapes. Traced once, gradients included, then run whole. */
export type Step = (
  state: readonly Tensor[],
  feeds: readonly Tensor[],
) => { readonly state: readonly Tensor[]; readonly loss: Scalar };
/** Prediction compiled the same way: parameters and inputs in, any number of tensors out. */
export type Predict = (params: readonly Tensor[], feeds: readonly Tensor[]) => readonly Tensor[];

export interface CompiledStep {
  run(feeds: readonly TypedArray[]): Promise<number>; // the loss; state stays inside
  /** Several steps in one call, where a runtime gains by it: batches in, as many losses out. */
  readonly stepsPerCall?: number;
  runMany?(batches: readonly (readonly TypedArray[])[]): Promise<readonly number[]>;
  read(): Promise<readonly TypedArray[]>; // a checkpoint
  write(state: readonly TypedArray[]): Promise<void>;
  dispose(): Promise<void>;
}

export interface CompiledPredict {
  run(feeds: readonly TypedArray[]): Promise<readonly TypedArray[]>;
  write(params: readonly TypedArray[]): Promise<void>;
  dispose(): Promise<void>;
}

export interface Runtime {
  readonly name: string; // "onnxruntime cpu x1": shown, and stored with the run
  readonly version: string;
  readonly device: string; // "cpu", "cuda": where it computes
  readonly threads: number;
  compile(step: Step, state: readonly TensorSpec[], feeds: readonly TensorSpec[]): Promise<CompiledStep>;
  compilePredict(
    predict: Predict,
    params: readonly TensorSpec[],
    feeds: readonly TensorSpec[],
  ): Promise<CompiledPredict>;
  dispose(): Promise<void>;
}
