import type { Capability, ModelDescription } from "../../preload/contract/model.ts";
import type { Run } from "../../preload/contract/run.ts";

/** Whether the model of a run can do something; one that nobody describes is left to main to refuse. */
export const canOf = (
  { config }: Pick<Run, "config">,
  capability: Capability,
  models: readonly ModelDescription[] | undefined,
): boolean => models?.find(({ kind }) => kind === config.model.kind)?.can.includes(capability) ?? true;
