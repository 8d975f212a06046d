import { z } from "zod";
import { Words } from "./label-set.ts";

/**
 * How far a statement about a method is secured: read in its publication, measured by us, derived by us, inferred from
 * the publication though not said there, or recalled and not checked.
 */
export const Evidence = z.enum(["verified", "computed", "derived", "inferred", "recalled"]);
export type Evidence = z.infer<typeof Evidence>;

const line = z.array(z.number()); // x, y, x, y, …; y upwards

/** A line that is being drawn, seen up to some moments, and the ways in which it may go on from each. */
export const WaysFigure = z.object({
  says: Words, // what it is, and from what it was computed
  moments: z
    .array(
      z.object({
        says: Words,
        seen: line,
        ways: z.array(
          z.object({
            name: z.string(),
            probability: z.number(),
            parts: z.array(z.object({ share: z.number(), line })), // of all that may come
          }),
        ),
      }),
    )
    .min(1),
});
export type WaysFigure = z.infer<typeof WaysFigure>;

/** What the page of a method says of it, in plain words. */
export const AboutMethod = z.object({
  idea: z.array(Words).min(1), // paragraphs
  formulas: z.array(z.object({ tex: z.string(), says: Words })).min(1),
  figure: WaysFigure.optional(),
  assumes: z.array(Words).min(1),
  missing: Words, // what becomes of missing values
  where: Words, // where it can be used, and where it had better not be
  claims: z.array(z.object({ says: Words, evidence: Evidence })).min(1),
  references: z.array(z.string()).min(1),
});
export type AboutMethod = z.infer<typeof AboutMethod>;

const numbers = z.instanceof(Float64Array<ArrayBufferLike>);

/** Something that a model learned, as a page draws it. Inputs and classes are named as the run names them. */
export const Picture = z.discriminatedUnion("kind", [
  /** Parts of classes as normals, looked at over any two inputs. */
  z.object({
    kind: z.literal("components"),
    title: Words,
    inputs: z.array(z.string()).min(1),
    components: z.array(
      z.object({
        className: z.string(),
        weight: z.number(), // share of its class
        mean: numbers, // [d]
        covariance: numbers, // [d x d]
      }),
    ),
  }),
  /** The density of one input within each class. */
  z.object({
    kind: z.literal("densities"),
    title: Words,
    inputs: z.array(z.string()).min(1),
    densities: z.array(
      z.object({
        className: z.string(),
        input: z.string(),
        at: numbers,
        density: numbers,
        low: z.number(), // ends of the middle 95 %
        high: z.number(),
      }),
    ),
  }),
  z.object({
    kind: z.literal("curves"),
    title: Words,
    across: Words,
    up: Words,
    series: z.array(z.object({ name: z.string(), at: numbers, value: numbers })),
  }),
  z.object({
    kind: z.literal("bars"),
    title: Words,
    unit: Words,
    bars: z.array(z.object({ name: z.union([z.string(), Words]), value: z.number() })), // an input, a class, or in words
  }),
  z.object({
    kind: z.literal("matrix"),
    title: Words,
    rows: z.array(z.string()),
    columns: z.array(z.string()),
    values: numbers, // row-major
  }),
  /** Numbers of interest: components left, weights that are not zero, the best of how many starts. */
  z.object({ kind: z.literal("facts"), facts: z.array(z.object({ name: Words, value: z.string() })) }),
]);
export type Picture = z.infer<typeof Picture>;
