import { z } from "zod";

const doubles = z.instanceof(Float64Array<ArrayBufferLike>);

/** Where Adam stands, as plain values that a checkpoint keeps. */
export const AdamPlace = z.object({
  flat: doubles,
  first: doubles, // running mean of the derivative
  second: doubles, // and of its square
  step: z.number().int().nonnegative(),
});
export type AdamPlace = z.infer<typeof AdamPlace>;

export const adamFrom = (flat: Float64Array): AdamPlace => ({
  ...{ flat, first: new Float64Array(flat.length), second: new Float64Array(flat.length), step: 0 },
});

const [KEPT, KEPT_SQUARES, LEAST] = [0.9, 0.999, 1e-8];

/** A step down (Kingma and Ba 2015). `place` is left as it was. */
export function adamStep(place: AdamPlace, gradient: Float64Array, rate: number): AdamPlace {
  const step = place.step + 1;
  const first = place.first.map((mean, i) => KEPT * mean + (1 - KEPT) * (gradient[i] ?? 0));
  const second = place.second.map(
    (mean, i) => KEPT_SQUARES * mean + (1 - KEPT_SQUARES) * (gradient[i] ?? 0) ** 2,
  );
  const [lack, lackOfSquares] = [1 - KEPT ** step, 1 - KEPT_SQUARES ** step];
  const flat = place.flat.map(
    (value, i) =>
      value - (rate * ((first[i] ?? 0) / lack)) / (Math.sqrt((second[i] ?? 0) / lackOfSquares) + LEAST),
  );
  return { flat, first, second, step };
}
