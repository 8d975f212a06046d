import { maskReasons } from "../../preload/contract/mask.ts";
import { uniformFrom } from "../signal/random.ts";
import type { StreamTrack } from "./stream-track.ts";

/** A device whose clock runs at its own rate, on a line on which it is away, loses samples, and waits for a host that stands still. */
export interface Drifting {
  readonly rate: number;
  readonly ppm: number;
  readonly wanderPpm: number; // of its rate, one turn in 3 h
  readonly batchS: number; // the adapter delivers at multiples of this
  readonly away: readonly (readonly [fromS: number, lengthS: number])[]; // pulled out: it begins anew
  readonly losses: readonly (readonly [fromS: number, lengthS: number])[]; // counted by the device
  /** What came waits, again and again; every tenth time for longer. */
  readonly stalls: { readonly everyS: number; readonly lengthS: number; readonly longS: number };
  readonly seed: number;
}

const SILENCE_EVERY_S = 0.1;
const WANDER_TURN_S = 10_800;

type Span = readonly [fromS: number, lengthS: number];
const spanAt = (spans: readonly Span[], atS: number): Span | undefined =>
  spans.find(([fromS, lengthS]) => atS >= fromS && atS < fromS + lengthS);

/**
 * Drives a track by such a device, as the recorder does: reads, losses, silence and sessions at the times they have. The
 * track may be followed by another, of a process that goes on.
 */
export class DriftingDevice {
  readonly #line: Drifting;
  readonly #uniform: () => number;
  #made = 0; // samples in all, lost ones too
  #begun = 0; // of them before this session
  #told = 0; // of this session, to the host
  #batch = 0;
  #silentS = 0;
  #isAway = false;
  #held: (readonly [first: number, count: number])[] = [];
  session = 0;

  constructor(line: Drifting) {
    this.#line = line;
    this.#uniform = uniformFrom(line.seed);
  }

  /** When the next sample is made, or would be. */
  get nextS(): number {
    return this.#madeS(this.#made);
  }

  /** Index of the next sample, as the device counts. */
  get next(): number {
    return this.#made - this.#begun;
  }

  /** Whether what is made now will come. */
  isThere(): boolean {
    const { away, losses } = this.#line;
    return ![...away, ...losses].some(
      ([fromS, lengthS]) => this.nextS > fromS - 1 && this.nextS < fromS + lengthS + 1,
    );
  }

  /** Up to the end of the next batch. */
  advance(track: StreamTrack): void {
    const { batchS, away, losses, stalls } = this.#line;
    const untilS = (this.#batch += 1) * batchS;
    const first = this.next;
    while (this.nextS <= untilS) this.#made += 1;
    if (spanAt(away, untilS) !== undefined) {
      this.#isAway = true;
      this.#held = [];
      if (untilS - this.#silentS > SILENCE_EVERY_S) track.silent(untilS - 1, maskReasons.linkDown);
      if (untilS - this.#silentS > SILENCE_EVERY_S) this.#silentS = untilS;
      return;
    }
    if (this.#isAway) {
      this.#isAway = false;
      this.#begun = this.#made;
      this.#told = 0;
      this.session += 1;
      track.restart(maskReasons.linkDown);
      return;
    }
    if (this.next > first && spanAt(losses, untilS) === undefined)
      this.#held.push([first, this.next - first]);
    const length = Math.floor(untilS / stalls.everyS) % 10 === 9 ? stalls.longS : stalls.lengthS;
    if (untilS % stalls.everyS >= length) this.#read(track, untilS - 0.0005 * Math.log(1 - this.#uniform()));
  }

  #read(track: StreamTrack, arrivedS: number): void {
    for (const [first, count] of this.#held) {
      const lost = { kind: "lost" as const, stream: 0, first: this.#told, count: first - this.#told };
      if (lost.count > 0) track.lost({ ...lost, reason: "counter-gap" }, arrivedS);
      track.samples({ kind: "samples", stream: 0, first, count, values: new Int32Array(count) }, arrivedS);
      this.#told = first + count;
    }
    this.#held = [];
  }

  /** True time of a sample, counted from the first there was. */
  #madeS(index: number): number {
    const { rate, ppm, wanderPpm } = this.#line;
    const turn = (2 * Math.PI) / WANDER_TURN_S;
    const wandered = ((1 - Math.cos((index / rate) * turn)) / turn) * wanderPpm;
    return index / rate - ((index / rate) * ppm + wandered) * 1e-6;
  }
}
