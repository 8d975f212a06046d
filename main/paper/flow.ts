import { stripColours } from "../../preload/strip/colours.ts";
import { CM, corners, type Pen, type TextLook } from "./pen.ts";
import { LEFT, PAGE, RIGHT } from "./sheet.ts";

const colours = stripColours.light;
const TOP = 2.0 * CM;
const BOTTOM = PAGE.height - 1.6 * CM;
const LINE = 9.6;
const BODY: TextLook = { size: 7.5, colour: colours.ink };

/** A piece of a text that is not divided: as high as it says, drawn from `top` downwards. */
export interface Piece {
  readonly height: number;
  readonly isHeading?: boolean; // stays with what follows
  draw(pen: Pen, top: number): void;
}

/** A page of pieces. */
export interface Body {
  draw(pen: Pen): void;
}

/** Pieces from above, page after page; a heading is not left alone at a foot. */
export function paginate(pieces: readonly Piece[]): readonly Body[] {
  const pages: { piece: Piece; top: number }[][] = [[]];
  let top = TOP;
  for (const [i, piece] of pieces.entries()) {
    const next = piece.isHeading === true ? (pieces[i + 1]?.height ?? 0) : 0;
    if (top + piece.height + next > BOTTOM && top > TOP) {
      pages.push([]);
      top = TOP;
    }
    pages[pages.length - 1]?.push({ piece, top });
    top += piece.height;
  }
  return pages.map((placed) => ({
    draw(pen) {
      for (const one of placed) one.piece.draw(pen, one.top);
    },
  }));
}

export const heading = (text: string): Piece => ({
  height: 22,
  isHeading: true,
  draw: (pen, top) => pen.text(text, LEFT, top + 15, { size: 9.5, weight: 600, colour: colours.ink }),
});

/** A text in parts that have room in a width, of one character at least; `most` at the most. */
export function partsWithin(
  pen: Pick<Pen, "widthOf">,
  text: string,
  width: number,
  look: Pick<TextLook, "size" | "weight">,
  most = 1,
): readonly string[] {
  const parts: string[] = [];
  let [part, taken] = ["", 0];
  for (const character of text) {
    const own = pen.widthOf(character, look);
    if (part !== "" && taken + own > width) {
      parts.push(part);
      if (parts.length === most) return parts;
      [part, taken] = ["", 0];
    }
    part += character;
    taken += own;
  }
  return [...parts, part];
}

/**
 * Words that break where a line is full: Latin text at blanks, Japanese anywhere but before a closing mark, and a word that
 * is wider than a line anywhere.
 */
export function wrapped(
  pen: Pick<Pen, "widthOf">,
  text: string,
  width: number,
  look = BODY,
): readonly string[] {
  const parts =
    text.match(
      /[\u3000-\u30ff\u4e00-\u9fff\uff00-\uffef][、。）」：]?|[^\s\u3000-\u30ff\u4e00-\u9fff\uff00-\uffef]+\s*|\s+/gu,
    ) ?? [];
  const fitting = parts.flatMap((part) =>
    part.length > 1 && pen.widthOf(part.trimEnd(), look) > width
      ? partsWithin(pen, part, width, look, Infinity)
      : [part],
  );
  const lines: string[] = [];
  let line = "";
  for (const part of fitting) {
    if (line !== "" && pen.widthOf((line + part).trimEnd(), look) > width) {
      lines.push(line.trimEnd());
      line = part.trimStart();
    } else line += part;
  }
  return line === "" && lines.length > 0 ? lines : [...lines, line.trimEnd()];
}

/** No piece is higher than a page: a long text goes on in the next one. */
const LINES_MOST = 40;
const lineGroups = (count: number): readonly { readonly from: number; readonly to: number }[] =>
  Array.from({ length: Math.max(1, Math.ceil(count / LINES_MOST)) }, (_, i) => ({
    from: i * LINES_MOST,
    to: Math.min(count, (i + 1) * LINES_MOST),
  }));

export function paragraph(pen: Pick<Pen, "widthOf">, text: string): readonly Piece[] {
  const lines = wrapped(pen, text, RIGHT - LEFT);
  return lineGroups(lines.length).map(({ from, to }) => ({
    height: (to - from) * LINE + 2,
    draw: (on, top) =>
      lines.slice(from, to).forEach((line, i) => on.text(line, LEFT, top + 8 + i * LINE, BODY)),
  }));
}

export interface Column {
  readonly title: string;
  readonly widthCm: number;
  readonly align?: "left" | "right";
}

/** A cell, with the colour of a small box before it where it has one. */
export type Cell = string | { readonly text: string; readonly colour: string };

/** The head and the rows of a table, a piece each or more; texts wrap in their columns. */
export function table(
  pen: Pick<Pen, "widthOf">,
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
): readonly Piece[] {
  const head: Piece = {
    height: LINE + 3,
    isHeading: true,
    draw(on, top) {
      placed(columns).forEach(({ x, column }) =>
        on.text(column.title, x, top + 8, { size: 7, colour: colours.dim, align: column.align ?? "left" }),
      );
      on.trace([[LEFT, top + LINE + 1, RIGHT, top + LINE + 1]], { colour: colours.lineStrong, width: 0.4 });
    },
  };
  return [head, ...rows.flatMap((row) => rowPieces(pen, columns, row))];
}

const PAD = 6;

function placed(columns: readonly Column[]): readonly { x: number; width: number; column: Column }[] {
  let left = LEFT;
  return columns.map((column) => {
    const width = column.widthCm * CM - PAD;
    const x = column.align === "right" ? left + width : left;
    left += column.widthCm * CM;
    return { x, width, column };
  });
}

const SWATCH = 9;

function rowPieces(
  pen: Pick<Pen, "widthOf">,
  columns: readonly Column[],
  row: readonly Cell[],
): readonly Piece[] {
  const cells = placed(columns).map(({ x, width, column }, i) => {
    const cell = row[i] ?? "";
    const isText = typeof cell === "string";
    const indent = isText ? 0 : SWATCH;
    const lines = wrapped(pen, isText ? cell : cell.text, width - indent);
    return { x, align: column.align ?? "left", indent, lines, colour: isText ? undefined : cell.colour };
  });
  const most = Math.max(1, ...cells.map(({ lines }) => lines.length));
  return lineGroups(most).map(({ from, to }) => ({
    height: (to - from) * LINE + 2,
    draw(on, top) {
      for (const { x, align, indent, lines, colour } of cells) {
        if (colour !== undefined && from === 0)
          on.fill([corners({ left: x, top: top + 2, width: SWATCH - 3, height: 7 })], colour);
        lines
          .slice(from, to)
          .forEach((line, i) => on.text(line, x + indent, top + 8 + i * LINE, { ...BODY, align }));
      }
    },
  }));
}
