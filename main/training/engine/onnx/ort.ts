import type * as onnxruntime from "onnxruntime-node";
import { AppError } from "../../../../preload/contract/errors.ts";

export type Ort = typeof onnxruntime;

export async function loadOrt(): Promise<Ort> {
  try {
    const loaded = (await import("onnxruntime-node")) as Ort & { readonly default?: Ort };
    return loaded.default ?? loaded;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError(
      "model/engine-missing",
      `ONNX Runtime did not load on ${process.platform} ${process.arch}: ${reason}`,
      {
        platform: process.platform,
        architecture: process.arch,
      },
      error,
    );
  }
}
