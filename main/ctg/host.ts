import type { CtgNumbers, CtgProgress } from "../../preload/contract/ctg-reading.ts";
import { AppError } from "../../preload/contract/errors.ts";
import type { FindingSummary } from "../../preload/contract/finding.ts";
import type { Connection } from "../calls/connect.ts";
import { LibraryThread, type LibraryThreadOptions } from "../calls/library-thread.ts";
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

/** Begins with the first question, and anew where it was lost. */
export function createCtgThread(options: LibraryThreadOptions): CtgThread {
  let isClosed = false;
  const thread = new LibraryThread<CtgCalls>(options, {
    name: "kodo ctg",
    lost: (why) => new AppError("internal/ctg-lost", `The thread that reads cardiotocograms ended: ${why}`),
  });
  const current = (): Connection<CtgCalls> => {
    if (isClosed) throw new AppError("internal/closed", "The library is being closed");
    return thread.current();
  };
  return {
    read: async (ask, { signal, onProgress }) =>
      current().call("read", ask, { signal, back: { progress: onProgress } }),
    measure: async (ask) => current().call("measure", ask),
    close: async () => {
      isClosed = true;
      await thread.end();
    },
  };
}
