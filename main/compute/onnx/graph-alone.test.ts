import { expect, test } from "vitest";
import { graphAlone } from "./graph-alone.ts";
import { onnx } from "./protobuf.ts";

test("a runtime gets the graph of a model file and none of its words", () => {
  const graph = { name: "kodo", node: [{ opType: "Add", input: ["a", "b"], output: ["c"] }] };
  const computed = { irVersion: 8, producerName: "kodo", graph, opsetImport: [{ domain: "", version: 17 }] };
  const given = {
    ...computed,
    docString: "trained on SUBJ-1",
    metadataProps: [{ key: "kodo.run", value: '{"subject":"SUBJ-1"}' }],
  };
  // Written in two messages, as Kodo does: words may come before the graph, after it, and twice.
  const twice = Buffer.concat([
    onnx.ModelProto.encode(given).finish(),
    onnx.ModelProto.encode({ metadataProps: [{ key: "more", value: "SUBJ-2" }] }).finish(),
  ]);
  const alone = graphAlone(twice);
  expect(Buffer.from(alone).includes("SUBJ")).toBe(false);
  const read = onnx.ModelProto.decode(alone);
  expect([read.docString, read.metadataProps]).toEqual(["", []]);
  expect(onnx.ModelProto.encode(read).finish()).toEqual(onnx.ModelProto.encode(computed).finish());
});
