import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { ParseArgsConfig } from "node:util";
import type { z } from "zod";
import { AppError, reportOf } from "../../preload/contract/errors.ts";
import type { EngineHost, Service } from "../service/service.ts";
import { openEngines, openRestore, openService, openWorker } from "../service/open.ts";
import { commands } from "./commands.ts";
import type { CommandContext } from "./context.ts";
import { toJson } from "./json.ts";
import type { outputs } from "./schemas.ts";
import { shown, shownLine } from "./terminal.ts";
import { failureOf, help, exitCodes, UsageError } from "./usage.ts";

export interface Invocation {
  readonly argv: readonly string[];
  /** Folder of the built processes: cli.js lies in it beside the worker threads and the trainer. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

const OLDEST_NODE = 22;

const globalOptions = {
  library: { type: "string" },
  "read-only": { type: "boolean" },
  json: { type: "boolean" },
  quiet: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const satisfies ParseArgsConfig["options"];

/** Runs one command; resolves with the exit code. */
export async function main({ argv, folder, environment }: Invocation): Promise<number> {
  // A reader that has seen enough, such as `head`, closes the pipe; that is no failure of ours.
  for (const stream of [process.stdout, process.stderr])
    stream.on("error", (error: Error) => isClosedPipe(error) || process.exit(exitCodes.failed));
  let isBegun = false; // a document on standard output
  const out = (text: string): Promise<void> => {
    isBegun = true;
    return print(process.stdout, text);
  };
  try {
    return await run({ argv, folder, environment }, out);
  } catch (error) {
    const { line, report, code } = failureOf(error);
    const document: z.input<typeof outputs.error> = { error: report };
    if (isJsonWanted(argv) && !isBegun) await print(process.stdout, shown(`${toJson(document)}\n`));
    await print(process.stderr, `${shownLine(line)}\n`);
    return code;
  }
}

/** Also where the options cannot be read: whoever waits for a document gets one. */
const isJsonWanted = (argv: readonly string[]): boolean =>
  argv.slice(0, [...argv, "--"].indexOf("--")).includes("--json");

async function run(
  { argv, folder, environment }: Invocation,
  out: (text: string) => Promise<void>,
): Promise<number> {
  const name = argv[0];
  if (name === undefined || name === "help" || name === "--help" || name === "-h") {
    await out(`${help}\n`);
    return name === undefined ? exitCodes.usage : exitCodes.ok;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined)
    throw new UsageError(`no command "${name}"; there is ${Object.keys(commands).join(", ")}`);
  const { values, positionals } = parse(argv.slice(1), command.options);
  if (values.help === true) {
    await out(`${help}\n`);
    return exitCodes.ok;
  }
  refuseOldNode(environment);
  const stop = stopOnSignals();
  let service: Service | undefined;
  let engines: EngineHost | undefined;
  const isDefault = values.library === undefined && environment.KODO_LIBRARY === undefined;
  const library = resolve(
    typeof values.library === "string"
      ? values.library
      : (environment.KODO_LIBRARY ?? defaultLibrary(environment)),
  );
  const context: CommandContext = {
    service: async () =>
      (service ??= await openService({
        libraryPath: library,
        makeFolder: isDefault,
        readOnly: values["read-only"] === true,
        folder,
        failed: (where, error) => note(noticeOf(where, error)),
        ...(values.on === undefined || values.on === "here"
          ? {}
          : { cluster: clusterIn(values, environment) }),
      })),
    engines: () => (engines ??= openEngines(folder)),
    libraryPath: library,
    worker: (options) => openWorker(folder, { ...options, address: environment.KODO_CLUSTER }),
    restore: (how) => openRestore(folder, library, how),
    flags: values,
    positionals,
    json: values.json === true,
    signal: stop.signal,
    out: (text) => out(shown(text)),
    table: (text) => out(process.stdout.isTTY ? shown(text) : text),
    progress: values.quiet === true ? () => undefined : progressLine(),
    note,
  };
  try {
    return await command.run(context);
  } finally {
    stop.off();
    await engines?.dispose();
    await service?.close();
  }
}

/** Where runs are trained: `--on cluster`, else here. */
function clusterIn(
  { on, priority = "0" }: Readonly<Record<string, string | boolean | undefined>>,
  environment: Invocation["environment"],
): NonNullable<Parameters<typeof openService>[0]["cluster"]> {
  if (on !== "cluster")
    throw new UsageError(`--on ${String(on)}: there is "cluster" and "here", this machine`);
  const wanted = Number(priority);
  if (!Number.isInteger(wanted) || Math.abs(wanted) > 1000)
    throw new UsageError("--priority is a whole number from -1000 to 1000; higher goes first");
  return { address: environment.KODO_CLUSTER, priority: wanted, note };
}

/** What a device reports without having failed is a sentence about itself. */
function noticeOf(where: string, error: unknown): string {
  const { code, message } = reportOf(error);
  return code === "device/warning" ? message : `${where}: ${failureOf(error).line}`;
}

/** The database addon crashes the process at load on a Node older than it was built for; better a sentence than a core. */
function refuseOldNode({ KODO_SQLITE_BINDING }: Invocation["environment"]): void {
  if (Number.parseInt(process.versions.node, 10) >= OLDEST_NODE || KODO_SQLITE_BINDING !== undefined) return;
  const message = `Node ${process.versions.node} is too old (${OLDEST_NODE} or newer); start it with "npm run kodo", which brings its own`;
  throw new AppError("internal/old-node", message, {
    value: process.versions.node,
    allowed: `>= ${OLDEST_NODE}`,
  });
}

function parse(
  args: readonly string[],
  options: ParseArgsConfig["options"],
): { values: Record<string, string | boolean | undefined>; positionals: string[] } {
  try {
    const parsed = parseArgs({
      args: [...args],
      options: { ...globalOptions, ...options },
      allowPositionals: true,
      strict: true,
    });
    return { values: parsed.values, positionals: parsed.positionals };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** Where the window keeps its library when nobody says otherwise. */
export function defaultLibrary(environment: Invocation["environment"]): string {
  const home = homedir();
  const base =
    process.platform === "darwin"
      ? join(home, "Library", "Application Support")
      : process.platform === "win32"
        ? (environment.APPDATA ?? join(home, "AppData", "Roaming"))
        : (environment.XDG_CONFIG_HOME ?? join(home, ".config"));
  return join(base, "kodo", "library.kodo");
}

/** Ctrl-C asks to stop; a second one a second later, when cleaning up takes too long, ends at once. */
function stopOnSignals(): { readonly signal: AbortSignal; readonly off: () => void } {
  const stop = new AbortController();
  let firstMs: number | undefined;
  const onSignal = (): void => {
    // A terminal signals the whole group and npm passes it on: the same press may come twice.
    if (firstMs !== undefined && performance.now() - firstMs > 1000) process.exit(exitCodes.cancelled);
    firstMs ??= performance.now();
    stop.abort();
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const name of signals) process.on(name, onSignal);
  return {
    signal: stop.signal,
    off: () => {
      for (const name of signals) process.off(name, onSignal);
    },
  };
}

/** Resolves when the text is with the system: a pipe may take less at once than a long document. */
const print = (stream: NodeJS.WriteStream, text: string): Promise<void> =>
  new Promise((done, fail) => {
    stream.write(text, (error) => {
      if (error === null || error === undefined || isClosedPipe(error)) done();
      else fail(error);
    });
  });

const isClosedPipe = (error: Error): boolean => "code" in error && error.code === "EPIPE";

const note = (line: string): void => void process.stderr.write(`${shownLine(line)}\n`);

/** On a terminal one line that is written over; else a line a second at most. */
function progressLine(): (line: string, last?: boolean) => void {
  let shownMs = -Infinity;
  const isTerminal = process.stderr.isTTY;
  return (line, last = false) => {
    const nowMs = performance.now();
    if (!last && nowMs - shownMs < (isTerminal ? 100 : 1000)) return;
    shownMs = nowMs;
    const text = shownLine(line);
    process.stderr.write(isTerminal ? `\r\u001b[K${text}${last ? "\n" : ""}` : `${text}\n`);
  };
}
