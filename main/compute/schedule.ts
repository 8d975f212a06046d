import { AppError } from "../../preload/contract/errors.ts";

/** Learning rate at a step, counted from 0. */
export type Schedule = (step: number) => number;

export const constantRate =
  (rate: number): Schedule =>
  () =>
    rate;

/** A linear rise over `warmup` steps, then half a cosine down to `last` times the rate (Loshchilov and Hutter 2017). */
export function cosineRate({
  rate,
  steps,
  warmup = 0,
  last = 0,
}: {
  rate: number;
  steps: number;
  warmup?: number;
  last?: number;
}): Schedule {
  check(rate, steps);
  return (step) => {
    if (step < warmup) return (rate * (step + 1)) / (warmup + 1);
    const through = Math.min(1, (step - warmup) / Math.max(1, steps - warmup));
    return rate * (last + (1 - last) * 0.5 * (1 + Math.cos(Math.PI * through)));
  };
}

/**
 * Up from rate / `divide` over the first `rise` of the steps, then down to rate / (`divide` x `finish`), both along half
 * a cosine (Smith and Topin 2018; defaults as in PyTorch's OneCycleLR).
 */
export function oneCycleRate({
  rate,
  steps,
  rise = 0.3,
  divide = 25,
  finish = 1e4,
}: {
  rate: number;
  steps: number;
  rise?: number;
  divide?: number;
  finish?: number;
}): Schedule {
  check(rate, steps);
  const top = Math.max(1, rise * steps - 1);
  const between = (from: number, to: number, through: number): number =>
    to + (from - to) * 0.5 * (1 + Math.cos(Math.PI * Math.min(1, through)));
  return (step) =>
    step <= top
      ? between(rate / divide, rate, step / top)
      : between(rate, rate / divide / finish, (step - top) / Math.max(1, steps - 1 - top));
}

function check(rate: number, steps: number): void {
  if (rate > 0 && steps >= 1) return;
  throw new AppError(
    "model/bad-schedule",
    `A learning rate of ${rate} over ${steps} steps; both must be above 0`,
    { rate, steps },
  );
}
