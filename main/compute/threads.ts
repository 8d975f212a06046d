import { availableParallelism } from "node:os";
import type { TensorSpec } from "./tensors.ts";
import { sizeOf } from "./feeds.ts";
import type { Graph } from "./graph.ts";
import type { StepParts, StepsApart } from "./runtime.ts";

/** One core is left for the interface. */
export const defaultThreads = (): number => Math.max(1, availableParallelism() - 1);

/** Multiplications of 30 ms: how long a call may be deaf to a cancellation. */
const CALL = 1e9;
const MOST_STEPS = 8;

/** Every call hands the whole state out in new memory: a sixth of the time of a small step, where each has its own. */
export const stepsPerCall = ({ work }: Graph): number =>
  Math.max(1, Math.min(MOST_STEPS, Math.floor(CALL / Math.max(1, work))));

/** How threads share a step: models each on its own, parts that meet once a step, the numbers of each product, or not at all. */
export type Sharing = "models" | "parts" | "products" | "alone";

/** Multiplications a product from which threads compute longer than they wait for one another. */
const WORTH_SHARING = 5e6;
/** Multiplications in whose time a thread learns that it has work: 0.3 ms. */
const MEETING = 1e7;
/** The same for a number of the gradient: it is copied out of one thread, into another, and added there. */
const HANDING_OVER = 300;
/** What is gained must be twice what is lost: the estimate is a rough one. */
const MARGIN = 2;

export interface Shareable {
  readonly threads: number;
  readonly first?: TensorSpec; // of the state, where its gradient is handed from thread to thread
  readonly apart?: StepsApart | undefined;
  readonly parts?: StepParts | undefined;
}

/**
 * Decided by the size of the step, not by a clock: another way of sharing may give other bits, and the same run must come
 * out the same. The constants are those of the benchmark's workloads on two cores.
 */
export function sharingOf(graph: Graph, { threads, first, apart, parts }: Shareable): Sharing {
  if (threads === 1) return "alone";
  const { work, products } = graph;
  const gained = (groups: number): number => work * (1 - 1 / groups);
  if (apart !== undefined && gained(apart.steps.length) * stepsPerCall(graph) > MARGIN * MEETING)
    return "models"; // they meet once a call
  const lost = MEETING + (first === undefined ? 0 : HANDING_OVER * sizeOf(first.shape));
  if (parts !== undefined && gained(parts.parts.length) > MARGIN * lost) return "parts";
  return products > 0 && work >= WORTH_SHARING * products ? "products" : "alone";
}
