import { graphAlone } from "./graph-alone.ts";
import { loadOrt, onProcessor } from "./ort.ts";

/** A model file run as any program would run it: named tensors in, named tensors out. */
export interface FileSession {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  run(feeds: Readonly<Record<string, FileFeed>>): Promise<Readonly<Record<string, Float32Array>>>;
  dispose(): Promise<void>;
}

export interface FileFeed {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Loads ONNX Runtime's native library: for the trainer process only. */
export async function openModelFile(bytes: Uint8Array): Promise<FileSession> {
  const ort = await loadOrt();
  const session = await ort.InferenceSession.create(graphAlone(bytes), onProcessor(1));
  return {
    inputs: session.inputNames,
    outputs: session.outputNames,
    async run(feeds) {
      const tensors = Object.entries(feeds).map(
        ([name, { shape, values }]) => [name, new ort.Tensor("float32", values, [...shape])] as const,
      );
      const results = await session.run(Object.fromEntries(tensors));
      return Object.fromEntries(
        Object.entries(results).map(([name, { data }]) => [name, Float32Array.from(data as Float32Array)]),
      );
    },
    dispose: () => session.release(),
  };
}
