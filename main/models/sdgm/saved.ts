import { z } from "zod";
import { finiteDoubles, refuse } from "../file-parts.ts";
import { Classes, Width } from "../windows/learned.ts";
import { MOST_COMPONENTS, SavedDensity, SavedMixture } from "../windows/saved-mixture.ts";
import { monomialCount } from "./monomials.ts";
import { formOf } from "./training-rows.ts";

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
    density: SavedDensity,
    densityRounds: z.number().int().nonnegative(),
    logLikelihood: z.number(), // of the density, a window
    isDense: z.boolean(), // the density is learned
    anchor: SavedDensity.nullable(), // a component a class
    start: z.number().int().nonnegative(), // under way
    step: z.number().int().nonnegative(),
    current: Parts.nullable(),
    best: z.strictObject({ parts: Parts, evidence: z.number(), start: z.number().int() }).nullable(),
    draws: finiteDoubles, // of the weights of the monomials [s x k x H]; empty until all is learned
    portrait: SavedMixture.nullable(), // what each component answers for
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
