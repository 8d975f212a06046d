import { z } from "zod";
import { areCovariances, Classes, finiteDoubles, haveLengths, Width } from "../windows/learned.ts";
import { monomialCount } from "./monomials.ts";
import { formOf } from "./training-rows.ts";

const MOST_COMPONENTS = 4096;

const Mixture = z
  .object({
    spread: z.enum(["full", "diagonal"]),
    width: Width,
    components: z.number().int().positive().max(MOST_COMPONENTS),
    logWeights: finiteDoubles, // [j]
    means: finiteDoubles, // [j x d]
    covariances: finiteDoubles, // [j x d x d], or variances [j x d]
  })
  .refine(
    ({ spread, width, components, logWeights, means, covariances }) =>
      haveLengths([
        [logWeights, components],
        [means, components * width],
        [covariances, components * width * (spread === "full" ? width : 1)],
      ]),
    "the parts of a mixture do not fit each other",
  );
const Density = Mixture.refine(
  ({ spread, width, covariances }) =>
    spread === "full" ? areCovariances(covariances, width) : covariances.every((variance) => variance > 0),
  "a covariance is none",
);

const Parts = z
  .object({
    classOf: z.instanceof(Int32Array<ArrayBufferLike>),
    logMix: finiteDoubles,
    weights: finiteDoubles, // [k x a]
    precisions: z.instanceof(Float64Array<ArrayBufferLike>), // [k x a]; Infinity: gone
  })
  .refine(
    ({ classOf, logMix, weights, precisions }) =>
      classOf.length > 0 &&
      classOf.length <= MOST_COMPONENTS &&
      precisions.every((precision) => precision > 0) &&
      haveLengths([
        [logMix, classOf.length],
        [precisions, weights.length],
      ]),
    "the parts of components do not fit each other",
  );

/** What is learned, after any round: the input density first, then start after start, then draws of the best of them. */
export const SdgmLearned = z
  .object({
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
    best: z.object({ parts: Parts, evidence: z.number(), start: z.number().int() }).nullable(),
    draws: finiteDoubles, // of the weights of the monomials [s x k x H]; empty until all is learned
    portrait: Mixture.nullable(), // what each component answers for
  })
  .refine(
    ({ width, classes, each, density, anchor, portrait, best }) =>
      density.components === classes * each &&
      [density, anchor, portrait].every((one) => one === null || one.width === width) &&
      (anchor === null || anchor.components === classes) &&
      (portrait === null || portrait.components === best?.parts.classOf.length),
    "what is learned of the inputs does not fit the inputs",
  )
  .refine(({ form, width, classes, current, best, draws }) => {
    const monomials = monomialCount(formOf(form), width);
    const k = best?.parts.classOf.length ?? 0;
    return (
      [current, best?.parts ?? null].every(
        (parts) => parts === null || areOf(parts, { form, classes, monomials }),
      ) &&
      (draws.length === 0 || (k > 0 && draws.length % (k * monomials) === 0))
    );
  }, "what is learned of the classes does not fit the classes");
export type SdgmLearned = z.infer<typeof SdgmLearned>;

function areOf(
  { classOf, weights }: z.infer<typeof Parts>,
  {
    form,
    classes,
    monomials,
  }: { readonly form: string; readonly classes: number; readonly monomials: number },
): boolean {
  const atoms = weights.length / classOf.length;
  const isWhole = form === "kernel" ? Number.isInteger(atoms) : atoms === monomials;
  return isWhole && classOf.every((c) => c >= 0 && c < classes);
}
