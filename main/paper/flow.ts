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

/** Words that break where a line is full: Latin text at blanks, Japanese anywhere but before a closing mark. */
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
  const lines: string[] = [];
  let line = "";
  for (const part of parts) {
    if (line !== "" && pen.widthOf((line + part).trimEnd(), look) > width) {
      lines.push(line.trimEnd());
      line = part.trimStart();
    } else line += part;
  }
  return line === "" && lines.length > 0 ? lines : [...lines, line.trimEnd()];
}

export function paragraph(pen: Pick<Pen, "widthOf">, text: string): Piece {
  const lines = wrapped(pen, text, RIGHT - LEFT);
  return {
    height: lines.length * LINE + 2,
    draw: (on, top) => lines.forEach((line, i) => on.text(line, LEFT, top + 8 + i * LINE, BODY)),
  };
}

export interface Column {
  readonly title: string;
  readonly widthCm: number;
  readonly align?: "left" | "right";
}

/** A cell, with the colour of a small box before it where it has one. */
export type Cell = string | { readonly text: string; readonly colour: string };

/** The head and the rows of a table, a piece each; texts wrap in their columns. */
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
  return [head, ...rows.map((row) => rowPiece(pen, columns, row))];
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

function rowPiece(pen: Pick<Pen, "widthOf">, columns: readonly Column[], row: readonly Cell[]): Piece {
  const cells = placed(columns).map(({ x, width, column }, i) => {
    const cell = row[i] ?? "";
    const isText = typeof cell === "string";
    const indent = isText ? 0 : SWATCH;
    const lines = wrapped(pen, isText ? cell : cell.text, width - indent);
    return { x, align: column.align ?? "left", indent, lines, colour: isText ? undefined : cell.colour };
  });
  const most = Math.max(1, ...cells.map(({ lines }) => lines.length));
  return {
    height: most * LINE + 2,
    draw(on, top) {
      for (const { x, align, indent, lines, colour } of cells) {
        if (colour !== undefined)
          on.fill([corners({ left: x, top: top + 2, width: SWATCH - 3, height: 7 })], colour);
        lines.forEach((line, i) => on.text(line, x + indent, top + 8 + i * LINE, { ...BODY, align }));
      }
    },
  };
}
