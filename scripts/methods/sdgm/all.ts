import type { MethodCheck } from "../check.ts";
import { sdgmChecks } from "./basics.ts";
import { sdgmBanana, sdgmPrune, sdgmRipley } from "./benchmarks.ts";
import { sdgmLayer } from "./layer.ts";
import { sdgmRing } from "./ring.ts";
import { sdgmSmall } from "./small.ts";
import { sdgmStarts } from "./starts.ts";

export const sdgmMethods: readonly MethodCheck[] = [
  sdgmChecks,
  sdgmRipley,
  sdgmStarts,
  sdgmBanana,
  sdgmPrune,
  sdgmRing,
  sdgmLayer,
  sdgmSmall,
];
