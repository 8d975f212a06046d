import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

const FROM = 28;
/** Digits enlarged, as the publication does, so that a kernel of five spans a stroke. */
export const SIDE = 60;

export interface Digits {
  readonly images: Float32Array; // [n x 60 x 60] in 0 to 1
  readonly labels: Uint8Array; // [n]
}

/** MNIST as IDX files: the first 10,000 of its training images, or all of its test images. */
export function digitsOf(data: string, part: "train" | "t10k"): Digits {
  const file = (name: string, header: number): Uint8Array =>
    gunzipSync(readFileSync(join(data, "img-mnist", `${part}-first10000-${name}-ubyte.gz`))).subarray(header);
  const [small, labels] = [file("images-idx3", 16), file("labels-idx1", 8)];
  const images = new Float32Array(labels.length * SIDE * SIDE);
  for (let n = 0; n < labels.length; n += 1)
    enlarge(small.subarray(n * FROM * FROM), images, n * SIDE * SIDE);
  return { images, labels };
}

/** An image enlarged to 60 x 60 (bilinear, corners on corners), in 0 to 1, into `out` at `at`. */
function enlarge(image: Uint8Array, out: Float32Array, at: number): void {
  const step = (FROM - 1) / (SIDE - 1);
  for (let r = 0; r < SIDE; r += 1) {
    const [top, down] = [Math.floor(r * step), (r * step) % 1];
    const [above, below] = [top * FROM, Math.min(FROM - 1, top + 1) * FROM];
    for (let c = 0; c < SIDE; c += 1) {
      const left = Math.floor(c * step);
      const [next, right] = [Math.min(FROM - 1, left + 1), (c * step) % 1];
      const upper = (1 - right) * (image[above + left] ?? 0) + right * (image[above + next] ?? 0);
      const lower = (1 - right) * (image[below + left] ?? 0) + right * (image[below + next] ?? 0);
      out[at + r * SIDE + c] = ((1 - down) * upper + down * lower) / 255;
    }
  }
}
