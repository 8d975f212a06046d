import {
  DataStorage,
  KernelBackend,
  engine,
  registerBackend,
  registerKernel,
  removeBackend,
} from "@tensorflow/tfjs-core";
import type { BackendValues, DataId, DataType, Tensor, TensorInfo } from "@tensorflow/tfjs-core";
import { AppError } from "../../preload/contract/errors.ts";
import { sure } from "../../preload/contract/sure.ts";
import type { TensorSpec } from "./tensors.ts";
import { RECORDER } from "./backend-name.ts";
import { onBackend } from "./backend.ts";
import { GraphBuilder, sameGraph } from "./graph.ts";
import type { ElementType, Graph, GraphValue } from "./graph.ts";
import { kernels } from "./kernels/all.ts";
import type { Inputs, KernelTable, Trace } from "./kernels/kernel.ts";
import type { Predict, Step } from "./runtime.ts";
import { callSite, withDeepStacks } from "./call-site.ts";

interface Recorded {
  readonly shape: readonly number[];
  readonly dtype: DataType;
  name: string | undefined; // of the graph value, once it has one
  readonly values: BackendValues | undefined; // known only for constants
  references: number;
}

/**
 * A TensorFlow.js backend that computes nothing: its kernels infer shapes and write nodes. A tensor is a name in the
 * graph, or a constant that gets one when it is first used.
 */
class RecordingBackend extends KernelBackend implements Trace {
  readonly graph: GraphBuilder;
  readonly #data = new DataStorage<Recorded>(this, engine());

  constructor(channelBlock: number | undefined) {
    super();
    this.graph = new GraphBuilder(channelBlock);
  }

  nameOf(tensor: TensorInfo): string {
    const entry = this.#data.get(tensor.dataId);
    if (entry.name !== undefined) return entry.name;
    entry.name = this.graph.constant(elementType(entry.dtype), entry.shape, entry.values as Iterable<number>);
    return entry.name;
  }

  /** A tensor that stands for a value of the graph. */
  tensor(name: string, shape: readonly number[], dtype: DataType): TensorInfo {
    const dataId = {};
    this.graph.know(name, shape);
    this.#data.set(dataId, { shape, dtype, name, values: undefined, references: 1 });
    return { dataId, shape: [...shape], dtype };
  }

  override write(values: BackendValues, shape: number[], dtype: DataType): DataId {
    const dataId = {};
    this.move(dataId, values, shape, dtype, 1);
    return dataId;
  }
  override move(
    dataId: DataId,
    values: BackendValues,
    shape: number[],
    dtype: DataType,
    references: number,
  ): void {
    this.#data.set(dataId, { shape, dtype, values, name: undefined, references });
  }
  override readSync(dataId: object): BackendValues {
    const { values } = this.#data.get(dataId);
    if (values !== undefined) return values; // a constant: nothing of the step is read
    const site = callSite(new Error().stack);
    throw new AppError(
      "model/value-read-back",
      `The step reads a value back (${site}); a recorded step must stay a pure function of tensors`,
      {
        site,
      },
    );
  }
  override read(dataId: object): Promise<BackendValues> {
    return Promise.resolve(this.readSync(dataId));
  }
  override incRef(dataId: DataId): void {
    this.#data.get(dataId).references++;
  }
  override refCount(dataId: DataId): number {
    return this.#data.has(dataId) ? this.#data.get(dataId).references : 0;
  }
  override disposeData(dataId: DataId, force = false): boolean {
    if (!this.#data.has(dataId)) return true;
    const entry = this.#data.get(dataId);
    entry.references--;
    if (entry.references > 0 && !force) return false;
    this.#data.delete(dataId);
    return true;
  }
  override numDataIds(): number {
    return this.#data.numDataIds();
  }
  override floatPrecision(): 32 {
    return 32;
  }
  override timerAvailable(): boolean {
    return false;
  }
  override memory(): { unreliable: boolean } {
    return { unreliable: true };
  }
  override dispose(): void {
    // Tensors made outside and used inside stay readable through the entries they were moved to.
  }
}

/** Whose operators a recording is written in: a backend of TensorFlow.js with kernels of its own. */
export interface Dialect {
  readonly backendName: string;
  readonly kernels: readonly string[]; // of TensorFlow.js, that a step may use
  readonly channelBlock?: number | undefined; // see GraphBuilder; left out, every operator is one of ONNX's standard
}

export function dialect(backendName: string, table: KernelTable): Dialect {
  for (const [kernelName, kernel] of Object.entries(table)) {
    registerKernel({
      kernelName,
      backendName,
      kernelFunc: ({ inputs, attrs, backend }) =>
        kernel(backend as unknown as Trace, inputs as Inputs, attrs ?? {}),
    });
  }
  return { backendName, kernels: Object.keys(table) };
}

export const onnxDialect = dialect(RECORDER, kernels);

/** Kernels of TensorFlow.js that a step may use. */
export const recordedKernels = onnxDialect.kernels;

const elementType = (dtype: DataType): ElementType => {
  if (dtype === "float32" || dtype === "int32" || dtype === "bool") return dtype;
  throw new AppError("model/op-not-recorded", `A step cannot be recorded with values of type ${dtype}`, {
    dtype,
    site: callSite(new Error().stack),
  });
};

/** `state0`, `feed0`, … in; `next0`, …, `loss` out. */
export function recordStep(
  step: Step,
  state: readonly TensorSpec[],
  feeds: readonly TensorSpec[],
  words = onnxDialect,
): Graph {
  return recordTwice(() =>
    record(words, (backend) => {
      const result = step(inputs(backend, "state", state), inputs(backend, "feed", feeds));
      checkState(result.state, state);
      checkLoss(result.loss);
      return [
        ...named(backend, "next", result.state),
        ...named(backend, "loss", [result.loss]).map((loss) => ({ ...loss, name: "loss" })),
      ];
    }),
  );
}

/** `param0`, `feed0`, … in; `output0`, … out. */
export function recordPredict(
  predict: Predict,
  params: readonly TensorSpec[],
  feeds: readonly TensorSpec[],
  words = onnxDialect,
): Graph {
  return recordTwice(() =>
    record(words, (backend) =>
      named(backend, "output", predict(inputs(backend, "param", params), inputs(backend, "feed", feeds))),
    ),
  );
}

function record(
  { backendName: name, channelBlock }: Dialect,
  trace: (backend: RecordingBackend) => ReturnType<typeof named>,
): Graph {
  const recording = new RecordingBackend(channelBlock);
  registerBackend(name, () => recording, 0);
  try {
    return onBackend(name, () => withDeepStacks(() => recording.graph.finish(trace(recording))));
  } catch (error) {
    throw clearer(error);
  } finally {
    removeBackend(name);
  }
}

/** Randomness, time or a counter inside a step would be frozen into it: two recordings tell. */
function recordTwice(recordOnce: () => Graph): Graph {
  const [first, second] = [recordOnce(), recordOnce()];
  if (!sameGraph(first, second)) {
    throw new AppError(
      "model/step-not-pure",
      "Two recordings of the step differ: it draws random numbers, reads a clock or counts its calls; such values must come in as feeds",
    );
  }
  return first;
}

const inputs = (backend: RecordingBackend, prefix: string, specs: readonly TensorSpec[]): Tensor[] =>
  specs.map(({ shape, dtype }, index) => {
    const name = backend.graph.input({ name: `${prefix}${index}`, shape, dtype });
    return engine().makeTensorFromTensorInfo(backend.tensor(name, shape, dtype));
  });

const named = (
  backend: RecordingBackend,
  prefix: string,
  tensors: readonly Tensor[],
): (GraphValue & { readonly source: string })[] =>
  tensors.map((tensor, index) => ({
    name: `${prefix}${index}`,
    shape: tensor.shape,
    dtype: elementType(tensor.dtype),
    source: backend.nameOf(tensor),
  }));

function checkState(next: readonly Tensor[], specs: readonly TensorSpec[]): void {
  if (next.length !== specs.length) {
    throw new AppError(
      "model/state-changes",
      `The step takes ${specs.length} state tensors and returns ${next.length}`,
      {
        expected: specs.length,
        given: next.length,
      },
    );
  }
  next.forEach(({ shape, dtype }, index) => {
    const spec = sure(specs[index]);
    if (dtype === spec.dtype && shape.join() === spec.shape.join()) return;
    throw new AppError(
      "model/state-changes",
      `State ${index} goes in as ${spec.dtype} [${spec.shape.join(", ")}] and comes out as ${dtype} [${shape.join(", ")}]`,
      { index, expected: `${spec.dtype}[${spec.shape.join()}]`, given: `${dtype}[${shape.join()}]` },
    );
  });
}

function checkLoss({ shape, dtype }: Tensor): void {
  if (shape.length === 0 && dtype === "float32") return;
  throw new AppError(
    "model/loss-not-scalar",
    `The loss is ${dtype} [${shape.join(", ")}]; it must be one float32`,
    {
      given: `${dtype}[${shape.join()}]`,
    },
  );
}

/** TensorFlow.js names the kernel it misses only in prose. */
function clearer(error: unknown): unknown {
  const missing = error instanceof Error ? /Kernel '(\w+)' not registered/.exec(error.message) : null;
  if (!(error instanceof Error) || missing === null) return error;
  const site = callSite(error.stack);
  return new AppError(
    "model/op-not-recorded",
    `The op ${sure(missing[1])} (${site}) has no recorded form`,
    { op: sure(missing[1]), site },
    error,
  );
}
