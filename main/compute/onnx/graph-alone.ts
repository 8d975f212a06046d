import protobuf from "protobufjs/minimal.js";

/** Fields of a ModelProto that are there to be read, not computed: doc_string and metadata_props. */
const WORDS: ReadonlySet<number> = new Set([6, 14]);

/**
 * A model file without its words: who it was trained on, how well it does and under what name is none of a runtime's
 * business, and ONNX Runtime hands all metadata of a file it opens to the system's or its maker's telemetry.
 */
export function graphAlone(bytes: Uint8Array): Uint8Array {
  const reader = protobuf.Reader.create(bytes);
  const kept: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    const from = reader.pos;
    const tag = reader.uint32();
    reader.skipType(tag & 7);
    if (!WORDS.has(tag >>> 3)) kept.push(bytes.subarray(from, reader.pos));
  }
  return new Uint8Array(Buffer.concat(kept));
}
