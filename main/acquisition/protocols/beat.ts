export interface BeatSettings {
  readonly periodS: number; // between two frames of a device that is well
  /** Lateness that means nothing; absent: three quarters of a period, since delay only ever adds to what is missing. */
  readonly toleranceS?: number;
  /** A byte at least so often: then nothing was held up on its way, and what did not come is lost. */
  readonly steadyS: number;
  /** How fast the beat follows a device whose clock is slower than said. */
  readonly followS: number;
}

/** An item, and how many periods before it brought nothing. */
export interface Released<T> {
  readonly item: T;
  readonly lost: number;
}

/** What is late is held this long before it counts as "something was lost before it". */
const SETTLE_S = 0.75;
const HELD_MAX = 4096;

interface Held<T> {
  readonly item: T;
  readonly lateS: number | undefined; // against a beat of which nothing was lost; undefined: takes no place on it
}

/**
 * Counts what did not arrive where frames carry no counter. A frame can be late for two reasons: others before it were
 * lost, or it was held up on its way (the host was busy, a radio link paused). What was held up comes in a burst and the
 * beat is met again within it; what was lost leaves the beat behind for good. So late frames are kept until the beat is
 * met or 0.75 s have passed; then each has as many missing before it as the least late of it and its followers says.
 */
export class Beat<T> {
  readonly #settings: Required<BeatSettings>;
  #dueS: number | undefined; // when the next frame comes, had it no delay
  #heardS: number | undefined; // last byte
  #quietS = 0; // longest time without a byte since the last frame
  #held: Held<T>[] = [];
  #heldFrames = 0;
  #heldS = 0;

  constructor(settings: BeatSettings) {
    this.#settings = { toleranceS: 0.75 * settings.periodS, ...settings };
  }

  /** Something waits. */
  get isHolding(): boolean {
    return this.#held.length > 0;
  }

  /** The time, before anything that came at it: what is decided by now. */
  tick(nowS: number, hasBytes: boolean): readonly Released<T>[] {
    const released = this.#held.length > 0 && nowS - this.#heldS >= SETTLE_S ? this.#settle() : [];
    if (hasBytes) {
      this.#quietS = Math.max(this.#quietS, nowS - (this.#heardS ?? nowS));
      this.#heardS = nowS;
    }
    return released;
  }

  /** A frame that takes its place on the beat. */
  frame(item: T, nowS: number): readonly Released<T>[] {
    const { periodS, toleranceS, steadyS } = this.#settings;
    this.#dueS ??= nowS;
    const lateS = nowS - this.#dueS - this.#heldFrames * periodS;
    const isFirstHeld = this.#held.length === 0;
    if (isFirstHeld) this.#heldS = nowS;
    this.#held.push({ item, lateS });
    this.#heldFrames++;
    const isCertain = isFirstHeld && this.#quietS <= steadyS;
    const isDecided = lateS <= toleranceS || isCertain || this.#held.length >= HELD_MAX;
    return isDecided ? this.#settle() : [];
  }

  /** Something that takes no place on the beat and keeps its order. */
  aside(item: T): readonly Released<T>[] {
    if (this.#held.length === 0) return [{ item, lost: 0 }];
    this.#held.push({ item, lateS: undefined });
    return [];
  }

  #settle(): readonly Released<T>[] {
    const { periodS, followS } = this.#settings;
    const missing = this.#missingBefore();
    const lost = missing.at(-1) ?? 0;
    const restS = Math.min(
      ...this.#held.map(({ lateS }, i) => (lateS ?? Infinity) - (missing[i] ?? 0) * periodS),
    );
    const frames = lost + this.#heldFrames;
    const share = Math.min(1, (frames * periodS) / followS);
    this.#dueS = (this.#dueS ?? 0) + frames * periodS + (restS < 0 ? restS : restS * share);
    const released = this.#held.map(({ item }, i) => ({
      item,
      lost: (missing[i] ?? 0) - (missing[i - 1] ?? 0),
    }));
    this.#held = [];
    this.#heldFrames = 0;
    this.#quietS = 0;
    return released;
  }

  /** How many are missing before each of what is held, in all. */
  #missingBefore(): number[] {
    const { periodS, toleranceS } = this.#settings;
    const missing: number[] = [];
    let leastS = this.#held.findLast(({ lateS }) => lateS !== undefined)?.lateS ?? 0;
    for (let i = this.#held.length - 1; i >= 0; i--) {
      leastS = Math.min(leastS, this.#held[i]?.lateS ?? leastS);
      missing[i] = leastS <= toleranceS ? 0 : Math.max(1, Math.ceil(leastS / periodS - 0.75));
    }
    return missing;
  }
}
