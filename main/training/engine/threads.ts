import { availableParallelism } from "node:os";

/** One core is left for the interface. */
export const defaultThreads = (): number => Math.max(1, availableParallelism() - 1);
