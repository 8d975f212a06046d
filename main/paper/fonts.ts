import { z } from "zod";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { create, type Font } from "fontkit";
import { sfntOf } from "./woff.ts";

export type Weight = 400 | 600;

/** A font file, opened. */
export interface Face {
  readonly name: string;
  readonly bytes: Buffer; // TrueType
  readonly font: Font;
}

/** A stretch of text that one face has the glyphs of. */
export interface TextRun {
  readonly face: Face;
  readonly text: string;
}

/** Fonts of the paper: Inter, and Noto Sans JP for what Inter lacks. Only files that a text needs are opened. */
export interface Fonts {
  runs(text: string, weight: Weight): readonly TextRun[];
  widthOf(text: string, size: number, weight: Weight): number; // in the unit of the size
  /** Whether all of a text is written in letters, none by its number. */
  isWhole(text: string): boolean;
}

/** Characters of a file, as its package tells them: "U+0000-00FF,U+0131". */
const Ranges = z.record(z.string(), z.string());
type Ranges = z.infer<typeof Ranges>;

interface Source {
  readonly file: string;
  readonly has: (codePoint: number) => boolean;
}

/** All of the usual Japanese in one file; rarer characters lie in numbered ones, in one weight. */
const JAPANESE = "japanese";
const INTER_SETS = ["latin", "latin-ext", "greek", "cyrillic", "vietnamese"] as const;

/** Names of the files that `openFonts` looks for, each beside the tables of characters of its family. */
export const fontFiles: Readonly<Record<"inter" | "noto-sans-jp", (sets: readonly string[]) => string[]>> = {
  inter: () => INTER_SETS.flatMap((set) => [400, 600].map((weight) => `inter-${set}-${weight}-normal.woff`)),
  "noto-sans-jp": (sets) => [
    ...[400, 600].map((weight) => `noto-sans-jp-${JAPANESE}-${weight}-normal.woff`),
    ...sets.filter(isNumbered).map((set) => numberedFile(set)),
  ],
};

function isNumbered(set: string): boolean {
  return set.startsWith("[");
}

const numberedFile = (set: string): string => `noto-sans-jp-${set.slice(1, -1)}-400-normal.woff`;

function rangeTest(ranges: string): (codePoint: number) => boolean {
  const spans = ranges.split(",").map((range) => {
    const [from = "", to = from] = range.replace("U+", "").split("-");
    return [Number.parseInt(from, 16), Number.parseInt(to, 16)] as const;
  });
  return (codePoint) => spans.some(([from, to]) => codePoint >= from && codePoint <= to);
}

/** Width of a run at a size of one. */
const emsOf = ({ face: { font }, text }: TextRun): number => font.layout(text).advanceWidth / font.unitsPerEm;

export const openFonts = (folder: string): Fonts => new FontFolder(folder);

/** Stands for what no font has, as [U+1F476]: whoever holds the paper can look up what was written, and see that it is not whole. */
const numbered = (character: string): string =>
  `[U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}]`;
/** What chooses a glyph or a direction and is none itself, as the selectors behind the characters of Japanese names. */
const INVISIBLE = /^\p{Default_Ignorable_Code_Point}$/u;
/** Line ends, halves of pairs and what else is no character: fonts that have glyphs for them would hide them. */
const NONE = /[\p{Cc}\p{Cs}]/u;

/** A text as other programs are to show it: no control characters, and no direction but that of its letters. */
export const legible = (text: string): string =>
  text.replace(new RegExp(NONE, "gu"), numbered).replace(/\p{Bidi_Control}/gu, "");

class FontFolder implements Fonts {
  readonly #folder: string;
  readonly #faces = new Map<string, Face>();
  readonly #widths = new Map<string, number>(); // of a size of one
  readonly #chosen = new Map<string, Face | undefined>();
  readonly #sources: Readonly<Record<Weight, readonly Source[]>>;

  constructor(folder: string) {
    this.#folder = folder;
    const ranges = (family: string): Ranges =>
      Ranges.parse(JSON.parse(readFileSync(join(folder, `${family}.json`), "utf8")));
    const [inter, noto] = [ranges("inter"), ranges("noto-sans-jp")];
    const rare = Object.entries(noto)
      .filter(([set]) => isNumbered(set))
      .map(([set, range]) => ({ file: numberedFile(set), has: rangeTest(range) }));
    const sources = (weight: Weight): readonly Source[] => [
      ...INTER_SETS.map((set) => ({
        file: `inter-${set}-${weight}-normal.woff`,
        has: rangeTest(inter[set] ?? ""),
      })),
      { file: `noto-sans-jp-${JAPANESE}-${weight}-normal.woff`, has: (codePoint) => codePoint > 0xff },
      ...rare,
    ];
    this.#sources = { 400: sources(400), 600: sources(600) };
  }

  runs(text: string, weight: Weight): readonly TextRun[] {
    const runs: { face: Face; text: string }[] = [];
    for (const character of text.normalize("NFC")) {
      const face = this.#faceOf(character, weight);
      if (face === undefined && INVISIBLE.test(character)) continue;
      const last = runs[runs.length - 1];
      const [shown, from] =
        face === undefined ? [numbered(character), this.#faceOf("U", weight)] : [character, face];
      if (from === undefined) throw new Error("the fonts of the paper have no Latin letters");
      if (last?.face === from) last.text += shown;
      else runs.push({ face: from, text: shown });
    }
    return runs;
  }

  widthOf(text: string, size: number, weight: Weight): number {
    const key = `${weight} ${text}`;
    let ems = this.#widths.get(key);
    if (ems === undefined) {
      ems = this.runs(text, weight).reduce((sum, run) => sum + emsOf(run), 0);
      this.#widths.set(key, ems);
    }
    return ems * size;
  }

  isWhole(text: string): boolean {
    return Array.from(text.normalize("NFC")).every(
      (character) => this.#faceOf(character, 400) !== undefined || INVISIBLE.test(character),
    );
  }

  #faceOf(character: string, weight: Weight): Face | undefined {
    if (NONE.test(character)) return undefined;
    const key = `${weight} ${character}`;
    if (this.#chosen.has(key)) return this.#chosen.get(key);
    const codePoint = character.codePointAt(0) ?? 0;
    const face = this.#sources[weight]
      .filter(({ has }) => has(codePoint))
      .map(({ file }) => this.#open(file))
      .find(({ font }) => font.hasGlyphForCodePoint(codePoint));
    this.#chosen.set(key, face);
    return face;
  }

  #open(file: string): Face {
    const known = this.#faces.get(file);
    if (known !== undefined) return known;
    const bytes = sfntOf(readFileSync(join(this.#folder, file)));
    const face = { name: file.replace(/-normal\.woff$/, ""), bytes, font: create(bytes) };
    this.#faces.set(file, face);
    return face;
  }
}
