import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AppError } from "../../../preload/contract/errors.ts";
import { sure } from "../../../preload/contract/sure.ts";
import type { TensorSpec } from "../tensors.ts";
import { RECORDER } from "../backend-name.ts";
import { allocate, checkArrays } from "../feeds.ts";
import type { Graph } from "../graph.ts";
import { together } from "../parts.ts";
import { dialect, recordPredict, recordStep } from "../recorder.ts";
import type { CompiledPredict, CompiledStep, Runtime, TypedArray } from "../runtime.ts";
import { sharingOf } from "../threads.ts";
import { loadAddon } from "./addon.ts";
import type { Addon, LoadOptions } from "./addon.ts";
import { NodeWriter, dataTypeCode, shapeProto, type } from "./graph.ts";
import { tensorflowKernels } from "./kernels.ts";
import { SERVE, savedModelBytes } from "./protobuf.ts";
import type { NodeDef } from "./protobuf.ts";

/** The recorder in TensorFlow's operators. */
export const tensorflowDialect = dialect(`${RECORDER}-tensorflow`, tensorflowKernels);

export interface TensorflowOptions extends LoadOptions {
  readonly stepsPerCall?: number | undefined; // how many `runMany` takes at once; 8 on a graphics card, else 1
}

/**
 * libtensorflow, where it is installed. A step becomes one graph with its state in resource variables, loaded as a
 * SavedModel and run with one call. Loads a native library, so only the trainer process calls this.
 */
export const tensorflowRuntime = (options: TensorflowOptions): Promise<Runtime> =>
  settled(() => runtimeOn(options));

function runtimeOn({ stepsPerCall, ...options }: TensorflowOptions): Runtime {
  const { addon, device, threads, xla } = loadAddon(options);
  const sessions = new Set<Session>();
  const open = (nodes: readonly NodeDef[]): Session => {
    const session = new Session(addon, nodes, () => sessions.delete(session));
    sessions.add(session);
    return session;
  };
  const many = stepsPerCall ?? (device === "cuda" ? 8 : 1);
  return {
    name: ["libtensorflow", device, ...(xla ? ["xla"] : []), `x${threads}`].join(" "),
    version: addon.TF_Version,
    device,
    threads,
    compile: (step, state, feeds) =>
      settled(() => {
        const parts = device === "cpu" && threads > 1 ? step.inParts?.(threads) : undefined;
        // Weighed in the operators of ONNX: the others carry no weights.
        const isParted = parts && sharingOf(recordStep(step, state, feeds), { threads, parts }) === "parts";
        const graph = recordStep(isParted ? together(parts) : step, state, feeds, tensorflowDialect);
        return compiledStep(open(stepNodes(graph, { state, feeds, many })), { state, feeds, many });
      }),
    compilePredict: (predict, params, feeds) =>
      settled(() => {
        const graph = recordPredict(predict, params, feeds, tensorflowDialect);
        return compiledPredict(open(predictNodes(graph, params, feeds)), { params, feeds, graph });
      }),
    dispose: () =>
      settled(() => {
        for (const session of [...sessions]) session.close();
      }),
  };
}

/** The addon's calls are synchronous; a failure still comes as a rejection. */
const settled = <T>(work: () => T): Promise<T> =>
  new Promise((resolve) => {
    resolve(work());
  });

/** A session of the library and the names in its graph. */
class Session {
  readonly #addon: Addon;
  readonly #id: number;
  readonly #closed: () => void;
  #open = true;

  constructor(addon: Addon, nodes: readonly NodeDef[], closed: () => void) {
    this.#addon = addon;
    this.#closed = closed;
    const folder = mkdtempSync(join(tmpdir(), "kodo-step-")); // the library loads from a folder only
    try {
      writeFileSync(join(folder, "saved_model.pb"), savedModelBytes(nodes));
      this.#id = addon.loadSavedModel(folder, SERVE);
    } catch (error) {
      throw failed(error);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  run(
    names: readonly string[],
    specs: readonly TensorSpec[],
    values: readonly TypedArray[],
    outputs: readonly string[],
  ): ArrayBufferView[] {
    const inputs: number[] = [];
    const results: number[] = [];
    try {
      specs.forEach(({ shape, dtype }, index) =>
        inputs.push(this.#addon.createTensor(shape, dataTypeCode[dtype], sure(values[index]))),
      );
      for (const { id } of this.#addon.runSavedModel(this.#id, inputs, names.join(), outputs.join()))
        results.push(id);
      return results.map((id) => this.#addon.tensorDataSync(id));
    } catch (error) {
      throw failed(error);
    } finally {
      for (const id of [...inputs, ...results]) this.#addon.deleteTensor(id);
    }
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#addon.deleteSavedModel(this.#id);
    this.#closed();
  }
}

const failed = (error: unknown): AppError =>
  error instanceof AppError
    ? error
    : new AppError(
        "model/engine-failed",
        `libtensorflow: ${error instanceof Error ? error.message : String(error)}`,
        {},
        error,
      );

const names = (prefix: string, specs: readonly unknown[]): string[] =>
  specs.map((_, index) => `${prefix}${index}`);
const references = (prefix: string, specs: readonly unknown[]): string[] =>
  names(prefix, specs).map((name) => `${name}:0`);

/** A variable for each spec with the nodes that read it (`variable0/read`) and write it (`variable0/write`). */
function variables(writer: NodeWriter, specs: readonly TensorSpec[]): string[] {
  const written = specs.map((spec, index) => {
    const name = `variable${index}`;
    writer.add(name, "VarHandleOp", [], {
      dtype: type(spec.dtype),
      shape: { shape: shapeProto(spec.shape) },
      shared_name: { s: new TextEncoder().encode(name) },
    });
    const value = writer.placeholder(`${name}/value`, spec);
    assign(writer, `${name}/write`, name, value, spec);
    writer.add(`${name}/read`, "ReadVariableOp", [name], { dtype: type(spec.dtype) });
    return `^${name}/write`;
  });
  const one = writer.constant("one", { dtype: "float32", shape: [], values: Float32Array.of(1) });
  writer.add("written", "Identity", [one, ...written], { T: type("float32") });
  return specs.map((_, index) => `variable${index}/read:0`);
}

function assign(
  writer: NodeWriter,
  name: string,
  variable: string,
  value: string,
  { dtype }: TensorSpec,
  after: readonly string[] = [],
): void {
  writer.add(name, "AssignVariableOp", [variable, value, ...after], { dtype: type(dtype) });
}

interface StepParts {
  readonly state: readonly TensorSpec[];
  readonly feeds: readonly TensorSpec[];
  readonly many: number;
}

/** Feeds of several steps at once: one more axis in front. */
const stacked = (feeds: readonly TensorSpec[], many: number): TensorSpec[] =>
  feeds.map(({ shape, dtype }) => ({ shape: [many, ...shape], dtype }));

function stepNodes(graph: Graph, { state, feeds, many }: StepParts): NodeDef[] {
  const writer = new NodeWriter();
  const read = variables(writer, state);
  const placed = feeds.map((spec, index) => writer.placeholder(`feed${index}`, spec));
  chain(writer, { graph, state, read, batches: [placed], name: "loss", prefix: "step" });
  if (many > 1) {
    const batches = stacked(feeds, many).map((spec, index) => {
      const all = writer.placeholder(`feeds${index}`, spec);
      writer.add(`feeds${index}/each`, "Unpack", [all], {
        T: type(spec.dtype),
        num: { i: many },
        axis: { i: 0 },
      });
      return Array.from({ length: many }, (_, step) => `feeds${index}/each:${step}`);
    });
    const each = Array.from({ length: many }, (_, step) => batches.map((batch) => sure(batch[step])));
    chain(writer, { graph, state, read, batches: each, name: "losses", prefix: "steps" });
  }
  return writer.nodes;
}

interface Chain {
  readonly graph: Graph;
  readonly state: readonly TensorSpec[];
  readonly read: readonly string[];
  readonly batches: readonly (readonly string[])[]; // feeds, a step
  readonly name: string; // of the losses in the end
  readonly prefix: string;
}

/** Steps one after the other; the last state is written when all that reads the first has been read. */
function chain(writer: NodeWriter, { graph, state, read, batches, name, prefix }: Chain): void {
  let current = read;
  const losses = batches.map((batch, step) => {
    const inputs = new Map([
      ...names("state", state).map((key, index) => [key, sure(current[index])] as const),
      ...batch.map((value, index) => [`feed${index}`, value] as const),
    ]);
    const results = writer.graph(graph, `${prefix}${step}/`, inputs);
    current = names("next", state).map((key) => sure(results.get(key)));
    return sure(results.get("loss"));
  });
  const reads = read.map((value) => `^${value.replace(/:0$/, "")}`);
  const writes = current.map((value, index) => {
    assign(writer, `${prefix}/write${index}`, `variable${index}`, value, sure(state[index]), reads);
    return `^${prefix}/write${index}`;
  });
  const T = type("float32");
  const together = batches.length > 1 ? `${name}/all` : undefined;
  if (together !== undefined)
    writer.add(together, "Pack", losses, { T, N: { i: losses.length }, axis: { i: 0 } });
  writer.add(name, "Identity", [together ?? sure(losses[0]), ...writes], { T });
}

function compiledStep(session: Session, { state, feeds, many }: StepParts): CompiledStep {
  const [one, several] = [references("feed", feeds), references("feeds", feeds)];
  const run = (batch: readonly TypedArray[]): number => {
    checkArrays("feeds", batch, feeds);
    const [loss] = session.run(one, feeds, batch, ["loss:0"]);
    return sure((loss as Float32Array)[0]);
  };
  const specs = stacked(feeds, many);
  const buffers = many > 1 ? specs.map(allocate) : [];
  return {
    run: (batch) => settled(() => run(batch)),
    read: () => settled(() => readVariables(session, state)),
    write: (values) => settled(() => writeVariables(session, "state", state, values)),
    dispose: () => settled(() => session.close()),
    ...(many === 1
      ? {}
      : {
          stepsPerCall: many,
          runMany: (batches: readonly (readonly TypedArray[])[]) =>
            settled(() => {
              if (batches.length !== many) return batches.map(run);
              batches.forEach((batch, step) => {
                checkArrays("feeds", batch, feeds);
                batch.forEach((array, index) =>
                  (buffers[index] as Float32Array).set(array as Float32Array, step * array.length),
                );
              });
              const [losses] = session.run(several, specs, buffers, ["losses:0"]);
              return [...(losses as Float32Array)];
            }),
        }),
  };
}

function readVariables(session: Session, specs: readonly TensorSpec[]): TypedArray[] {
  const outputs = specs.map((_, index) => `variable${index}/read:0`);
  return typed(session.run([], [], [], outputs), specs);
}

function writeVariables(
  session: Session,
  what: string,
  specs: readonly TensorSpec[],
  values: readonly TypedArray[],
): void {
  checkArrays(what, values, specs);
  const inputs = specs.map((_, index) => `variable${index}/value:0`);
  session.run(inputs, specs, values, ["written:0"]);
}

/** The addon answers with memory of its own or the library's: what leaves here is a copy. */
const typed = (
  values: readonly ArrayBufferView[],
  specs: readonly { readonly dtype: string }[],
): TypedArray[] =>
  values.map((value, index) =>
    sure(specs[index]).dtype === "int32"
      ? Int32Array.from(value as Int32Array)
      : Float32Array.from(value as Float32Array),
  );

function predictNodes(graph: Graph, params: readonly TensorSpec[], feeds: readonly TensorSpec[]): NodeDef[] {
  const writer = new NodeWriter();
  const read = variables(writer, params);
  const inputs = new Map([
    ...read.map((value, index) => [`param${index}`, value] as const),
    ...feeds.map((spec, index) => [`feed${index}`, writer.placeholder(`feed${index}`, spec)] as const),
  ]);
  const results = writer.graph(graph, "predict/", inputs);
  graph.outputs.forEach(({ name, dtype }) =>
    writer.add(name, "Identity", [sure(results.get(name))], { T: type(dtype) }),
  );
  return writer.nodes;
}

interface PredictParts {
  readonly params: readonly TensorSpec[];
  readonly feeds: readonly TensorSpec[];
  readonly graph: Graph;
}

function compiledPredict(session: Session, { params, feeds, graph }: PredictParts): CompiledPredict {
  const inputs = references("feed", feeds);
  const outputs = graph.outputs.map(({ name }) => `${name}:0`);
  writeVariables(session, "params", params, params.map(allocate));
  return {
    run: (values) =>
      settled(() => {
        checkArrays("feeds", values, feeds);
        return typed(session.run(inputs, feeds, values, outputs), graph.outputs);
      }),
    write: (values) => settled(() => writeVariables(session, "params", params, values)),
    dispose: () => settled(() => session.close()),
  };
}
