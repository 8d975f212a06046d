import type { MethodCheck } from "../check.ts";
import { forkCheck, forkSamplingCheck } from "./fork.ts";

export const forkMethods: readonly MethodCheck[] = [forkCheck, forkSamplingCheck];
