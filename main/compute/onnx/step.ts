import type { InferenceSession, Tensor } from "onnxruntime-node";
import { sure } from "../../../preload/contract/sure.ts";
import type { TensorSpec } from "../tensors.ts";
import { allocate, checkArrays, copyOf, sizeOf } from "../feeds.ts";
import type { CompiledStep, TypedArray } from "../runtime.ts";
import type { Ort } from "./ort.ts";

export const tensorOf = (ort: Ort, spec: TensorSpec, values: TypedArray): Tensor =>
  new ort.Tensor(spec.dtype, values as Float32Array, spec.shape);

export const keyed = <T>(prefix: string, values: readonly T[]): Record<string, T> =>
  Object.fromEntries(values.map((value, index) => [`${prefix}${index}`, value]));

export const copyTo = (target: TypedArray, values: TypedArray, at = 0): void =>
  (target as Float32Array).set(values as Float32Array, at);

/** The state lives in two sets of tensors: a call reads one and writes the other, then they change places. */
export class State {
  readonly #specs: readonly TensorSpec[];
  #current: readonly Tensor[];
  #next: readonly Tensor[];

  constructor(ort: Ort, specs: readonly TensorSpec[]) {
    const tensors = (): Tensor[] => specs.map((spec) => tensorOf(ort, spec, allocate(spec)));
    this.#specs = specs;
    [this.#current, this.#next] = [tensors(), tensors()];
  }

  get current(): readonly Tensor[] {
    return this.#current;
  }
  get next(): readonly Tensor[] {
    return this.#next;
  }
  /** What was written last is read next. */
  advance(): void {
    [this.#current, this.#next] = [this.#next, this.#current];
  }
  read(): TypedArray[] {
    return copyOf(this.#current.map(({ data }) => data as TypedArray));
  }
  write(values: readonly TypedArray[]): void {
    checkArrays("state", values, this.#specs);
    this.#current.forEach(({ data }, index) => copyTo(data as TypedArray, sure(values[index])));
  }
}

interface StepTools {
  readonly state: readonly TensorSpec[];
  readonly feeds: readonly TensorSpec[];
  readonly close: () => Promise<void>;
}

/** A step by itself. */
export function compiledStep(
  ort: Ort,
  session: InferenceSession,
  { state: stateSpecs, feeds, close }: StepTools,
): CompiledStep {
  const state = new State(ort, stateSpecs);
  const batch = feeds.map((spec) => tensorOf(ort, spec, allocate(spec)));
  const loss = tensorOf(ort, { shape: [], dtype: "float32" }, new Float32Array(1));
  return {
    run: async (values) => {
      checkArrays("feeds", values, feeds);
      batch.forEach(({ data }, index) => copyTo(data as TypedArray, sure(values[index])));
      await session.run(
        { ...keyed("state", state.current), ...keyed("feed", batch) },
        { ...keyed("next", state.next), loss },
      );
      state.advance();
      return sure((loss.data as Float32Array)[0]);
    },
    ...stateOf(state),
    dispose: close,
  };
}

/** Up to `count` steps a call, of a graph that takes as many as it is given (stepsBytes). */
export function compiledSteps(
  ort: Ort,
  session: InferenceSession,
  { state: stateSpecs, feeds, count, close }: StepTools & { readonly count: number },
): CompiledStep & Required<Pick<CompiledStep, "runMany">> {
  const state = new State(ort, stateSpecs);
  const stacked = feeds.map((spec) => allocate({ ...spec, shape: [count, ...spec.shape] }));
  const losses = new Float32Array(count);
  const outer = (prefix: string, tensors: readonly Tensor[]): Record<string, Tensor> =>
    Object.fromEntries(tensors.map((tensor, index) => [`${prefix}${index}/all`, tensor]));
  const runMany = async (batches: readonly (readonly TypedArray[])[]): Promise<readonly number[]> => {
    const made = batches.length;
    batches.forEach((values, step) => {
      checkArrays("feeds", values, feeds);
      values.forEach((array, index) => copyTo(sure(stacked[index]), array, step * array.length));
    });
    const batch = feeds.map(({ shape, dtype }, index) =>
      tensorOf(
        ort,
        { shape: [made, ...shape], dtype },
        sure(stacked[index]).subarray(0, made * sizeOf(shape)),
      ),
    );
    await session.run(
      { ...outer("state", state.current), ...outer("feed", batch) },
      {
        ...outer("next", state.next),
        "loss/all": tensorOf(ort, { shape: [made], dtype: "float32" }, losses.subarray(0, made)),
      },
    );
    state.advance();
    return [...losses.subarray(0, made)];
  };
  return {
    stepsPerCall: count,
    runMany,
    run: async (values) => sure((await runMany([values]))[0]),
    ...stateOf(state),
    dispose: close,
  };
}

export const stateOf = (state: State): Pick<CompiledStep, "read" | "write"> => ({
  read: () => Promise.resolve(state.read()),
  write: (values) => {
    state.write(values);
    return Promise.resolve();
  },
});
