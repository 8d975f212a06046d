import { createHash } from "node:crypto";
import { onnxRuntime } from "../onnx/runtime.ts";
import { small, trained } from "./workloads.shared.ts";

/* A program for workloads.test.ts: twenty steps of each workload, and what they came to, to the bit. */
const runtime = await onnxRuntime({ threads: Number(process.argv[2]) });
const digests: string[] = [];
for (const workload of small) {
  const { losses, state } = await trained(runtime, workload, { steps: 20 });
  const hash = createHash("sha256").update(JSON.stringify(losses));
  for (const { buffer, byteOffset, byteLength } of state)
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  digests.push(hash.digest("hex"));
}
await runtime.dispose();
console.log(JSON.stringify(digests));
