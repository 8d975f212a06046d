import { fork } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import type { Command, MainOrder, Report, Seen } from "./messages.ts";

/** Four processes begin meanwhile: on a machine that is busy with other things they take their time. */
const ANSWER_MS = 60_000;
const BEGIN_MS = 5000;

/** The process that stands for main, from outside. */
export interface StandIn {
  readonly seen: readonly Seen[];
  /** The most samples of each channel that were said to be stored. */
  readonly counts: readonly number[];
  readonly failures: readonly string[];
  /** Its answer; a reason in words where it refused, died, or took too long. */
  ask(command: Command): Promise<Extract<Report, { kind: "done" }>>;
  kill(): void;
  /** One that was killed is followed by another, or 5 s have passed: a signal would meet nobody before. */
  recorderLives(): Promise<void>;
  /** Of the recorder's process that lives now. */
  signalRecorder(signal: NodeJS.Signals): void;
  /** Both are gone, or 12 s have passed. */
  gone(): Promise<boolean>;
}

export function startMain(file: string, order: MainOrder, pidFile: string): StandIn {
  const child = fork(file, [JSON.stringify(order)], {
    stdio: ["ignore", 2, 2, "ipc"],
    serialization: "advanced",
    execArgv: order.isInside ? ["--import", order.hook] : [], // else into the process that it starts
    env: { ...process.env, KODO_FAULTS_PID: pidFile },
  });
  const seen: Seen[] = [];
  const failures: string[] = [];
  let counts: readonly number[] = [];
  const waiting = new Map<string, (done: Extract<Report, { kind: "done" }>) => void>();
  child.on("message", (message) => {
    const report = message as Report;
    if (report.kind === "state") seen.push(report);
    else if (report.kind === "grew") counts = report.counts;
    else if (report.kind === "failed") failures.push(report.message);
    else waiting.get(report.command)?.(report);
  });
  const recorder = (): number | undefined => {
    const pid = existsSync(pidFile) ? Number(readFileSync(pidFile, "utf8")) : 0;
    return pid > 0 ? pid : undefined; // half-written it is empty, and 0 would be all of us
  };
  return {
    seen,
    failures,
    get counts() {
      return counts;
    },
    ask: (command) =>
      new Promise((resolve) => {
        const end = (error: string): void => resolve({ kind: "done", command: command.kind, error });
        const late = setTimeout(() => end("no answer"), ANSWER_MS);
        child.once("exit", () => end("it has ended"));
        waiting.set(command.kind, (done) => {
          clearTimeout(late);
          resolve(done);
        });
        child.send(command, (error) => {
          if (error !== null) end(error.message);
        });
      }),
    kill: () => void child.kill("SIGKILL"),
    recorderLives: async () => {
      const untilMs = performance.now() + BEGIN_MS;
      while (!signalled(recorder(), 0) && performance.now() < untilMs) await pause(5);
    },
    signalRecorder: (signal) => void signalled(recorder(), signal),
    gone: async () => {
      const untilMs = performance.now() + 12_000;
      const isAlive = (): boolean =>
        (child.exitCode === null && child.signalCode === null) || signalled(recorder(), 0);
      while (isAlive() && performance.now() < untilMs) await pause(20);
      if (!isAlive()) return true;
      signalled(recorder(), "SIGKILL");
      child.kill("SIGKILL");
      return false;
    },
  };
}

function signalled(pid: number | undefined, signal: NodeJS.Signals | 0): boolean {
  if (pid === undefined) return false;
  try {
    return process.kill(pid, signal);
  } catch {
    return false; // it has ended
  }
}
