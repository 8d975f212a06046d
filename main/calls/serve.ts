import { AppError, errorFrom, reportOf, settle } from "../../preload/contract/errors.ts";
import type { HandedOver, Line, Message } from "./line.ts";
import { Pending } from "./pending.ts";
import type { Call, Handlers, Signature, Signatures } from "./signature.ts";

export interface ServeOptions {
  /** What of an answer is handed over instead of copied; nothing unless given. */
  readonly handOver?: (answer: unknown, name: string) => HandedOver;
}

type AnyHandler = (ask: unknown, call: Call<Signature>) => unknown;

/**
 * Answers what is asked over a line. A question begins when it comes; a thrown error crosses as its report. When the
 * line is lost, every call under way is told to stop: nobody waits for it any more.
 */
export function serve<A extends Signatures<A>>(
  line: Line,
  handlers: Handlers<A>,
  { handOver = () => [] }: ServeOptions = {},
): void {
  const byName = new Map(Object.entries(handlers) as [string, AnyHandler][]);
  const underway = new Map<number, Underway>();

  const handlerOf = (name: string): AnyHandler => {
    const handler = byName.get(name);
    if (handler !== undefined) return handler;
    throw new AppError("contract/unknown-call", `Nobody here answers ${name}`, { name });
  };

  const answer = async ({ call, name, ask }: Extract<Message, { kind: "ask" }>): Promise<void> => {
    const work = new Underway(line, call);
    underway.set(call, work);
    const outcome = await settle(() => handlerOf(name)(ask, work));
    underway.delete(call);
    try {
      line.send({ kind: "answer", call, outcome }, outcome.ok ? handOver(outcome.value, name) : []);
    } catch (error) {
      line.send({ kind: "answer", call, outcome: { ok: false, error: reportOf(error) } }); // it cannot be sent as it is
    }
  };

  line.receive((message) => {
    switch (message.kind) {
      case "tell":
        void handlerOf(message.name)(message.ask, untracked);
        return;
      case "ask":
        void answer(message);
        return;
      case "cancel":
        underway.get(message.call)?.stop();
        line.send({ kind: "heard", call: message.call });
        return;
      case "backed":
        underway.get(message.call)?.asked.settle(message.back, message.outcome);
        return;
      case "heard":
      case "answer":
      case "back": // for whoever asks over the same line
    }
  });
  line.onLost(() => {
    for (const work of underway.values()) work.lose();
  });
}

/** A call that is being answered. */
class Underway implements Call<Signature> {
  readonly asked = new Pending();
  readonly #stop = new AbortController();
  readonly #line: Line;
  readonly #call: number;
  #isLost = false;

  constructor(line: Line, call: number) {
    this.#line = line;
    this.#call = call;
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  stop(): void {
    this.#stop.abort();
  }

  lose(): void {
    this.#isLost = true;
    this.stop();
    this.asked.rejectAll(() => errorFrom(NOBODY_WAITS));
  }

  readonly tell = (name: string, ask: unknown): void =>
    this.#line.send({ kind: "back", call: this.#call, back: undefined, name, ask });

  readonly ask = (name: string, ask: unknown): Promise<never> => {
    if (this.#isLost) return Promise.reject(errorFrom(NOBODY_WAITS));
    const answered = this.asked.ask((back) =>
      this.#line.send({ kind: "back", call: this.#call, back, name, ask }),
    );
    return answered as Promise<never>; // of the type that the signature says
  };
}

const NOBODY_WAITS = { code: "cancelled/caller-lost", message: "Whoever asked for it is gone", detail: {} };

/** Of what was only told: it cannot be cancelled, and nobody is there to be asked back. */
const untracked: Call<Signature> = {
  signal: new AbortController().signal,
  tell: () => undefined,
  ask: () => Promise.reject(errorFrom(NOBODY_WAITS)),
};
