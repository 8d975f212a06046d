import { z } from "zod";
import { AppError } from "../../../preload/contract/errors.ts";
import { causalParts } from "../../models/adaptation/causal.ts";
import { identityCoupled, IdentityCoupledConfig } from "../../models/identity-coupled.ts";
import type { Estimator } from "../../models/estimator.ts";
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
  kind: z.literal("identity-coupled"),
  front: z.string(),
  classes: z.array(z.string()),
  network: IdentityCoupledConfig,
  members: z.array(z.array(floats)).min(1),
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
      network: IdentityCoupledConfig,
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

/** Throws storage/corrupt for bytes that are damaged or are no model of this kind. */
export function unpackModel(bytes: Uint8Array): TrainedModel {
  const parsed = TrainedModel.safeParse(unpack(bytes));
  if (!parsed.success) {
    const [first] = parsed.error.issues;
    throw new AppError(
      "storage/corrupt",
      `This is not a trained model: ${first?.path.join(".") ?? ""} ${first?.message ?? ""}`,
      {
        bytes: bytes.length,
      },
    );
  }
  const model = parsed.data;
  if (!isWhole(model) || (model.causal && !isWhole(model.causal)))
    throw new AppError("storage/corrupt", "This model's parameters do not fit its network", {
      bytes: bytes.length,
    });
  return model;
}

export const estimatorOf = (model: Pick<TrainedModel, "network">): Estimator<unknown> =>
  identityCoupled(model.network);

/** Whether every member has the parameters that its network asks for. */
function isWhole({ network, members }: Pick<TrainedModel, "network" | "members">): boolean {
  const wanted = estimatorOf({ network })
    .init(0)
    .specs.map(({ shape }) => shape.reduce((a, b) => a * b, 1));
  return members.every(
    (member) => member.length === wanted.length && member.every((values, i) => values.length === wanted[i]),
  );
}
