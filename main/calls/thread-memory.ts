import type { ResourceLimits } from "node:worker_threads";

/**
 * For threads through which rows pass by the thousand. What V8 lets rubbish grow to before it looks: rows live for a moment,
 * and the default of 48 MB stays taken. What has lived longer it lets grow to four times what is in use, but to twice as
 * much where a thread may have less than 2 GB in all.
 */
export const forRows: ResourceLimits = { maxYoungGenerationSizeMb: 24, maxOldGenerationSizeMb: 2000 };

/**
 * For the thread that reads a fast line. Every eight kilobytes of it come in memory of their own, outside the heap, and
 * looking for rubbish often among what is young lets go of it: else it fills until all of the heap is looked through, which
 * took as long as storing what came.
 */
export const forLine: ResourceLimits = { maxYoungGenerationSizeMb: 6 };
