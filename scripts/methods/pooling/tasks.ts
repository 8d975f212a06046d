import { shuffle, type Random } from "../../../main/models/random.ts";
import { smallDigits } from "./digits.ts";

export const SIDE = 14;
export const PIXELS = SIDE * SIDE;
export const WAYS = 5;
const SHOWN = 5; // images of a class to learn from
const ASKED = 15;
export const SUPPORT = WAYS * SHOWN;
export const QUERY = WAYS * ASKED;
export const TASK = SUPPORT + QUERY;

/** Six and nine, each the other upside down, are never in one task. */
const KNOWN_DIGITS = [0, 1, 2, 3, 6];
const NEW_DIGITS = [4, 5, 7, 8, 9];
export const NEW = "new";
type Part = "known" | typeof NEW;

export interface TaskSource {
  /** Images and one-hot labels of `tasks` tasks, those to learn from first in each: [tasks TASK, PIXELS], [tasks TASK, WAYS]. */
  batch(random: Random, part: Part, tasks: number): readonly [Float32Array, Float32Array];
}

/**
 * Five-way tasks of digits, the class of each turned as a whole by a multiple of 90 degrees drawn for the task. Known ones
 * are of the training images, new ones of the test images.
 */
export function taskSource(data: string): TaskSource {
  const parts = {
    known: byDigit(smallDigits(data, "train"), KNOWN_DIGITS),
    new: byDigit(smallDigits(data, "t10k"), NEW_DIGITS),
  };
  return {
    batch: (random, part, tasks) => {
      const images = new Float32Array(tasks * TASK * PIXELS);
      const labels = new Float32Array(tasks * TASK * WAYS);
      for (let task = 0; task < tasks; task += 1) {
        const order = shuffle(
          Int32Array.from({ length: WAYS }, (_, at) => at),
          random,
        );
        order.forEach((at, way) => {
          const digit = parts[part][at] ?? [];
          const turn = random.below(4);
          for (let i = 0; i < SHOWN + ASKED; i += 1) {
            const place = i < SHOWN ? way * SHOWN + i : SUPPORT + way * ASKED + i - SHOWN;
            const row = task * TASK + place;
            const image = digit[random.below(digit.length)];
            if (image) images.set(turned(image, turn), row * PIXELS);
            labels[row * WAYS + way] = 1;
          }
        });
      }
      return [images, labels];
    },
  };
}

const byDigit = (
  { images, labels }: { readonly images: Float32Array; readonly labels: Uint8Array },
  digits: readonly number[],
): readonly (readonly Float32Array[])[] =>
  digits.map((digit) =>
    [...labels.keys()]
      .filter((n) => labels[n] === digit)
      .map((n) => images.subarray(n * PIXELS, (n + 1) * PIXELS)),
  );

/** By so many quarters of a turn. */
export function turned(image: Float32Array, quarters: number): Float32Array {
  let now = image;
  for (let turn = 0; turn < quarters; turn += 1) {
    const before = now;
    now = Float32Array.from(
      before,
      (_, at) => before[(at % SIDE) * SIDE + SIDE - 1 - Math.floor(at / SIDE)] ?? 0,
    );
  }
  return now;
}
