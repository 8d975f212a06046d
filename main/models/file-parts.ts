import { z } from "zod";

/*
 * Parts that what models learned is saved with, so that a file is checked before anything is computed from it, and that
 * every array is refused by its name.
 */

/** Numbers of a model file: all finite. */
export const finiteDoubles = z
  .instanceof(Float64Array<ArrayBufferLike>, { error: "must be an array of float64" })
  .refine((values) => values.every(Number.isFinite), "holds what is no number");

/** Whether arrays have the lengths that they must have, by their names; those that have not are refused. */
export function haveLengths(
  context: z.RefinementCtx,
  lengths: Readonly<Record<string, readonly [values: ArrayLike<unknown>, length: number]>>,
): boolean {
  const wrong = Object.entries(lengths).filter(([, [values, length]]) => values.length !== length);
  for (const [name, [values, length]] of wrong)
    refuse(context, name, `${values.length} values, ${length} are needed`);
  return wrong.length === 0;
}

/** Of a part whose name may lead to it, as `network.scale` does. */
export function refuse(context: z.RefinementCtx, name: string, message: string): void {
  context.addIssue({ code: "custom", path: name.split("."), message });
}

/** A schema that takes what files of before held as well, made by `before` what it takes now. */
export const orOfBefore = <T extends z.ZodType>(schema: T, before: z.ZodType) =>
  z.preprocess((saved) => before.safeParse(saved).data ?? saved, schema);

/** The first thing that is wrong with a file, with the name of what it is about. */
export function refusalOf({ issues }: z.ZodError): string {
  const [first] = issues;
  return [first?.path.map(String).join(".") ?? "", first?.message ?? ""]
    .filter((part) => part !== "")
    .join(": ");
}
