import { z } from "zod";
import { AppError } from "../../../preload/contract/errors.ts";
import { causalParts } from "../../models/adaptation/causal.ts";
import type { Estimator } from "../../models/estimator.ts";
import { refusalOf } from "../../models/file-parts.ts";
import { windowModelOf } from "../../models/registry.ts";
import { SavedDensity } from "../../models/windows/saved-mixture.ts";
import { AFTER_FIRST, pack, unpack } from "../../compute/packed.ts";
import type { NamedArrays } from "../../compute/parameters.ts";
import { readParameters } from "../../compute/stored-parameters.ts";

const floats = z.instanceof(Float32Array<ArrayBufferLike>);
const doubles = z.instanceof(Float64Array<ArrayBufferLike>);

const GaussianFile = z.object({
  width: z.number().int(),
  classes: z.number().int(),
  means: doubles,
  covariance: doubles,
  logPrior: doubles,
});

/** What lies in a file. */
export const StoredModel = z.object({
  kind: z.string(),
  front: z.string(),
  classes: z.array(z.string()),
  /** What the network is made of; empty for a model that learned in rounds. */
  network: z.record(z.string(), z.unknown()).default({}),
  members: z.array(z.unknown()).default([]), // parameters of each, see readParameters
  /** A member each, as the model's own `file` says; empty for networks. */
  learned: z.array(z.unknown()).default([]),
  /** Of a network's inputs: over it what a window hides is integrated out. Absent: the network is told what is missing. */
  density: SavedDensity.optional(),
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
      members: z.array(z.unknown()).min(1),
      density: SavedDensity.optional(),
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
type StoredModel = z.infer<typeof StoredModel>;

/** Everything a prediction needs besides the recording. */
export interface TrainedModel extends Omit<StoredModel, "members" | "causal"> {
  readonly members: readonly NamedArrays[];
  readonly causal?: Omit<NonNullable<StoredModel["causal"]>, "members"> & {
    readonly members: readonly NamedArrays[];
  };
}

export const storedMembers = (members: readonly NamedArrays[]) =>
  members.map((member) =>
    Object.entries(member).map(([name, { shape, values }]) => ({ name, shape: [...shape], values })),
  );

/** Of a version that Kodos which found parameters by their place refuse by name. */
export const packModel = ({ members, causal, ...rest }: TrainedModel): Uint8Array =>
  pack(
    {
      ...{ ...rest, members: storedMembers(members) },
      ...(causal ? { causal: { ...causal, members: storedMembers(causal.members) } } : {}),
    },
    AFTER_FIRST,
  );

const corrupt = (message: string, bytes: Uint8Array): AppError =>
  new AppError("storage/corrupt", message, { bytes: bytes.length });

/** What any trained model says of itself, one of whole recordings too. */
const Named = z.object({ kind: z.string(), learned: z.custom<unknown>((value) => value !== undefined) });

/** Throws storage/corrupt for bytes that are damaged, model/unknown-kind, model/not-windows for a model of whole recordings. */
export function unpackModel(bytes: Uint8Array): TrainedModel {
  const unpacked = unpack(bytes);
  const parsed = StoredModel.safeParse(unpacked);
  if (!parsed.success) {
    const named = Named.safeParse(unpacked).data;
    if (named !== undefined) windowModelOf(named.kind);
    throw corrupt(`This is not a trained model: ${refusalOf(parsed.error)}`, bytes);
  }
  const { members: kept, causal, ...model } = parsed.data;
  const known = windowModelOf(model.kind);
  if (known.learning.kind === "rounds") {
    if (!("file" in known) || model.learned.length === 0) throw corrupt("This model holds nothing", bytes);
    for (const one of model.learned) {
      const { error } = known.file.safeParse(one);
      if (error) throw corrupt(`This model's parameters do not fit it: ${refusalOf(error)}`, bytes);
    }
    return { ...model, members: [] };
  }
  if (kept.length === 0)
    throw corrupt("This model's parameters do not fit its network: there are none", bytes);
  for (const own of [model.density, causal?.density])
    if (own !== undefined && own.width !== model.standardisation.mean.length)
      throw corrupt(
        `This model's density is of ${own.width} inputs, its network of ${model.standardisation.mean.length}`,
        bytes,
      );
  const membersOf = (network: StoredModel["network"], members: readonly unknown[]): NamedArrays[] => {
    const shapes = estimatorOf({ kind: model.kind, network }).parameters;
    return members.map((member, at) => {
      try {
        return readParameters(shapes, member);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw corrupt(`This model's parameters do not fit its network: member ${at + 1}: ${reason}`, bytes);
      }
    });
  };
  return {
    ...{ ...model, members: membersOf(model.network, kept) },
    ...(causal ? { causal: { ...causal, members: membersOf(causal.network, causal.members) } } : {}),
  };
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
