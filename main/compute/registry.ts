import { engineTitles } from "../../preload/contract/engine.ts";
import type { EngineName } from "../../preload/contract/engine.ts";
import type { GraphicsDevice } from "./onnx/graphics.ts";
import { onnxRuntime } from "./onnx/runtime.ts";
import { referenceRuntime } from "./self-check/reference.ts";
import type { Runtime } from "./runtime.ts";
import { locate } from "./tensorflow/place.ts";
import { tensorflowRuntime } from "./tensorflow/runtime.ts";
import { defaultThreads } from "./threads.ts";

export interface RuntimeEntry {
  readonly name: EngineName;
  readonly title: string; // as a person reads it
  readonly lastResort: boolean; // taken by `auto` only where no other passes
  /** `auto` does not mention what a person has not installed; asked for by name, it says how to install it. */
  readonly installed: () => boolean;
  readonly byNameOnly?: true; // never taken by `auto`: it trains only where a person asked for it
  open(threads: number): Promise<Runtime>;
}

/** Whether a person turned libtensorflow's compiler on or off; on a graphics card it is on by itself. */
function xlaAsked(environment = process.env): boolean | undefined {
  const said = environment["KODO_XLA"];
  return said === "1" ? true : said === "0" ? false : undefined;
}

/**
 * ONNX Runtime on a graphics card. Its sums come in another order from run to run, so a run made with it cannot be had
 * again to the bit: a person decides that.
 */
function graphics(name: EngineName, device: GraphicsDevice): RuntimeEntry {
  return {
    name,
    title: engineTitles[name],
    lastResort: false,
    installed: () => true, // part of the package; what is missing is said on opening it
    byNameOnly: true,
    open: () => onnxRuntime({ threads: 1, device }),
  };
}

/** A runtime is one folder and one line here; the first that passes and is fastest wins. */
export const runtimes: readonly RuntimeEntry[] = [
  {
    name: "onnxruntime",
    title: engineTitles.onnxruntime,
    lastResort: false,
    installed: () => true,
    open: (threads) => onnxRuntime({ threads }),
  },
  {
    name: "libtensorflow",
    title: engineTitles.libtensorflow,
    lastResort: false,
    installed: () => locate() !== undefined,
    // Its threads are the process's and cannot change.
    open: () => tensorflowRuntime({ threads: defaultThreads(), xla: xlaAsked() }),
  },
  graphics("onnxruntime-webgpu", "webgpu"),
  graphics("onnxruntime-directml", "directml"),
  {
    name: "reference",
    title: engineTitles.reference,
    lastResort: true,
    installed: () => true,
    open: () => Promise.resolve(referenceRuntime()),
  },
];
