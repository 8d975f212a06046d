import * as onnxProto from "onnx-proto";

// A CommonJS package: its namespace lies under `default` where Node loads it, and at the top where a bundler does.
const loaded = onnxProto as typeof onnxProto & { readonly default?: typeof onnxProto };

/** The messages of ONNX's schema, written and read by protobufjs. */
export const onnx = loaded.default?.onnx ?? loaded.onnx;
