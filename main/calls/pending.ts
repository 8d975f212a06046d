import { unwrap } from "../../preload/contract/errors.ts";
import type { Outcome } from "../../preload/contract/errors.ts";

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Questions that have no answer yet, by number. Each is settled once; what comes later for it is dropped. */
export class Pending {
  readonly #waiting = new Map<number, Waiting>();
  #last = 0;

  get size(): number {
    return this.#waiting.size;
  }

  /** `send` gets the question's number. Where it throws, nothing was asked. */
  ask(send: (id: number) => void): Promise<unknown> {
    this.#last += 1;
    const id = this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      try {
        send(id);
      } catch (error) {
        this.reject(id, error);
      }
    });
  }

  settle(id: number, outcome: Outcome<unknown>): void {
    const waiting = this.#take(id);
    try {
      waiting?.resolve(unwrap(outcome));
    } catch (error) {
      waiting?.reject(error);
    }
  }

  reject(id: number, error: unknown): void {
    this.#take(id)?.reject(error);
  }

  rejectAll(errorOf: (id: number) => unknown): void {
    for (const id of [...this.#waiting.keys()]) this.reject(id, errorOf(id));
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }
}
