import { z } from "zod";
import type { Bends } from "../distributions/johnson-classes.ts";
import { JohnsonNetwork, networkFits } from "./johnson-su-network.ts";
import { areCovariances, Classes, finiteDoubles, haveLengths, Width } from "./learned.ts";

/** What is saved: bends, the normals of the bent inputs, and the network where there is one. */
export const JohnsonSuLearned = z
  .object({
    width: Width,
    classes: Classes,
    views: z.number().int().min(1).max(512), // 1, or one a class
    xi: finiteDoubles, // [v x d]
    lambda: finiteDoubles.refine((values) => values.every((v) => v > 0), "is no width"), // [v x d]
    isSu: z.instanceof(Uint8Array<ArrayBufferLike>), // [v x d]
    means: finiteDoubles, // [k x d] of the bent inputs
    covariances: finiteDoubles, // [k x d x d]
    logPrior: finiteDoubles, // [k]
    score: z.number(), // mean log likelihood of the normals before the last round
    isFitted: z.boolean(), // the normals are
    network: JohnsonNetwork.nullable(),
  })
  .refine(({ width: d, classes: k, views: v, ...of }) => {
    const lengths = haveLengths([
      [of.xi, v * d],
      [of.lambda, v * d],
      [of.isSu, v * d],
      [of.means, k * d],
      [of.covariances, k * d * d],
      [of.logPrior, k],
    ]);
    return (
      (v === 1 || v === k) &&
      lengths &&
      areCovariances(of.covariances, d) &&
      (of.network === null || networkFits(of.network, { width: d, classes: k, views: v }))
    );
  }, "the parameters do not fit each other");
export type JohnsonSuLearned = z.infer<typeof JohnsonSuLearned>;

export const bendsIn = ({ width, views, xi, lambda, isSu }: JohnsonSuLearned): Bends => ({
  ...{ width, views, xi, lambda, isSu },
});
