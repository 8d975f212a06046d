import { lowerBound } from "./stacking.ts";
import type { View } from "./track.ts";

/** What a chip says, and the point of the trace that it belongs to. Device pixels; x from the recording's start. */
export interface ChipWish {
  readonly x: number;
  readonly y: number;
  readonly side: 1 | -1; // 1: beneath the point
  readonly letter: string;
  readonly text: string;
}

export interface PlacedChip<W extends ChipWish = ChipWish> {
  readonly wish: W;
  readonly left: number; // device pixels from the recording's start
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly isMoved: boolean; // so far that a line has to lead to it
}

export const CHIP_PX = { height: 14, letter: 13, pad: 4, apart: 3, away: 4, font: 11 } as const;
/** What the name of a panel takes of its head, CSS pixels: it lies above all that is drawn, and no chip may scroll under it. */
export const HEAD_PX = 18;
const MOST_STEPS = 5; // away from its point; one that finds no place there is left out
const LEADER_PX = 10;

/**
 * Places for chips, each as near to its point as the ones before it leave room. All of a recording are placed at once, so
 * that neighbouring paints agree. Wishes come in order of x.
 */
export function placeChips<W extends ChipWish>(
  wishes: readonly W[],
  bounds: { readonly top: number; readonly bottom: number },
  { dpr, widthOf }: { readonly dpr: number; readonly widthOf: (text: string) => number },
): readonly PlacedChip<W>[] {
  const placed: PlacedChip<W>[] = [];
  const height = CHIP_PX.height * dpr;
  for (const wish of wishes) {
    const text = wish.text === "" ? 0 : widthOf(wish.text) + CHIP_PX.apart * dpr;
    const width = Math.ceil(CHIP_PX.letter * dpr + text);
    const near = placed.slice(-MOST_NEIGHBOURS);
    const chip = candidates(wish, { width, height, dpr }, bounds).find((one) =>
      near.every((other) => !overlaps(one, other, CHIP_PX.apart * dpr)),
    );
    if (chip === undefined) continue;
    const isMoved =
      Math.hypot(chip.left + width / 2 - wish.x, chip.top + height / 2 - wish.y) >
      (LEADER_PX + CHIP_PX.height) * dpr;
    placed.push({ wish, ...chip, isMoved });
  }
  return placed;
}
const MOST_NEIGHBOURS = 24;

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

function candidates(
  { x, y, side }: ChipWish,
  { width, height, dpr }: { readonly width: number; readonly height: number; readonly dpr: number },
  { top, bottom }: { readonly top: number; readonly bottom: number },
): readonly Box[] {
  const first = side === 1 ? y + CHIP_PX.away * dpr : y - CHIP_PX.away * dpr - height;
  const step = height + dpr;
  return Array.from({ length: MOST_STEPS }, (_, k) => k).flatMap((k) =>
    [0, 0.7, -0.7].flatMap((shift) =>
      [side, -side].map((way): Box => {
        const wanted = first + k * step * way;
        return {
          ...{ width, height, left: Math.round(x - width / 2 + shift * width) },
          top: Math.round(Math.min(bottom - height, Math.max(top, wanted))),
        };
      }),
    ),
  );
}

const overlaps = (a: Box, b: Box, apart: number): boolean =>
  a.left < b.left + b.width + apart &&
  b.left < a.left + a.width + apart &&
  a.top < b.top + b.height &&
  b.top < a.top + a.height;

/** A letter on its colour with a number beside it; what lies beneath shows through. */
export function paintChip(
  context: CanvasRenderingContext2D,
  { dpr, palette, scale }: View,
  { wish, left: absolute, top, width, height, isMoved }: PlacedChip,
  { colour, ink }: { readonly colour: string; readonly ink: string },
): void {
  const left = absolute - scale.origin;
  if (isMoved) {
    context.strokeStyle = palette.tokens.dim;
    context.lineWidth = Math.max(1, Math.round(dpr * 0.75));
    context.beginPath();
    context.moveTo(wish.x - scale.origin, wish.y);
    context.lineTo(left + width / 2, wish.y < top ? top : top + height);
    context.stroke();
  }
  const letterPx = CHIP_PX.letter * dpr;
  if (wish.text !== "") {
    context.fillStyle = `${palette.tokens.panel}c8`;
    context.fillRect(left + letterPx, top, width - letterPx, height);
  }
  context.fillStyle = colour;
  context.beginPath();
  context.roundRect(left, top, letterPx, height, 2.5 * dpr);
  context.fill();
  context.font = `600 ${CHIP_PX.font * dpr}px ${palette.font}`;
  context.textBaseline = "middle";
  context.textAlign = "center";
  context.fillStyle = ink;
  context.fillText(wish.letter, left + letterPx / 2, top + height / 2 + dpr * 0.5);
  if (wish.text === "") return;
  context.font = chipFont(dpr, palette.font);
  context.textAlign = "left";
  context.fillStyle = palette.tokens.ink;
  context.fillText(wish.text, left + letterPx + CHIP_PX.apart * dpr, top + height / 2 + dpr * 0.5);
}

export const chipFont = (dpr: number, family: string): string => `${CHIP_PX.font * dpr}px ${family}`;

/** Those whose points lie near these columns of the screen; a leader reaches further than a chip. */
export function chipsBetween<W extends ChipWish>(
  chips: readonly PlacedChip<W>[],
  { scale, dpr }: View,
  from: number,
  to: number,
): readonly PlacedChip<W>[] {
  const reach = REACH_PX * dpr;
  const at = (x: number): number => lowerBound(chips, scale.origin + x, ({ wish }) => wish.x);
  return chips.slice(at(from - reach), at(to + reach));
}
const REACH_PX = 200; // a chip lies nearer to its point

/** What was placed for a content at one scale: kept until either is another. */
export function chipsKept<Content extends object, W extends ChipWish>() {
  const known = new WeakMap<Content, { readonly key: string; readonly chips: readonly PlacedChip<W>[] }>();
  return {
    of(content: Content, key: string, make: () => readonly PlacedChip<W>[]): readonly PlacedChip<W>[] {
      const kept = known.get(content);
      if (kept?.key === key) return kept.chips;
      const chips = make();
      known.set(content, { key, chips });
      return chips;
    },
    kept: (content: Content): readonly PlacedChip<W>[] => known.get(content)?.chips ?? [],
  };
}
