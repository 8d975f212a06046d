import { engineTitles } from "../../../preload/contract/engine.ts";
import type { EngineName } from "../../../preload/contract/engine.ts";
import { onnxRuntime } from "./onnx/runtime.ts";
import { referenceRuntime } from "./reference.ts";
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
  open(threads: number): Promise<Runtime>;
}

/** Whether a person turned libtensorflow's compiler on or off; on a graphics card it is on by itself. */
function xlaAsked(environment = process.env): boolean | undefined {
  const said = environment["KODO_XLA"];
  return said === "1" ? true : said === "0" ? false : undefined;
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
    // Its threads are the process's and cannot change; small products do not use them anyway.
    open: () => tensorflowRuntime({ threads: defaultThreads(), xla: xlaAsked() }),
  },
  {
    name: "reference",
    title: engineTitles.reference,
    lastResort: true,
    installed: () => true,
    open: () => Promise.resolve(referenceRuntime()),
  },
];
