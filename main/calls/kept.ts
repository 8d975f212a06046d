/** What runs on the other side of a line: started when it is first needed, and anew after it was lost. */
export class Kept<T> {
  readonly #start: () => T;
  #running: T | undefined;

  constructor(start: () => T) {
    this.#start = start;
  }

  current(): T {
    return (this.#running ??= this.#start());
  }

  /** The one that runs, without starting one. */
  running(): T | undefined {
    return this.#running;
  }

  /** The next call starts another, unless one has taken its place already. */
  drop(one: T | undefined): void {
    if (this.#running === one) this.#running = undefined;
  }
}
