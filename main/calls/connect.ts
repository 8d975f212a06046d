import { AppError, reportOf, settle } from "../../preload/contract/errors.ts";
import { within } from "../../preload/contract/within.ts";
import type { HandedOver, Line, Message } from "./line.ts";
import { Pending } from "./pending.ts";
import type { CallOptions, How, NameIn, Signatures } from "./signature.ts";

/** For the other side to say that it heard of a cancel; then to end what was cancelled. */
export interface Patience {
  readonly hearMs: number;
  readonly tidyMs: number;
}
const PATIENCE: Patience = { hearMs: 1000, tidyMs: 3000 };

export interface ConnectOptions {
  /** The error of everything that was under way when the other side was lost, and of what is asked after that. */
  readonly lost: (waiting: number, cause: unknown) => AppError;
  /**
   * Ends the other side by force: a cancel was not heard, or what was cancelled did not end in time. Absent: the call is
   * given up, and the other side is left alone.
   */
  readonly end?: () => unknown;
  readonly patience?: Partial<Patience> | undefined;
  /** What of a question, or of an answer to what was asked back, is handed over instead of copied; nothing unless given. */
  readonly handOver?: (value: unknown, name: string) => HandedOver;
}

/** The asking end of a line. */
export interface Connection<A extends Signatures<A>> {
  /** Rejects with the other side's error, as cancelled once the signal says so, or as lost. */
  call<N extends NameIn<A>>(name: N, ask: A[N]["ask"], ...how: How<A[N]>): Promise<A[N]["answer"]>;
  /** In order with the calls; nobody waits for an answer. Does nothing once the other side is lost. */
  tell<N extends NameIn<A>>(name: N, ask: A[N]["ask"], handedOver?: HandedOver): void;
  /** Nothing more will be answered: what is under way is rejected, and so is what is asked later. */
  lose(cause?: unknown): void;
}

export const connect = <A extends Signatures<A>>(line: Line, options: ConnectOptions): Connection<A> =>
  new Caller(line, options);

type BackHandlers = Readonly<Record<string, (ask: unknown) => unknown>>;

interface Underway {
  readonly back: BackHandlers;
  isCancelled: boolean;
  heard: () => void;
}

class Caller<A extends Signatures<A>> implements Connection<A> {
  readonly #line: Line;
  readonly #options: ConnectOptions;
  readonly #patience: Patience;
  readonly #answers = new Pending();
  readonly #underway = new Map<number, Underway>();
  #lost: AppError | undefined;

  constructor(line: Line, options: ConnectOptions) {
    this.#line = line;
    this.#options = options;
    this.#patience = { ...PATIENCE, ...options.patience };
    line.receive((message) => this.#receive(message));
    line.onLost((cause) => this.lose(cause));
  }

  async call<N extends NameIn<A>>(name: N, ask: A[N]["ask"], ...[how]: How<A[N]>): Promise<A[N]["answer"]> {
    if (this.#lost !== undefined) throw this.#lost;
    const { signal, back = {} }: CallOptions & { readonly back?: object } = how ?? {};
    if (signal?.aborted === true) throw cancelled();
    const underway: Underway = {
      back: back as BackHandlers, // by name, as the signature says
      isCancelled: false,
      heard: () => undefined,
    };
    let cancel = (): void => undefined;
    const answered = this.#answers.ask((call) => {
      this.#underway.set(call, underway);
      cancel = () => void this.#cancel(call, underway, answered);
      try {
        this.#line.send({ kind: "ask", call, name, ask }, this.#handedOver(ask, name));
      } catch (error) {
        this.#underway.delete(call);
        const message = `${name} was given what cannot be sent`;
        throw new AppError("contract/bad-params", message, { name }, error);
      }
    });
    const stop = (): void => cancel();
    signal?.addEventListener("abort", stop, { once: true });
    try {
      return await answered;
    } finally {
      signal?.removeEventListener("abort", stop);
    }
  }

  tell<N extends NameIn<A>>(name: N, ask: A[N]["ask"], handedOver: HandedOver = []): void {
    if (this.#lost === undefined) this.#line.send({ kind: "tell", name, ask }, handedOver);
  }

  lose(cause?: unknown): void {
    if (this.#lost !== undefined) return;
    const lost = this.#options.lost(this.#answers.size, cause);
    this.#lost = lost;
    const gone = new Map(this.#underway);
    this.#underway.clear();
    this.#answers.rejectAll((call) => (gone.get(call)?.isCancelled === true ? cancelled() : lost));
  }

  #receive(message: Message): void {
    switch (message.kind) {
      case "answer":
        this.#underway.delete(message.call);
        this.#answers.settle(message.call, message.outcome);
        return;
      case "heard":
        this.#underway.get(message.call)?.heard();
        return;
      case "back":
        this.#askedBack(message);
        return;
      case "tell":
      case "ask":
      case "cancel":
      case "backed": // for whoever answers over the same line
    }
  }

  #askedBack({ call, back, name, ask }: Extract<Message, { kind: "back" }>): void {
    const handler = this.#underway.get(call)?.back[name];
    if (back === undefined) {
      void handler?.(ask);
      return;
    }
    const work = (): unknown => {
      if (handler !== undefined) return handler(ask);
      throw new AppError("contract/unknown-call", `Nobody here answers ${name}`, { name });
    };
    void settle(work).then((outcome) => {
      if (this.#lost !== undefined) return;
      try {
        const handedOver = outcome.ok ? this.#handedOver(outcome.value, name) : [];
        this.#line.send({ kind: "backed", call, back, outcome }, handedOver);
      } catch (error) {
        this.#line.send({ kind: "backed", call, back, outcome: { ok: false, error: reportOf(error) } });
      }
    });
  }

  #handedOver(value: unknown, name: string): HandedOver {
    return this.#options.handOver?.(value, name) ?? [];
  }

  /** Asks politely. A side that does not listen, deep in a native call, is ended. */
  async #cancel(call: number, underway: Underway, answered: Promise<unknown>): Promise<void> {
    const { hearMs, tidyMs } = this.#patience;
    underway.isCancelled = true;
    const heard = new Promise<void>((resolve) => (underway.heard = resolve));
    this.#line.send({ kind: "cancel", call });
    const isHeard = await within(hearMs, Promise.race([heard, answered]));
    if (isHeard && (await within(tidyMs, answered))) return;
    if (!this.#underway.has(call)) return;
    const { end } = this.#options;
    if (end === undefined) {
      this.#underway.delete(call);
      this.#answers.reject(call, cancelled());
      return;
    }
    await within(hearMs, Promise.resolve(end())); // one deep in the system may not even end
    this.lose(new Error("it did not answer"));
  }
}

const cancelled = (): AppError => new AppError("cancelled/by-user", "Cancelled");
