import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

const FROM = 28;
export const SIDE = 60;

export interface Digits {
  readonly images: Float32Array; // [n x side x side] in 0 to 1
  readonly labels: Uint8Array; // [n]
}

type Part = "train" | "t10k";

/** MNIST as IDX files: the first 10,000 of its training images, or all of its test images. [n x 28 x 28] in 0 to 255 */
function read(data: string, part: Part): { readonly small: Uint8Array; readonly labels: Uint8Array } {
  const file = (name: string, header: number): Uint8Array =>
    gunzipSync(readFileSync(join(data, "img-mnist", `${part}-first10000-${name}-ubyte.gz`))).subarray(header);
  return { small: file("images-idx3", 16), labels: file("labels-idx1", 8) };
}

/** Of half the size, each pixel the mean of four: [n x 14 x 14] in 0 to 1. */
export function smallDigits(data: string, part: Part): Digits {
  const { small, labels } = read(data, part);
  const side = FROM / 2;
  const images = Float32Array.from({ length: labels.length * side * side }, (_, at) => {
    const row = Math.floor(at / side); // of all images, one below the other
    const corner = 2 * row * FROM + 2 * (at % side);
    const four = [0, 1, FROM, FROM + 1].map((by) => small[corner + by] ?? 0);
    return four.reduce((a, b) => a + b, 0) / (4 * 255);
  });
  return { images, labels };
}

/** Enlarged, as the publication does, so that a kernel of five spans a stroke. */
export function digitsOf(data: string, part: Part): Digits {
  const { small, labels } = read(data, part);
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
