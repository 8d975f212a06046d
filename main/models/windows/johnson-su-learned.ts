import { z } from "zod";
import { finiteDoubles, haveLengths, refuse } from "../file-parts.ts";
import type { Bends } from "../distributions/johnson-classes.ts";
import { JohnsonNetwork, networkLengths } from "./johnson-su-network.ts";
import { Classes, haveFactors, Width } from "./learned.ts";

/** What is saved: bends, the normals of the bent inputs, and the network where there is one. */
export const JohnsonSuLearned = z
  .strictObject({
    width: Width,
    classes: Classes,
    views: z.number().int().min(1).max(512), // 1, or one a class
    xi: finiteDoubles, // [v x d]
    lambda: finiteDoubles.refine((values) => values.every((v) => v > 0), "is no width"), // [v x d]
    isSu: z.instanceof(Uint8Array<ArrayBufferLike>, { error: "must be an array of uint8" }), // [v x d]
    means: finiteDoubles, // [k x d] of the bent inputs
    covariances: finiteDoubles, // [k x d x d]
    logPrior: finiteDoubles, // [k]
    score: z.number(), // mean log likelihood of the normals before the last round
    isFitted: z.boolean(), // the normals are
    network: JohnsonNetwork.nullable(),
  })
  .superRefine(({ width: d, classes: k, views: v, ...of }, context) => {
    const fits = haveLengths(context, {
      ...{ xi: [of.xi, v * d], lambda: [of.lambda, v * d], isSu: [of.isSu, v * d] },
      ...{ means: [of.means, k * d], covariances: [of.covariances, k * d * d], logPrior: [of.logPrior, k] },
      ...networkLengths(of.network, { width: d, classes: k, views: v }),
    });
    if (v !== 1 && v !== k) refuse(context, "views", `${v}, there are 1 or one a class`);
    if (fits) haveFactors(context, "covariances", of.covariances, d);
  });
export type JohnsonSuLearned = z.infer<typeof JohnsonSuLearned>;

export const bendsIn = ({ width, views, xi, lambda, isSu }: JohnsonSuLearned): Bends => ({
  ...{ width, views, xi, lambda, isSu },
});
