import { HERE } from "../../preload/contract/job.ts";
import type { EngineReport, EngineVariant } from "../../preload/contract/engine.ts";
import type { Exchange } from "../exchange/host.ts";
import type { JobOrder } from "../exchange/protocol.ts";
import type { EngineHost } from "../training/process/engines.ts";
import type { Trainer, TrainOrder, TrainWatch } from "../training/process/host-api.ts";

export interface PlacedOrder extends Pick<TrainOrder, "run" | "resume"> {
  /** An earlier process left it waiting: what was ended elsewhere meanwhile stays ended. */
  readonly isTakenUp: boolean;
}

/** Where jobs are done. Orders and results are plain data, and bytes beside them. */
export interface Place {
  readonly name: string; // "here", or the name of another machine
  readonly train: (order: PlacedOrder, watch: TrainWatch) => ReturnType<Trainer["train"]>;
  /** Runs that it trains side by side: on one machine two would share its cores, and both be slower. */
  readonly atOnce: number;
  /** Progress and the end are told by the exchange. */
  exchange(jobId: string, order: JobOrder): void;
  install(variant: EngineVariant): Promise<EngineReport>;
}

export const thisMachine = (parts: {
  readonly trainer: Trainer;
  readonly exchange: Exchange;
  readonly engines: EngineHost;
}): Place => ({
  name: HERE,
  train: ({ run, resume }, watch) => parts.trainer.train({ run, resume }, watch),
  atOnce: 1,
  exchange: (jobId, order) => parts.exchange.start(order, jobId),
  install: (variant) => parts.engines.install(variant),
});

/** Reason of a signal: nobody listens any more, and what others do goes on. */
export const LEFT = "left";
