import { add } from "@tensorflow/tfjs-core";
import { AppError } from "../../../preload/contract/errors.ts";
import { sure } from "../../../preload/contract/sure.ts";
import { recordPredict } from "../recorder.ts";
import { onnxBytes } from "./graph.ts";
import type { Ort } from "./ort.ts";

/** Graphics interfaces through which ONNX Runtime computes where the machine has them. */
export type GraphicsDevice = "webgpu" | "directml";

/** What ONNX Runtime calls them. */
export const providers: Readonly<Record<GraphicsDevice, string>> = { webgpu: "webgpu", directml: "dml" };

/** Opens the graphics card once, on a sum, and throws in plain words where that cannot be done. */
export async function checkGraphics(
  ort: Pick<Ort, "InferenceSession" | "listSupportedBackends">,
  device: GraphicsDevice,
): Promise<void> {
  const provider = providers[device];
  if (!ort.listSupportedBackends().some(({ name }) => name === provider)) {
    const { platform, arch } = process;
    throw new AppError(
      "model/engine-unsupported",
      `The ONNX Runtime of ${platform} ${arch} has no part for ${titles[device]}`,
      { device, platform, architecture: arch },
    );
  }
  try {
    const vector = { shape: [4], dtype: "float32" } as const;
    const graph = recordPredict((_, feeds) => [add(sure(feeds[0]), sure(feeds[0]))], [], [vector]);
    const session = await ort.InferenceSession.create(onnxBytes(graph, "probe"), {
      executionProviders: [provider],
      logSeverityLevel: 4,
    });
    await session.release();
  } catch (error) {
    const reason = briefly(error);
    throw new AppError(
      "model/engine-no-card",
      `${titles[device]} found no graphics card to compute on: ${reason}`,
      { device, reason },
      error,
    );
  }
}

const titles: Readonly<Record<GraphicsDevice, string>> = { webgpu: "WebGPU", directml: "DirectML" };

/** The last sentence of a message whose first part is a place in ONNX Runtime's source. */
const briefly = (error: unknown): string => {
  const message = error instanceof Error ? error.message : String(error);
  const line = message.split("\n").find((one) => one.trim() !== "") ?? message;
  return line.replace(/^.* was false\. /, "").trim();
};
