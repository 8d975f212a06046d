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

/**
 * Counts what did not arrive where frames carry no counter. A frame can be late for two reasons: others before it were
 * lost, or it was held up on its way (the host was busy, a radio link paused). What was held up comes in a burst and the
 * beat is met again within it; what was lost leaves the beat behind for good. So late frames are kept until the beat is
 * met or half a second has passed, and the least late of them says how many are missing.
 */
export class Beat<T> {
  readonly #settings: Required<BeatSettings>;
  #dueS: number | undefined; // when the next frame comes, had it no delay
  #heardS: number | undefined; // last byte
  #quietS = 0; // longest time without a byte since the last frame
  #held: { readonly item: T; readonly isFrame: boolean }[] = [];
  #heldFrames = 0;
  #heldS = 0;
  #leastLateS = 0;

  constructor(settings: BeatSettings) {
    this.#settings = { toleranceS: 0.75 * settings.periodS, ...settings };
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
    const lateS = this.#dueS === undefined ? 0 : nowS - this.#dueS - this.#heldFrames * periodS;
    this.#dueS ??= nowS;
    const isFirstHeld = this.#held.length === 0;
    if (isFirstHeld) this.#heldS = nowS;
    this.#leastLateS = isFirstHeld ? lateS : Math.min(this.#leastLateS, lateS);
    this.#held.push({ item, isFrame: true });
    this.#heldFrames++;
    const isCertain = this.#quietS <= steadyS;
    if (lateS <= toleranceS || (isFirstHeld && isCertain) || this.#held.length >= HELD_MAX)
      return this.#settle();
    return [];
  }

  /** Something that takes no place on the beat and keeps its order. */
  aside(item: T): readonly Released<T>[] {
    if (this.#held.length === 0) return [{ item, lost: 0 }];
    this.#held.push({ item, isFrame: false });
    return [];
  }

  #settle(): readonly Released<T>[] {
    const { periodS, toleranceS, followS } = this.#settings;
    const lateS = this.#leastLateS;
    const lost = lateS <= toleranceS ? 0 : Math.max(1, Math.ceil(lateS / periodS - 0.75));
    const restS = lateS - lost * periodS;
    const frames = lost + this.#heldFrames;
    const share = Math.min(1, (frames * periodS) / followS);
    this.#dueS = (this.#dueS ?? 0) + frames * periodS + (restS < 0 ? restS : restS * share);
    const released = this.#held.map(({ item }, i) => ({ item, lost: i === 0 ? lost : 0 }));
    this.#held = [];
    this.#heldFrames = 0;
    this.#quietS = 0;
    return released;
  }
}
