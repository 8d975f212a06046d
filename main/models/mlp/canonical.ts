import type { WindowRows } from "../model.ts";
import { remembering } from "../remembered.ts";

/**
 * Numbers of the rows in an order that goes by what is in them alone: whoever draws rows by chance draws the same ones
 * however they come.
 */
export const canonicalOrder = remembering(
  ({ x, observed, y, count, width, classes }: WindowRows): Int32Array =>
    Int32Array.from({ length: count }, (_, n) => n).sort((a, b) => {
      for (let i = 0; i < width; i += 1) {
        const [first, second] = [a * width + i, b * width + i];
        const seen = (observed[first] ?? 0) - (observed[second] ?? 0);
        if (seen !== 0) return seen;
        const apart = observed[first] === 1 ? (x[first] ?? 0) - (x[second] ?? 0) : 0;
        if (apart !== 0) return apart;
      }
      for (let c = 0; c < classes; c += 1) {
        const apart = (y[a * classes + c] ?? 0) - (y[b * classes + c] ?? 0);
        if (apart !== 0) return apart;
      }
      return 0;
    }),
  () => true,
);
