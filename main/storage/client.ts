import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import { AppError } from "../../preload/contract/errors.ts";
import type { RecordingPage } from "../../preload/contract/listing.ts";
import type { RecordingSummary } from "../../preload/contract/recording.ts";
import { type ChildLine, spawnChild } from "../calls/child.ts";
import { connect, type Connection, type ConnectOptions } from "../calls/connect.ts";
import { Kept } from "../calls/kept.ts";
import { portLine, threadLine } from "../calls/lines.ts";
import { forRows } from "../calls/thread-memory.ts";
import { compact } from "../calls/transfer.ts";
import type { AsyncLibrary, LibraryMethod } from "./api.ts";
import {
  handedOver,
  type LibraryCalls,
  libraryMethods,
  type ReaderCalls,
  type StorageThreadCalls,
} from "./protocol.ts";

/** Of what was under way. Whether it had been written is not known. */
const lost: ConnectOptions["lost"] = (waiting, cause) =>
  new AppError("storage/worker-lost", "The storage thread ended before it answered", { waiting }, cause);

type CallMethod = (method: LibraryMethod, args: never) => Promise<unknown>;

const libraryOver = (call: CallMethod): AsyncLibrary =>
  Object.fromEntries(
    libraryMethods.map((method) => [
      method,
      async (...args: unknown[]) => call(method, args.map(compact) as never), // what the method's own type says
    ]),
  ) as unknown as AsyncLibrary;

/** The library's calls over a port. Answers are in the order of the calls; a lost thread fails what is under way. */
export function connectLibrary(port: MessagePort): AsyncLibrary {
  const connection = connect<LibraryCalls>(portLine(port), { lost, handOver: handedOver });
  return libraryOver((method, args) => connection.call(method, args));
}

/** Every recording that is not in the bin, in the order they were added: asked for a part at a time, with others between. */
export async function everyRecording(library: AsyncLibrary): Promise<RecordingSummary[]> {
  const all: RecordingSummary[] = [];
  let after: string | undefined;
  do {
    const page: RecordingPage = await library.listPage({
      ...(after === undefined ? {} : { after }),
      limit: PART,
    });
    all.push(...page.rows);
    after = page.next;
  } while (after !== undefined);
  return all;
}

/** Recordings of a part: the thread is free again in some milliseconds. */
const PART = 200;

export interface SpawnedLibrary {
  readonly library: AsyncLibrary;
  /** A new port to the thread, to be transferred to another one and given to `connectLibrary` there. */
  port(): MessagePort;
  /** Waits for what is under way, then closes the file and ends the thread. */
  close(): Promise<void>;
}

export interface LibraryReader {
  readonly library: AsyncLibrary;
  /** Waits for what is under way, then closes the file and ends the process. */
  close(): Promise<void>;
  /** Ends the process at once, whatever SQLite is doing in it. */
  kill(): void;
}

/** A library that is only read, in a process of its own. A call that it does not live to answer fails with storage/worker-lost. */
export function spawnReader(
  path: string,
  workerFile: string,
  spawn: (workerFile: string) => ChildLine | Promise<ChildLine> = readerProcess,
): LibraryReader {
  const starting = Promise.resolve(spawn(workerFile)).then((line) => {
    const connection = connect<LibraryCalls & ReaderCalls>(line, { lost });
    const ended = new Promise<void>((resolve) => line.onLost(() => resolve()));
    connection.tell("open", path);
    return { line, connection, ended };
  });
  starting.catch(() => undefined); // whoever asks is told
  return {
    library: libraryOver(async (method, args) => (await starting).connection.call(method, args)),
    close: async () => {
      const child = await starting.catch(() => undefined);
      child?.connection.tell("close", undefined); // behind every call already sent
      await child?.ended;
    },
    kill: () => void starting.then(({ line }) => line.kill()).catch(() => undefined), // one that is starting, too
  };
}

const readerProcess = (workerFile: string): Promise<ChildLine> =>
  spawnChild(workerFile, { serviceName: "Kodo library check", environment: process.env });

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
  return {
    library: libraryOver((method, args) => thread.current().connection.call(method, args)),
    port: () => thread.port(),
    close: () => thread.close(),
  };
}

interface Running {
  readonly worker: Worker;
  readonly connection: Connection<LibraryCalls & StorageThreadCalls>;
}

class StorageThread {
  readonly #path: string;
  readonly #workerFile: string | URL;
  readonly #readOnly: boolean;
  readonly #thread = new Kept(() => this.#start());
  #isClosed = false;

  constructor(path: string, workerFile: string | URL, readOnly: boolean) {
    this.#readOnly = readOnly;
    this.#path = path;
    this.#workerFile = workerFile;
    this.current();
  }

  current(): Running {
    if (this.#isClosed) throw new AppError("storage/closed", "The library has been closed");
    return this.#thread.current();
  }

  port(): MessagePort {
    const { port1, port2 } = new MessageChannel();
    this.current().connection.tell("connect", port2, [port2]);
    return port1;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const running = this.#thread.running();
    if (running === undefined) return;
    await new Promise<void>((resolve) => {
      running.worker.once("exit", () => resolve());
      running.connection.tell("close", undefined); // behind every call already sent
    });
  }

  #start(): Running {
    const worker = new Worker(this.#workerFile, {
      workerData: { path: this.#path, readOnly: this.#readOnly },
      resourceLimits: forRows,
    });
    const connection = connect<LibraryCalls & StorageThreadCalls>(threadLine(worker), {
      handOver: handedOver,
      lost: (waiting, cause) => {
        this.#thread.drop(running);
        return lost(waiting, cause);
      },
    });
    const running = { worker, connection };
    return running;
  }
}
