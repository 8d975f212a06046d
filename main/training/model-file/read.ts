import { createHash } from "node:crypto";
import { z } from "zod";
import { AppError, type ErrorDetail } from "../../../preload/contract/errors.ts";
import { LabelSet } from "../../../preload/contract/label-set.ts";
import { MODEL_FORMAT, ModelCard } from "../../../preload/contract/model-file.ts";
import { Run } from "../../../preload/contract/run.ts";
import { type NamedArray, type NamedArrays, type ParameterShapes } from "../../compute/parameters.ts";
import { chooseFront } from "../../models/fronts/registry.ts";
import { sizeOf } from "../../compute/feeds.ts";
import { pack, unpack } from "../../compute/packed.ts";
import { onnx } from "../../compute/onnx/protobuf.ts";
import { configured, windowModelOf } from "../../models/registry.ts";
import {
  estimatorOf,
  packModel,
  storedMembers,
  StoredModel,
  type TrainedModel,
  unpackModel,
} from "./model-file.ts";
import { memberPrefix } from "./predict-graph.ts";
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
  const model = trainedModel(proto, metadata, { card, file, size: bytes.length });
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
  if (typeof format === "number" && format >= 1 && format <= MODEL_FORMAT) return;
  throw new AppError(
    "data/newer-model",
    `${file} has model format ${String(format)}; this Kodo reads formats up to ${MODEL_FORMAT}`,
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

interface FileOf {
  readonly card: ModelCard;
  readonly file: string;
  readonly size: number;
}

/** The packed model with its members taken from the graph's initializers: what runs elsewhere is what runs here. */
function trainedModel(
  proto: OnnxFile,
  metadata: ReadonlyMap<string, string>,
  { card, file, size }: FileOf,
): TrainedModel {
  try {
    const packed = unpack(Buffer.from(metadata.get(metadataKeys.model) ?? "", "base64"));
    const rest = StoredModel.omit({ members: true }).parse(packed);
    refuseHollow(rest, size);
    const shapes = estimatorOf(rest).parameters;
    const members = membersIn(initializersOf(proto), shapes, card);
    return unpackModel(pack({ ...rest, members: storedMembers(members) }));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw damaged(file, `its trained model cannot be read (${reason})`, { key: metadataKeys.model });
  }
}

type Initializer = NonNullable<NonNullable<OnnxFile["graph"]>["initializer"]>[number];
type Initializers = ReadonlyMap<string, Initializer>;

function initializersOf(proto: OnnxFile): Initializers {
  const byName = new Map<string, Initializer>();
  for (const one of proto.graph?.initializer ?? []) {
    const name = one.name ?? "";
    if (byName.has(name)) throw new Error(`the parameter ${name} is there twice`);
    byName.set(name, one);
  }
  return byName;
}

/** Of as many members as the card says, and of no more. */
function membersIn(
  initializers: Initializers,
  shapes: ParameterShapes,
  { format, members: count }: ModelCard,
): NamedArrays[] {
  const taken = new Set<string>();
  const members = Array.from({ length: count }, (_, m) =>
    Object.fromEntries(
      [...shapes].map(([name, shape], place) => {
        const own = `${memberPrefix(m)}${format === 1 ? `parameter${place}` : name}`;
        taken.add(own);
        return [name, parameterIn(initializers, own, shape)] as const;
      }),
    ),
  );
  const unknown = [...initializers.keys()].find((name) => /^member\d+\./.test(name) && !taken.has(name));
  if (unknown !== undefined) throw new Error(`its network has no parameter ${unknown}`);
  return members;
}

/** A file of a few bytes may speak of a network of gigabytes: no memory is taken for what it cannot hold. */
function refuseHollow({ kind, network }: Pick<TrainedModel, "kind" | "network">, size: number): void {
  const { learning } = windowModelOf(kind);
  const needed = learning.kind === "descent" ? 4 * learning.size(network) : 0;
  if (needed > size)
    throw new Error(`its network needs ${needed} bytes of numbers, the file has ${size} in all`);
}

function parameterIn(initializers: Initializers, name: string, shape: readonly number[]): NamedArray {
  const found = initializers.get(name);
  if (found === undefined) throw new Error(`the parameter ${name} is missing`);
  const [raw, dims] = [found.rawData ?? new Uint8Array(0), (found.dims ?? []).map(Number)];
  const bytes = 4 * sizeOf(shape);
  if (dims.join() !== shape.join())
    throw new Error(`the parameter ${name} is [${dims.join(", ")}], it has to be [${shape.join(", ")}]`);
  if (raw.length !== bytes)
    throw new Error(`the parameter ${name} has ${raw.length} bytes, ${bytes} are needed`);
  const values = new Float32Array(new Uint8Array(raw).buffer);
  if (values.every(Number.isFinite)) return { shape: [...shape], values };
  throw new Error(`the parameter ${name} holds a value that is no number`);
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
