import { onnxRuntime } from "./onnx/runtime.ts";
import { referenceRuntime } from "./reference.ts";
import type { Runtime } from "./runtime.ts";

export type RuntimeName = "onnxruntime" | "reference";

export interface RuntimeEntry {
  readonly name: RuntimeName;
  readonly title: string; // as a person reads it
  readonly lastResort: boolean; // taken by `auto` only where no other passes
  open(threads: number): Promise<Runtime>;
}

/** A runtime is one folder and one line here; the first that passes and is fastest wins. */
export const runtimes: readonly RuntimeEntry[] = [
  {
    name: "onnxruntime",
    title: "ONNX Runtime",
    lastResort: false,
    open: (threads) => onnxRuntime({ threads }),
  },
  {
    name: "reference",
    title: "the op-by-op reference",
    lastResort: true,
    open: () => Promise.resolve(referenceRuntime()),
  },
];
