import type { Heard } from "../../signal/piece.ts";
import { pause } from "../../compute/pause.ts";
import type { LiveStream } from "../work.ts";
import type { LiveTail } from "./live-tail.ts";

interface WorkParts<Piece> {
  readonly tails: readonly LiveTail[];
  /** What can be judged by now; undefined where nothing can. */
  readonly next: () => Piece | undefined;
  readonly judge: (piece: Piece) => Promise<void>;
  /** Nothing is left for now. */
  readonly idle?: () => void;
  readonly dispose: () => Promise<void>;
}

/** Judges what has been heard piece after piece, one at a time, until one fails. */
export class LiveWork<Piece> implements LiveStream {
  readonly #parts: WorkParts<Piece>;
  #isJudging = false;
  #work: Promise<void> = Promise.resolve(); // what is being judged, or the last that was
  #fail: (why: unknown) => void = () => undefined;
  #hasFailed = false;
  readonly failed = new Promise<never>((_, reject) => (this.#fail = reject));

  constructor(parts: WorkParts<Piece>) {
    this.failed.catch(() => undefined); // also where nobody waits for it
    this.#parts = parts;
  }

  hear(heard: readonly Heard[]): void {
    for (const tail of this.#parts.tails) for (const one of heard) tail.hear(one);
    if (!this.#isJudging) this.#work = this.#judgeAll();
  }

  settled(): Promise<void> {
    return this.#work;
  }

  async dispose(): Promise<void> {
    await this.#work;
    await this.#parts.dispose();
  }

  async #judgeAll(): Promise<void> {
    const { next, judge, idle } = this.#parts;
    this.#isJudging = true;
    try {
      for (let piece = next(); piece !== undefined && !this.#hasFailed; piece = next()) {
        await judge(piece);
        await pause(); // what is said leaves, and what has come is heard
        if (next() === undefined) idle?.();
      }
    } catch (why) {
      this.#hasFailed = true;
      this.#fail(why);
    } finally {
      this.#isJudging = false; // in the turn in which nothing was left: what is heard after it begins anew
    }
  }
}
