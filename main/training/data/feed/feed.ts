import { Worker } from "node:worker_threads";
import { AppError, errorFrom, reportOf, unwrap } from "../../../../preload/contract/errors.ts";
import { within } from "../../../../preload/contract/within.ts";
import type { RunConfig } from "../../../../preload/contract/run.ts";
import type { FeatureTable } from "../../../models/fronts/front.ts";
import type { RecordingWindows } from "../dataset.ts";
import type { VariedRequest } from "../variation.ts";
import type { FeedAnswers, FeedOrder, FeedRequest, FromFeed, ToFeed } from "./messages.ts";

const PATIENCE_MS = 1000;

interface Waiting {
  readonly resolve: (answer: never) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The library read in a thread of its own while this one computes: nothing of it is kept here. A cancel ends the thread,
 * and what was asked of it fails as cancelled.
 */
export class Feed {
  readonly #worker: Worker;
  readonly #ended: Promise<unknown>;
  readonly #signal: AbortSignal | undefined;
  readonly #waiting = new Map<number, Waiting>();
  #requests = 0;
  #failure: Error | undefined;

  constructor(workerFile: string | URL, libraryPath: string, signal?: AbortSignal) {
    const workerData: FeedOrder = { libraryPath };
    this.#worker = new Worker(workerFile, { workerData });
    this.#signal = signal;
    this.#ended = new Promise((resolve) => this.#worker.once("exit", resolve));
    this.#worker.on("message", (message: FromFeed) => this.#receive(message));
    this.#worker.on("error", (error) => this.#fail(errorFrom(reportOf(error))));
    this.#worker.on("exit", () =>
      this.#fail(new AppError("storage/worker-lost", "The thread that reads the library has ended")),
    );
    signal?.addEventListener("abort", this.#stop);
    if (signal?.aborted) this.#stop();
  }

  /** Inputs and labels of every window of a recording. */
  table(config: RunConfig, front: string, recordingId: string): Promise<RecordingWindows> {
    return this.#ask({ kind: "table", config, front, recordingId });
  }

  /** Inputs of some of its windows, varied as in an epoch. */
  varied(config: RunConfig, front: string, request: VariedRequest): Promise<FeatureTable> {
    return this.#ask({ kind: "varied", config, front, request });
  }

  /** Ends the thread at its next pause, or without one: what it was asked for and has not answered fails. More than once does no harm. */
  async close(): Promise<void> {
    this.#signal?.removeEventListener("abort", this.#stop);
    this.#send({ kind: "close" });
    if (!(await within(PATIENCE_MS, this.#ended))) await this.#worker.terminate();
  }

  readonly #stop = (): void => void this.close();

  #ask<Request extends FeedRequest>(request: Request): Promise<FeedAnswers[Request["kind"]]> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const id = ++this.#requests;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#send({ kind: "ask", id, request });
    });
  }

  #send(message: ToFeed): void {
    this.#worker.postMessage(message);
  }

  #receive({ id, outcome }: FromFeed): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    try {
      waiting?.resolve(unwrap(outcome) as never);
    } catch (error) {
      waiting?.reject(error);
    }
  }

  #fail(error: Error): void {
    this.#failure ??= this.#signal?.aborted ? new AppError("cancelled/by-user", "Cancelled") : error;
    for (const { reject } of this.#waiting.values()) reject(this.#failure);
    this.#waiting.clear();
  }
}
