import { seededRandom } from "../../../main/models/random.ts";
import type { Dynamics, Observations } from "../../../main/models/sequences/state-space/filter.ts";
import {
  filterRegimes,
  smoothRegimes,
  type Switching,
} from "../../../main/models/sequences/state-space/regimes.ts";
import { atLeast, type MethodCheck, type Outcome } from "../check.ts";
import { bursts } from "./benchmark.ts";

const ARTEFACT = 2;
const steps = [0.9, 0.15, 0.9, 2.5] as const; // of the variability: usual, reduced, artefact, increased
const SECONDS = 1800;
const RHO = 0.97;

const dynamics = (fastStep: number): Dynamics => ({
  ...{ baselineStep: 0.1, slowTime: 60, slowStep: 0.01, fastStep, noise: 0.49 },
  echo: [2 * RHO * Math.cos((2 * Math.PI * 4) / 60), -RHO * RHO],
  ...{ tails: Infinity, caution: 0, fastRise: 0, fastFall: 1, slowRise: 0 },
  gain: { mean: 0, sd: 0, step: 0 },
});

const switching: Switching = {
  dynamics: steps.map(dynamics),
  dwell: 200,
  artefact: { regime: ARTEFACT, density: 1 / 200 },
};

function drawnRecord(seed: number): Observations & { readonly regimes: Int32Array } {
  const random = seededRandom(seed);
  const regimes = new Int32Array(SECONDS);
  const y = new Float64Array(SECONDS);
  let [level, v, before, regime] = [140, 0, 0, random.below(steps.length)];
  const [c1, c2] = dynamics(1).echo;
  for (let t = 0; t < SECONDS; t += 1) {
    if (random.next() < 1 / switching.dwell) regime = (regime + 1 + random.below(3)) % steps.length;
    level += 0.1 * random.normal();
    [v, before] = [c1 * v + c2 * before + (steps[regime] ?? 0) * random.normal(), v];
    y[t] = regime === ARTEFACT ? 50 + 200 * random.next() : level + v + 0.7 * random.normal();
    regimes[t] = regime;
  }
  return { y, observed: bursts(SECONDS, 0.15, 12, random), regimes };
}

const from = { evidence: "computed", source: "ctg-generative-model.md §3, §6" } as const;

export const ssmRegimes: MethodCheck = {
  id: "ssm-regimes",
  about: "Regimes of variability and artefacts found in made-up records whose regimes are known",
  run: ({ say }): readonly Outcome[] => {
    let [filtered, smoothed, all, hits, said, were] = [0, 0, 0, 0, 0, 0];
    let slowest = 0;
    for (let seed = 1; seed <= 10; seed += 1) {
      const record = drawnRecord(seed);
      const began = performance.now();
      const kept = filterRegimes(record, switching);
      const shares = smoothRegimes(kept, switching);
      slowest = Math.max(slowest, performance.now() - began);
      const best = (of: Float64Array, t: number): number => {
        const own = [...of.subarray(t * steps.length, (t + 1) * steps.length)];
        return own.indexOf(Math.max(...own));
      };
      record.regimes.forEach((truth, t) => {
        const found = best(shares, t);
        all += 1;
        filtered += Number(best(kept.shares, t) === truth);
        smoothed += Number(found === truth);
        if (record.observed[t] !== 1) return;
        said += Number(found === ARTEFACT);
        were += Number(truth === ARTEFACT);
        hits += Number(found === ARTEFACT && truth === ARTEFACT);
      });
    }
    say(`filtered accuracy ${(filtered / all).toFixed(3)}; slowest record ${slowest.toFixed(0)} ms`);
    return [
      atLeast("seconds in the right regime, all values known", smoothed / all, 0.92, from),
      atLeast("artefact seconds found", hits / were, 0.9, from),
      atLeast("of those said to be artefacts, right", hits / said, 0.9, from),
    ];
  },
};
