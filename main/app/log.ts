import { appendFileSync, chmodSync, existsSync, mkdirSync, renameSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { AppError } from "../../preload/contract/errors.ts";

const LIMIT_BYTES = 1_000_000;

/**
 * The application's own log: what went wrong with the program, never about whom. Messages and names of files may carry
 * subject data, so of an error only its code, its numbers and the places in our code are written.
 */
export interface AppLog {
  note(what: string, numbers?: Readonly<Record<string, number>>): void;
  error(where: string, error: unknown): void;
}

export function openLog(path: string, now: () => Date = () => new Date()): AppLog {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  for (const [own, mode] of [
    [dirname(path), 0o700],
    [path, 0o600],
    [`${path}.1`, 0o600],
  ] as const)
    tighten(own, mode);
  const write = (line: string): void => {
    try {
      if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > LIMIT_BYTES) renameSync(path, `${path}.1`);
      appendFileSync(path, `${now().toISOString()} ${line}\n`, { mode: 0o600 });
    } catch {
      // A log that cannot be written stops nothing.
    }
  };
  return {
    note: (what, numbers = {}) =>
      write([what, ...Object.entries(numbers).map(([name, value]) => `${name}=${value}`)].join(" ")),
    error: (where, error) => write(`error ${where} ${describe(error)}`),
  };
}

/** For this user alone, also what an earlier version made. */
function tighten(path: string, mode: number): void {
  try {
    if (existsSync(path)) chmodSync(path, mode);
  } catch {
    // Another user's: it stays as it is.
  }
}

/** An error without anything a person wrote. */
export function describe(error: unknown): string {
  if (error instanceof AppError) {
    const numbers = Object.entries(error.detail).filter(
      ([, value]) => typeof value === "number" || typeof value === "boolean",
    );
    const cause = error.cause === undefined ? "" : ` <- ${describe(error.cause)}`;
    return [error.code, ...numbers.map(([name, value]) => `${name}=${value}`)].join(" ") + cause;
  }
  if (!(error instanceof Error)) return `thrown ${typeof error}`;
  const code =
    "code" in error && typeof error.code === "string" && /^[A-Z_0-9]+$/.test(error.code)
      ? ` ${error.code}`
      : "";
  return `${error.name}${code}${places(error.stack)}`;
}

/** Stack frames as `function file:line`, folders left out. */
function places(stack: string | undefined): string {
  const frames = (stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  const short = frames.slice(0, 6).map((line) => {
    const [, name = "", file = ""] =
      /^\s+at (?:(.*?) \()?(?:.*[/\\])?([^/\\()]+?:\d+):\d+\)?$/.exec(line) ?? [];
    return `${name}@${file}`;
  });
  return short.length > 0 ? ` ${short.join(" ")}` : "";
}
