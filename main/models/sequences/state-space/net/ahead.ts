import { mixturePredictive, type ScoredPredictive } from "../../../distributions/predictive.ts";
import { ahead, type Horizons } from "../ahead.ts";
import { MEMORY } from "../filter.ts";
import { mixtureAt, widthsOf } from "./between.ts";
import { INPUTS, inputsAt, type Seen } from "./inputs.ts";
import type { LearnedNet } from "./learned.ts";
import { mixtureOf, netOutputs, type NetShape } from "./network.ts";
import { ANCHORS, FURTHEST, standardise } from "./rows.ts";
import type { Said, Surprises } from "./surprises.ts";

/** What a filter with its networks says of what comes after one moment. */
export interface NetAhead {
  /** So many seconds later, whole or not; undefined beyond two minutes. */
  at(aheadS: number): ScoredPredictive | undefined;
}

/** Looks ahead from second t of a recording; `past`: of the same recording. */
export type OpenNetwork = (seen: Seen, t: number, past: Surprises) => NetAhead;

/** The networks, ready to speak. `table`: of the filter's dynamics, as far as they reach. */
export function openNetwork(learned: LearnedNet, table: Horizons): OpenNetwork {
  const speak = speaker(learned, table);
  const { adapts } = learned;
  return (seen, t, past) => {
    const plain = (second: number): Said => speak(seen, second);
    const wider = adapts && past.wideningAt(t, seen, plain, adapts);
    const own = adapts === undefined ? plain(t) : past.said(t, plain);
    return {
      at: (aheadS) => {
        const h = Math.max(1, Math.round(aheadS));
        return h > FURTHEST ? undefined : own(h, wider?.(h));
      },
    };
  };
}

/** What the networks say of a second, before widths follow anything. */
export function speaker(learned: LearnedNet, table: Horizons): (seen: Seen, t: number) => Said {
  const { hidden, components, members } = learned;
  const shape: NetShape = { inputs: INPUTS, hidden, horizons: ANCHORS.length, components };
  const widthAt = widthsOf(learned.calibration, learned.between);
  return (seen, t) => {
    const x = new Float32Array(INPUTS);
    inputsAt(seen, t, x);
    standardise(x, learned);
    const mixture = mixtureOf(
      shape,
      members.map((member) => netOutputs(shape, member, x)),
    );
    const { after } = seen;
    return (h, wider = 0) => {
      const { mean, variance } = ahead(after, h, table, 0, t * MEMORY);
      const { centre, logScale, logWeight } = mixtureAt(mixture, h);
      const { factor, tails, map } = widthAt(h);
      const scale = Math.sqrt(variance);
      const spread = Math.exp(wider);
      const weight = logWeight.map(Math.exp);
      const middle = wider === 0 ? 0 : weight.reduce((sum, own, k) => sum + own * (centre[k] ?? 0), 0);
      const parts = Array.from(centre, (own, k) => ({
        weight: weight[k] ?? 0,
        mean: mean + scale * (middle + spread * (own - middle)),
        scale: scale * spread * factor * Math.exp(logScale[k] ?? 0),
        nu: tails,
      }));
      return mixturePredictive(parts, map ?? undefined);
    };
  };
}
