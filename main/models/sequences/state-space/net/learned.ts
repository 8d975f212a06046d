import { z } from "zod";
import { PitMap } from "../../../distributions/predictive.ts";
import { readNetworks } from "../../../../compute/stored-parameters.ts";
import { finiteDoubles, haveLengths } from "../../../file-parts.ts";
import { INPUTS } from "./inputs.ts";
import { parameterShapes } from "./network.ts";
import { ANCHORS, BETWEEN } from "./rows.ts";
import { Adapting } from "./surprises.ts";

/** At an anchor: factor of the scales, degrees of freedom (null: normal), and how its shares are to be read (null: as they are). */
const NetCalibration = z.object({
  scale: z.number().min(0.05).max(20),
  tails: z.number().min(2).max(1000).nullable(),
  map: PitMap.nullable(),
});
export type NetCalibration = z.infer<typeof NetCalibration>;

/** Networks of mixtures as plain values, for so many inputs and horizons; between these at so many others widths may be set too. */
export const networksOf = (inputs: number, horizons: number, between = 0) =>
  z
    .strictObject({
      hidden: z.number().int().min(1).max(512),
      components: z.number().int().min(1).max(32),
      mean: finiteDoubles, // [inputs]
      scale: finiteDoubles.refine((values) => values.every((one) => one > 0), "must be positive"),
      members: z.array(z.unknown()).min(1).max(16),
      calibration: z.array(NetCalibration).length(horizons),
      between: z.array(NetCalibration).length(between).optional(), // older files have none
      adapts: Adapting.optional(), // absent: widths do not follow what a recording did to earlier forecasts
    })
    .transform(({ members, ...learned }, context) => {
      const { hidden, components, mean, scale } = learned;
      haveLengths(context, { mean: [mean, inputs], scale: [scale, inputs] });
      const shapes = parameterShapes({ inputs, hidden, horizons, components });
      return { ...learned, members: readNetworks(shapes, members, context) };
    });

/** The networks that correct a filter. */
export const LearnedNet = networksOf(INPUTS, ANCHORS.length, BETWEEN.length);
export type LearnedNet = z.infer<typeof LearnedNet>;
