import { createHash } from "node:crypto";
import { z } from "zod";
import { AppError, type ErrorDetail } from "../../../preload/contract/errors.ts";
import { LabelSet } from "../../../preload/contract/label-set.ts";
import { MODEL_FORMAT, ModelCard } from "../../../preload/contract/model-file.ts";
import { Run } from "../../../preload/contract/run.ts";
import type { TensorSpec } from "../../compute/tensors.ts";
import { chooseFront } from "../../models/fronts/registry.ts";
import { unpack } from "../../compute/packed.ts";
import { onnx } from "../../compute/onnx/protobuf.ts";
import { configured, windowModelOf } from "../../models/registry.ts";
import { estimatorOf, packModel, TrainedModel, unpackModel } from "./model-file.ts";
import { parameterName } from "./predict-graph.ts";
import { digestEntry, metadataKeys } from "./write.ts";
import { STEP_KEY } from "./steps.ts";

/** What a model file holds, checked from end to end. */
export interface ReadFile {
  readonly card: ModelCard;
  readonly run: Run;
  readonly labelSet: LabelSet | undefined;
  readonly model: Uint8Array; // packed as the library keeps it
  readonly sha256: string;
}

type OnnxFile = ReturnType<typeof onnx.ModelProto.decode>;

/** Takes back what modelFileBytes wrote. Anything else is refused with the file's name, what was found and what is needed. */
export function readModelFile(bytes: Uint8Array, file: string): ReadFile {
  refuseDamage(bytes, file);
  const proto = decoded(bytes, file);
  const metadata = new Map(proto.metadataProps.map(({ key, value }) => [key ?? "", value ?? ""]));
  refuseForeign(proto, metadata, file);
  const part = <T>(key: string, schema: z.ZodType<T>): T => parsed({ key, schema, metadata, file });
  refuseOtherFormat(part(metadataKeys.card, z.looseObject({ format: z.unknown() })).format, file);
  const card = part(metadataKeys.card, ModelCard);
  const run = part(metadataKeys.run, Run);
  refuseSettings(run, file);
  const labelSet = metadata.has(metadataKeys.labelSet) ? part(metadataKeys.labelSet, LabelSet) : undefined;
  const model = trainedModel(proto, metadata, { file, size: bytes.length });
  refuseContradictions({ card, run, model }, file);
  return {
    card,
    run,
    labelSet,
    model: packModel(model),
    sha256: createHash("sha256").update(bytes).digest("hex"),
  };
}

const damaged = (file: string, what: string, detail: ErrorDetail = {}): AppError =>
  new AppError("data/model-damaged", `${file} is damaged: ${what}`, { file, ...detail });

const EXPECTED = "a model exported by Kodo";

/** A file that carries Kodo's marks must end in the digest of everything before. */
function refuseDamage(bytes: Uint8Array, file: string): void {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!Object.values(metadataKeys).some((key) => text.includes(key))) return;
  const length = digestEntry(new Uint8Array(0)).length;
  const body = bytes.subarray(0, Math.max(0, bytes.length - length));
  const found = bytes.subarray(body.length);
  if (Buffer.from(digestEntry(body)).equals(found)) return;
  throw damaged(
    file,
    "its last bytes are not the checksum of what comes before; it was cut, changed or saved by another program",
    {
      offset: body.length,
      size: bytes.length,
    },
  );
}

function decoded(bytes: Uint8Array, file: string): OnnxFile {
  try {
    return onnx.ModelProto.decode(bytes);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError(
      "data/not-onnx",
      `${file} is not an ONNX file (${reason}); expected ${EXPECTED}`,
      { file, size: bytes.length },
      error,
    );
  }
}

function refuseForeign(proto: OnnxFile, metadata: ReadonlyMap<string, string>, file: string): void {
  if (metadata.has(metadataKeys.card)) return;
  if (metadata.has(STEP_KEY))
    throw new AppError(
      "data/foreign-model",
      `${file} holds one step of a model of whole recordings, written to be run elsewhere; expected ${EXPECTED} with metadata ${metadataKeys.card}`,
      { file, producer: "kodo" },
    );
  const isModel = proto.graph !== null && proto.graph !== undefined;
  const producer = [proto.producerName, proto.producerVersion].filter((part) => part !== "").join(" ");
  const found = isModel
    ? `a model made by ${producer === "" ? "an unnamed program" : producer}`
    : "no ONNX model";
  throw new AppError(
    "data/foreign-model",
    `${file} holds ${found}; expected ${EXPECTED} (metadata ${metadataKeys.card})`,
    { file, producer },
  );
}

function refuseOtherFormat(format: unknown, file: string): void {
  if (format === MODEL_FORMAT) return;
  throw new AppError(
    "data/newer-model",
    `${file} has model format ${String(format)}; this Kodo reads format ${MODEL_FORMAT}`,
    { file, version: String(format), known: MODEL_FORMAT },
  );
}

interface PartOf<T> {
  readonly key: string;
  readonly schema: z.ZodType<T>;
  readonly metadata: ReadonlyMap<string, string>;
  readonly file: string;
}

function parsed<T>({ key, schema, metadata, file }: PartOf<T>): T {
  const text = metadata.get(key);
  if (text === undefined) throw damaged(file, `its metadata has no ${key}`, { key });
  const json = jsonOf(text, () => damaged(file, `its metadata ${key} is no JSON`, { key }));
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const [first] = result.error.issues;
  throw damaged(
    file,
    `its metadata ${key} has ${first?.path.map(String).join(".") ?? ""}: ${first?.message ?? ""}`,
    {
      key,
    },
  );
}

function jsonOf(text: string, refusal: () => AppError): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw refusal();
  }
}

/** The packed model with its members taken from the graph's initializers: what runs elsewhere is what runs here. */
function trainedModel(
  proto: OnnxFile,
  metadata: ReadonlyMap<string, string>,
  { file, size }: { readonly file: string; readonly size: number },
): TrainedModel {
  try {
    const packed = unpack(Buffer.from(metadata.get(metadataKeys.model) ?? "", "base64"));
    const rest = TrainedModel.omit({ members: true }).parse(packed);
    refuseHollow(rest, size);
    const { specs } = estimatorOf(rest).init(0);
    const initializers = new Map(
      (proto.graph?.initializer ?? []).map((tensor) => [
        tensor.name ?? "",
        tensor.rawData ?? new Uint8Array(0),
      ]),
    );
    const members: Float32Array[][] = [];
    for (let m = 0; initializers.has(parameterName(m, 0)); m += 1) {
      members.push(specs.map((spec, i) => floatsOf(initializers.get(parameterName(m, i)), spec)));
    }
    return unpackModel(packModel({ ...(packed as TrainedModel), ...rest, members }));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw damaged(file, `its trained model cannot be read (${reason})`, { key: metadataKeys.model });
  }
}

/** A file of a few bytes may speak of a network of gigabytes: no memory is taken for what it cannot hold. */
function refuseHollow({ kind, network }: Pick<TrainedModel, "kind" | "network">, size: number): void {
  const { learning } = windowModelOf(kind);
  const needed = learning.kind === "descent" ? 4 * learning.size(network) : 0;
  if (needed > size)
    throw new Error(`its network needs ${needed} bytes of numbers, the file has ${size} in all`);
}

function floatsOf(raw: Uint8Array | undefined, { shape }: TensorSpec): Float32Array {
  const count = shape.reduce((size, extent) => size * extent, 1);
  if (raw?.length !== 4 * count)
    throw new Error(`an initializer has ${raw?.length ?? 0} bytes, ${4 * count} are needed`);
  const values = new Float32Array(new Uint8Array(raw).buffer);
  if (values.every(Number.isFinite)) return values;
  throw new Error("an initializer holds a value that is no number");
}

function refuseSettings({ config }: Run, file: string): void {
  try {
    configured(config.model);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw damaged(file, `its configuration cannot be: config.${reason}`, { key: metadataKeys.run });
  }
}

/** In one window, over all channels: an hour of sixteen channels at 500 Hz, or a quarter of a gigabyte. */
const MOST_SAMPLES = 32_000_000;

/** Parts that are each well formed may still not belong together. */
function refuseContradictions(
  { card, run, model }: { readonly card: ModelCard; readonly run: Run; readonly model: TrainedModel },
  file: string,
): void {
  const width = chooseFront(model.front, []).layout(
    run.config.data.channels,
    run.config.data.windows.windowS,
  ).width;
  const samples = card.channels.reduce(
    (sum, { sampleRate }) => sum + Math.ceil(card.windowS * sampleRate),
    0,
  );
  const same = (a: readonly unknown[], b: readonly unknown[]): boolean => a.join("\n") === b.join("\n");
  const claims: readonly (readonly [boolean, string])[] = [
    [run.phase === "done", `its run is ${run.phase}, not done`],
    [card.runId === run.id, "card and run have different ids"],
    [
      card.windowS === run.config.data.windows.windowS,
      `windows of ${card.windowS} s on the card, of ${run.config.data.windows.windowS} s in the run`,
    ],
    [card.front === model.front, `front ${card.front} on the card, ${model.front} in the model`],
    [same(run.classes, model.classes), "run and model have different classes"],
    [
      same(
        card.channels.map(({ label }) => label),
        run.config.data.channels,
      ),
      "card and run have different channels",
    ],
    [samples <= MOST_SAMPLES, `its window has ${samples} samples, allowed are ${MOST_SAMPLES}`],
    [
      model.network["classes"] === model.classes.length,
      "network and model have different numbers of classes",
    ],
    [
      model.network["features"] === width,
      `its network takes ${String(model.network["features"])} inputs, its front gives ${width}`,
    ],
    [
      model.standardisation.mean.length === width && model.standardisation.scale.length === width,
      `its standardisation has ${model.standardisation.mean.length} and ${model.standardisation.scale.length} values, its front gives ${width}`,
    ],
  ];
  const wrong = claims.find(([holds]) => !holds);
  if (wrong) throw damaged(file, wrong[1]);
}
