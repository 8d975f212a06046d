import "@tensorflow/tfjs-backend-cpu";
import { tensor, version_core } from "@tensorflow/tfjs-core";
import type { Tensor } from "@tensorflow/tfjs-core";
import { sure } from "../../../preload/contract/sure.ts";
import type { TensorSpec } from "../tensors.ts";
import { onBackend } from "../backend.ts";
import { allocate, checkArrays, copyOf } from "../feeds.ts";
import type { CompiledPredict, CompiledStep, Predict, Runtime, Step, TypedArray } from "../runtime.ts";

/**
 * TensorFlow.js's plain JavaScript backend, op by op: what the other runtimes are compared with, and the one that
 * always works. 70 to 300 times slower than a recorded step.
 */
export function referenceRuntime(): Runtime {
  return {
    name: "tensorflow.js cpu, op by op",
    version: version_core,
    device: "cpu",
    threads: 1,
    compile: (step, state, feeds) => Promise.resolve(compileStep(step, state, feeds)),
    compilePredict: (predict, params, feeds) => Promise.resolve(compilePredict(predict, params, feeds)),
    dispose: () => Promise.resolve(),
  };
}

const tensors = (arrays: readonly TypedArray[], specs: readonly TensorSpec[]): Tensor[] =>
  specs.map((spec, index) => tensor(sure(arrays[index]).slice(), [...spec.shape], spec.dtype));

const valuesOf = (results: readonly Tensor[]): TypedArray[] =>
  results.map((result) => (result.dtype === "int32" ? Int32Array : Float32Array).from(result.dataSync()));

function compileStep(
  step: Step,
  stateSpecs: readonly TensorSpec[],
  feedSpecs: readonly TensorSpec[],
): CompiledStep {
  let state = stateSpecs.map(allocate);
  return {
    run: async (feeds) => {
      checkArrays("feeds", feeds, feedSpecs);
      const loss = { value: NaN };
      onBackend("cpu", () => {
        const next = step(tensors(state, stateSpecs), tensors(feeds, feedSpecs));
        state = valuesOf(next.state);
        loss.value = sure(next.loss.dataSync()[0]);
      });
      return Promise.resolve(loss.value);
    },
    read: () => Promise.resolve(copyOf(state)),
    write: async (values) => {
      checkArrays("state", values, stateSpecs);
      state = copyOf(values);
      return Promise.resolve();
    },
    dispose: () => Promise.resolve(),
  };
}

function compilePredict(
  predict: Predict,
  paramSpecs: readonly TensorSpec[],
  feedSpecs: readonly TensorSpec[],
): CompiledPredict {
  let params = paramSpecs.map(allocate);
  return {
    run: async (feeds) => {
      checkArrays("feeds", feeds, feedSpecs);
      let results: TypedArray[] = [];
      onBackend("cpu", () => {
        results = valuesOf(predict(tensors(params, paramSpecs), tensors(feeds, feedSpecs)));
      });
      return Promise.resolve(results);
    },
    write: async (values) => {
      checkArrays("params", values, paramSpecs);
      params = copyOf(values);
      return Promise.resolve();
    },
    dispose: () => Promise.resolve(),
  };
}
