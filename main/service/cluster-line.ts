import { setTimeout as delay } from "node:timers/promises";
import {
  AppError,
  errorFrom,
  type ErrorReport,
  reportOf,
  throwIfCancelled,
} from "../../preload/contract/errors.ts";
import { within } from "../../preload/contract/within.ts";
import type { Works } from "../cluster/cluster.ts";
import type { AsyncLibrary } from "../storage/api.ts";

/** What is waited for, and how. */
export interface Patience {
  readonly passes: (code: string) => boolean; // by itself, or by what a person does meanwhile
  readonly longestMs: number; // between two questions while there is no answer
  readonly woken: (signal: AbortSignal) => Promise<void>; // something was done about it: it is asked at once
}

const usual: Patience = {
  passes: (code) => code === "device/cluster-lost",
  longestMs: 1000,
  woken: () => new Promise(() => undefined),
};

interface LineOptions {
  readonly signal: AbortSignal;
  /** Tells that the cluster cannot be reached for the moment, and that it can again. */
  readonly note: (line: string) => void;
  readonly meanwhile?: string; // what becomes of it as long as it is lost
  readonly patience?: Patience | undefined;
  readonly heard?: () => void;
  readonly lost?: (why: ErrorReport, waitMs: number) => void;
}

export const EVERY_MS = 1000;
const SENT_MS = 10_000;

/** Questions to a cluster about one work. One that cannot be reached is waited for: its work goes on without us. */
export class Line {
  readonly signal: AbortSignal;
  readonly #options: LineOptions;
  readonly #patience: Patience;
  #isLost = false;
  #sent: Promise<unknown> = Promise.resolve();

  constructor(options: LineOptions) {
    this.signal = options.signal;
    this.#options = options;
    this.#patience = options.patience ?? usual;
  }

  /** Asks until there is an answer, after a while that grows. Rejects with what does not pass. */
  async ask<T>(question: () => Promise<T>): Promise<T> {
    for (let waitMs = EVERY_MS; ; waitMs = Math.min(2 * waitMs, this.#patience.longestMs)) {
      throwIfCancelled(this.signal);
      try {
        const answer = await this.#unlessStopped(question());
        this.#heard();
        return answer;
      } catch (error) {
        const why = reportOf(error);
        if (why.code === "data/job-unknown") this.#heard();
        if (this.signal.aborted || !this.#patience.passes(why.code)) throw error;
        this.#lose(why, waitMs);
      }
      await this.#pause(waitMs);
    }
  }

  /** The same of what begins something there. */
  send<T>(question: () => Promise<T>): Promise<T> {
    return this.ask(() => {
      const sent = question();
      this.#sent = sent;
      return sent;
    });
  }

  /**
   * Asks for a work, waits for it and fetches it, and once more from the start where the cluster turns out to have forgotten
   * it: `once` finds what is there still, and sends what is not.
   */
  async untilKept<T>(once: (isAgain: boolean) => Promise<T>): Promise<T> {
    for (let isAgain = false; ; isAgain = true) {
      try {
        return await once(isAgain);
      } catch (error) {
        if (this.signal.aborted || !isForgotten(error)) throw error;
        this.#options.note(`${reportOf(error).message}: it is asked for again`);
      }
      await this.#pause(EVERY_MS);
    }
  }

  /** Until all of a work is done. */
  async untilDone(
    state: () => ReturnType<Works["state"]>,
    tell: (state: Awaited<ReturnType<Works["state"]>>) => void,
    everyMs = (): number => EVERY_MS,
  ): Promise<void> {
    for (;;) {
      const now = await this.ask(state);
      if (now.failure !== undefined) throw errorFrom(now.failure);
      if (now.isCancelled) throw new AppError("cancelled/by-user", "Cancelled on the cluster");
      tell(now);
      if (now.done === now.fits) return;
      await delay(everyMs(), undefined, { signal: this.signal }).catch(() => undefined);
    }
  }

  /**
   * Cancels it there, where a person stopped it here. What was still being sent would come after its cancel, and go on.
   * `named`: its id, which one that is given it there has once all is sent; none: nothing of it is there.
   */
  async cancelThere(works: Pick<Works, "cancel">, named: () => string | undefined): Promise<void> {
    const isSent = await within(SENT_MS, this.#sent);
    const id = named();
    try {
      if (id !== undefined) await works.cancel(id);
    } catch (error) {
      throw notTold(id, error);
    }
    if (id === undefined && !isSent) throw notTold();
  }

  /** Who stops waits for no server. */
  #unlessStopped<T>(answer: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const stop = (): void => reject(new AppError("cancelled/by-user", "Cancelled"));
      this.signal.addEventListener("abort", stop, { once: true });
      answer.then(resolve, reject).finally(() => this.signal.removeEventListener("abort", stop));
    });
  }

  #heard(): void {
    if (this.#isLost) this.#options.note("the cluster is back");
    this.#isLost = false;
    this.#options.heard?.();
  }

  #lose(why: ErrorReport, waitMs: number): void {
    const { note, meanwhile = "its work goes on, and is asked for again" } = this.#options;
    if (!this.#isLost) note(`${why.message}; ${meanwhile}`);
    this.#isLost = true;
    this.#options.lost?.(why, waitMs);
  }

  async #pause(ms: number): Promise<void> {
    const ended = new AbortController();
    const signal = AbortSignal.any([this.signal, ended.signal]);
    const wait = delay(ms, undefined, { signal }).catch(() => undefined);
    await Promise.race([wait, this.#patience.woken(signal)]).catch(() => undefined);
    ended.abort();
  }
}

/** What a server had confirmed is not there: one that took over for it lacks the last that it was told. */
export const isForgotten = (error: unknown): boolean =>
  /^(data\/job-unknown|storage\/cluster-forgot)$/.test(reportOf(error).code);

const notTold = (jobId = "", cause?: unknown): AppError =>
  new AppError(
    "cancelled/not-told",
    "Cancelled here; the cluster could not be told, and its workers may go on until it is: kodo jobs --cancel",
    { jobId },
    cause,
  );

/** The reader's name, as the cluster keeps it. */
export async function whoAsks(library: Pick<AsyncLibrary, "getSettings">): Promise<string> {
  const by = (await library.getSettings()).author.trim();
  if (by !== "") return by;
  throw new AppError(
    "data/no-reader",
    "The cluster keeps who asked for what: say your name in the settings first",
  );
}
