import type { InferenceSession, Tensor } from "onnxruntime-node";
import { sure } from "../../../preload/contract/sure.ts";
import type { TensorSpec } from "../tensors.ts";
import { allocate, checkArrays } from "../feeds.ts";
import type { Graph } from "../graph.ts";
import { onnxDialect, recordPredict, recordStep } from "../recorder.ts";
import type { CompiledPredict, Runtime } from "../runtime.ts";
import { sharingOf, stepsPerCall } from "../threads.ts";
import type { Sharing } from "../threads.ts";
import { channelBlock } from "./channel-block.ts";
import { onnxBytes, stepsBytes } from "./graph.ts";
import { checkGraphics, providers } from "./graphics.ts";
import type { GraphicsDevice } from "./graphics.ts";
import { openLanes } from "./lane.ts";
import type { Lane, LaneWork } from "./lane.ts";
import { loadOrt, onProcessor } from "./ort.ts";
import type { Ort } from "./ort.ts";
import { stepInLanes } from "./step-in-lanes.ts";
import { stepsOnThreads } from "./steps-apart.ts";
import { compiledStep, compiledSteps, keyed, tensorOf } from "./step.ts";

export interface OnnxOptions {
  readonly threads: number; // at most
  readonly device?: "cpu" | GraphicsDevice | undefined;
  readonly sharing?: Sharing | undefined; // decided by the size of each step unless given
  readonly stepsPerCall?: number | undefined; // likewise
}

/**
 * ONNX Runtime on the processor, or on a graphics card. Loads its native library, so only the trainer process calls this: a crash in it
 * must not reach a recording.
 */
export async function onnxRuntime(options: OnnxOptions): Promise<Runtime> {
  const { threads, device = "cpu" } = options;
  const ort = await loadOrt();
  if (device !== "cpu") await checkGraphics(ort, device);
  const words = device === "cpu" ? { ...onnxDialect, channelBlock: await channelBlock(ort) } : onnxDialect;
  const sessions = new Set<InferenceSession>();
  const lanes = new Set<Lane>();
  const openMany = async (works: readonly LaneWork[]): Promise<Lane[]> => {
    const opened = await openLanes(works);
    for (const lane of opened) lanes.add(lane);
    return opened;
  };
  const closeLane = async (lane: Lane): Promise<void> => {
    if (lanes.delete(lane)) await lane.close();
  };
  const open = async (bytes: Uint8Array, count: number): Promise<InferenceSession> => {
    const session = await ort.InferenceSession.create(bytes, {
      ...onProcessor(count),
      ...(device === "cpu" ? {} : { executionProviders: [providers[device]] }),
    });
    sessions.add(session);
    return session;
  };
  const countOf = (graph: Graph): number => options.stepsPerCall ?? stepsPerCall(graph);
  const close = async (session: InferenceSession): Promise<void> => {
    if (sessions.delete(session)) await session.release();
  };
  return {
    name: device === "cpu" ? `onnxruntime cpu x${threads}` : `onnxruntime ${device}`,
    version: ort.env.versions.node ?? "unknown",
    device,
    threads,
    compile: async (step, state, feeds) => {
      const graph = recordStep(step, state, feeds, words);
      const several = threads > 1 && device === "cpu";
      const [apart, parts] = several ? [step.apart?.(threads), step.inParts?.(threads)] : [];
      const size = { threads, first: sure(state[0]), apart, parts };
      const sharing = options.sharing ?? sharingOf(graph, size);
      const tools = { words, state, feeds, open, close, openLanes: openMany, closeLane };
      if (sharing === "models" && apart !== undefined)
        return stepsOnThreads(ort, apart, { ...tools, count: countOf });
      if (sharing === "parts" && parts !== undefined) return stepInLanes(ort, parts, { ...tools, threads });
      const count = device === "cpu" ? countOf(graph) : 1;
      const bytes = count > 1 ? stepsBytes(graph, "steps") : onnxBytes(graph, "step");
      const session = await open(bytes, sharing === "products" ? threads : 1);
      const one = { state, feeds, count, close: () => close(session) };
      return count > 1 ? compiledSteps(ort, session, one) : compiledStep(ort, session, one);
    },
    compilePredict: async (predict, params, feeds) => {
      const graph = recordPredict(predict, params, feeds, words);
      const session = await open(onnxBytes(graph, "predict"), threads);
      return compiledPredict(ort, session, { params, feeds, graph, close: () => close(session) });
    },
    dispose: async () => {
      for (const lane of [...lanes]) await closeLane(lane);
      for (const session of [...sessions]) await close(session);
    },
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
      const batch = values.map((array, index) => tensorOf(ort, sure(feeds[index]), array));
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
      written = params.map((spec, index) => tensorOf(ort, spec, sure(values[index]).slice()));
      return Promise.resolve();
    },
    dispose: close,
  };
}
