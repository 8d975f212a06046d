import { spawn } from "node:child_process";
import { constants } from "node:os";
import { join } from "node:path";
import { ensureBuilt, projectFolder } from "./build.mjs";
import { nodePath } from "./node.mjs";
import { say } from "./say.mjs";

/** Runs the command line with these arguments, on the Node 24 that comes with the project; its end is this process's. */
export function runCli(args) {
  try {
    if (process.env.KODO_SKIP_BUILD === undefined) ensureBuilt();
    const env = { ...process.env };
    delete env.KODO_SQLITE_BINDING; // made for an older Electron
    delete env.ELECTRON_RUN_AS_NODE;
    const heap = args[0] === "archive" ? ["--max-semi-space-size=2"] : []; // why: main/calls/thread-memory.ts, forLine
    const child = spawn(nodePath(), [...heap, join(projectFolder, "out", "main", "cli.js"), ...args], {
      env,
      cwd: process.env.INIT_CWD ?? process.cwd(), // npm changes the folder; paths are meant from where it was called
      stdio: "inherit",
    });
    // A terminal signals the whole group, the command included; a signal sent to this process alone is passed on.
    process.on("SIGINT", () => process.stdin.isTTY || child.kill("SIGINT"));
    for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
    child.on("error", (error) => {
      say(error.message);
      process.exitCode = 1;
    });
    child.on("exit", (code, signal) => {
      process.exitCode = code ?? 128 + (constants.signals[signal ?? "SIGTERM"] ?? 15);
    });
  } catch (error) {
    say(error.message);
    process.exitCode = 1;
  }
}
