import { z } from "zod";
import { readNetworks } from "../../../compute/stored-parameters.ts";
import { finiteDoubles, haveLengths } from "../../file-parts.ts";
import { Around } from "./around.ts";
import { EventCalibration } from "./calibrate.ts";
import { EventNetConfig } from "./config.ts";
import { EventRuleSettings } from "./events.ts";
import { FEATURES } from "./local.ts";
import { parameterShapes } from "./network.ts";

/** The logistic regression beside the networks, and its part of the logits. */
export const Guide = z.strictObject({
  mean: finiteDoubles, // [features]
  scale: finiteDoubles,
  weights: finiteDoubles, // [codes, features + 1], the bias last
  share: z.number().min(0).max(1),
});
export type Guide = z.infer<typeof Guide>;

const LearnedGroup = z
  .object({
    name: z.string(),
    members: z.array(z.unknown()).min(1),
    guide: Guide.nullable(),
    around: Around.nullable().default(null), // null too in files from before there was one
    calibration: EventCalibration,
    settings: z.array(EventRuleSettings).min(1), // a code
  })
  .transform(({ members, ...group }, context) => {
    const { guide, settings } = group;
    if (guide !== null) {
      haveLengths(context, {
        "guide.mean": [guide.mean, FEATURES],
        "guide.scale": [guide.scale, FEATURES],
        "guide.weights": [guide.weights, settings.length * (FEATURES + 1)],
      });
    }
    return { ...group, members: readNetworks(parameterShapes(settings.length), members, context) };
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
      if (own?.around && own.around.length !== codes.length)
        context.addIssue({ code: "custom", message: `${name}: what is added around does not fit its codes` });
    });
  });
export type LearnedEventNet = z.infer<typeof LearnedEventNet>;
