import { ByteBuffer } from "./byte-buffer.ts";
import { counterGap, DELAY_TURNS, hiddenTurns, Lateness } from "./unwrap.ts";

/** Frames of one length that carry a counter, and how much it takes to believe one. */
export interface FrameShape {
  readonly length: number; // bytes
  readonly modulus: number; // of the counter
  readonly rate: number; // frames a second
  readonly isFrame: (bytes: Uint8Array, at: number) => boolean;
  readonly counterOf: (bytes: Uint8Array, at: number) => number;
  /** First place from `from` on, before `to`, where a frame may begin; else `to`. */
  readonly seek: (bytes: Uint8Array, from: number, to: number) => number;
  /** Consecutive frames, each counting one on, that it takes where nothing is known. */
  readonly toLock: number;
  /** Frames in a row, of whatever counters, that it takes where the last frame ended and the counter jumped. */
  readonly toJump: number;
  /** Consecutive frames that it takes after damaged bytes, where the counter went on by as many frames as those bytes are. */
  readonly toResume: number;
  /** Index of the first frame of a stream, by its counter; undefined: it may have been sent before the stream began. */
  readonly firstIndex: (counter: number) => number | undefined;
  /** Frames of before that may still be under way when a stream begins: more of them are the stream, and its first was lost. */
  readonly underWay: number;
}

/** Frames that were sent and are not there. */
export interface MissingFrames {
  readonly first: number;
  readonly count: number;
  /** Their bytes are there, and damaged. */
  readonly isDamaged: boolean;
  /** In frames; undefined: the count is exact. */
  readonly uncertainty: number | undefined;
}

/** Who is told, in the order in which it was sent. */
export interface FrameSink {
  frame(bytes: Uint8Array, at: number, index: number): void;
  missing(frames: MissingFrames): void;
  /** Bytes that belong to no frame. */
  skipped(bytes: number): void;
}

const TOLD_EVERY = 1024; // bytes: noise is told while it lasts
const RESUME_MAX = 8; // frames: what was damaged for longer has to lock anew
const SILENCE_S = 0.25; // a shorter one hides no turn where the counter goes on as if nothing were
const SETTLE_S = 0.5; // what waited in a buffer has come through by then
/** A busy computer may read later than a short turn lasts, for so long: of such counters it is waited longer. */
const SHORT_TURN_S = 0.1;
const SETTLE_SHORT_S = 1.5;
const HELD_MAX = 48 * 1024; // bytes
const DRIFT = 200e-6; // two crystals, at worst

/**
 * Finds counted frames in a byte stream, and numbers them. After a failed frame it goes on one byte further. Where a gap
 * may hide whole turns of the counter, frames are held back until their lateness has told: until one comes half a second
 * after the first of them (where a turn is short, one and a half), or nothing more comes; and where a stream may not have begun yet, until it has.
 */
export class CountedFrames {
  readonly #shape: FrameShape;
  readonly #sink: FrameSink;
  readonly #buffer = new ByteBuffer();
  readonly #lateness: Lateness;
  readonly #turnS: number;

  #isLocked = false;
  #expected: number | undefined; // counter of the next frame
  #skipped = 0; // bytes since the last frame
  #untold = 0; // of them, not yet told

  #next: number | undefined; // index of the next frame; while frames are held as if no turn were hidden
  #lastS = 0; // arrival of the last frame
  #held: HeldFrame[] = [];
  #heldLateS = 0; // the least of them
  #isEarly = false; // what is held may have been sent before the stream began
  #isOpen = false; // more came at once than can be held: whether turns are hidden is still to be seen

  constructor(shape: FrameShape, sink: FrameSink) {
    this.#shape = shape;
    this.#sink = sink;
    this.#lateness = new Lateness(shape.rate);
    this.#turnS = shape.modulus / shape.rate;
  }

  push(bytes: Uint8Array, arrivedS: number): void {
    for (let from = 0; from < bytes.length;) {
      from += this.#buffer.append(bytes, from, arrivedS);
      this.#scan();
    }
    if (arrivedS === Infinity && this.#held.length > 0) this.#settle();
  }

  /** Frames are held back. */
  get isHolding(): boolean {
    return this.#held.length > 0;
  }

  reset(): void {
    this.#buffer.clear();
    this.#lateness.clear();
    this.#isLocked = false;
    this.#expected = this.#next = undefined;
    this.#skipped = this.#untold = this.#lastS = 0;
    this.#held = [];
    this.#isEarly = this.#isOpen = false;
  }

  #scan(): void {
    const { length } = this.#shape;
    const { bytes, start, end } = this.#buffer;
    let at = start;
    while (at + length <= end) {
      const verdict = this.#judge(bytes, at, end);
      if (verdict === "wait") break;
      if (verdict === "frame") {
        this.#accept(bytes, at);
        at += length;
      } else {
        const next = this.#shape.seek(bytes, at + 1, end - length + 1);
        this.#isLocked = false;
        this.#skip(next - at);
        at = next;
      }
    }
    this.#buffer.dropTo(at);
  }

  #judge(bytes: Uint8Array, at: number, end: number): Verdict {
    const { toLock, toJump, toResume, counterOf } = this.#shape;
    if (!this.#shape.isFrame(bytes, at)) return "no-frame";
    const counter = counterOf(bytes, at);
    if (this.#isLocked && counter === this.#expected) return "frame";
    if (this.#isLocked) {
      const isOwn = this.#isCounterDamaged(bytes, at, end);
      return isOwn === "no" ? this.#follows({ bytes, at, end }, toJump, undefined) : isOwn;
    }
    return this.#follows({ bytes, at, end }, this.#goesOn(counter) ? toResume : toLock, counter);
  }

  /** A counter that jumps, and the next frame's goes on as if it had not: it is this frame that is damaged. */
  #isCounterDamaged(bytes: Uint8Array, at: number, end: number): "no" | "no-frame" | "wait" {
    const { length, modulus, isFrame, counterOf } = this.#shape;
    const next = at + length;
    if (next + length > end) return "wait";
    if (!isFrame(bytes, next) || this.#expected === undefined) return "no";
    return counterOf(bytes, next) === (this.#expected + 1) % modulus ? "no-frame" : "no";
  }

  /** Whether as many frames stand there in a row; with the first one's counter, counting on from it. */
  #follows({ bytes, at, end }: Place, needed: number, counter: number | undefined): Verdict {
    const { length, modulus, isFrame, counterOf } = this.#shape;
    for (let i = 1; i < needed; i += 1) {
      const place = at + i * length;
      if (place + length > end) return "wait";
      if (!isFrame(bytes, place)) return "no-frame";
      if (counter !== undefined && counterOf(bytes, place) !== (counter + i) % modulus) return "no-frame";
    }
    return "frame";
  }

  /** The counter went on by as many frames as the bytes in between make, give or take one. */
  #goesOn(counter: number): boolean {
    const { length, modulus } = this.#shape;
    if (this.#expected === undefined || this.#skipped > RESUME_MAX * length) return false;
    const gap = counterGap(counter, this.#expected, modulus);
    return Math.abs(this.#skipped - gap * length) < length;
  }

  #skip(bytes: number): void {
    this.#skipped += bytes;
    this.#untold += bytes;
    if (this.#untold >= TOLD_EVERY) this.#tellSkipped();
  }

  #tellSkipped(): void {
    if (this.#untold > 0) this.#sink.skipped(this.#untold);
    this.#untold = 0;
  }

  #accept(bytes: Uint8Array, at: number): void {
    const { length, modulus, counterOf } = this.#shape;
    const counter = counterOf(bytes, at);
    const gap = counterGap(counter, this.#expected ?? counter, modulus);
    this.#isLocked = true;
    this.#expected = (counter + 1) % modulus;
    const next = this.#nextAt(counter, gap);
    const arrivedS = this.#buffer.arrivedS(at + length - 1);
    const silenceS = this.#next === undefined ? 0 : arrivedS - this.#lastS;
    const isDamaged = this.#skipped > (gap - 1) * length;
    this.#tellSkipped();
    this.#skipped = 0;
    this.#lastS = arrivedS;
    const isPlain = gap === 0 && silenceS < SILENCE_S;
    if (isPlain && this.#held.length === 0 && !this.#isEarly && !this.#isOpen) {
      this.#next = next + 1;
      this.#lateness.observe(next, arrivedS);
      this.#sink.frame(bytes, at, next);
    } else
      this.#number(bytes, at, next, {
        gap: this.#next === undefined ? 0 : gap,
        isDamaged,
        arrivedS,
        silenceS,
      });
  }

  /** Index of the frame that would follow; of a stream that begins the counter tells it. */
  #nextAt(counter: number, gap: number): number {
    const { length, firstIndex, underWay } = this.#shape;
    const first = firstIndex(counter);
    if (this.#isEarly && (first !== undefined || gap > underWay)) {
      this.#skip(this.#held.length * length);
      this.#held = [];
      this.#next = undefined;
    }
    if (this.#next === undefined) this.#isEarly = first === undefined;
    return this.#next ?? first ?? counter;
  }

  /** Passes on a frame that follows `next`, or holds it while nobody can tell how many turns the gap hides. */
  #number(bytes: Uint8Array, at: number, next: number, frame: FrameGap): void {
    const index = next + frame.gap;
    const lateS = this.#lateness.of(index, frame.arrivedS);
    this.#next = index + 1;
    if (this.#held.length === 0) {
      if (lateS < DELAY_TURNS * this.#turnS && !this.#isEarly) {
        this.#isOpen = false;
        this.#pass(bytes, at, index, frame);
        return;
      }
      this.#heldLateS = lateS;
    }
    this.#held.push({ ...frame, bytes: bytes.slice(at, at + this.#shape.length) });
    this.#heldLateS = Math.min(this.#heldLateS, lateS);
    if (this.#isEarly) {
      if (this.#held.length > this.#shape.underWay) this.#settle();
      return;
    }
    const heldSinceS = this.#held[0]?.arrivedS ?? frame.arrivedS;
    const settleS = this.#turnS < SHORT_TURN_S ? SETTLE_SHORT_S : SETTLE_S;
    const isKnown = this.#heldLateS < DELAY_TURNS * this.#turnS;
    if (isKnown || frame.arrivedS - heldSinceS >= settleS) this.#settle();
    else if (this.#held.length * this.#shape.length >= HELD_MAX) {
      this.#isOpen = true;
      this.#release(0);
    }
  }

  /** What is known of their lateness by now tells. */
  #settle(): void {
    this.#isEarly = this.#isOpen = false;
    this.#release(hiddenTurns(this.#heldLateS, this.#shape.rate, this.#shape.modulus));
  }

  /** Numbers what was held. Hidden turns belong to the widest gap among it, the first of equals. */
  #release(turnsHidden: number): void {
    const held = this.#held;
    this.#held = [];
    const hidden = turnsHidden * this.#shape.modulus;
    const widest = Math.max(...held.map(({ gap }) => gap));
    const at = held.findIndex(({ gap }) => gap === widest);
    let index = (this.#next ?? 0) - held.reduce((sum, { gap }) => sum + gap + 1, 0);
    held.forEach((frame, i) => {
      const turns = i === at ? hidden : 0;
      index += frame.gap + turns;
      this.#pass(frame.bytes, 0, index, { ...frame, gap: frame.gap + turns }, turns > 0);
      index += 1;
    });
    this.#next = index;
  }

  #pass(bytes: Uint8Array, at: number, index: number, frame: FrameGap, isByClock = false): void {
    const { gap, arrivedS } = frame;
    if (gap > 0) {
      const uncertainty = isByClock ? this.#doubt(frame.silenceS) : undefined;
      this.#sink.missing({
        first: index - gap,
        count: gap,
        isDamaged: frame.isDamaged && !isByClock,
        uncertainty,
      });
    }
    this.#lateness.observe(index, arrivedS);
    this.#sink.frame(bytes, at, index);
  }

  /** Frames by which a count may be wrong that the clock decided; undefined where it knows better than half a turn. */
  #doubt(silenceS: number): number | undefined {
    const { rate, modulus } = this.#shape;
    const drift = silenceS * DRIFT;
    if (Math.max(drift, this.#lateness.spreadS) < this.#turnS / 2) return undefined;
    return Math.max(modulus / 2, Math.ceil(drift * rate));
  }
}

type Verdict = "frame" | "no-frame" | "wait";

/** A frame's place among the bytes that are there. */
interface Place {
  readonly bytes: Uint8Array;
  readonly at: number;
  readonly end: number;
}

interface FrameGap {
  readonly gap: number; // frames missing before it, as far as the counter says
  readonly isDamaged: boolean;
  readonly arrivedS: number;
  readonly silenceS: number; // since the frame before it
}

interface HeldFrame extends FrameGap {
  readonly bytes: Uint8Array;
}
