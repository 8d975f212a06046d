import { z } from "zod";
import { readNetworks } from "../../../compute/stored-parameters.ts";
import { HORIZONS_S, INPUTS } from "./blocks.ts";
import { ForkShape, parameterShapes } from "./shape.ts";

const MOST = 1e6; // of a parameter: nothing that follows from it overflows
const perHorizon = z.array(z.number().min(1e-3).max(1e4)).length(HORIZONS_S.length);

/** p = softmax([logit of none, other logits / temperature + biases]), see event-net/calibrate.ts. */
export const ForkCalibration = z.object({
  temperature: z.number().min(1e-20).max(1e20),
  biases: z.array(z.number().min(-1e20).max(1e20)),
  widths: perHorizon, // by which a horizon's deviations are multiplied
});
export type ForkCalibration = z.infer<typeof ForkCalibration>;

/** What is saved: everything that looking ahead needs. */
export const LearnedForks = z
  .object({
    codes: z.array(z.string()).max(63), // of the events that may begin; none: it learned without labels
    shape: ForkShape,
    scales: perHorizon, // beats a minute
    members: z.array(z.unknown()).min(1).max(20),
    calibration: ForkCalibration,
  })
  .transform(({ members, ...learned }, context) => {
    const { codes, shape, calibration } = learned;
    const refuse = (message: string): void => {
      context.addIssue({ code: "custom", message });
    };
    if (shape.classes !== codes.length + 1) refuse("its classes are not none and one a code");
    if (shape.inputs !== INPUTS || shape.horizons !== HORIZONS_S.length || shape.dims !== 1)
      refuse("its network takes other inputs or looks elsewhere");
    if (shape.leastSpread.length !== shape.horizons) refuse("it has no least deviation for every horizon");
    if (calibration.biases.length !== codes.length) refuse("its calibration does not fit its codes");
    return { ...learned, members: readNetworks(parameterShapes(shape), members, context, MOST) };
  });
export type LearnedForks = z.infer<typeof LearnedForks>;
