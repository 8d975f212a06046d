import type { MethodCheck } from "../check.ts";
import { forkCtgCheck, forkCtgFewCheck } from "./ctg.ts";
import { forkCheck, forkSamplingCheck } from "./fork.ts";
import { forkFigureCheck } from "./pen-figure.ts";
import { forkUnipenCheck, forkUnipenFewCheck } from "./unipen.ts";

export const forkMethods: readonly MethodCheck[] = [
  forkCheck,
  forkSamplingCheck,
  forkUnipenCheck,
  forkUnipenFewCheck,
  forkFigureCheck,
  forkCtgCheck,
  forkCtgFewCheck,
];
