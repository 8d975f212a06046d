import { z } from "zod";
import { finiteDoubles, haveLengths, refuse } from "../file-parts.ts";
import { Classes, haveFactors, Width } from "../windows/learned.ts";
import { monomialCount } from "./monomials.ts";
import { formOf } from "./training-rows.ts";

const MOST_COMPONENTS = 4096;

const Mixture = z
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
const Density = Mixture.superRefine(({ spread, width, covariances }, context) => {
  if (spread === "full") haveFactors(context, "covariances", covariances, width);
  else if (!covariances.every((variance) => variance > 0))
    refuse(context, "covariances", "holds what is no variance");
});

const Parts = z
  .strictObject({
    classOf: z
      .instanceof(Int32Array<ArrayBufferLike>, { error: "must be an array of int32" })
      .refine(({ length }) => length > 0 && length <= MOST_COMPONENTS, `has to hold 1 to ${MOST_COMPONENTS}`),
    logMix: finiteDoubles,
    weights: finiteDoubles, // [k x a]
    precisions: z // [k x a]; Infinity: gone
      .instanceof(Float64Array<ArrayBufferLike>, { error: "must be an array of float64" })
      .refine((values) => values.every((precision) => precision > 0), "holds what is no precision"),
  })
  .superRefine(({ classOf, logMix, weights, precisions }, context) => {
    if (logMix.length !== classOf.length)
      refuse(context, "logMix", `${logMix.length} values, classOf has ${classOf.length}`);
    if (precisions.length !== weights.length)
      refuse(context, "precisions", `${precisions.length} values, weights has ${weights.length}`);
  });

/** What is learned, after any round: the input density first, then start after start, then draws of the best of them. */
export const SdgmLearned = z
  .strictObject({
    form: z.enum(["diagonal", "quadratic", "kernel"]),
    width: Width,
    classes: Classes,
    each: z.number().int().min(1).max(8), // components of a class, at most
    seed: z.number(),
    density: Density,
    densityRounds: z.number().int().nonnegative(),
    logLikelihood: z.number(), // of the density, a window
    isDense: z.boolean(), // the density is learned
    anchor: Density.nullable(), // a component a class
    start: z.number().int().nonnegative(), // under way
    step: z.number().int().nonnegative(),
    current: Parts.nullable(),
    best: z.strictObject({ parts: Parts, evidence: z.number(), start: z.number().int() }).nullable(),
    draws: finiteDoubles, // of the weights of the monomials [s x k x H]; empty until all is learned
    portrait: Mixture.nullable(), // what each component answers for
  })
  .superRefine(({ width, classes, each, density, anchor, portrait, best }, context) => {
    const components = [
      ["density", density, classes * each],
      ["anchor", anchor, classes],
      ["portrait", portrait, best?.parts.classOf.length ?? 0],
    ] as const;
    for (const [name, mixture, count] of components) {
      if (mixture === null) continue;
      if (mixture.width !== width) refuse(context, `${name}.width`, `${mixture.width}, ${width} are needed`);
      if (mixture.components !== count)
        refuse(context, `${name}.components`, `${mixture.components}, ${count} are needed`);
    }
  })
  .superRefine(({ form, width, classes, current, best, draws }, context) => {
    const monomials = monomialCount(formOf(form), width);
    for (const [name, parts] of [
      ["current", current] as const,
      ["best.parts", best?.parts ?? null] as const,
    ]) {
      if (parts === null) continue;
      const { classOf, weights } = parts;
      if (!classOf.every((c) => c >= 0 && c < classes)) refuse(context, `${name}.classOf`, "names no class");
      const atoms = weights.length / classOf.length;
      if (form === "kernel" ? !Number.isInteger(atoms) : atoms !== monomials)
        refuse(context, `${name}.weights`, `${weights.length} values for ${classOf.length} components`);
    }
    const size = (best?.parts.classOf.length ?? 0) * monomials;
    if (draws.length > 0 && (size === 0 || draws.length % size !== 0))
      refuse(context, "draws", `${draws.length} values, a draw has ${size}`);
  });
export type SdgmLearned = z.infer<typeof SdgmLearned>;
