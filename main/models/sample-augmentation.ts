import type { Augment } from "./augmentation.ts";

/** What a window of samples may go through without changing its label, declared as data. */
export type Augmentation =
  /** All rows moved together by up to so many columns either way; what moves in from outside is unobserved. */
  | { readonly kind: "time-shift"; readonly columns: number }
  /** All rows times exp(N(0, sd)). */
  | { readonly kind: "amplitude-scale"; readonly sd: number }
  /** Each row, with this probability, loses a stretch of 1 to `longest` columns. */
  | { readonly kind: "random-mask"; readonly probability: number; readonly longest: number };

/** A window's inputs: [rows x columns], row-major, 0 where unobserved. */
export interface Shape {
  readonly rows: number;
  readonly columns: number;
}

/** The declared changes one after the other, each with its own draw. An unobserved value takes no part and stays 0. */
export function augmentWith(list: readonly Augmentation[], shape: Shape): Augment | undefined {
  if (list.length === 0) return undefined;
  const steps = list.map((one) => augmentationOf(one, shape));
  return (x, observed, at, random) => {
    for (const step of steps) step(x, observed, at, random);
  };
}

function augmentationOf(one: Augmentation, shape: Shape): Augment {
  switch (one.kind) {
    case "time-shift":
      return timeShift(one.columns, shape);
    case "amplitude-scale":
      return amplitudeScale(one.sd, shape);
    case "random-mask":
      return randomMask(one.probability, one.longest, shape);
  }
}

function timeShift(most: number, { rows, columns }: Shape): Augment {
  const reach = Math.min(most, columns - 1);
  return (x, observed, at, random) => {
    const shift = random.below(2 * reach + 1) - reach; // to the right where positive
    const [empty, end] = shift > 0 ? [0, shift] : [columns + shift, columns];
    for (let row = 0; row < rows; row += 1) {
      const from = at + row * columns;
      for (const values of [x, observed]) {
        const [first, last] = shift > 0 ? [from, from + columns - shift] : [from - shift, from + columns];
        values.copyWithin(from + Math.max(0, shift), first, last);
        values.fill(0, from + empty, from + end);
      }
    }
  };
}

function amplitudeScale(sd: number, { rows, columns }: Shape): Augment {
  return (x, observed, at, random) => {
    const factor = Math.exp(sd * random.normal());
    for (let i = at; i < at + rows * columns; i += 1)
      x[i] = observed[i] === 1 ? (x[i] as number) * factor : 0;
  };
}

function randomMask(probability: number, longest: number, { rows, columns }: Shape): Augment {
  return (x, observed, at, random) => {
    for (let row = 0; row < rows; row += 1) {
      if (random.next() >= probability) continue;
      const length = Math.min(columns, 1 + random.below(longest));
      const from = at + row * columns + random.below(columns - length + 1);
      x.fill(0, from, from + length);
      observed.fill(0, from, from + length);
    }
  };
}
