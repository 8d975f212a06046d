/** The last windows of a stream, as they came. The oldest makes room for the next. */
export class LastWindows {
  readonly #x: Float64Array; // [most x width]
  readonly #observed: Uint8Array;
  readonly #width: number;
  readonly #most: number;
  #count = 0;

  constructor(most: number, width: number) {
    this.#most = most;
    this.#width = width;
    this.#x = new Float64Array(most * width);
    this.#observed = new Uint8Array(most * width);
  }

  add(x: ArrayLike<number>, observed: ArrayLike<number>): void {
    const at = (this.#count % this.#most) * this.#width;
    for (let i = 0; i < this.#width; i += 1) {
      const isSeen = observed[i] === 1;
      this.#x[at + i] = isSeen ? (x[i] ?? 0) : 0;
      this.#observed[at + i] = isSeen ? 1 : 0;
    }
    this.#count += 1;
  }

  /** In no particular order: what is made of them is a sum. */
  *rows(): Generator<{ readonly x: Float64Array; readonly observed: Uint8Array }> {
    const kept = Math.min(this.#count, this.#most) * this.#width;
    for (let at = 0; at < kept; at += this.#width)
      yield {
        x: this.#x.subarray(at, at + this.#width),
        observed: this.#observed.subarray(at, at + this.#width),
      };
  }
}

/** Posterior mass of each class in the last windows of a stream. */
export class RecentMass {
  readonly #last: Float64Array; // [most x classes]
  readonly #sum: Float64Array;
  readonly #most: number;
  #count = 0;

  constructor(most: number, classes: number) {
    this.#most = most;
    this.#last = new Float64Array(most * classes);
    this.#sum = new Float64Array(classes);
  }

  add(posterior: Float64Array): void {
    const at = (this.#count % this.#most) * posterior.length;
    for (let c = 0; c < posterior.length; c += 1) {
      const p = posterior[c] ?? 0;
      this.#sum[c] = (this.#sum[c] ?? 0) + p - (this.#last[at + c] ?? 0);
      this.#last[at + c] = p;
    }
    this.#count += 1;
  }

  /** That of the class with the least, in windows. */
  least(): number {
    return Math.min(...this.#sum);
  }
}
