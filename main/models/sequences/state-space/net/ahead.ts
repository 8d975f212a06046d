import { mixturePredictive, type PitMap, type ScoredPredictive } from "../../../distributions/predictive.ts";
import { ahead, type Horizons } from "../ahead.ts";
import { MEMORY } from "../filter.ts";
import { INPUTS, inputsAt, type Seen } from "./inputs.ts";
import type { LearnedNet } from "./learned.ts";
import { type MixtureOutputs, mixtureOf, netOutputs, type NetShape } from "./network.ts";
import { ANCHORS, FURTHEST, standardise } from "./rows.ts";

/** What a filter with its networks says of what comes after one moment. */
export interface NetAhead {
  /** So many seconds later, whole or not; undefined beyond two minutes. */
  at(aheadS: number): ScoredPredictive | undefined;
}

/** The networks, ready to speak. `table`: of the filter's dynamics, as far as they reach. */
export function openNetwork(learned: LearnedNet, table: Horizons): (seen: Seen, t: number) => NetAhead {
  const { hidden, components, members } = learned;
  const shape: NetShape = { inputs: INPUTS, hidden, horizons: ANCHORS.length, components };
  return (seen, t) => {
    const x = new Float32Array(INPUTS);
    inputsAt(seen, t, x);
    standardise(x, learned);
    const mixture = mixtureOf(
      shape,
      members.map((member) => netOutputs(shape, member, x)),
    );
    return {
      at: (aheadS) => {
        const h = Math.max(1, Math.round(aheadS));
        if (h > FURTHEST) return undefined;
        const { mean, variance } = ahead(seen.after, h, table, 0, t * MEMORY);
        return between(learned, mixture, h, { mean, scale: Math.sqrt(variance) });
      },
    };
  };
}

/** Between two anchors everything is taken in proportion to their logarithms, on the filter's own mean and scale. */
function between(
  { calibration }: LearnedNet,
  mixture: MixtureOutputs,
  h: number,
  base: { readonly mean: number; readonly scale: number },
): ScoredPredictive {
  const right = Math.max(
    1,
    ANCHORS.findIndex((anchor) => anchor >= h),
  );
  const [from, to] = [ANCHORS[right - 1] ?? 1, ANCHORS[right] ?? 1];
  const share = Math.log(h / from) / Math.log(to / from);
  const mixed = (a: number, b: number): number => (1 - share) * a + share * b;
  const [a, b] = [calibration[right - 1], calibration[right]];
  const tails = 1 / mixed(1 / (a?.tails ?? Infinity), 1 / (b?.tails ?? Infinity));
  const factor = Math.exp(mixed(Math.log(a?.scale ?? 1), Math.log(b?.scale ?? 1)));
  const width = mixture.centre.length / ANCHORS.length;
  const parts = Array.from({ length: width }, (_, k) => {
    const value = (of: Float64Array): number =>
      mixed(of[(right - 1) * width + k] ?? 0, of[right * width + k] ?? 0);
    return {
      weight: Math.exp(value(mixture.logWeight)),
      mean: base.mean + base.scale * value(mixture.centre),
      scale: base.scale * factor * Math.exp(value(mixture.logScale)),
      nu: tails,
    };
  });
  return mixturePredictive(parts, mapBetween(a?.map ?? null, b?.map ?? null, mixed));
}

function mapBetween(
  a: PitMap | null,
  b: PitMap | null,
  mixed: (a: number, b: number) => number,
): PitMap | undefined {
  if (a === null || b === null) return a ?? b ?? undefined;
  return a.map((knot, j) => mixed(knot, b[j] ?? knot));
}
