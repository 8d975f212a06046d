import { realpathSync } from "node:fs";
import { basename, dirname, isAbsolute, join, sep } from "node:path";
import { AppError } from "../../preload/contract/errors.ts";

/** More than anybody drops at once; the oldest are forgotten then. */
const MOST = 100_000;

/**
 * The places a person gave to a window: chosen in a dialog of the system, dropped on it, or named when the application was
 * started. The page may name these and what lies in a folder of them, and no others: what runs in it may be anything.
 * Links are followed before they are compared, so that a link is what it points to.
 */
export class Grants {
  readonly #read = new Set<string>();
  readonly #write = new Set<string>();

  /** A file, or a folder with all it holds. */
  read(paths: readonly string[]): void {
    for (const path of paths) remember(this.#read, path);
  }

  /** A folder in which new files may be made. */
  writeInto(folder: string): void {
    remember(this.#write, folder);
  }

  forget(): void {
    this.#read.clear();
    this.#write.clear();
  }

  checkRead(path: string): void {
    if (!covers(this.#read, path))
      throw refusal(path, "A file is read only after it was chosen in the dialog or dropped on the window");
  }

  checkWriteInto(folder: string): void {
    if (!covers(this.#write, folder))
      throw refusal(folder, "Files are written only into a folder that was chosen in the dialog");
  }
}

const refusal = (path: string, rule: string): AppError =>
  new AppError("contract/path-not-given", `${rule}; ${basename(path)} was not`, { path: path.slice(0, 400) });

function remember(places: Set<string>, path: string): void {
  const real = realOf(path);
  if (real === undefined) return;
  places.delete(real);
  places.add(real);
  const [oldest] = places;
  if (places.size > MOST && oldest !== undefined) places.delete(oldest);
}

/** A place that was given, or one below it. */
function covers(places: ReadonlySet<string>, path: string): boolean {
  const real = realOf(path);
  if (real === undefined) return false;
  for (let place = real; ; place = dirname(place)) {
    if (places.has(place)) return true;
    if (place === dirname(place)) return false;
  }
}

/**
 * Without links; what is not there (any more) has the place it would have. Undefined for what is no place, and for a way
 * that leads up again: behind a link that is another place to whoever follows it than to whoever shortens it.
 */
function realOf(path: string): string | undefined {
  if (!isAbsolute(path) || path.includes("\0") || path.split(/[\\/]/).includes("..")) return undefined;
  try {
    return withoutEnd(realpathSync.native(path));
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    const parent = dirname(path);
    if (!isMissing || parent === path || [".", ".."].includes(basename(path))) return undefined;
    const above = realOf(parent);
    return above === undefined ? undefined : join(above, basename(path));
  }
}

const withoutEnd = (path: string): string =>
  path.endsWith(sep) && path !== dirname(path) ? path.slice(0, -1) : path;
