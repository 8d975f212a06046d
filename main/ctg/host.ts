import type { MessagePort } from "node:worker_threads";
import { Worker } from "node:worker_threads";
import type { CtgNumbers, CtgProgress } from "../../preload/contract/ctg-reading.ts";
import { AppError } from "../../preload/contract/errors.ts";
import type { FindingSummary } from "../../preload/contract/finding.ts";
import { within } from "../../preload/contract/within.ts";
import { connect, type Connection, type Patience } from "../calls/connect.ts";
import { Kept } from "../calls/kept.ts";
import { threadLine } from "../calls/lines.ts";
import type { CtgCalls } from "./protocol.ts";

/** Reads cardiotocograms by rule, in a thread of its own. */
export interface CtgThread {
  /** Keeps in the library what it finds, all of it or nothing. */
  read(
    ask: CtgCalls["read"]["ask"],
    watch: {
      readonly signal: AbortSignal;
      readonly onProgress: (progress: Pick<CtgProgress, "done" | "step">) => void;
    },
  ): Promise<FindingSummary[]>;
  measure(ask: CtgCalls["measure"]["ask"]): Promise<CtgNumbers>;
  close(): Promise<void>;
}

export interface CtgThreadOptions {
  /** A new port to the storage thread, for a new thread. */
  readonly openLibraryPort: () => MessagePort;
  readonly workerFile: string | URL;
  readonly patience?: Partial<Patience>;
}

/** For a thread to end that is ended by force. */
const END_MS = 1000;

interface Thread {
  readonly worker: Worker;
  readonly connection: Connection<CtgCalls>;
}

/** Begins with the first question, and anew where it was lost. */
export function createCtgThread({ openLibraryPort, workerFile, patience }: CtgThreadOptions): CtgThread {
  let isClosed = false;
  const end = async (thread: Thread): Promise<void> => {
    kept.drop(thread);
    await within(END_MS, thread.worker.terminate());
    thread.connection.lose(new Error("it was ended"));
  };
  const kept: Kept<Thread> = new Kept(() => {
    const port = openLibraryPort();
    const worker = new Worker(workerFile, {
      workerData: { libraryPort: port },
      transferList: [port],
      name: "kodo ctg",
    });
    const connection: Connection<CtgCalls> = connect<CtgCalls>(threadLine(worker), {
      patience,
      end: () => end(thread),
      lost: (_, cause) => {
        kept.drop(thread);
        const why = cause instanceof Error ? cause.message : "it ended";
        return new AppError("internal/ctg-lost", `The thread that reads cardiotocograms ended: ${why}`);
      },
    });
    const thread: Thread = { worker, connection };
    return thread;
  });
  const current = (): Connection<CtgCalls> => {
    if (isClosed) throw new AppError("internal/closed", "The library is being closed");
    return kept.current().connection;
  };
  return {
    read: async (ask, { signal, onProgress }) =>
      current().call("read", ask, { signal, back: { progress: onProgress } }),
    measure: async (ask) => current().call("measure", ask),
    close: async () => {
      isClosed = true;
      const thread = kept.running();
      if (thread !== undefined) await end(thread);
    },
  };
}
