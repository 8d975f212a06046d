import { spawn } from "node:child_process";
import { AppError, throwIfCancelled } from "../../../../preload/contract/errors.ts";

export interface ProgramOptions {
  readonly signal: AbortSignal;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** A program that could not do its work: what it is called, and the last line it said. */
export class ProgramError extends Error {
  readonly program: string;
  readonly isMissing: boolean;
  constructor(program: string, said: string, isMissing = false) {
    super(said);
    this.name = "ProgramError";
    this.program = program;
    this.isMissing = isMissing;
  }
}

const PATIENCE_MS = 1000;

/** Runs a program to its end and answers what it printed. Cancelling ends it and all it started. */
export async function runProgram(
  program: string,
  args: readonly string[],
  { signal, cwd, env = process.env }: ProgramOptions,
): Promise<string> {
  throwIfCancelled(signal);
  const isWindows = process.platform === "win32";
  const child = spawn(program, args, {
    stdio: ["ignore", "pipe", "pipe"],
    cwd,
    env,
    shell: isWindows && program === "npm", // a script there
    detached: !isWindows, // a group of its own, so that it ends with what it started
    windowsHide: true,
  });
  let [out, said] = ["", ""];
  child.stdout.on("data", (piece: Buffer) => (out += piece.toString()));
  child.stderr.on("data", (piece: Buffer) => (said = (said + piece.toString()).slice(-20_000)));
  let isOver = false;
  const kill = (how: "SIGTERM" | "SIGKILL"): void => {
    if (child.pid === undefined) return;
    try {
      if (isWindows) child.kill();
      else process.kill(-child.pid, how);
    } catch {
      // it ended by itself meanwhile
    }
  };
  const stop = (): void => {
    kill("SIGTERM");
    setTimeout(() => isOver || kill("SIGKILL"), PATIENCE_MS).unref(); // one that does not want to
  };
  signal.addEventListener("abort", stop, { once: true });
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on("error", (error: NodeJS.ErrnoException) =>
        reject(new ProgramError(program, error.message, error.code === "ENOENT")),
      );
      child.on("close", resolve);
    });
    throwIfCancelled(signal);
    if (code !== 0) throw new ProgramError(program, reasonIn(said) || reasonIn(out) || `exit code ${code}`);
    return out;
  } finally {
    isOver = true;
    signal.removeEventListener("abort", stop);
  }
}

const CANNOT_BE_REACHED = "it cannot be reached";
const UNREACHABLE =
  /ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|establish a new connection|name resolution|timed out|proxy error/i;

/** The line that says why: the last that is called an error, else the last of all. */
export function reasonIn(text: string): string {
  if (UNREACHABLE.test(text)) return CANNOT_BE_REACHED;
  const lines = text.split("\n").map((line) => line.trim());
  const spoken = lines.filter((line) => line !== "");
  const errors = spoken.filter((line) => /\berror\b/i.test(line) && !/log of this run/i.test(line));
  return (errors.at(-1) ?? spoken.at(-1) ?? "").replace(/^(npm error|ERROR:)\s*/i, "");
}

/** Why something could not be installed, in the words of the program that tried. */
export function installError(message: string, cause?: unknown): AppError {
  const isOffline = cause instanceof ProgramError && cause.message === CANNOT_BE_REACHED;
  return new AppError(isOffline ? "model/engine-unreachable" : "model/engine-install", message, {}, cause);
}
