import { fork } from "node:child_process";
import type { Line, Message } from "./line.ts";

/** The line to a process of ours. It is lost with a reason in words. */
export interface ChildLine extends Line {
  kill(): void;
}

export interface ChildOptions {
  readonly serviceName: string; // in the system's task manager
  readonly environment: NodeJS.ProcessEnv;
  readonly execArgv?: readonly string[];
}

/** Electron gives the process its own place in the task manager and ends it with the application; elsewhere a fork. */
export async function spawnChild(workerFile: string, options: ChildOptions): Promise<ChildLine> {
  const { type } = process as NodeJS.Process & { readonly type?: string };
  return type === "browser" ? utility(workerFile, options) : forkedChild(workerFile, options);
}

async function utility(workerFile: string, { serviceName, environment }: ChildOptions): Promise<ChildLine> {
  const { utilityProcess } = await import("electron");
  const child = utilityProcess.fork(workerFile, [], { serviceName, stdio: "inherit", env: environment });
  return {
    send: (message) => child.postMessage(message),
    receive: (listener) => void child.on("message", listener),
    onLost: (listener) => void child.once("exit", (code) => listener(`exit code ${code}`)),
    kill: () => endByForce(child.pid) || child.kill(),
  };
}

/** The polite signal of Electron's own `kill` may be waited for by what hears nothing. */
function endByForce(pid: number | undefined): boolean {
  try {
    return pid !== undefined && process.kill(pid, "SIGKILL");
  } catch {
    return false; // it has ended meanwhile
  }
}

/** Both of its outputs go to our error output: ours may be JSON that somebody reads. */
export function forkedChild(
  workerFile: string,
  { environment, execArgv = [] }: Omit<ChildOptions, "serviceName">,
): ChildLine {
  const child = fork(workerFile, [], {
    serialization: "advanced",
    stdio: ["ignore", 2, 2, "ipc"],
    execArgv: [...execArgv],
    env: environment,
  });
  const ended = new Promise<string>((resolve) => {
    child.once("exit", (code, signal) =>
      resolve(signal === null ? `exit code ${code ?? 0}` : `signal ${signal}`),
    );
    child.on("error", ({ message }) => {
      if (child.pid === undefined) resolve(message); // it never began; of one that did its exit is what counts
    });
  });
  return {
    send: (message) => {
      if (child.connected) child.send(message, () => undefined);
    },
    receive: (listener) => void child.on("message", (message) => listener(message as Message)),
    onLost: (listener) => void ended.then(listener),
    kill: () => void child.kill("SIGKILL"),
  };
}
