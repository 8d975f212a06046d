import { add, concat, matMul, mul, square, sqrt, tensor2d, type Tensor2D } from "@tensorflow/tfjs-core";
import { z } from "zod";
import { sure } from "../../../preload/contract/sure.ts";

/**
 * How strongly the profile around a bracelet varies once, twice, ... around it: the magnitudes of its harmonics, which
 * stay the same when the bracelet is turned or put on the other way up. Appended to the inputs of a network, which could
 * not compute them while it is near the identity. On people never seen they raised accuracy by 1.3 to 1.6 points
 * (three splits of 26 people).
 */
export const RingShape = z.object({
  electrodes: z.number().int().min(3).max(1024),
  blocks: z.number().int().positive().max(64), // profiles in a row among the inputs
});
export type RingShape = z.infer<typeof RingShape>;

/** Harmonics of one profile: 1 .. n/2. Harmonic 0 is the mean level, which the inputs hold already. */
const harmonics = ({ electrodes }: RingShape): number => Math.floor(electrodes / 2);

export const ringWidth = (ring: RingShape): number => ring.blocks * harmonics(ring);

/** What the further features are called, given a name for each block. */
export const ringNames = (ring: RingShape, profiles: readonly string[]): string[] =>
  profiles.flatMap((profile) =>
    Array.from({ length: harmonics(ring) }, (_, h) => `${profile}, ${h + 1} × around`),
  );

/** Keeps the magnitudes on the scale of the inputs. */
const SCALE = 3;
/** Keeps the square root's slope finite at a flat profile. */
const FLAT = 1e-4;

/** Cosine and sine of every harmonic of every block: [inputs x ringWidth], row-major. */
function waves(ring: RingShape): { readonly cosines: Float32Array; readonly sines: Float32Array } {
  const { electrodes, blocks } = ring;
  const width = ringWidth(ring);
  const each = harmonics(ring);
  const cosines = new Float32Array(electrodes * blocks * width);
  const sines = new Float32Array(cosines.length);
  for (let block = 0; block < blocks; block += 1) {
    for (let e = 0; e < electrodes; e += 1) {
      for (let h = 0; h < each; h += 1) {
        const at = (block * electrodes + e) * width + block * each + h;
        const angle = (2 * Math.PI * (h + 1) * e) / electrodes;
        cosines[at] = Math.cos(angle) / electrodes;
        sines[at] = Math.sin(angle) / electrodes;
      }
    }
  }
  return { cosines, sines };
}

/** x [n, electrodes * blocks] -> [n, electrodes * blocks + ringWidth]; x is 0 where unobserved. */
export function withRing(ring: RingShape, x: Tensor2D): Tensor2D {
  const { cosines, sines } = waves(ring);
  const shape: [number, number] = [ring.electrodes * ring.blocks, ringWidth(ring)];
  const real = matMul(x, tensor2d(cosines, shape));
  const imaginary = matMul(x, tensor2d(sines, shape));
  const magnitude = sqrt(add(add(square(real), square(imaginary)), FLAT));
  return concat([x, mul(magnitude, SCALE)], 1);
}

/** The same for one window in float64. */
export function ringOf(ring: RingShape, x: ArrayLike<number>): Float64Array {
  const { cosines, sines } = waves(ring);
  const width = ringWidth(ring);
  return Float64Array.from({ length: width }, (_, j) => {
    let real = 0;
    let imaginary = 0;
    for (let i = 0; i < ring.electrodes * ring.blocks; i += 1) {
      real += sure(cosines[i * width + j]) * sure(x[i]);
      imaginary += sure(sines[i * width + j]) * sure(x[i]);
    }
    return SCALE * Math.sqrt(real * real + imaginary * imaginary + FLAT);
  });
}
