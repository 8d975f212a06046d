import { Worker } from "node:worker_threads";
import { AppError, errorFrom, reportOf, unwrap } from "../../../preload/contract/errors.ts";
import type { RunConfig } from "../../../preload/contract/run.ts";
import type { RecordingWindows } from "../dataset.ts";
import type { FeedBatch, FeedOptions, FeedShape } from "./batches.ts";
import type { FeedOrder, FromFeed, ToFeed } from "./messages.ts";

/** Batches made ahead of the one that is computed on. */
const AHEAD = 4;

/** The library read in a thread of its own: nothing of it is kept here. */
export class Feed {
  readonly #worker: Worker;
  readonly #ended: Promise<unknown>;
  readonly #tables = new Map<
    number,
    { resolve: (windows: RecordingWindows) => void; reject: (error: unknown) => void }
  >();
  #batches: Extract<FromFeed, { kind: "batch" | "end" | "indexed" }>[] = [];
  #requests = 0;
  #failure: Error | undefined;
  #arrived: () => void = () => undefined;

  constructor(workerFile: string | URL, libraryPath: string) {
    const workerData: FeedOrder = { libraryPath };
    this.#worker = new Worker(workerFile, { workerData });
    this.#ended = new Promise((resolve) => this.#worker.once("exit", resolve));
    this.#worker.on("message", (message: FromFeed) => this.#receive(message));
    this.#worker.on("error", (error) => this.#fail(errorFrom(reportOf(error))));
    this.#worker.on("exit", () =>
      this.#fail(new AppError("storage/worker-lost", "The thread that reads the library has ended")),
    );
  }

  /** Inputs and labels of every window of a recording. */
  table(config: RunConfig, front: string, recordingId: string): Promise<RecordingWindows> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const id = ++this.#requests;
    return new Promise((resolve, reject) => {
      this.#tables.set(id, { resolve, reject });
      this.#send({ kind: "table", id, config, front, recordingId });
    });
  }

  /** Finds the windows of samples that a run would train on. */
  async open(config: RunConfig, options: Omit<FeedOptions, "config">): Promise<FeedShape> {
    this.#send({ kind: "index", config, options });
    for (;;) {
      const message = await this.#next();
      if (message.kind === "indexed") return message.shape;
    }
  }

  /** The batches of an epoch in order, a few of them made ahead. The same each time it is asked for. */
  async *epoch(epoch: number): AsyncGenerator<FeedBatch> {
    const request = ++this.#requests;
    this.#send({ kind: "epoch", request, epoch, ahead: AHEAD });
    for (;;) {
      const message = await this.#next();
      if (message.kind === "indexed" || message.request !== request) continue; // of an epoch that was left early
      if (message.kind === "end") return;
      this.#send({ kind: "taken" });
      yield message.batch;
    }
  }

  /** Ends the thread once the stretch it reads is done; more than once does no harm. */
  async close(): Promise<void> {
    this.#send({ kind: "close" });
    await this.#ended;
  }

  #send(message: ToFeed): void {
    this.#worker.postMessage(message);
  }

  async #next(): Promise<Extract<FromFeed, { kind: "batch" | "end" | "indexed" }>> {
    for (;;) {
      const message = this.#batches.shift();
      if (message !== undefined) return message;
      if (this.#failure !== undefined) throw this.#failure;
      await new Promise<void>((resolve) => (this.#arrived = resolve));
    }
  }

  #receive(message: FromFeed): void {
    switch (message.kind) {
      case "table": {
        const waiting = this.#tables.get(message.id);
        this.#tables.delete(message.id);
        try {
          waiting?.resolve(unwrap(message.outcome));
        } catch (error) {
          waiting?.reject(error);
        }
        return;
      }
      case "failed":
        this.#fail(errorFrom(message.error));
        return;
      case "indexed":
      case "batch":
      case "end":
        this.#batches.push(message);
        this.#arrived();
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of this.#tables.values()) reject(error);
    this.#tables.clear();
    this.#arrived();
  }
}
