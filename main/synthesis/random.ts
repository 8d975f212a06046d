import { normalFrom, uniformFrom } from "../signal/random.ts";

/** A seeded source of numbers: same seed and stream, same numbers on every machine. */
export interface Random {
  uniform(low?: number, high?: number): number;
  normal(mean?: number, sd?: number): number;
  /** exp(N(0, sd)): a factor around 1. */
  factor(sd: number): number;
  exponential(mean: number): number;
  chance(probability: number): boolean;
}

export function randomFrom(seed: number, stream = 0): Random {
  const next = uniformFrom(seed, stream);
  const standard = normalFrom(next);
  const uniform = (low = 0, high = 1): number => low + (high - low) * next();
  const normal = (mean = 0, sd = 1): number => mean + sd * standard();
  return {
    uniform,
    normal,
    factor: (sd) => Math.exp(normal(0, sd)),
    exponential: (mean) => -mean * Math.log(1 - uniform()),
    chance: (probability) => uniform() < probability,
  };
}

/** Ornstein-Uhlenbeck: a value that wanders with time constant `tau` samples and standard deviation `sd` around 0. */
export function wanderer(random: Random, tau: number, sd: number): () => number {
  const keep = Math.exp(-1 / tau);
  const push = sd * Math.sqrt(1 - keep * keep);
  let value = random.normal(0, sd);
  return () => (value = keep * value + random.normal(0, push));
}

/**
 * A stochastic oscillator: second-order autoregression with its resonance at `frequency` (cycles a sample) and pole
 * radius `radius`, scaled to standard deviation `sd`.
 */
export function oscillator(random: Random, frequency: number, radius: number, sd: number): () => number {
  const a1 = 2 * radius * Math.cos(2 * Math.PI * frequency);
  const a2 = -radius * radius;
  // Variance of an AR(2) driven by unit noise: (1 - a2) / ((1 + a2) ((1 - a2)^2 - a1^2)).
  const variance = (1 - a2) / ((1 + a2) * ((1 - a2) ** 2 - a1 * a1));
  const push = sd / Math.sqrt(variance);
  let [last, before] = [0, 0];
  const next = (): number => {
    const value = a1 * last + a2 * before + push * random.normal();
    [before, last] = [last, value];
    return value;
  };
  for (let i = 0; i < 5 / (1 - radius); i++) next(); // past its start
  return next;
}
