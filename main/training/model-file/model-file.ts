import { z } from "zod";
import { AppError } from "../../../preload/contract/errors.ts";
import { causalParts } from "../../models/adaptation/causal.ts";
import type { Estimator } from "../../models/estimator.ts";
import { windowModelOf } from "../../models/registry.ts";
import { pack, unpack } from "../../compute/packed.ts";

const floats = z.instanceof(Float32Array<ArrayBufferLike>);
const doubles = z.instanceof(Float64Array<ArrayBufferLike>);

const GaussianFile = z.object({
  width: z.number().int(),
  classes: z.number().int(),
  means: doubles,
  covariance: doubles,
  logPrior: doubles,
});

/** Everything a prediction needs besides the recording. */
export const TrainedModel = z.object({
  kind: z.string(),
  front: z.string(),
  classes: z.array(z.string()),
  /** What the network is made of; empty for a model that learned in rounds. */
  network: z.record(z.string(), z.unknown()).default({}),
  members: z.array(z.array(floats)).default([]), // a member: its parameters
  /** A member each, as the model's own `file` says; empty for networks. */
  learned: z.array(z.unknown()).default([]),
  standardisation: z.object({ mean: floats, scale: floats }),
  temperature: z.number().positive(),
  /** Log densities of training windows in ascending order, thinned: the scale on which "unlike the training data" is read. */
  densities: doubles,
  /** Present where a person's own unlabelled recording can be adapted to. */
  template: z
    .object({
      gaussian: GaussianFile,
      symmetries: z.array(z.instanceof(Int32Array<ArrayBufferLike>)).min(1),
      logOrientation: doubles,
      centre: doubles,
    })
    .nullable(),
  /** Present where windows may be adapted to by the past of their stream; absent in files of version 0.1.0. */
  causal: z
    .object({
      network: z.record(z.string(), z.unknown()),
      members: z.array(z.array(floats)).min(1),
      settings: z.object({
        centreWindows: z.number().positive(),
        evidenceWeight: z.number().nonnegative(),
        meansWindows: z.number().positive(),
        meansSteps: z.number().int().nonnegative(),
        meansEvery: z.number().int().positive(),
        pastWindows: z.number().int().positive(),
        massWindows: z.number().int().positive(),
        leastMass: z.number().nonnegative(),
        doubtAfter: z.number().int().nonnegative(),
      }),
      temperatures: z.record(z.enum(causalParts), z.number().positive()),
    })
    .optional(),
});
export type TrainedModel = z.infer<typeof TrainedModel>;

export const packModel = (model: TrainedModel): Uint8Array => pack(model);

const corrupt = (message: string, bytes: Uint8Array): AppError =>
  new AppError("storage/corrupt", message, { bytes: bytes.length });

/** What any trained model says of itself, one of whole recordings too. */
const Named = z.object({ kind: z.string(), learned: z.custom<unknown>((value) => value !== undefined) });

/** Throws storage/corrupt for bytes that are damaged, model/unknown-kind, model/not-windows for a model of whole recordings. */
export function unpackModel(bytes: Uint8Array): TrainedModel {
  const unpacked = unpack(bytes);
  const parsed = TrainedModel.safeParse(unpacked);
  if (!parsed.success) {
    const named = Named.safeParse(unpacked).data;
    if (named !== undefined) windowModelOf(named.kind);
    const [first] = parsed.error.issues;
    throw corrupt(
      `This is not a trained model: ${first?.path.join(".") ?? ""} ${first?.message ?? ""}`,
      bytes,
    );
  }
  const model = parsed.data;
  const known = windowModelOf(model.kind);
  if (known.learning.kind === "rounds") {
    if (!("file" in known) || model.learned.length === 0) throw corrupt("This model holds nothing", bytes);
    for (const one of model.learned) {
      const { error } = known.file.safeParse(one);
      if (error)
        throw corrupt(`This model's parameters do not fit it: ${error.issues[0]?.message ?? ""}`, bytes);
    }
    return model;
  }
  const { kind, causal } = model;
  if (!isWhole(model) || (causal && !isWhole({ ...causal, kind })))
    throw corrupt("This model's parameters do not fit its network", bytes);
  return model;
}

/** Whether there are members, and every one has the parameters that its network asks for. */
function isWhole({ kind, network, members }: Pick<TrainedModel, "kind" | "network" | "members">): boolean {
  const wanted = estimatorOf({ kind, network })
    .init(0)
    .specs.map(({ shape }) => shape.reduce((a, b) => a * b, 1));
  return (
    members.length > 0 &&
    members.every(
      (member) => member.length === wanted.length && member.every((values, i) => values.length === wanted[i]),
    )
  );
}

/** The network of a model that learned by descent. Throws model/no-network for any other, storage/corrupt for values that make none. */
export function estimatorOf({ kind, network }: Pick<TrainedModel, "kind" | "network">): Estimator<unknown> {
  const { learning } = windowModelOf(kind);
  if (learning.kind !== "descent")
    throw new AppError("model/no-network", `${kind} has no network: it learned in rounds`, { kind });
  try {
    return learning.estimator(network);
  } catch (error) {
    throw new AppError("storage/corrupt", `This model's network cannot be made`, { kind }, error);
  }
}
