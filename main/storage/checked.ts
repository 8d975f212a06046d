import type { z } from "zod";
import { AppError } from "../../preload/contract/errors.ts";
import { sure } from "../../preload/contract/sure.ts";

/** What the schema makes of `value`; contract/bad-params naming the field otherwise. */
export function checked<T extends z.ZodType>(schema: T, value: unknown, what: string): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = sure(result.error.issues[0]); // a refusal has at least one
  const field = issue.path.join(".");
  throw new AppError("contract/bad-params", `The ${what} is not valid: ${field}: ${issue.message}`, {
    field,
  });
}

/** What a stored text says; undefined where damage has made it no JSON. */
export function parsedJson(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return undefined;
  }
}

/** A whole number in [from, to]. */
export function checkedIndex(value: number, what: string, from: number, to: number): number {
  if (Number.isSafeInteger(value) && value >= from && value <= to) return value;
  throw new AppError(
    "contract/bad-params",
    `${what} is ${value}; a whole number from ${from} to ${to} is needed`,
    { value },
  );
}
