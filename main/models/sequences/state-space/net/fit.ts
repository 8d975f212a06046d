import type { Dynamics } from "../filter.ts";
import { INPUTS } from "./inputs.ts";
import { calibrationOf, isTooLittle, learnMembers, type NetOptions, type NetTools } from "./learn.ts";
import type { LearnedNet } from "./learned.ts";
import type { NetShape } from "./network.ts";
import { ANCHORS, netRows, type NetRecording, type NetRows, standardise, standardOf } from "./rows.ts";

export const usualNet: NetOptions = { components: 6, hidden: 96, members: 4, epochs: 4, leastSteps: 1500 };
/** Seconds from one moment to the next: neighbours say much the same. */
const EVERY_S = { train: 2, validation: 5 };

/**
 * Learns networks that correct a filter, one after the other, and sets the width of what they say right by recordings they
 * never learned from. The same recordings and seed give the same bits on the processor. Undefined for too few moments to
 * learn from or to set the width by: the filter is better left alone. Throws cancelled/by-user.
 */
export async function fitNetwork(
  recordings: readonly NetRecording[],
  dynamics: Dynamics,
  options: NetOptions,
  tools: NetTools,
): Promise<LearnedNet | undefined> {
  const of = (part: NetRecording["part"]): NetRows =>
    netRows(
      recordings.filter((one) => one.part === part).map(({ seen }) => seen),
      dynamics,
      EVERY_S[part],
    );
  const [train, held] = [of("train"), of("validation")];
  if (isTooLittle({ train, held })) return undefined;
  const standard = standardOf(train.x, INPUTS);
  for (const { x } of [train, held]) standardise(x, standard);
  const { hidden, components } = options;
  const shape: NetShape = { inputs: INPUTS, hidden, horizons: ANCHORS.length, components };
  const members = await learnMembers({ train, held, shape, options }, tools);
  const calibration = await calibrationOf(held, shape, members, tools.signal);
  return { hidden, components, ...standard, members, calibration };
}
