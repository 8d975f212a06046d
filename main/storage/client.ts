import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import { AppError, unwrap } from "../../preload/contract/errors.ts";
import type { AsyncLibrary } from "./api.ts";
import { compact, handedOver, type LibraryAnswer, libraryMethods } from "./protocol.ts";

/** What a library can be reached over: a port to the storage thread, or the thread itself. */
export type LibraryEnd = Pick<MessagePort, "postMessage"> & {
  on(event: "message", listener: (message: LibraryAnswer) => void): unknown;
  on(event: "close" | "exit", listener: () => void): unknown;
};

interface Waiting {
  readonly resolve: (answer: LibraryAnswer) => void;
  readonly reject: (error: Error) => void;
}

/** The library's calls over a port. Answers are in the order of the calls; a lost thread fails what is under way. */
export function connectLibrary(port: LibraryEnd): AsyncLibrary {
  return new Connection(port).library;
}

class Connection {
  readonly library: AsyncLibrary;
  readonly #port: LibraryEnd;
  readonly #waiting = new Map<number, Waiting>();
  #lost: AppError | undefined;
  #next = 0;

  constructor(port: LibraryEnd) {
    this.#port = port;
    this.library = Object.fromEntries(
      libraryMethods.map((method) => [method, (...args: unknown[]) => this.#call(method, args)]),
    ) as unknown as AsyncLibrary;
    port.on("message", (message) => {
      const waiting = this.#waiting.get(message.id);
      this.#waiting.delete(message.id);
      waiting?.resolve(message);
    });
    port.on("close", () => this.lose());
    port.on("exit", () => this.lose());
  }

  /** Nothing more will be answered. Whether what was under way had been written is not known. */
  lose(cause?: unknown): void {
    if (this.#lost !== undefined) return;
    const lost = new AppError(
      "storage/worker-lost",
      "The storage thread ended before it answered",
      { waiting: this.#waiting.size },
      cause,
    );
    this.#lost = lost;
    for (const waiting of this.#waiting.values()) waiting.reject(lost);
    this.#waiting.clear();
  }

  async #call(method: string, args: readonly unknown[]): Promise<unknown> {
    if (this.#lost !== undefined) throw this.#lost;
    const id = this.#next++;
    const answer = await new Promise<LibraryAnswer>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      try {
        const sent = args.map(compact);
        this.#port.postMessage({ kind: "call", id, method, args: sent }, handedOver(method, sent));
      } catch (error) {
        this.#waiting.delete(id);
        const message = `${method} was given what cannot be sent to the storage thread`;
        reject(new AppError("contract/bad-params", message, { method }, error));
      }
    });
    return unwrap(answer.outcome);
  }
}

export interface SpawnedLibrary {
  readonly library: AsyncLibrary;
  /** A new port to the thread, to be transferred to another one and given to `connectLibrary` there. */
  port(): MessagePort;
  /** Waits for what is under way, then closes the file and ends the thread. */
  close(): Promise<void>;
  /** Ends the thread, whatever is under way; within SQLite it ends once that returns. For one that only reads. */
  terminate(): Promise<void>;
}

/**
 * Starts the storage thread. When an exception ends it, what was under way fails with storage/worker-lost and the
 * next call finds a new thread; ports given out before are closed and must be asked for again.
 */
export function spawnLibrary(
  path: string,
  workerFile: string | URL,
  { readOnly = false }: { readonly readOnly?: boolean } = {},
): SpawnedLibrary {
  const thread = new StorageThread(path, workerFile, readOnly);
  const library = Object.fromEntries(
    libraryMethods.map((method) => [
      method,
      async (...args: unknown[]) =>
        await (thread.current().library[method] as (...args: unknown[]) => Promise<unknown>)(...args),
    ]),
  ) as unknown as AsyncLibrary;
  return {
    library,
    port: () => thread.port(),
    close: () => thread.close(),
    terminate: () => thread.terminate(),
  };
}

interface Running {
  readonly worker: Worker;
  readonly library: AsyncLibrary;
  readonly lose: () => void;
}

/** What V8 lets rubbish grow to before it looks: rows live for a moment, and the default of 48 MB stays taken. */
const YOUNG_MB = 24;

class StorageThread {
  readonly #path: string;
  readonly #workerFile: string | URL;
  readonly #readOnly: boolean;
  #running: Running | undefined;
  #isClosed = false;

  constructor(path: string, workerFile: string | URL, readOnly: boolean) {
    this.#readOnly = readOnly;
    this.#path = path;
    this.#workerFile = workerFile;
    this.current();
  }

  current(): Running {
    if (this.#isClosed) throw new AppError("storage/closed", "The library has been closed");
    return (this.#running ??= this.#start());
  }

  port(): MessagePort {
    const { port1, port2 } = new MessageChannel();
    this.current().worker.postMessage({ kind: "connect", port: port2 }, [port2]);
    return port1;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const running = this.#running;
    if (running === undefined) return;
    await new Promise<void>((resolve) => {
      running.worker.once("exit", () => resolve());
      running.worker.postMessage({ kind: "close" }); // behind every call already sent
    });
  }

  async terminate(): Promise<void> {
    this.#isClosed = true;
    const running = this.#running;
    this.#running = undefined;
    if (running === undefined) return;
    running.lose();
    await running.worker.terminate();
  }

  #start(): Running {
    const worker = new Worker(this.#workerFile, {
      workerData: { path: this.#path, readOnly: this.#readOnly },
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    });
    const connection = new Connection(worker);
    const running = { worker, library: connection.library, lose: () => connection.lose() };
    const end = (error?: unknown): void => {
      connection.lose(error);
      if (this.#running === running) this.#running = undefined;
    };
    worker.on("error", end);
    worker.on("exit", () => end());
    return running;
  }
}
