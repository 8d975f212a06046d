/** The most that a driver keeps of what came in. */
export const BUFFER_MAX = 65_536; // bytes

/**
 * Bytes that came in and are not yet spent, in one piece, with the time of the read that brought each. Grows up to
 * BUFFER_MAX and takes no more: whoever fills it without finding a frame has to drop some.
 */
export class ByteBuffer {
  #bytes = new Uint8Array(1024);
  #start = 0;
  #end = 0;
  #base = 0; // bytes that came before bytes[0], since the last `clear`
  #readEnds: number[] = []; // counted from the first byte that ever came
  #readTimes: number[] = []; // s

  /** What lies between `start` and `end` is valid until the next `append`. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }
  get start(): number {
    return this.#start;
  }
  get end(): number {
    return this.#end;
  }

  /** Takes of `source` from `from` on what there is room for, and says how many bytes that were. */
  append(source: Uint8Array, from: number, arrivedS: number): number {
    const count = Math.min(source.length - from, BUFFER_MAX - (this.#end - this.#start));
    if (count === 0) return 0;
    if (this.#end + count > this.#bytes.length) this.#makeRoom(count);
    this.#bytes.set(
      from === 0 && count === source.length ? source : source.subarray(from, from + count),
      this.#end,
    );
    this.#end += count;
    if (this.#readTimes.at(-1) === arrivedS) this.#readEnds.pop();
    else this.#readTimes.push(arrivedS);
    this.#readEnds.push(this.#base + this.#end);
    return count;
  }

  /** Spends everything before `to`, a place in `bytes`. */
  dropTo(to: number): void {
    this.#start = to;
    if (this.#start < this.#end) {
      while ((this.#readEnds[0] ?? Infinity) <= this.#base + this.#start) this.#forgetRead();
      return;
    }
    this.#base += this.#end;
    this.#start = this.#end = 0;
    this.#readEnds.length = this.#readTimes.length = 0;
  }

  /** When the byte at this place in `bytes` came in, seconds. */
  arrivedS(at: number): number {
    let read = 0;
    while ((this.#readEnds[read] ?? Infinity) <= this.#base + at) read += 1;
    return this.#readTimes[read] ?? 0;
  }

  clear(): void {
    this.#start = this.#end = this.#base = 0;
    this.#readEnds.length = this.#readTimes.length = 0;
  }

  #forgetRead(): void {
    this.#readEnds.shift();
    this.#readTimes.shift();
  }

  #makeRoom(count: number): void {
    const kept = this.#end - this.#start;
    let capacity = this.#bytes.length;
    while (capacity < kept + count) capacity *= 2;
    const from = this.#bytes;
    if (capacity > from.length) this.#bytes = new Uint8Array(capacity);
    this.#bytes.set(from.subarray(this.#start, this.#end));
    this.#base += this.#start;
    this.#start = 0;
    this.#end = kept;
  }
}
