import { z } from "zod";
import { AppError } from "../../preload/contract/errors.ts";
import { inOrder, named, type NamedArrays, type ParameterShapes, wrongParameter } from "./parameters.ts";

const isFloats = (value: unknown): value is Float32Array => value instanceof Float32Array;

/** One as it lies in a file. */
const Stored = z.object({ shape: z.array(z.number()), values: z.custom<Float32Array>(isFloats) });
const Listed = z.array(z.looseObject({ name: z.string() }));
const Keyed = z.record(z.string(), z.unknown());

/**
 * A network's parameters out of a file, in the network's order. They lie there by name, as the keys of an object or with
 * each array; files of before had the arrays alone, in that order. Throws model/wrong-parameters with the name of one that
 * is missing, there twice, no array, of another shape, with a value beyond ±`most` or that is no number, or that the
 * network does not have.
 */
export function readParameters(
  shapes: ParameterShapes,
  stored: unknown,
  most = Number.MAX_VALUE,
): NamedArrays {
  const arrays = arraysIn(shapes, stored);
  const read = named(shapes, inOrder(shapes, arrays));
  for (const [name, { values }] of Object.entries(read)) {
    const bad = values.find((value) => !(Math.abs(value) <= most));
    if (bad !== undefined)
      throw wrongParameter(`The parameter ${name} has the value ${bad}, which it cannot have`, name);
  }
  return read;
}

function arraysIn(shapes: ParameterShapes, stored: unknown): NamedArrays {
  if (Array.isArray(stored) && stored.every(isFloats)) return byPlace(shapes, stored);
  const listed = Listed.safeParse(stored).data?.map((one) => [one.name, one] as const);
  const entries = listed ?? Object.entries(Keyed.safeParse(stored).data ?? {});
  const seen = new Set<string>();
  return Object.fromEntries(
    entries.map(([name, one]) => {
      if (seen.has(name)) throw wrongParameter(`The parameter ${name} is there twice`, name);
      seen.add(name);
      const { data } = Stored.safeParse(one);
      if (data === undefined)
        throw wrongParameter(`The parameter ${name} is no array of float32 with its shape`, name);
      return [name, data];
    }),
  );
}

/** Of a file from before parameters had names. */
function byPlace(shapes: ParameterShapes, values: readonly Float32Array[]): NamedArrays {
  if (values.length === shapes.size) return named(shapes, values);
  throw new AppError(
    "model/wrong-parameters",
    `${values.length} parameters without names, ${shapes.size} are needed`,
    { given: values.length, needed: shapes.size },
  );
}

/** Networks of one kind in the transform of a file's schema, from the first on: what is wrong with one is an issue that names it. */
export function readNetworks(
  shapes: ParameterShapes,
  members: readonly unknown[],
  context: z.RefinementCtx,
  most?: number,
): NamedArrays[] {
  return members.map((member, at) => {
    try {
      return readParameters(shapes, member, most);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      context.addIssue({ code: "custom", message: `network ${at + 1}: ${error.message}` });
      return {};
    }
  });
}
