import { AppError } from "../../../../preload/contract/errors.ts";
import { ctgDeviationGraph } from "./ctg-deviation.ts";
import { emgAmplitudeGraph } from "./emg-amplitude.ts";
import type { FrontGraph } from "./front-graph.ts";
import { windowMeanGraph } from "./window-mean.ts";

const graphs: readonly FrontGraph[] = [emgAmplitudeGraph, ctgDeviationGraph, windowMeanGraph];

/** The tensor form of the front of that name. */
export function graphOf(front: string): FrontGraph {
  const found = graphs.find((graph) => graph.front === front);
  if (found) return found;
  throw new AppError("model/cannot-export", `The front ${front} has no form that a model file can hold`, {
    front,
  });
}
