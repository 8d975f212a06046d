import { maximum, mul, sum } from "@tensorflow/tfjs-core";
import type { Scalar } from "@tensorflow/tfjs-core";
import type { Batch } from "./estimator.ts";

/** What the labelled rows of a batch weigh together, by which losses are divided; not quite 0 where there are none. */
export const labelledWeight = ({ y, weight }: Batch): Scalar =>
  maximum(sum<Scalar>(mul(weight, sum(y, 1, true))), 1e-6);
