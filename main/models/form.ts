import { z } from "zod";
import { AppError } from "../../preload/contract/errors.ts";
import type { Words } from "../../preload/contract/label-set.ts";
import type { ModelField } from "../../preload/contract/model.ts";
import { RecordingKind as RecordingKinds, type RecordingKind } from "../../preload/contract/recording.ts";

/** What a setting's schema says of itself with `.meta(asked({...}))`, so that a page can ask for it. */
export interface Asked {
  readonly name: Words;
  readonly hint?: Words;
  readonly level: "plain" | "expert";
  readonly kinds?: readonly RecordingKind[]; // of recordings it is asked for; absent: of every kind
  readonly usualOf?: Readonly<Partial<Record<RecordingKind, number | boolean | string>>>; // where it is not the default
  readonly options?: Readonly<Record<string, Words>>; // a choice: what each value is called
  readonly optionHints?: Readonly<Record<string, Words>>; // and what it does
  readonly suggested?: Readonly<Record<RecordingKind, Readonly<Record<string, number>>>>; // a group: what it is switched on with
}

export const asked = (how: Asked): { readonly asked: Asked } => ({ asked: how });

const AskedShape = z.custom<Asked>((value) => typeof value === "object" && value !== null && "name" in value);

/** A property of a JSON Schema, as far as settings use it. */
const Property = z.object({
  type: z.enum(["integer", "number", "boolean", "string", "object"]).optional(),
  minimum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  maximum: z.number().optional(),
  default: z.union([z.number(), z.boolean(), z.string()]).optional().catch(undefined),
  enum: z.array(z.string()).optional(),
  asked: AskedShape.optional(),
});
const Properties = z.object({ properties: z.record(z.string(), z.unknown()) });

/** The settings that a model's schema asks for, in its order. Throws model/bad-form for one that no page could draw. */
export function formOf(config: z.ZodType): ModelField[] {
  const { properties } = Properties.parse(z.toJSONSchema(config, { io: "input", unrepresentable: "any" }));
  return Object.entries(properties).flatMap(([key, given]) => {
    const property = Property.parse(given);
    return property.asked === undefined ? [] : [fieldOf(key, property, property.asked, given)];
  });
}

function fieldOf(key: string, property: z.infer<typeof Property>, how: Asked, given: unknown): ModelField {
  const { name, hint, level, kinds, options, suggested } = how;
  const common = {
    ...{ key, name, level },
    ...(hint === undefined ? {} : { hint }),
    ...(kinds === undefined ? {} : { kinds: [...kinds] }),
  };
  const { type, minimum, exclusiveMinimum, maximum } = property;
  const usual = property.default;
  if (type === "boolean" && typeof usual === "boolean")
    return { ...common, type: "switch", usual, ...usualByKind(how, z.boolean()) };
  if (property.enum !== undefined && options !== undefined && typeof usual === "string")
    return {
      ...common,
      type: "choice",
      usual,
      ...usualByKind(how, z.enum(property.enum)),
      options: property.enum.map((value) => {
        const does = how.optionHints?.[value];
        return {
          value,
          name: options[value] ?? { en: value, ja: value },
          ...(does === undefined ? {} : { hint: does }),
        };
      }),
    };
  if (type === "integer" || type === "number") {
    const low = minimum ?? exclusiveMinimum;
    return {
      ...common,
      type: "number",
      isWhole: type === "integer",
      isOptional: usual === undefined,
      ...(low === undefined ? {} : { low }),
      ...(maximum === undefined ? {} : { high: maximum }),
      ...(typeof usual === "number" ? { usual } : {}),
      ...usualByKind(how, z.number()),
    };
  }
  if (type === "object" && suggested !== undefined)
    return { ...common, type: "group", fields: innerFields(given), suggested };
  throw new AppError("model/bad-form", `The setting ${key} cannot be asked for`, { key });
}

/** Throws for a usual value that the setting does not take. */
const usualByKind = <Value>(
  { usualOf }: Asked,
  value: z.ZodType<Value>,
): { readonly usualOf?: Partial<Record<RecordingKind, Value>> } =>
  usualOf === undefined ? {} : { usualOf: z.partialRecord(RecordingKinds, value).parse(usualOf) };

type Inner = Extract<ModelField, { readonly type: "group" }>["fields"];

function innerFields(given: unknown): Inner {
  return Object.entries(Properties.parse(given).properties).map(([key, inner]) => {
    const { asked: how, minimum = 0, maximum = 1, default: usual } = Property.parse(inner);
    return {
      key,
      name: how?.name ?? { en: key, ja: key },
      ...(how?.kinds === undefined ? {} : { kinds: [...how.kinds] }),
      low: minimum,
      high: maximum,
      usual: typeof usual === "number" ? usual : 0,
    };
  });
}
