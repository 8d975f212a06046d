import { joined } from "../bytes.ts";
import { isType, type BodyFrame, type BodyReader } from "./body.ts";
import type { Framing } from "./framing.ts";

export interface FrameListener {
  frame(frame: BodyFrame): void;
  /** Between two delimiters lay something that is no frame. */
  damaged(): void;
  skipped(bytes: number): void;
}

/** Finds frames in a stream cut anywhere. */
export class FrameReader {
  readonly #framing: Framing;
  readonly #bodies: BodyReader;
  readonly #body: Uint8Array;
  #kept = new Uint8Array(0); // since the last delimiter, at most the longest frame
  #isTooLong = false; // what stood before `kept` belongs to the same run

  constructor(framing: Framing, bodies: BodyReader) {
    this.#framing = framing;
    this.#bodies = bodies;
    this.#body = new Uint8Array(framing.lengthMax + 1);
  }

  push(chunk: Uint8Array, listener: FrameListener): void {
    const { delimiter, lengthMax } = this.#framing;
    const bytes = this.#kept.length === 0 ? chunk : joined(this.#kept, chunk);
    let from = 0;
    for (let to = bytes.indexOf(delimiter); to >= 0; to = bytes.indexOf(delimiter, from)) {
      const nearest = Math.max(from, to - lengthMax);
      if (nearest > from) listener.skipped(nearest - from);
      if (to > nearest || this.#isTooLong) this.#run(bytes, nearest, to, listener);
      this.#isTooLong = false;
      from = to + 1;
    }
    const kept = Math.max(from, bytes.length - lengthMax);
    if (kept > from) {
      listener.skipped(kept - from);
      this.#isTooLong = true;
    }
    this.#kept = bytes.slice(kept);
  }

  reset(): void {
    this.#kept = new Uint8Array(0);
    this.#isTooLong = false;
  }

  /**
   * What lies between two delimiters. Where it is no frame, one may end it: a delimiter that was lost merges a damaged frame
   * with an intact one.
   */
  #run(bytes: Uint8Array, from: number, to: number, listener: FrameListener): void {
    const { firstAt } = this.#framing;
    for (let start = from; start < to; start++) {
      if (!isType(bytes[start + firstAt])) continue;
      const length = this.#framing.decode(bytes, start, to, this.#body);
      const frame = length < 0 ? undefined : this.#bodies.read(this.#body, length);
      if (frame === undefined) continue;
      if (start > from) {
        listener.damaged();
        listener.skipped(start - from);
      }
      listener.frame(frame);
      return;
    }
    listener.damaged();
    listener.skipped(to - from + 1);
  }
}
