import { pause } from "../../../../compute/pause.ts";
import { minimise } from "../../../convex/minimise.ts";
import { mixturePredictive, pitMapOf, type PitMap } from "../../../distributions/predictive.ts";
import { standardLaw } from "../../../distributions/student-t.ts";

/** Mixtures of one horizon in the filter's scale, with what came: centres, logarithms of scales and of weights, [n x components]. */
export interface Spoken {
  readonly count: number;
  readonly components: number;
  readonly centre: Float32Array;
  readonly logScale: Float32Array;
  readonly logWeight: Float32Array;
  readonly distance: Float32Array; // [n]
}

const TAILS = [3, 4, 5, 6.5, 9, 14, 30, Infinity]; // degrees of freedom tried
const STARTS = [5, Infinity];
const REACH = 0.5; // of the logarithm of the factor, either way
const CLOSE = 0.015; // of it
const LEAST = 200; // moments that tell anything

/** Factor of the scales and degrees of freedom that make what came most likely, from two starts; and its map. */
export async function calibrated(
  spoken: Spoken,
  learnedTails: number,
  signal?: AbortSignal,
): Promise<{ readonly scale: number; readonly tails: number; readonly map: PitMap | undefined }> {
  if (spoken.count < LEAST) return { scale: 1, tails: learnedTails, map: undefined };
  const parts = partsOf(spoken);
  let best = { scale: 1, tails: learnedTails, nats: Infinity };
  for (const start of STARTS) {
    let tails = start;
    let logScale = 0;
    for (let round = 0; round < 2; round += 1) {
      logScale = minimise((at) => meanNats(parts, Math.exp(at), tails), -REACH, REACH, CLOSE);
      await pause(signal);
      const tried = TAILS.map((one) => ({ one, nats: meanNats(parts, Math.exp(logScale), one) }));
      tails = tried.reduce((a, b) => (b.nats < a.nats ? b : a)).one;
      await pause(signal);
    }
    const nats = meanNats(parts, Math.exp(logScale), tails);
    if (nats < best.nats) best = { scale: Math.exp(logScale), tails, nats };
  }
  const { scale, tails } = best;
  return { scale, tails, map: pitMapOf(sharesOf(spoken, scale, tails)) };
}

/** Of each component, [n x components]: how far it lies from what came, in its scale, and its weight over its scale. */
interface Parts {
  readonly count: number;
  readonly components: number;
  readonly far: Float64Array;
  readonly density: Float64Array;
}

function partsOf({ count, components, centre, logScale, logWeight, distance }: Spoken): Parts {
  const [far, density] = [new Float64Array(centre.length), new Float64Array(centre.length)];
  for (let at = 0; at < centre.length; at += 1) {
    const own = distance[Math.floor(at / components)] ?? 0;
    far[at] = (own - (centre[at] ?? 0)) * Math.exp(-(logScale[at] ?? 0));
    density[at] = Math.exp((logWeight[at] ?? 0) - (logScale[at] ?? 0));
  }
  return { count, components, far, density };
}

function meanNats({ count, components, far, density }: Parts, factor: number, tails: number): number {
  const law = standardLaw(tails);
  let sum = 0;
  for (let row = 0; row < count; row += 1) {
    let own = 0;
    for (let at = row * components; at < (row + 1) * components; at += 1)
      own += (density[at] ?? 0) * Math.exp(law.logDensity((far[at] ?? 0) / factor));
    sum -= Math.log(own / factor + 1e-300);
  }
  return sum / count;
}

/** Where what came lay in its forecast. */
function sharesOf(spoken: Spoken, factor: number, tails: number): Float64Array {
  const { count, components, centre, logScale, logWeight, distance } = spoken;
  return Float64Array.from({ length: count }, (_, row) => {
    const parts = Array.from({ length: components }, (__, k) => {
      const at = row * components + k;
      return {
        weight: Math.exp(logWeight[at] ?? 0),
        mean: centre[at] ?? 0,
        scale: factor * Math.exp(logScale[at] ?? 0),
        nu: tails,
      };
    });
    return mixturePredictive(parts).cdf(distance[row] ?? 0);
  });
}
