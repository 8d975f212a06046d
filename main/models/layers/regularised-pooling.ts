import {
  add,
  argMax,
  avgPool,
  cast,
  clipByValue,
  customGrad,
  div,
  equal,
  expandDims,
  floor,
  gather,
  logicalAnd,
  max,
  maximum,
  mul,
  oneHot,
  pad,
  reshape,
  round,
  sub,
  sum,
  tensor2d,
  transpose,
  where,
  type Tensor,
  type Tensor4D,
} from "@tensorflow/tfjs-core";
import { fromKernels, kernelsOf, splitOf, type Kernels } from "./pooling-windows.ts";

/**
 * Regularised pooling (Otsuzuki, Hayashi, Zheng and Uchida, ICANN 2020). Max pooling takes from each kernel its largest
 * sample wherever that lies, each kernel for itself. Real deformations are smooth: here the places are averaged over
 * neighbouring kernels before the sample is taken,
 *
 *   Δ = place of the maximum − centre        Δ~ = round( Σ_neighbours Δ / number of neighbours )        y = x[centre + Δ~]
 *
 * where places beyond the border count as Δ = 0, and so does a kernel of mere background: its maximum is the value that
 * most kernels of the map have, and lies in the first place. One neighbour (itself) is max pooling. The gradient goes to
 * the sample that was taken and not through the places. Kernels without an observed sample are left out of the means; an
 * unobserved sample is never taken, but the nearest observed one of its kernel.
 */
export interface Regularised extends Kernels {
  readonly size: readonly [rows: number, columns: number]; // odd
  readonly neighbours: readonly [rows: number, columns: number]; // odd
}

const LOWEST = -3e38;

/** x [n, h, w, c], seen the same of 0 and 1 or absent where all is. -> [n, h / rows, w / columns, c] */
export function regularisedPooling(x: Tensor4D, seen: Tensor4D | undefined, by: Regularised): Tensor4D {
  const pool = customGrad<Tensor4D>((_x, save) => {
    const values = kernelsOf(x, by);
    const taken = takenFrom(values, seen && kernelsOf(seen, by), by);
    if (typeof save === "function") save([taken]);
    return {
      value: sum<Tensor4D>(where(cast(taken, "bool"), values, 0), -1),
      gradFunc: (dy: Tensor, saved: Tensor[]) =>
        fromKernels(mul(expandDims(dy, -1), saved[0] ?? taken), x.shape, by),
    };
  });
  return pool(x);
}

/** One at the sample that each kernel takes, zero elsewhere: [n, rows, columns, c, samples]. */
function takenFrom(values: Tensor, seen: Tensor | undefined, by: Regularised): Tensor {
  const [height, width] = by.size;
  const samples = height * width;
  const known = seen ? where(cast(seen, "bool"), values, LOWEST) : values;
  const place = argMax(known, -1);
  const middle = [(height - 1) / 2, (width - 1) / 2] as const;
  const counts = seen && max<Tensor4D>(seen, -1); // 1 where the kernel has a sample
  const free = isOne(by.neighbours) ? counts : carefree(max(known, -1), place, counts);
  const row = floor(div(cast(place, "float32"), width));
  const column = sub(place, mul(row, width));
  const moved = [sub<Tensor4D>(row, middle[0]), sub<Tensor4D>(column, middle[1])].map((offset) =>
    smoothed(free ? mul<Tensor4D>(offset, free) : offset, counts, by),
  );
  const [down = row, right = column] = moved;
  const target = add(mul(add(down, middle[0]), width), add(right, middle[1]));
  const wanted = cast(oneHot(cast(target, "int32"), samples), "float32");
  return seen ? nearestSeen(cast(target, "int32"), seen, by) : wanted;
}

const isOne = (counts: readonly number[]): boolean => counts.every((count) => count === 1);

/** 0 for kernels of background or without a sample, else 1. peak, place: [n, rows, columns, c] */
function carefree(peak: Tensor, place: Tensor, counts: Tensor | undefined): Tensor {
  const [n = 0, rows = 0, columns = 0, channels = 0] = peak.shape;
  const kernels = rows * columns;
  const flat = transpose(reshape(peak, [n, kernels, channels]), [0, 2, 1]);
  const alike = sum(cast(equal(expandDims(flat, 3), expandDims(flat, 2)), "float32"), 3); // [n, c, kernels]
  const most = maximum(max(alike, 2, true), 2);
  const back = reshape(transpose(equal(alike, most), [0, 2, 1]), [n, rows, columns, channels]);
  const care = sub(1, cast(logicalAnd(back, equal(place, 0)), "float32"));
  return counts ? mul(care, counts) : care;
}

/** Rounded means over neighbouring kernels. offset, counts: [n, rows, columns, c] */
function smoothed(offset: Tensor4D, counts: Tensor4D | undefined, { neighbours }: Regularised): Tensor {
  if (isOne(neighbours)) return offset;
  const all = neighbours[0] * neighbours[1];
  const total = (of: Tensor4D, outside: number): Tensor => {
    const edges = neighbours.map((size): [number, number] => [(size - 1) / 2, (size - 1) / 2]);
    const [down = [0, 0], right = [0, 0]] = edges;
    const around: Tensor4D = pad(of, [[0, 0], down, right, [0, 0]], outside);
    return round(mul(avgPool(around, [...neighbours], 1, "valid"), all)); // whole numbers
  };
  return round(div(total(offset, 0), counts ? maximum(total(counts, 1), 1) : all));
}

/** The observed sample of each kernel that is nearest to its target; none where there is none. */
function nearestSeen(target: Tensor, seen: Tensor, { size: [height, width] }: Regularised): Tensor {
  const samples = height * width;
  const closeness = tensor2d(
    Float32Array.from({ length: samples * samples }, (_, at) => {
      const [a, b] = [Math.floor(at / samples), at % samples];
      const down = Math.floor(a / width) - Math.floor(b / width);
      return 1 / (1 + down ** 2 + ((a % width) - (b % width)) ** 2);
    }),
    [samples, samples],
  );
  const near = mul(gather(closeness, target), seen);
  const taken = cast(oneHot(argMax<Tensor>(near, -1), samples), "float32");
  return mul(taken, seen);
}

/** Where a kernel has an observed sample. seen [n, h, w, c] -> [n, h / rows, w / columns, c] */
export function seenBy(seen: Tensor4D, kernels: Kernels): Tensor4D {
  const { n, rows, columns, channels } = splitOf(seen.shape, kernels);
  return reshape(clipByValue(max(kernelsOf(seen, kernels), -1), 0, 1), [n, rows, columns, channels]);
}
