/** A proposal of a recording that a person read: how far the network supports it, and whether it was marked. */
export interface Weighed {
  readonly support: number; // a probability
  readonly isMarked: boolean;
}

export interface ChosenThreshold {
  readonly threshold: number;
  readonly f1: number; // as expected with it
}

/**
 * The threshold of support with the highest expected F1. How likely a proposal is marked is a logistic curve of its support,
 * fitted to all proposals, and of every threshold the F1 follows from that curve: counts near a threshold are a matter of
 * luck, a curve through all of them much less so. `marked`: how many marks there are, proposed or not. None where no
 * proposal is a marked event.
 */
export function thresholdByExpectedF1(
  proposals: readonly Weighed[],
  marked: number,
): ChosenThreshold | undefined {
  if (!proposals.some(({ isMarked }) => isMarked)) return undefined;
  const chance = markedChance(proposals);
  const supports = proposals.map(({ support }) => support).sort((a, b) => b - a);
  let [found, best] = [0, { threshold: 1, f1: -1 }];
  supports.forEach((support, i) => {
    found += chance(support);
    if (supports[i + 1] === support) return; // a threshold takes equals together
    const f1 = (2 * found) / (marked + i + 1);
    if (f1 > best.f1) best = { threshold: support, f1 };
  });
  return best;
}

const LEAST = 1e-3;
const logit = (p: number): number => {
  const inside = Math.min(1 - LEAST, Math.max(LEAST, p));
  return Math.log(inside / (1 - inside));
};

const RIDGE = 0.1; // keeps the curve finite where support tells marked proposals perfectly
const ROUNDS = 30;

/** Logistic regression on the logit of support, by Newton's steps. */
function markedChance(proposals: readonly Weighed[]): (support: number) => number {
  let [constant, slope] = [0, 1];
  const at = (x: number): number => 1 / (1 + Math.exp(-(constant + slope * x)));
  for (let round = 0; round < ROUNDS; round += 1) {
    let [g0, g1, h00, h01, h11] = [RIDGE * constant, RIDGE * (slope - 1), RIDGE, 0, RIDGE];
    for (const { support, isMarked } of proposals) {
      const x = logit(support);
      const p = at(x);
      const off = p - Number(isMarked);
      const curvature = p * (1 - p);
      g0 += off;
      g1 += off * x;
      h00 += curvature;
      h01 += curvature * x;
      h11 += curvature * x * x;
    }
    const determinant = h00 * h11 - h01 * h01;
    constant -= (h11 * g0 - h01 * g1) / determinant;
    slope -= (h00 * g1 - h01 * g0) / determinant;
  }
  return (support) => at(logit(support));
}
