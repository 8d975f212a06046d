import {
  RunConfig,
  type DataSelection,
  type ModelConfig,
  type SplitConfig,
  type WindowSelection,
} from "./run.ts";

/** Fields of a run's configuration beside one another, as a person types them. */
export type RunChange = Partial<
  Omit<DataSelection, "windows"> &
    WindowSelection &
    SplitConfig &
    ModelConfig &
    Pick<RunConfig, "name" | "seed" | "engine">
>;

/** A configuration with some of its fields changed, wherever they lie. */
export const changed = (config: RunConfig, change: RunChange): RunConfig =>
  RunConfig.parse({ ...config, ...change });
