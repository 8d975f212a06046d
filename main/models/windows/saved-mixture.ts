import { z } from "zod";
import { finiteDoubles, haveLengths, refuse } from "../file-parts.ts";
import { haveFactors, Width } from "./learned.ts";

export const MOST_COMPONENTS = 4096;

/** A Gaussian mixture in a file. */
export const SavedMixture = z
  .strictObject({
    spread: z.enum(["full", "diagonal"]),
    width: Width,
    components: z.number().int().positive().max(MOST_COMPONENTS),
    logWeights: finiteDoubles, // [j]
    means: finiteDoubles, // [j x d]
    covariances: finiteDoubles, // [j x d x d], or variances [j x d]
  })
  .superRefine(({ spread, width: d, components: j, logWeights, means, covariances }, context) => {
    haveLengths(context, {
      ...{ logWeights: [logWeights, j], means: [means, j * d] },
      covariances: [covariances, j * d * (spread === "full" ? d : 1)],
    });
  });

/** The same with covariances that are some. */
export const SavedDensity = SavedMixture.superRefine(({ spread, width, covariances }, context) => {
  if (spread === "full") haveFactors(context, "covariances", covariances, width);
  else if (!covariances.every((variance) => variance > 0))
    refuse(context, "covariances", "holds what is no variance");
});
