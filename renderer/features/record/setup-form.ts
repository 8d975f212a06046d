import { z } from "zod";
import { Words, wordIn } from "../../../preload/contract/label-set.ts";
import type { Language } from "../../ui/words.ts";

/** A setting of a device, out of its protocol's JSON schema. */
export interface SetupField {
  readonly key: string;
  readonly name: Words;
  readonly hint: Words | undefined;
  readonly isExpert: boolean;
  readonly shape: FieldShape;
}

/** What may be said: one of some values, a number, yes or no, a text, or several of one of these. */
export type FieldShape =
  | {
      readonly kind: "choice";
      readonly values: readonly (string | number)[];
      readonly names: Readonly<Record<string, Words>>; // of values; one without is shown as it is
    }
  | {
      readonly kind: "number";
      readonly least: number | undefined;
      readonly most: number | undefined;
      readonly isWhole: boolean;
    }
  | { readonly kind: "switch" }
  | { readonly kind: "text" }
  | { readonly kind: "list"; readonly of: FieldShape; readonly most: number | undefined };

const Asked = z.object({
  name: Words,
  hint: Words.optional(),
  level: z.enum(["plain", "expert"]).default("plain"),
  choices: z.record(z.string(), Words).default({}),
});

interface Schema {
  readonly [key: string]: unknown;
  readonly type?: unknown;
  readonly enum?: unknown;
  readonly const?: unknown;
  readonly anyOf?: unknown;
  readonly items?: unknown;
}
const isSchema = (value: unknown): value is Schema => typeof value === "object" && value !== null;
const isValue = (value: unknown): value is string | number =>
  typeof value === "string" || typeof value === "number";
const numberIn = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined);
/** zod writes the largest whole numbers where none was meant. */
const bound = (value: unknown): number | undefined =>
  typeof value === "number" && Math.abs(value) < Number.MAX_SAFE_INTEGER ? value : undefined;

/** The fields of a set-up in the order of its schema. What the schema says in a way not known here is left out. */
export function fieldsOf(form: unknown): readonly SetupField[] {
  const properties = isSchema(form) ? form["properties"] : undefined;
  if (!isSchema(properties)) return [];
  return Object.entries(properties).flatMap(([key, schema]): SetupField[] => {
    if (!isSchema(schema)) return [];
    const asked = Asked.safeParse(schema["asked"]).data;
    const shape = shapeOf(schema, asked?.choices);
    if (shape === undefined) return [];
    const name = asked?.name ?? { en: key, ja: key };
    return [{ key, name, hint: asked?.hint, isExpert: asked?.level === "expert", shape }];
  });
}

function shapeOf(schema: Schema, names: Readonly<Record<string, Words>> = {}): FieldShape | undefined {
  const values = valuesOf(schema);
  if (values) return { kind: "choice", values, names };
  switch (schema.type) {
    case "boolean":
      return { kind: "switch" };
    case "integer":
    case "number":
      return {
        kind: "number",
        least: bound(schema["minimum"] ?? schema["exclusiveMinimum"]),
        most: bound(schema["maximum"] ?? schema["exclusiveMaximum"]),
        isWhole: schema.type === "integer",
      };
    case "string":
      return { kind: "text" };
    case "array": {
      const of = isSchema(schema.items) ? shapeOf(schema.items) : undefined;
      if (of === undefined || of.kind === "list") return undefined;
      return { kind: "list", of, most: numberIn(schema["maxItems"]) };
    }
    default:
      return undefined;
  }
}

/** An enum, a constant, or one of several constants. */
function valuesOf({ enum: listed, const: only, anyOf }: Schema): readonly (string | number)[] | undefined {
  if (Array.isArray(listed) && listed.every(isValue)) return listed;
  if (isValue(only)) return [only];
  if (!Array.isArray(anyOf)) return undefined;
  const each = anyOf.map((one: unknown) => (isSchema(one) ? one.const : undefined));
  return each.length > 0 && each.every(isValue) ? each : undefined;
}

/** What is wrong with a value; undefined where nothing is. */
export type FieldProblem =
  | { readonly kind: "missing" }
  | { readonly kind: "range"; readonly least: number | undefined; readonly most: number | undefined }
  | { readonly kind: "whole" }
  | { readonly kind: "not-offered"; readonly value: string }
  | { readonly kind: "too-many"; readonly most: number };

export function fieldProblem(shape: FieldShape, value: unknown): FieldProblem | undefined {
  switch (shape.kind) {
    case "switch":
    case "text":
      return undefined;
    case "choice":
      return isValue(value) && shape.values.includes(value)
        ? undefined
        : { kind: "not-offered", value: String(value) };
    case "number": {
      if (typeof value !== "number" || !Number.isFinite(value)) return { kind: "missing" };
      const { least, most } = shape;
      if ((least !== undefined && value < least) || (most !== undefined && value > most))
        return { kind: "range", least, most };
      return shape.isWhole && !Number.isInteger(value) ? { kind: "whole" } : undefined;
    }
    case "list": {
      if (!Array.isArray(value)) return undefined;
      if (shape.most !== undefined && value.length > shape.most)
        return { kind: "too-many", most: shape.most };
      for (const one of value) {
        const problem = fieldProblem(shape.of, one);
        if (problem) return problem;
      }
      return undefined;
    }
  }
}

/** `1, 3 4` as a list, each as its shape wants it. */
export function readList(text: string, of: FieldShape): readonly (string | number)[] {
  const parts = text
    .normalize("NFKC")
    .split(/[\s,、]+/)
    .filter((part) => part !== "");
  const isNumber = of.kind === "number" || (of.kind === "choice" && typeof of.values[0] === "number");
  return parts.map((part) => (isNumber && Number.isFinite(Number(part)) ? Number(part) : part));
}

export const fieldName = (field: Pick<SetupField, "name">, language: Language): string =>
  wordIn(field.name, language);
