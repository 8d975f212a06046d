import { z } from "zod";
import { readNetworks } from "../../../compute/stored-parameters.ts";
import { partsOf, SignalTrustConfig } from "./config.ts";
import { parameterShapes } from "./network.ts";

const MOST = 1e4; // of a parameter: no sum that follows from it overflows
/** A bias is no further from 0: of a probability of 1/2 it makes one of 0.7 % or 99.3 %. */
export const MOST_BIAS = 5;
const Temperature = z.number().min(0.05).max(20);
const Bias = z.number().min(-MOST_BIAS).max(MOST_BIAS);

/**
 * P = sigmoid(logit / temperature + bias), where a maternal heart rate stood beside it and where none did. Files from before
 * there were biases have none: theirs are 0.
 */
export const TrustCalibration = z.object({
  withMhr: Temperature,
  withoutMhr: Temperature,
  biases: z.object({ withMhr: Bias, withoutMhr: Bias }).default({ withMhr: 0, withoutMhr: 0 }),
});
export type TrustCalibration = z.infer<typeof TrustCalibration>;

/** What is saved: everything that judging needs. */
export const LearnedSignalTrust = z
  .object({
    config: SignalTrustConfig,
    members: z.array(z.unknown()).min(1).max(100), // of each network at its last cycles' ends
    calibration: TrustCalibration,
  })
  .transform(({ members, ...learned }, context) => {
    const parts = partsOf(learned.config);
    if (members.length !== parts)
      context.addIssue({ code: "custom", message: `${members.length} sets of parameters of ${parts}` });
    return { ...learned, members: readNetworks(parameterShapes, members, context, MOST) };
  });
export type LearnedSignalTrust = z.infer<typeof LearnedSignalTrust>;
