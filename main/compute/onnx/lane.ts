import { createRequire } from "node:module";
import { setImmediate } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";
import type { InferenceSession, Tensor } from "onnxruntime-node";
import { AppError } from "../../../preload/contract/errors.ts";
import type { TensorSpec } from "../tensors.ts";
import { sizeOf } from "../feeds.ts";
import type { TypedArray } from "../runtime.ts";
import { onProcessor } from "./ort.ts";
import type { Ort } from "./ort.ts";
import { keepQuiet } from "./quiet.ts";

/** Numbers both threads see: the turn that was asked for, -1 to end; the last turn that is done; how many steps it has. */
const ASKED = 0;
const DONE = 1;
const STEPS = 2;

/** Looks this often before it lets other work in, or falls asleep: some 2 ms, longer than the end of a step takes. */
const LOOKS = 100_000;

/** A value that goes in or comes out, at the same place in memory as another where that is named. */
export interface LaneValue extends TensorSpec {
  readonly name: string;
  readonly steps?: number; // as many of it at most, along a new first axis
  readonly at?: string; // another's name
}

export interface LaneWork {
  readonly bytes: Uint8Array; // a model file
  readonly inputs: readonly LaneValue[];
  readonly outputs: readonly LaneValue[];
}

interface LaneOrder {
  readonly packageFile: string;
  readonly bytes: Uint8Array;
  readonly options: InferenceSession.SessionOptions;
  readonly inputs: readonly SharedValue[];
  readonly outputs: readonly SharedValue[];
  readonly control: Int32Array;
  readonly looks: number;
}

interface SharedValue extends LaneValue {
  readonly values: TypedArray; // shared memory
}

function shared(list: readonly LaneValue[], others: readonly SharedValue[] = []): SharedValue[] {
  return list.map((value) => {
    const other = others.find(({ name }) => name === value.at);
    if (other !== undefined) return { ...value, values: other.values };
    const memory = new SharedArrayBuffer(4 * sizeOf(value.shape) * (value.steps ?? 1));
    return { ...value, values: value.dtype === "int32" ? new Int32Array(memory) : new Float32Array(memory) };
  });
}

/**
 * One graph in a thread of its own, run when it is asked to, on arrays that both threads see. ONNX Runtime's own threads
 * share out each product and wait for one another after every operator; lanes meet once a step. The session's `run` is
 * synchronous underneath, so it takes a thread of JavaScript to have two at a time.
 */
export class Lane {
  readonly inputs: ReadonlyMap<string, TypedArray>;
  readonly outputs: ReadonlyMap<string, TypedArray>;
  readonly #worker: Worker;
  readonly #control: Int32Array;
  #turn = 0;
  #failure: string | undefined;

  private constructor(worker: Worker, { inputs, outputs, control }: LaneOrder) {
    this.#worker = worker;
    this.#control = control;
    this.inputs = new Map(inputs.map(({ name, values }) => [name, values]));
    this.outputs = new Map(outputs.map(({ name, values }) => [name, values]));
  }

  /** Resolves when its session is open. */
  static async open({ bytes, inputs, outputs }: LaneWork): Promise<Lane> {
    keepQuiet(); // the thread loads the library by itself
    const given = shared(inputs);
    const order: LaneOrder = {
      packageFile: createRequire(import.meta.url).resolve("onnxruntime-node"),
      bytes,
      options: onProcessor(1),
      inputs: given,
      outputs: shared(outputs, given),
      control: new Int32Array(new SharedArrayBuffer(12)),
      looks: LOOKS,
    };
    const worker = new Worker(`(${program.toString()})(require)`, { eval: true, workerData: order });
    const lane = new Lane(worker, order);
    await new Promise<void>((resolve, reject) => {
      const fail = (reason: string): void => {
        lane.#failure ??= reason;
        reject(failed(reason));
      };
      worker.once("error", (error: Error) => fail(error.message));
      worker.once("exit", () => fail("its thread ended"));
      worker.on("message", (message: string | null) => (message === null ? resolve() : fail(message)));
    });
    worker.unref(); // a step that nobody disposed of does not keep the process
    return lane;
  }

  /** Sets it going; the inputs must be in place. */
  begin(steps = 1): void {
    Atomics.store(this.#control, STEPS, steps);
    Atomics.store(this.#control, ASKED, ++this.#turn);
    Atomics.notify(this.#control, ASKED);
  }

  /** Resolves when the outputs are in place. */
  async ended(): Promise<void> {
    for (let look = 0; look < LOOKS; look++) if (this.#isDone()) return;
    while (!this.#isDone()) {
      if (this.#failure !== undefined) throw failed(this.#failure);
      await setImmediate();
    }
  }

  #isDone(): boolean {
    return Atomics.load(this.#control, DONE) === this.#turn;
  }

  async close(): Promise<void> {
    Atomics.store(this.#control, ASKED, -1);
    Atomics.notify(this.#control, ASKED);
    await this.#worker.terminate();
  }
}

/** All of them, or none is left open. */
export async function openLanes(works: readonly LaneWork[]): Promise<Lane[]> {
  const opened = await Promise.allSettled(works.map((work) => Lane.open(work)));
  const lanes = opened.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const refused = opened.find((one) => one.status === "rejected");
  if (refused === undefined) return lanes;
  await Promise.all(lanes.map((lane) => lane.close()));
  throw refused.reason;
}

const failed = (reason: string): AppError =>
  new AppError("model/engine-failed", `ONNX Runtime in a thread of its own: ${reason}`);

/** All of the thread's program. It is sent as text, wherever this file was built to, and sees nothing outside itself. */
function program(load: NodeJS.Require): void {
  const threads = load("node:worker_threads") as { parentPort: MessagePort; workerData: LaneOrder };
  const { parentPort, workerData } = threads;
  const { packageFile, bytes, options, inputs, outputs, control, looks } = workerData;
  const [asked, done, stepCount] = [0, 1, 2];
  const work = async (): Promise<void> => {
    const ort = load(packageFile) as Ort;
    // The session takes no shared memory: every value has a copy here.
    const own = (value: SharedValue) => {
      const { length } = value.values;
      return { ...value, copy: value.dtype === "int32" ? new Int32Array(length) : new Float32Array(length) };
    };
    const [given, made] = [inputs.map(own), outputs.map(own)];
    const tensors = (list: typeof given, count: number): Record<string, Tensor> =>
      Object.fromEntries(
        list.map(({ name, dtype, shape, steps, copy }) => {
          const [extents, length] =
            steps === undefined ? [shape, copy.length] : [[count, ...shape], (copy.length / steps) * count];
          return [name, new ort.Tensor(dtype, copy.subarray(0, length) as Float32Array, extents)];
        }),
      );
    const session = await ort.InferenceSession.create(bytes, options);
    parentPort.postMessage(null);
    for (let turn = 1; ; turn++) {
      for (let look = 0; look < looks && Atomics.load(control, asked) === turn - 1; look++);
      Atomics.wait(control, asked, turn - 1);
      if (Atomics.load(control, asked) === -1) return;
      for (const { copy, values } of given) copy.set(values);
      const count = Atomics.load(control, stepCount);
      await session.run(tensors(given, count), tensors(made, count));
      for (const { copy, values } of made) values.set(copy);
      Atomics.store(control, done, turn);
    }
  };
  work().catch((error: unknown) =>
    parentPort.postMessage(error instanceof Error ? error.message : String(error)),
  );
}
