import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import type { TensorSpec } from "./tensors.ts";

export type TypedArray = Float32Array | Int32Array;

/** One optimiser step: pure, fixed shapes. Traced once, gradients included, then run whole. */
export interface Step {
  (state: readonly Tensor[], feeds: readonly Tensor[]): StepResult;
  /** The same step as about `count` parts, for a runtime with as many threads, where its loss is a sum. */
  readonly inParts?: ((count: number) => StepParts | undefined) | undefined;
  /** The same step as up to `count` steps that share nothing, where it trains several models side by side. */
  readonly apart?: ((count: number) => StepsApart | undefined) | undefined;
}
export interface StepResult {
  readonly state: readonly Tensor[];
  readonly loss: Scalar;
}

/** Each part adds to the loss and to its gradient by the first tensor of the state; `finish` makes the step of the sums. */
export interface StepParts {
  readonly parts: readonly ((first: Tensor, feeds: readonly Tensor[]) => LossAndGradient)[];
  readonly finish: (state: readonly Tensor[], feeds: readonly Tensor[], sum: LossAndGradient) => StepResult;
}
export interface LossAndGradient {
  readonly loss: Scalar;
  readonly gradient: Tensor; // shape of the state's first tensor
}

/** Prediction compiled the same way: parameters and inputs in, any number of tensors out. */
export type Predict = (params: readonly Tensor[], feeds: readonly Tensor[]) => readonly Tensor[];

export interface StepsApart {
  readonly steps: readonly {
    readonly step: Step;
    readonly state: readonly TensorSpec[];
    readonly feeds: readonly number[]; // which of the whole step's
  }[];
  /** The state of the whole step as one of each, and back. */
  split(state: readonly TypedArray[]): readonly (readonly TypedArray[])[];
  join(states: readonly (readonly TypedArray[])[]): readonly TypedArray[];
}

export interface CompiledStep {
  run(feeds: readonly TypedArray[]): Promise<number>; // the loss; state stays inside
  /** Several steps in one call, where a runtime gains by it: batches in, as many losses out. */
  readonly stepsPerCall?: number;
  runMany?(batches: readonly (readonly TypedArray[])[]): Promise<readonly number[]>;
  read(): Promise<readonly TypedArray[]>; // a checkpoint
  write(state: readonly TypedArray[]): Promise<void>;
  dispose(): Promise<void>;
}

/** The losses of several steps, in as few calls as the runtime takes. */
export async function runEach(
  compiled: CompiledStep,
  batches: readonly (readonly TypedArray[])[],
): Promise<readonly number[]> {
  if (batches.length > 1 && compiled.runMany !== undefined) return compiled.runMany(batches);
  const losses: number[] = [];
  for (const batch of batches) losses.push(await compiled.run(batch));
  return losses;
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
