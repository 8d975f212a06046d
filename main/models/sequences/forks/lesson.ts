import type { Marked } from "../../model.ts";
import { type Blocks, blocksOf, lastSecond, targetAt } from "./blocks.ts";
import { futureOf } from "./futures.ts";
import type { Seconds } from "../seconds.ts";

/** A recording as it is learned from. */
export interface Lesson {
  readonly seconds: Seconds;
  readonly blocks: Blocks;
  readonly future: Int8Array; // class a block; -1 where it is not known
}

/** `marks` absent: unlabelled. Without codes there is one class. */
export function lessonOf(seconds: Seconds, marks: Marked | undefined, codes: readonly string[]): Lesson {
  const blocks = blocksOf(seconds);
  const future = Int8Array.from({ length: blocks.count }, (_, block) => {
    if (codes.length === 0) return 0;
    return marks === undefined ? -1 : (futureOf(marks, codes, lastSecond(0, block) + 1) ?? -1);
  });
  return { seconds, blocks, future };
}

/** Where the heart rate went after a block from the last value seen, in beats a minute; NaN where it was not seen. */
export const targetOf = (
  { seconds, blocks }: Pick<Lesson, "seconds" | "blocks">,
  block: number,
  h: number,
): number => targetAt(seconds, { t: lastSecond(blocks.phase, block), last: blocks.last[block] ?? NaN }, h);
