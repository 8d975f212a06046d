import type { ParseArgsConfig } from "node:util";
import { z } from "zod";
import { AppError } from "../../preload/contract/errors.ts";
import type { RestoreOptions, Restored } from "../service/care.ts";
import type { WorkerOptions } from "../service/cluster-worker.ts";
import type { EngineHost, Service } from "../service/service.ts";
import { toJson } from "./json.ts";
import { outputs } from "./schemas.ts";
import type { OutputName } from "./schemas.ts";
import type { Flags } from "./train-config.ts";
import { UsageError } from "./usage.ts";

export interface CommandContext {
  readonly service: () => Promise<Service>; // opens the library on first use
  readonly engines: () => EngineHost; // without a library
  readonly libraryPath: string;
  /** Puts a copy in the place of the library, which nobody may have open. */
  readonly restore: (
    how: Pick<RestoreOptions, "from" | "anyway" | "signal" | "progress">,
  ) => Promise<Restored>;
  /** Does fits of others until it is told to stop; without a library. Resolves with how many it finished. */
  readonly worker: (
    options: Pick<WorkerOptions, "lanes" | "cacheBytes" | "untilIdle" | "signal" | "note">,
  ) => Promise<number>;
  readonly flags: Flags;
  readonly positionals: readonly string[];
  readonly json: boolean;
  readonly signal: AbortSignal;
  readonly out: (text: string) => Promise<void>;
  /** A table for another program: as it is into a pipe or a file, and on a terminal like everything else. */
  readonly table: (text: string) => Promise<void>;
  readonly progress: (line: string, last?: boolean) => void;
  readonly note: (line: string) => void; // standard error
}

export interface Command {
  readonly options: NonNullable<ParseArgsConfig["options"]>;
  run(context: CommandContext): Promise<number>;
}

export const text = { type: "string" } as const;
export const flag = { type: "boolean" } as const;
export const texts = (...names: readonly string[]): NonNullable<ParseArgsConfig["options"]> =>
  Object.fromEntries(names.map((name) => [name, text]));

/** Prints a result as its documented document. A shape that differs from its schema is a bug and says so. */
export async function answer<N extends OutputName>(
  context: CommandContext,
  name: N,
  value: z.input<(typeof outputs)[N]>,
  human: () => string,
  print = context.out,
): Promise<void> {
  if (!context.json) return print(human());
  const parsed = outputs[name].safeParse(value);
  if (!parsed.success) throw new AppError("contract/bad-result", `${name}: ${z.prettifyError(parsed.error)}`);
  return context.out(`${toJson(parsed.data)}\n`);
}

export function readEnum<T extends z.ZodType>(
  schema: T,
  flags: Flags,
  name: string,
): z.output<T> | undefined {
  const given = flags[name];
  if (given === undefined) return undefined;
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new UsageError(`--${name} ${String(given)}: ${parsed.error.issues[0]?.message ?? "not allowed"}`);
}

export const textFlag = (flags: Flags, name: string): string | undefined => {
  const value = flags[name];
  return typeof value === "string" ? value : undefined;
};
