import type { MessagePort } from "node:worker_threads";
import { type ResourceLimits, Worker } from "node:worker_threads";
import type { AppError } from "../../preload/contract/errors.ts";
import { within } from "../../preload/contract/within.ts";
import { connect, type Connection, type Patience } from "./connect.ts";
import { Kept } from "./kept.ts";
import { threadLine } from "./lines.ts";
import type { Signatures } from "./signature.ts";

/** What starts a thread that reads and writes the library. */
export interface LibraryThreadOptions {
  /** A new port to the storage thread, for a new thread. */
  readonly openLibraryPort: () => MessagePort;
  readonly workerFile: string | URL;
  readonly patience?: Partial<Patience> | undefined;
}

interface Own {
  readonly name: string;
  readonly lost: (why: string) => AppError;
  readonly data?: object; // that it is told as it starts, beside its port
  readonly limits?: ResourceLimits;
}

/** For a thread to end that is ended by force. */
const END_MS = 1000;

interface Thread<A extends Signatures<A>> {
  readonly worker: Worker;
  readonly connection: Connection<A>;
}

/** A thread with a port to the library: begins with the first question, and anew after it was lost. */
export class LibraryThread<A extends Signatures<A>> {
  readonly #kept: Kept<Thread<A>>;

  /** `begun`: what is told to each new one before anything is asked of it. */
  constructor(
    options: LibraryThreadOptions,
    own: Own,
    begun: (connection: Connection<A>) => void = () => undefined,
  ) {
    this.#kept = new Kept(() => {
      const thread = this.#start(options, own);
      begun(thread.connection);
      return thread;
    });
  }

  current(): Connection<A> {
    return this.#kept.current().connection;
  }

  /** The next question has a new one. One deep in the system may not even end. */
  async end(why = "it was ended"): Promise<void> {
    const thread = this.#kept.running();
    if (thread !== undefined) await this.#end(thread, why);
  }

  #start({ openLibraryPort, workerFile, patience }: LibraryThreadOptions, own: Own): Thread<A> {
    const port = openLibraryPort();
    const worker = new Worker(workerFile, {
      workerData: { ...own.data, libraryPort: port },
      transferList: [port],
      ...(own.limits && { resourceLimits: own.limits }),
      name: own.name,
    });
    const connection: Connection<A> = connect<A>(threadLine(worker), {
      patience,
      end: () => this.#end(thread, "it did not answer"),
      lost: (_, cause) => {
        this.#kept.drop(thread);
        return own.lost(cause instanceof Error ? cause.message : "it ended");
      },
    });
    const thread: Thread<A> = { worker, connection };
    return thread;
  }

  async #end(thread: Thread<A>, why: string): Promise<void> {
    this.#kept.drop(thread);
    await within(END_MS, thread.worker.terminate());
    thread.connection.lose(new Error(why));
  }
}
