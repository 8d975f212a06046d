import { type MessagePort, parentPort, type Worker } from "node:worker_threads";
import type { Line } from "./line.ts";

/** The line to a thread started here. */
export const threadLine = (worker: Worker): Line => ({
  send: (message, handedOver = []) => worker.postMessage(message, handedOver),
  receive: (listener) => void worker.on("message", listener),
  // Its end is told after everything that it said; the error that ended it may come before.
  onLost: (listener) => {
    let cause: unknown;
    worker.on("error", (error: unknown) => (cause = error));
    worker.on("exit", (code) => listener(cause ?? new Error(`exit code ${code}`)));
  },
});

/** The line over a port that somebody handed over. */
export const portLine = (port: MessagePort): Line => ({
  send: (message, handedOver = []) => port.postMessage(message, handedOver),
  receive: (listener) => void port.on("message", listener),
  onLost: (listener) => void port.on("close", () => listener(undefined)),
});

/** The line from a thread to who started it, which it does not outlive. */
export function parentLine(): Line {
  if (parentPort === null) throw new Error("this file is the entry of a thread");
  return portLine(parentPort);
}
