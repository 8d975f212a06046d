import { logSumExp } from "../linear-algebra.ts";
import type { CausalPart } from "../../../preload/contract/run.ts";
import { causalParts, type CausalView } from "./causal.ts";

/**
 * Temperatures by part, fitted on people that nothing was learned from, run causally. That of `static` is the plain
 * network's own, which is brought to it before it is averaged with others, too.
 */
export type CausalTemperatures = Readonly<Record<CausalPart, number>>;

export const untempered: CausalTemperatures = { static: 1, cautious: 1, causal: 1, means: 1 };

/** Log probabilities of one voice, [classes] each. */
export interface Voice {
  readonly asItIs: Float64Array; // of the network that knows nothing of the person
  readonly byWay: readonly Float64Array[]; // of the network for centred, oriented windows, in each way of the view
}

/**
 * Weights of the log probabilities that are averaged. The template's are sharper than they should be, since the windows
 * of one person are alike: at a fifth they add what the network misses and no more. Measured on 20 people in five folds
 * (scripts/measure/RESULTS.md): with equal weights every stream in which gestures are absent lost one to three points.
 */
const weights: Readonly<
  Record<CausalPart, { asItIs: number; network: number; template: number; means: number }>
> = {
  static: { asItIs: 1, network: 0, template: 0, means: 0 },
  cautious: { asItIs: 2, network: 1, template: 0, means: 0 },
  causal: { asItIs: 1, network: 1, template: 0.2, means: 0 },
  means: { asItIs: 0, network: 1, template: 0, means: 1 },
};

/** No part may forbid a class to another. */
const LEAST = 1e-9;

/** The mean of the log probabilities of the parts at work, at their own temperature, as probabilities. [classes] */
export function answerOf(
  { part, ways, logMeans }: CausalView,
  { asItIs, byWay }: Voice,
  temperatures: CausalTemperatures,
): Float64Array {
  const own = weights[part];
  const network = new Float64Array(asItIs.length);
  const template = new Float64Array(asItIs.length);
  ways.forEach(({ weight, logTemplate }, at) => {
    const log = byWay[at];
    for (let c = 0; c < network.length; c += 1) {
      network[c] = (network[c] ?? 0) + weight * Math.exp(log?.[c] ?? 0);
      template[c] = (template[c] ?? 0) + weight * Math.exp(logTemplate[c] ?? 0);
    }
  });
  const total = own.asItIs + own.network + own.template + own.means;
  const log = asItIs.map((value, c) => {
    const sum =
      (own.asItIs * Math.max(value, Math.log(LEAST))) / temperatures.static +
      own.network * Math.log(Math.max(LEAST, network[c] ?? 0)) +
      own.template * Math.log(Math.max(LEAST, template[c] ?? 0)) +
      own.means * Math.max(logMeans?.[c] ?? 0, Math.log(LEAST));
    return sum / (total * (part === "static" ? 1 : temperatures[part]));
  });
  const norm = logSumExp(log, 0, log.length);
  return log.map((value) => Math.exp(value - norm));
}

/** Parts by the number that a prediction keeps for each window. */
export const partNumber = (part: CausalPart): number => causalParts.indexOf(part);
