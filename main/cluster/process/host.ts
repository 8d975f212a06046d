import { AppError } from "../../../preload/contract/errors.ts";
import { LibraryThread, type LibraryThreadOptions } from "../../calls/library-thread.ts";
import { forLine } from "../../calls/thread-memory.ts";
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

/** A server that does not answer is given up by its own clock, after ten seconds: that long a cancel may take. */
const PATIENCE = { tidyMs: 12_000 };

/** Begins with the first question, and anew where it was lost. */
export function createClusterThread(options: LibraryThreadOptions): ClusterThread {
  let isClosed = false;
  let address: string | undefined;
  const thread = new LibraryThread<ClusterCalls>(
    { ...options, patience: PATIENCE },
    {
      name: "kodo cluster",
      limits: forLine,
      lost: (why) => new AppError("device/cluster-lost", `The conversation with the cluster ended: ${why}`),
    },
    (connection) => {
      if (address !== undefined) connection.tell("open", { address });
    },
  );
  return {
    open: async (next) => {
      if (next === address) return;
      address = next;
      await thread.end();
    },
    call: async (name, ask, ...how) => {
      if (isClosed) throw new AppError("internal/closed", "The library is being closed");
      return thread.current().call(name, ask, ...how);
    },
    close: async () => {
      isClosed = true;
      await thread.end();
    },
  };
}
