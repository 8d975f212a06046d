import { z } from "zod";
import { sizeOf } from "../../../compute/feeds.ts";
import { partsOf, SignalTrustConfig } from "./config.ts";
import { parameterShapes } from "./network.ts";

const MOST = 1e4; // of a parameter: no sum that follows from it overflows
const Float32s = z
  .custom<Float32Array>((value) => value instanceof Float32Array, "must be float32")
  .refine((values) => values.every((value) => Math.abs(value) <= MOST), "must be numbers of a sensible size");
const Temperature = z.number().min(0.05).max(20);

/** P = sigmoid(logit / temperature), where a maternal heart rate stood beside it and where none did. */
export const TrustCalibration = z.object({ withMhr: Temperature, withoutMhr: Temperature });
export type TrustCalibration = z.infer<typeof TrustCalibration>;

/** What is saved: everything that judging needs. */
export const LearnedSignalTrust = z
  .object({
    config: SignalTrustConfig,
    members: z.array(z.array(Float32s)).min(1).max(100), // parameters in the network's order, of each network at its last cycles' ends
    calibration: TrustCalibration,
  })
  .superRefine(({ config, members }, context) => {
    const refuse = (message: string): void => {
      context.addIssue({ code: "custom", message });
    };
    const shapes = [...parameterShapes];
    const parts = partsOf(config);
    if (members.length !== parts) refuse(`${members.length} sets of parameters of ${parts}`);
    members.forEach((member, at) => {
      shapes.forEach(([name, shape], index) => {
        if (member[index]?.length !== sizeOf(shape))
          refuse(`network ${at}: ${name} is not [${shape.join(", ")}]`);
      });
      if (member.length !== shapes.length)
        refuse(`network ${at} has ${member.length} parameters of ${shapes.length}`);
    });
  });
export type LearnedSignalTrust = z.infer<typeof LearnedSignalTrust>;
