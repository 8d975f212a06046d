import { RunConfig, type DataSelection, type SplitConfig, type WindowSelection } from "./run.ts";

/** Fields of a run's configuration beside one another, as a person types them. */
export type RunChange = Partial<
  Omit<DataSelection, "windows"> & WindowSelection & SplitConfig & Pick<RunConfig, "name" | "seed" | "engine">
> & {
  readonly front?: string;
  readonly adaptation?: string;
  readonly sampling?: string;
  readonly augmentation?: string;
  readonly variation?: object;
} & Partial<
    Record<
      | "layers"
      | "members"
      | "epochs"
      | "patience"
      | "batchSize"
      | "learningRate"
      | "generativeWeight"
      | "couplingVariance",
      number
    >
  >;

/** A configuration with some of its fields changed, wherever they lie. */
export const changed = (config: RunConfig, change: RunChange): RunConfig =>
  RunConfig.parse({ ...config, ...change });
