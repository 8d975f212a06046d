import { mixturePredictive, type ScoredPredictive } from "../../../distributions/predictive.ts";
import { mixtureOf, netOutputs } from "../net/network.ts";
import { standardise } from "../net/rows.ts";
import { type BothWays, type Gap, gapsOf, knownAt } from "./both-ways.ts";
import { GAP_INPUTS, gapInputsAt } from "./inputs.ts";
import type { LearnedGaps } from "./learned.ts";

/** What may have been in gaps, a value a second: middle and 90 % band. Where `observed` is 0 nothing is said. */
export interface Filled {
  readonly value: Float32Array;
  readonly low: Float32Array;
  readonly high: Float32Array;
  readonly observed: Uint8Array;
}

const BAND = [0.05, 0.95] as const;

/** What may have been at a second of a gap, by what was observed on both sides of it. */
export function openGaps(learned: LearnedGaps): (seen: BothWays, gap: Gap, t: number) => ScoredPredictive {
  const { hidden, components, members } = learned;
  const shape = { inputs: GAP_INPUTS, hidden, horizons: 1, components };
  const [calibration] = learned.calibration;
  return (seen, gap, t) => {
    const known = knownAt(seen, gap, t);
    const x = new Float32Array(GAP_INPUTS);
    gapInputsAt(seen, gap, { t, known }, x);
    standardise(x, learned);
    const { centre, logScale, logWeight } = mixtureOf(
      shape,
      members.map((member) => netOutputs(shape, member, x)),
    );
    const parts = Array.from(centre, (own, k) => ({
      weight: Math.exp(logWeight[k] ?? 0),
      mean: known.mean + known.scale * own,
      scale: known.scale * (calibration?.scale ?? 1) * Math.exp(logScale[k] ?? 0),
      nu: calibration?.tails ?? Infinity,
    }));
    return mixturePredictive(parts, calibration?.map ?? undefined);
  };
}

/** Fills every gap that is not too long to. What was observed is not said again. */
export function filled(learned: LearnedGaps, seen: BothWays): Filled {
  const count = seen.observed.length;
  const say = openGaps(learned);
  const out = {
    ...{ value: new Float32Array(count), low: new Float32Array(count), high: new Float32Array(count) },
    observed: new Uint8Array(count),
  };
  for (const gap of gapsOf(seen.observed))
    for (let t = gap.from; t < gap.to; t += 1) {
      const law = say(seen, gap, t);
      out.value[t] = law.quantile(0.5);
      out.low[t] = law.quantile(BAND[0]);
      out.high[t] = law.quantile(BAND[1]);
      out.observed[t] = 1;
    }
  return out;
}
