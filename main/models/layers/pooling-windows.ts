import { pad, reshape, slice, transpose, type Rank, type Tensor, type Tensor4D } from "@tensorflow/tfjs-core";

/** Kernels that lie side by side: rows x columns samples each. A signal over time is an image of one column. */
export interface Kernels {
  readonly size: readonly [rows: number, columns: number];
}

interface Split {
  readonly n: number;
  readonly channels: number;
  readonly rows: number; // of kernels
  readonly columns: number;
  readonly height: number; // of a kernel
  readonly width: number;
}

export function splitOf([n, h, w, channels]: Tensor4D["shape"], { size: [height, width] }: Kernels): Split {
  return { n, channels, height, width, rows: Math.floor(h / height), columns: Math.floor(w / width) };
}

/** x [n, h, w, c] by kernels: [n, rows, columns, c, samples of a kernel]. What is left over at the ends is left out. */
export function kernelsOf(x: Tensor4D, kernels: Kernels): Tensor {
  const { n, channels, rows, columns, height, width } = splitOf(x.shape, kernels);
  const whole = slice(x, [0, 0, 0, 0], [n, rows * height, columns * width, channels]);
  const apart = transpose(reshape(whole, [n, rows, height, columns, width, channels]), [0, 1, 3, 5, 2, 4]);
  return reshape(apart, [n, rows, columns, channels, height * width]);
}

/** The way back, zero where no kernel was. */
export function fromKernels(values: Tensor, shape: Tensor4D["shape"], kernels: Kernels): Tensor4D {
  const { n, channels, rows, columns, height, width } = splitOf(shape, kernels);
  const together = transpose(
    reshape(values, [n, rows, columns, channels, height, width]),
    [0, 1, 4, 2, 5, 3],
  );
  return pad(reshape<Rank.R4>(together, [n, rows * height, columns * width, channels]), [
    [0, 0],
    [0, shape[1] - rows * height],
    [0, shape[2] - columns * width],
    [0, 0],
  ]);
}
