import { createHash } from "node:crypto";
import type { ChannelNeeds } from "../../../preload/contract/channel-needs.ts";
import type { LabelSet } from "../../../preload/contract/label-set.ts";
import type { ModelCard } from "../../../preload/contract/model-file.ts";
import type { Run } from "../../../preload/contract/run.ts";
import { onnxBytes } from "../../compute/onnx/graph.ts";
import { onnx } from "../../compute/onnx/protobuf.ts";
import { packModel, type TrainedModel } from "./model-file.ts";
import { predictionGraph } from "./predict-graph.ts";

/** Metadata of a model file. `card` is for people and programs; the others are what Kodo needs to take it back. */
export const metadataKeys = {
  card: "kodo.card",
  run: "kodo.run",
  labelSet: "kodo.label_set",
  model: "kodo.model", // the trained model but for its members, packed, in base64; members are the graph's initializers
  digest: "kodo.sha256", // of all bytes before this last entry
} as const;

export interface FileParts {
  readonly card: ModelCard;
  readonly run: Run; // as it may leave
  readonly model: TrainedModel;
  readonly labelSet: LabelSet | undefined;
  readonly needs: ChannelNeeds;
}

/** The bytes of an `.onnx` file: graph, metadata, and at the very end a digest of both. */
export function modelFileBytes({ card, run, model, labelSet, needs }: FileParts): Uint8Array {
  const graph = predictionGraph({ model, config: run.config.data.windows, channels: card.channels, needs });
  const metadata: readonly (readonly [string, string])[] = [
    [metadataKeys.card, JSON.stringify(card)],
    [metadataKeys.run, JSON.stringify(run)],
    ...(labelSet ? [[metadataKeys.labelSet, JSON.stringify(labelSet)] as const] : []),
    [metadataKeys.model, Buffer.from(packModel({ ...model, members: [] })).toString("base64")],
  ];
  const body = Buffer.concat([
    onnxBytes(graph, "kodo"),
    // Fields of one message may be written one after the other: protobuf joins them.
    onnx.ModelProto.encode({
      producerVersion: run.codeVersion,
      docString: `${card.name}. ${card.notice.en} ${card.notice.ja}`,
      metadataProps: metadata.map(([key, value]) => ({ key, value })),
    }).finish(),
  ]);
  return new Uint8Array(Buffer.concat([body, digestEntry(body)]));
}

/** The last entry of a file with this body; its length is always the same. */
export const digestEntry = (body: Uint8Array): Uint8Array =>
  onnx.ModelProto.encode({
    metadataProps: [{ key: metadataKeys.digest, value: createHash("sha256").update(body).digest("hex") }],
  }).finish();
