import type { MessagePort } from "node:worker_threads";
import { Worker } from "node:worker_threads";
import { AppError } from "../../../preload/contract/errors.ts";
import { within } from "../../../preload/contract/within.ts";
import { connect, type Connection } from "../../calls/connect.ts";
import { Kept } from "../../calls/kept.ts";
import { threadLine } from "../../calls/lines.ts";
import type { How, NameIn } from "../../calls/signature.ts";
import type { ClusterCalls } from "./protocol.ts";

/**
 * Main's handle on the thread that speaks with the cluster. pg-boss asks for Node 22.12; in the threads of Electron 33, whose
 * Node is 20.18, everything that is asked of it here was tried and works, so no second Node has to be brought along.
 */
export interface ClusterThread {
  /** Where it speaks to from now on. What is under way with another address is lost. */
  open(address: string | undefined): Promise<void>;
  call<N extends NameIn<ClusterCalls>>(
    name: N,
    ask: ClusterCalls[N]["ask"],
    ...how: How<ClusterCalls[N]>
  ): Promise<ClusterCalls[N]["answer"]>;
  close(): Promise<void>;
}

export interface ClusterThreadOptions {
  /** A new port to the storage thread, for a new thread. */
  readonly openLibraryPort: () => MessagePort;
  readonly workerFile: string | URL;
}

/** For a thread to end that is ended by force. */
const END_MS = 1000;
/** A server that does not answer is given up by its own clock, after ten seconds: that long a cancel may take. */
const PATIENCE = { tidyMs: 12_000 };

interface Thread {
  readonly worker: Worker;
  readonly connection: Connection<ClusterCalls>;
}

/** Begins with the first question, and anew where it was lost. */
export function createClusterThread({ openLibraryPort, workerFile }: ClusterThreadOptions): ClusterThread {
  let isClosed = false;
  let address: string | undefined;
  const end = async (thread: Thread | undefined): Promise<void> => {
    if (thread === undefined) return;
    kept.drop(thread);
    await within(END_MS, thread.worker.terminate());
    thread.connection.lose(new Error("it was ended"));
  };
  const kept: Kept<Thread> = new Kept(() => {
    const port = openLibraryPort();
    const worker = new Worker(workerFile, {
      workerData: { libraryPort: port },
      transferList: [port],
      name: "kodo cluster",
    });
    const connection: Connection<ClusterCalls> = connect<ClusterCalls>(threadLine(worker), {
      patience: PATIENCE,
      end: () => end(thread),
      lost: (_, cause) => {
        kept.drop(thread);
        const why = cause instanceof Error ? cause.message : "it ended";
        return new AppError("device/cluster-lost", `The conversation with the cluster ended: ${why}`);
      },
    });
    const thread: Thread = { worker, connection };
    if (address !== undefined) connection.tell("open", { address });
    return thread;
  });
  return {
    open: async (next) => {
      if (next === address) return;
      address = next;
      await end(kept.running());
    },
    call: async (name, ask, ...how) => {
      if (isClosed) throw new AppError("internal/closed", "The library is being closed");
      return kept.current().connection.call(name, ask, ...how);
    },
    close: async () => {
      isClosed = true;
      await end(kept.running());
    },
  };
}
