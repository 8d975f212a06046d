import type { InferenceSession, Tensor } from "onnxruntime-node";
import type { TensorSpec } from "../../../models/estimator.ts";
import { allocate, checkArrays, copyOf } from "../feeds.ts";
import type { Graph } from "../graph.ts";
import { onnxDialect, recordPredict, recordStep } from "../recorder.ts";
import type { CompiledPredict, CompiledStep, Runtime, TypedArray } from "../runtime.ts";
import { channelBlock } from "./channel-block.ts";
import { onnxBytes } from "./graph.ts";
import { checkGraphics, providers } from "./graphics.ts";
import type { GraphicsDevice } from "./graphics.ts";
import { loadOrt } from "./ort.ts";
import type { Ort } from "./ort.ts";

export interface OnnxOptions {
  readonly threads: number;
  readonly device?: "cpu" | GraphicsDevice | undefined;
}

/**
 * ONNX Runtime on the processor, or on a graphics card. Loads its native library, so only the trainer process calls this: a crash in it
 * must not reach a recording.
 */
export async function onnxRuntime({ threads, device = "cpu" }: OnnxOptions): Promise<Runtime> {
  const ort = await loadOrt();
  if (device !== "cpu") await checkGraphics(ort, device);
  const words = device === "cpu" ? { ...onnxDialect, channelBlock: await channelBlock(ort) } : onnxDialect;
  const sessions = new Set<InferenceSession>();
  const open = async (graph: Graph, name: string): Promise<InferenceSession> => {
    const session = await ort.InferenceSession.create(onnxBytes(graph, name), {
      executionProviders: [device === "cpu" ? "cpu" : providers[device]],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: "sequential",
      graphOptimizationLevel: "all",
      logSeverityLevel: 3,
    });
    sessions.add(session);
    return session;
  };
  const close = async (session: InferenceSession): Promise<void> => {
    if (sessions.delete(session)) await session.release();
  };
  return {
    name: device === "cpu" ? `onnxruntime cpu x${threads}` : `onnxruntime ${device}`,
    version: ort.env.versions.node ?? "unknown",
    device,
    threads,
    compile: async (step, state, feeds) => {
      const session = await open(recordStep(step, state, feeds, words), "step");
      return compiledStep(ort, session, state, feeds, () => close(session));
    },
    compilePredict: async (predict, params, feeds) => {
      const graph = recordPredict(predict, params, feeds, words);
      const session = await open(graph, "predict");
      return compiledPredict(ort, session, { params, feeds, graph, close: () => close(session) });
    },
    dispose: async () => {
      for (const session of [...sessions]) await close(session);
    },
  };
}

const tensorOf = (ort: Ort, spec: TensorSpec, values: TypedArray): Tensor =>
  new ort.Tensor(spec.dtype, values as Float32Array, spec.shape);

const keyed = <T>(prefix: string, values: readonly T[]): Record<string, T> =>
  Object.fromEntries(values.map((value, index) => [`${prefix}${index}`, value]));

/**
 * The state lives in two sets of tensors: a run reads one and writes the other, then they change places. Nothing is
 * allocated a step.
 */
function compiledStep(
  ort: Ort,
  session: InferenceSession,
  state: readonly TensorSpec[],
  feeds: readonly TensorSpec[],
  close: () => Promise<void>,
): CompiledStep {
  const tensorsOf = (specs: readonly TensorSpec[]): { arrays: TypedArray[]; tensors: Tensor[] } => {
    const arrays = specs.map(allocate);
    return { arrays, tensors: arrays.map((array, index) => tensorOf(ort, specs[index]!, array)) };
  };
  let [current, next] = [tensorsOf(state), tensorsOf(state)];
  const batch = tensorsOf(feeds);
  const loss = new Float32Array(1);
  const lossTensor = new ort.Tensor("float32", loss, []);
  return {
    run: async (values) => {
      checkArrays("feeds", values, feeds);
      batch.arrays.forEach((array, index) => (array as Float32Array).set(values[index] as Float32Array));
      await session.run(
        { ...keyed("state", current.tensors), ...keyed("feed", batch.tensors) },
        { ...keyed("next", next.tensors), loss: lossTensor },
      );
      [current, next] = [next, current];
      return loss[0]!;
    },
    read: () => Promise.resolve(copyOf(current.arrays)),
    write: (values) => {
      checkArrays("state", values, state);
      current.arrays.forEach((array, index) => (array as Float32Array).set(values[index] as Float32Array));
      return Promise.resolve();
    },
    dispose: close,
  };
}

interface PredictParts {
  readonly params: readonly TensorSpec[];
  readonly feeds: readonly TensorSpec[];
  readonly graph: Graph;
  readonly close: () => Promise<void>;
}

function compiledPredict(
  ort: Ort,
  session: InferenceSession,
  { params, feeds, graph, close }: PredictParts,
): CompiledPredict {
  let written = params.map((spec) => tensorOf(ort, spec, allocate(spec)));
  return {
    run: async (values) => {
      checkArrays("feeds", values, feeds);
      const batch = values.map((array, index) => tensorOf(ort, feeds[index]!, array));
      const results = await session.run({ ...keyed("param", written), ...keyed("feed", batch) });
      return graph.outputs.map(({ name, dtype }) => {
        const { data } = results[name] as Tensor;
        return dtype === "int32"
          ? Int32Array.from(data as Int32Array)
          : Float32Array.from(data as Float32Array);
      });
    },
    write: (values) => {
      checkArrays("params", values, params);
      written = params.map((spec, index) => tensorOf(ort, spec, values[index]!.slice()));
      return Promise.resolve();
    },
    dispose: close,
  };
}
