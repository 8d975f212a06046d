import { z } from "zod";
import { PitMap } from "../../../distributions/predictive.ts";
import { INPUTS } from "./inputs.ts";
import { outputsOf } from "./network.ts";
import { ANCHORS } from "./rows.ts";

const floats = z.custom<Float32Array>((value) => value instanceof Float32Array, "must be float32");
const doubles = z.custom<Float64Array>((value) => value instanceof Float64Array, "must be float64");

/** At an anchor: factor of the scales, degrees of freedom (null: normal), and how its shares are to be read (null: as they are). */
const NetCalibration = z.object({
  scale: z.number().min(0.05).max(20),
  tails: z.number().min(2).max(1000).nullable(),
  map: PitMap.nullable(),
});
export type NetCalibration = z.infer<typeof NetCalibration>;

/** Networks of mixtures as plain values, for so many inputs and horizons. */
export const networksOf = (inputs: number, horizons: number) =>
  z
    .object({
      hidden: z.number().int().min(1).max(512),
      components: z.number().int().min(1).max(32),
      mean: doubles, // [inputs]
      scale: doubles,
      members: z.array(z.array(floats).length(4)).min(1).max(16),
      calibration: z.array(NetCalibration).length(horizons),
    })
    .superRefine(({ hidden, components, mean, scale, members }, context) => {
      const outputs = outputsOf({ inputs, hidden, horizons, components });
      const sizes = [inputs * hidden, hidden, hidden * outputs, outputs];
      const isWhole =
        mean.length === inputs &&
        scale.length === inputs &&
        scale.every((one) => one > 0) &&
        members.every((member) => member.every((values, i) => values.length === sizes[i]));
      const isFinite = [mean, scale, ...members.flat()].every((values) =>
        values.every((value: number) => Number.isFinite(value)),
      );
      if (!isWhole || !isFinite)
        context.addIssue({ code: "custom", message: "the arrays of the networks do not fit each other" });
    });

/** The networks that correct a filter. */
export const LearnedNet = networksOf(INPUTS, ANCHORS.length);
export type LearnedNet = z.infer<typeof LearnedNet>;
