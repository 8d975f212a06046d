import { z } from "zod";
import { AppError } from "../../../../preload/contract/errors.ts";
import { EventCalibration } from "./calibrate.ts";
import { EventNetConfig } from "./config.ts";
import { EventRuleSettings } from "./events.ts";
import { parameterShapes } from "./network.ts";

const areFinite = (values: Float32Array | Float64Array): boolean => values.every(Number.isFinite);

/** Parameters of one network by name, the shape with each. */
export const NamedArrays = z.record(
  z.string(),
  z.object({
    shape: z.array(z.number().int().positive()),
    values: z
      .custom<Float32Array>((value) => value instanceof Float32Array, "must be float32")
      .refine(areFinite, "must be numbers"),
  }),
);
export type NamedArrays = z.infer<typeof NamedArrays>;

const Float64s = z
  .custom<Float64Array>((value) => value instanceof Float64Array, "must be float64")
  .refine(areFinite, "must be numbers");

/** The logistic regression beside the networks, and its part of the logits. */
export const Guide = z
  .object({ mean: Float64s, scale: Float64s, weights: Float64s, share: z.number().min(0).max(1) })
  .refine(
    ({ mean, scale, weights }) => scale.length === mean.length && weights.length % (mean.length + 1) === 0,
    "the guide's arrays do not fit each other",
  );
export type Guide = z.infer<typeof Guide>;

export const LearnedGroup = z.object({
  name: z.string(),
  members: z.array(NamedArrays).min(1),
  guide: Guide.nullable(),
  calibration: EventCalibration,
  settings: z.array(EventRuleSettings), // a code
});
export type LearnedGroup = z.infer<typeof LearnedGroup>;

/** What is saved: everything that judging needs. */
export const LearnedEventNet = z
  .object({ config: EventNetConfig, groups: z.array(LearnedGroup).min(1) })
  .superRefine(({ config, groups }, context) => {
    config.groups.forEach(({ name, codes }, at) => {
      const own = groups[at];
      if (own?.name !== name || own.settings.length !== codes.length)
        context.addIssue({
          code: "custom",
          message: `the group ${name} is missing or does not fit its codes`,
        });
      for (const member of own?.members ?? []) {
        for (const [parameter, shape] of parameterShapes(codes.length)) {
          const found = member[parameter];
          const isWhole = found?.values.length === shape.reduce((a, b) => a * b, 1);
          if (!isWhole || found.shape.join() !== shape.join())
            context.addIssue({
              code: "custom",
              message: `${name}: ${parameter} is not [${shape.join(", ")}]`,
            });
        }
      }
    });
  });
export type LearnedEventNet = z.infer<typeof LearnedEventNet>;

export const namedArrays = (outputs: number, values: readonly Float32Array[]): NamedArrays =>
  Object.fromEntries(
    [...parameterShapes(outputs)].map(([name, shape], index) => [
      name,
      { shape: [...shape], values: values[index] ?? new Float32Array(0) },
    ]),
  );

/** In the network's order. */
export const arraysOf = (outputs: number, member: NamedArrays): Float32Array[] =>
  [...parameterShapes(outputs).keys()].map((name) => {
    const found = member[name];
    if (found === undefined)
      throw new AppError("model/wrong-parameters", `The parameter ${name} is missing`, { name });
    return found.values;
  });
