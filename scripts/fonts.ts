import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fontFiles } from "../main/paper/fonts.ts";

const find = createRequire(import.meta.url);

/** Copies the fonts of the paper, with the characters each has, into a folder: paper is written without a network. */
export function gatherFonts(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const family of ["inter", "noto-sans-jp"] as const) {
    const place = dirname(find.resolve(`@fontsource/${family}/package.json`));
    const table = join(place, "unicode.json");
    copyFileSync(table, join(folder, `${family}.json`));
    const sets = Object.keys(JSON.parse(readFileSync(table, "utf8")) as Record<string, string>);
    for (const file of fontFiles[family](sets)) copyFileSync(join(place, "files", file), join(folder, file));
  }
}
