import { AppError } from "../../preload/contract/errors.ts";
import type { Port } from "./ports/port.ts";
import type { Conversation, Identity, Reply, Step } from "./protocols/protocol.ts";

/** What a line that talks without end may leave in memory. */
const HEARD_MAX = 1 << 20;

/** A step that could not be asked. */
class Failed {
  readonly cause: unknown;

  constructor(cause: unknown) {
    this.cause = cause;
  }
}

/** What is said on a port before the device streams, and then what it streams. Every byte goes to one of both. */
export class Talk {
  #port: Port | undefined;
  #heard: Uint8Array[] = [];
  #heardBytes = 0;
  #cause: AppError | undefined;
  #wake: () => void = () => undefined;
  #listener: ((bytes: Uint8Array, arrivedS: number) => void) | undefined;
  #lastS = 0;

  /** The port these bytes come from: it may have brought some before it was said to be open. */
  on(port: Port): void {
    this.#port = port;
  }

  data(bytes: Uint8Array, arrivedS: number): void {
    this.#lastS = arrivedS;
    if (this.#listener !== undefined) {
      this.#listener(bytes, arrivedS);
      return;
    }
    this.#heard.push(bytes);
    this.#heardBytes += bytes.length;
    while (this.#heardBytes > HEARD_MAX) this.#heardBytes -= this.#heard.shift()?.length ?? this.#heardBytes;
    this.#wake();
  }

  lost(cause: AppError): void {
    this.#cause = cause;
    this.#wake();
  }

  /** Runs a conversation to its end; what came after it is the stream's. */
  async converse(conversation: Conversation): Promise<Identity> {
    const { identity, rest } = await this.ask(conversation);
    if (rest.length > 0) this.#heard.unshift(rest);
    return identity;
  }

  /**
   * Asks one step after the other to the end. What goes wrong on the port, and once that it is called off, is thrown into
   * what asks, so that it may put in order what it changed.
   */
  async ask<Answer>(asking: Generator<Step, Answer, Reply>, calledOff?: AbortSignal): Promise<Answer> {
    let isTold = false;
    let turn = asking.next();
    while (turn.done !== true) {
      const reply = await this.#step(turn.value, isTold ? undefined : calledOff).catch(
        (error: unknown) => new Failed(error),
      );
      if (reply instanceof Failed) turn = asking.throw(reply.cause);
      else if (!isTold && calledOff?.aborted === true) {
        isTold = true;
        turn = asking.throw(new AppError("cancelled/by-user", "Cancelled"));
      } else turn = asking.next(reply);
    }
    return turn.value;
  }

  /** Steps whose replies nobody reads. */
  async say(steps: readonly Step[]): Promise<void> {
    for (const step of steps) await this.#step(step);
  }

  /** From now on bytes go to the listener, those that have come already first. */
  listen(listener: (bytes: Uint8Array, arrivedS: number) => void): void {
    const heard = this.#heard;
    this.#heard = [];
    this.#heardBytes = 0;
    this.#listener = listener;
    for (const bytes of heard) listener(bytes, this.#lastS);
  }

  /** Nobody listens any more: what comes is an answer to what is said. */
  hush(): void {
    this.#listener = undefined;
  }

  async #step({ send, until, waitS, flush }: Step, calledOff?: AbortSignal): Promise<Reply> {
    if (flush === true || until !== undefined) this.#forget();
    if (send !== undefined) await this.#write(send);
    const isComplete = await this.#wait(waitS, until, calledOff);
    const received = this.#received();
    if (until !== undefined) this.#forget();
    return { received, isComplete };
  }

  async #write(bytes: Uint8Array): Promise<void> {
    if (this.#cause !== undefined) throw this.#cause;
    if (this.#port === undefined) throw new AppError("device/not-connected", "The port is not open");
    await this.#port.write(bytes);
  }

  /** True once `until` says so; false when the time is over. */
  async #wait(waitS: number, until: Step["until"], calledOff?: AbortSignal): Promise<boolean> {
    const untilMs = performance.now() + waitS * 1000;
    for (;;) {
      if (this.#cause !== undefined) throw this.#cause;
      if (until?.(this.#received()) === true) return true;
      if (calledOff?.aborted === true) return false;
      const leftMs = untilMs - performance.now();
      if (leftMs <= 0) return until === undefined;
      await this.#more(until === undefined ? leftMs : Math.min(leftMs, 250));
    }
  }

  #more(waitMs: number): Promise<void> {
    return new Promise((done) => {
      const timer = setTimeout(done, waitMs);
      this.#wake = () => {
        clearTimeout(timer);
        done();
      };
    });
  }

  #received(): Uint8Array {
    const [first] = this.#heard;
    if (first === undefined) return new Uint8Array(0);
    if (this.#heard.length > 1) this.#heard = [Buffer.concat(this.#heard)];
    return this.#heard[0] ?? first;
  }

  #forget(): void {
    this.#heard = [];
    this.#heardBytes = 0;
  }
}
