import type { Weight } from "./fonts.ts";

/** Points in a centimetre: lengths on paper are points, 72 to the inch, from the upper left corner of the page. */
export const CM = 72 / 2.54;

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface Stroke {
  readonly colour: string; // #rrggbb
  readonly width: number;
  readonly alpha?: number;
  readonly dash?: readonly number[]; // drawn, left out; absent or empty: solid
}

export interface TextLook {
  readonly size: number;
  readonly colour: string;
  readonly weight?: Weight; // 400 where absent
  readonly align?: "left" | "centre" | "right"; // of the point given; left where absent
  readonly alpha?: number;
}

/** Corners one after the other: x0, y0, x1, y1, and so on. */
export type Points = readonly number[];

/** What a page is drawn with, whatever it becomes: a PDF, or a picture. */
export interface Pen {
  /** Ends the page before and begins another. */
  page(width: number, height: number): void;
  /** Through the points of each run; runs are not joined. */
  trace(runs: readonly Points[], stroke: Stroke): void;
  fill(shapes: readonly Points[], colour: string, alpha?: number): void;
  /** `y` is the baseline of the text. */
  text(text: string, x: number, y: number, look: TextLook): void;
  widthOf(text: string, look: Pick<TextLook, "size" | "weight">): number;
  /** Whether all of a text is written in letters; what no font of the paper has is written by its number. */
  isWhole(text: string): boolean;
  /** What `draw` draws, as far as it lies in the box. */
  within(box: Box, draw: () => void): void;
}

export const corners = ({ left, top, width, height }: Box): Points => [
  ...[left, top, left + width, top],
  ...[left + width, top + height, left, top + height],
];

/** The same pen, which remembers whether a text that it wrote is not whole. */
export function watched(pen: Pen): Pen & { readonly areTextsWhole: () => boolean } {
  let areWhole = true;
  return {
    ...pen,
    text(text, x, y, look) {
      areWhole &&= pen.isWhole(text);
      pen.text(text, x, y, look);
    },
    areTextsWhole: () => areWhole,
  };
}
