import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { z } from "zod";

/** A digit as points a fixed length of line apart, in sizes of its writer's digits, from its first point on. */
export interface Digit {
  readonly file: string; // about one writer each
  readonly label: number;
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly penUp: Uint8Array; // 1 where the line towards the point was drawn in the air
}

export interface Digits {
  readonly train: readonly Digit[];
  readonly validation: readonly Digit[];
  readonly test: readonly Digit[];
}

export const STEP = 1 / 12; // of the size
export const [FEWEST, MOST] = [8, 56]; // points
const TEST_FILES = 123;
const VALIDATION_FILES = 44;
const [TRAIN_DIGITS, OTHER_DIGITS] = [40, 30]; // of a file, at most

const Raw = z.object({
  file: z.string(),
  segment: z.number(),
  label: z.number(),
  strokes: z.array(z.array(z.number())), // x, y, x, y, …
});
type Raw = z.infer<typeof Raw>;

/** UNIPEN digits, parted by file in the order of the files' hashes. */
export function readDigits(data: string): Digits {
  const text = gunzipSync(readFileSync(join(data, "hand-unipen-digits", "digits.jsonl.gz"))).toString();
  const byFile = new Map<string, Raw[]>();
  for (const line of text.split("\n").filter((one) => one !== "")) {
    const raw = Raw.parse(JSON.parse(line));
    byFile.set(raw.file, [...(byFile.get(raw.file) ?? []), raw]);
  }
  const files = [...byFile.keys()].sort((a, b) => (hashOf(a) < hashOf(b) ? -1 : 1));
  const of = (from: number, to: number | undefined, most: number): Digit[] =>
    files.slice(from, to).flatMap((file) => digitsOf(byFile.get(file) ?? [], most));
  return {
    test: of(0, TEST_FILES, OTHER_DIGITS),
    validation: of(TEST_FILES, TEST_FILES + VALIDATION_FILES, OTHER_DIGITS),
    train: of(TEST_FILES + VALIDATION_FILES, undefined, TRAIN_DIGITS),
  };
}

const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex");

function digitsOf(raws: readonly Raw[], most: number): Digit[] {
  const sizes = raws.map(({ strokes }) => sizeOf(strokes)).sort((a, b) => a - b);
  const size = sizes[sizes.length >> 1] ?? 1;
  return [...raws]
    .sort((a, b) => (hashOf(`${a.file}/${a.segment}`) < hashOf(`${b.file}/${b.segment}`) ? -1 : 1))
    .slice(0, most)
    .map((raw) => resampled(raw, size))
    .filter(({ x }) => x.length >= FEWEST && x.length <= MOST);
}

/** The longer side of what is drawn. */
function sizeOf(strokes: Raw["strokes"]): number {
  const span = (axis: 0 | 1): number => {
    const own = strokes.flatMap((stroke) => stroke.filter((_, i) => i % 2 === axis));
    return Math.max(...own) - Math.min(...own);
  };
  return Math.max(span(0), span(1), 1);
}

function resampled({ file, label, strokes }: Raw, size: number): Digit {
  const corners = strokes.flatMap((stroke) =>
    Array.from({ length: stroke.length >> 1 }, (_, i) => ({
      x: (stroke[2 * i] ?? 0) / size,
      y: (stroke[2 * i + 1] ?? 0) / size,
      penUp: i === 0 ? 1 : 0,
    })),
  );
  const [first] = corners;
  const out = { x: [0], y: [0], penUp: [0] };
  let left = STEP; // of the line up to the next point
  corners.slice(1).forEach((corner, i) => {
    const before = corners[i] ?? corner;
    const [dx, dy] = [corner.x - before.x, corner.y - before.y];
    const length = Math.hypot(dx, dy);
    let gone = 0;
    while (length - gone >= left) {
      gone += left;
      left = STEP;
      out.x.push(before.x + (dx * gone) / length - (first?.x ?? 0));
      out.y.push(before.y + (dy * gone) / length - (first?.y ?? 0));
      out.penUp.push(corner.penUp);
    }
    left -= length - gone;
  });
  return {
    ...{ file, label },
    ...{ x: Float64Array.from(out.x), y: Float64Array.from(out.y), penUp: Uint8Array.from(out.penUp) },
  };
}

export const FRACTIONS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8] as const;

/** Index of the last point that is seen. */
export const originAt = ({ x }: Digit, fraction: number): number =>
  Math.max(0, Math.round(fraction * x.length) - 1);
