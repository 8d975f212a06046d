import { conv1d } from "@tensorflow/tfjs-core";
import type { Tensor3D } from "@tensorflow/tfjs-core";
import { sure } from "../../../preload/contract/sure.ts";
import { distance } from "../self-check/op-battery.ts";
import { onnxDialect, recordPredict } from "../recorder.ts";
import type { Dialect } from "../recorder.ts";
import type { Predict } from "../runtime.ts";
import { seeded } from "../seeded.ts";
import { onnxBytes } from "./graph.ts";
import { onProcessor } from "./ort.ts";
import type { Ort } from "./ort.ts";

const TIME = 5;
const TOLERANCE = 1e-5;

/**
 * How many channels ONNX Runtime lays together on this processor for its fastest convolution: 16, 8, or nothing where
 * it has none. It does not say, so a small convolution is run and compared with the standard one.
 */
export async function channelBlock(ort: Ort): Promise<number | undefined> {
  const expected = sure(await convolved(ort, 16, onnxDialect));
  for (const block of [16, 8]) {
    const actual = await convolved(ort, 16, { ...onnxDialect, channelBlock: block });
    if (actual !== undefined && distance(actual, expected) < TOLERANCE) return block;
  }
  return undefined;
}

async function convolved(ort: Ort, channels: number, words: Dialect): Promise<Float32Array | undefined> {
  const specs = [
    { shape: [1, TIME, channels], dtype: "float32" },
    { shape: [3, channels, channels], dtype: "float32" },
  ] as const;
  const predict: Predict = (_, [x, filter]) => [conv1d(x as Tensor3D, filter as Tensor3D, 1, "same")];
  const random = seeded(1);
  const feeds = specs.map(
    ({ shape }, index) =>
      [
        `feed${index}`,
        new ort.Tensor("float32", random.normals(shape[0] * shape[1] * shape[2]), shape),
      ] as const,
  );
  try {
    const bytes = onnxBytes(recordPredict(predict, [], specs, words), "probe");
    const session = await ort.InferenceSession.create(bytes, { ...onProcessor(1), logSeverityLevel: 4 });
    const { output0 } = await session.run(Object.fromEntries(feeds));
    await session.release();
    return sure(output0).data as Float32Array;
  } catch {
    return undefined; // no such operator on this processor
  }
}
