import { Worker } from "node:worker_threads";
import { AppError } from "../../../../preload/contract/errors.ts";
import { within } from "../../../../preload/contract/within.ts";
import type { RunConfig } from "../../../../preload/contract/run.ts";
import { connect, type Connection } from "../../../calls/connect.ts";
import { threadLine } from "../../../calls/lines.ts";
import type { FeatureTable } from "../../../models/fronts/front.ts";
import type { RecordingWindows } from "../dataset.ts";
import type { VariedRequest } from "../variation.ts";
import type { FeedCalls, FeedOrder } from "./messages.ts";

const PATIENCE_MS = 1000;

/**
 * The library read in a thread of its own while this one computes: nothing of it is kept here. A cancel ends the thread,
 * and what was asked of it fails as cancelled.
 */
export class Feed {
  readonly #worker: Worker;
  readonly #ended: Promise<unknown>;
  readonly #signal: AbortSignal | undefined;
  readonly #thread: Connection<FeedCalls>;

  constructor(workerFile: string | URL, libraryPath: string, signal?: AbortSignal) {
    const workerData: FeedOrder = { libraryPath };
    this.#worker = new Worker(workerFile, { workerData });
    this.#signal = signal;
    this.#ended = new Promise((resolve) => this.#worker.once("exit", resolve));
    this.#thread = connect<FeedCalls>(threadLine(this.#worker), {
      lost: (waiting, cause) =>
        signal?.aborted === true
          ? new AppError("cancelled/by-user", "Cancelled")
          : new AppError(
              "storage/worker-lost",
              "The thread that reads the library has ended",
              { waiting },
              cause,
            ),
    });
    signal?.addEventListener("abort", this.#stop);
    if (signal?.aborted) this.#stop();
  }

  /** Inputs and labels of every window of a recording. */
  table(config: RunConfig, front: string, recordingId: string): Promise<RecordingWindows> {
    return this.#thread.call("table", { config, front, recordingId });
  }

  /** Inputs of some of its windows, varied as in an epoch. */
  varied(config: RunConfig, front: string, request: VariedRequest): Promise<FeatureTable> {
    return this.#thread.call("varied", { config, front, request });
  }

  /** Ends the thread at its next pause, or without one: what it was asked for and has not answered fails. More than once does no harm. */
  async close(): Promise<void> {
    this.#signal?.removeEventListener("abort", this.#stop);
    this.#thread.tell("close", undefined);
    if (!(await within(PATIENCE_MS, this.#ended))) await this.#worker.terminate();
  }

  readonly #stop = (): void => void this.close();
}
