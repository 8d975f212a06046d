import { ctgCase, emgCase, exported, meanCase } from "../../main/training/model-file/exported.fixtures.ts";
import { readModelFile } from "../../main/training/model-file/read.ts";
import { digestEntry } from "../../main/training/model-file/write.ts";

/**
 * Model files for the fuzzer, and how it reads what became of them. Those of odd length get a new checksum, so that what
 * lies behind it is tried too.
 */
export async function modelFiles(): Promise<{
  reader: string;
  seeds: Uint8Array<ArrayBuffer>[];
  read: (bytes: Uint8Array) => unknown;
}> {
  const seeds: Uint8Array<ArrayBuffer>[] = [];
  for (const one of [emgCase(), meanCase(), ctgCase()]) seeds.push((await exported(one)).bytes.slice());
  const read = (bytes: Uint8Array): unknown =>
    readModelFile(bytes.length % 2 === 0 ? bytes : sealed(bytes), "fuzzed.onnx");
  return { reader: "models", seeds, read };
}

function sealed(bytes: Uint8Array): Uint8Array {
  const length = digestEntry(new Uint8Array(0)).length;
  const body = bytes.subarray(0, Math.max(0, bytes.length - length));
  return Buffer.concat([body, digestEntry(body)]);
}
