import { maskReasons } from "../../preload/contract/mask.ts";
import type { Arrival, ClockFit, Times } from "../storage/samples/arrivals.ts";
import type { Heard, Piece } from "../signal/piece.ts";
import { joined } from "./batch.ts";
import type { Clock } from "./clock.ts";
import type { Lost, LossReason, Samples } from "./protocols/protocol.ts";

const reasonOf: Readonly<Record<LossReason, number>> = {
  "counter-gap": maskReasons.droppedPacket,
  cadence: maskReasons.droppedPacket,
  checksum: maskReasons.damagedPacket,
  framing: maskReasons.damagedPacket,
};

/** Where a recording that another process began goes on: how much of the stream it has, and by which clock. */
export interface GoneOn {
  readonly next: number;
  readonly fit: ClockFit | undefined;
}

/** Samples with the index that their first has in the recording: undefined while nothing is recorded, or where it lies before. */
export interface Placed {
  readonly event: Samples;
  readonly arrivedS: number;
  readonly index: number | undefined;
}

/** After an outage the first read alone may have been late by a whole collection of the adapter: those of this long tell where it stands. */
const SETTLE_S = 1;
/** In so long no clock wanders by a millisecond. */
const LINE_S = 30;

/**
 * One stream of a device within a recording. The device counts from 0 in each session; its clock counts on over them, by
 * the time it was away; the recording counts from where it began. Every index of the recording is a sample or part of a
 * gap with its reason. Nothing that came is ever left out: where an outage was taken for longer than it was, the samples
 * follow it.
 */
export class StreamTrack {
  readonly #channel: number; // position of its first channel in the recording
  readonly #width: number;
  readonly #rate: number;
  readonly #clock: Clock;
  readonly #told: (heard: Heard) => void;
  #session = 0;
  #isAnew = false; // where the session stands is still to be told
  #held: { readonly event: Samples | Lost; readonly arrivedS: number }[] = []; // of it, until then
  #offset = 0; // index of the clock less index of the device
  #lineFirst = 0; // index of the clock from which on its line is told anew: at first of the session's first sample
  #origin: number | undefined; // index of the clock at which the recording has its 0
  #next = 0; // of the recording: all before it are told
  #outage: number = maskReasons.linkDown; // why nothing came since the last sample
  #beganS: number | undefined; // the recording's, monotonic; undefined while nothing is recorded
  #goneOn: ClockFit | undefined;
  #pieces: Piece[] = [];
  #arrivals: Arrival[] = [];

  constructor(
    shape: { readonly channel: number; readonly width: number; readonly rate: number },
    clock: Clock,
    told: (heard: Heard) => void = () => undefined, // every piece of the recording, at once
  ) {
    this.#channel = shape.channel;
    this.#width = shape.width;
    this.#rate = shape.rate;
    this.#clock = clock;
    this.#told = told;
  }

  /** Samples and gaps of the recording so far. */
  get next(): number {
    return this.#next;
  }

  get isRecording(): boolean {
    return this.#beganS !== undefined && this.#origin !== undefined;
  }

  /**
   * Seconds of the recording that are told, up to the time of its last sample: when the next is made nobody knows before
   * it comes, and what was made later may be on its way, in the device, or nowhere.
   */
  get toldS(): number {
    const last = this.#next - 1;
    if (last < 0) return 0;
    const fit = this.#goneOn;
    if (this.#beganS !== undefined && this.#origin !== undefined)
      return Math.max(0, this.#clock.timeOf(this.#origin + last) - this.#beganS);
    return fit === undefined ? last / this.#rate : fit.atS + (last - fit.first) / fit.rate;
  }

  get clock(): Clock {
    return this.#clock;
  }

  /**
   * Where a sample of the device's own counting lies among those of this stream, in nominal seconds, whether it has come or
   * comes next. Undefined where that is not known yet.
   */
  placedS(sample: number): number | undefined {
    if (this.#isAnew || this.#beganS === undefined || this.#origin === undefined) return undefined;
    return (sample + this.#offset - this.#origin) / this.#rate;
  }

  /** When such a sample was made: monotonic seconds, as far as is known now. */
  madeS(sample: number): number | undefined {
    const atS = this.#isAnew ? NaN : this.#clock.lineAt(sample + this.#offset);
    return Number.isNaN(atS) ? undefined : atS;
  }

  /**
   * Where what happened at a moment (monotonic seconds) lies among the samples of this stream, in nominal seconds: at the
   * one that was made then. While nothing has come that tells, by the clock of before, else by the host's.
   */
  recordedS(momentS: number): number {
    if (this.#beganS === undefined) return 0;
    const at = this.#clock.indexAt(momentS);
    const fit = this.#goneOn;
    const isTold = !Number.isNaN(at) && (this.#origin !== undefined || fit === undefined);
    if (isTold) return (at - (this.#origin ?? this.#clock.indexAt(this.#beganS))) / this.#rate;
    const sinceS = momentS - this.#beganS;
    return fit === undefined ? sinceS : recordedByS(fit, this.#rate, sinceS);
  }

  /** A recording begins, or goes on: samples from this time on are its. */
  begin(beganS: number, goneOn: GoneOn = { next: 0, fit: undefined }): void {
    this.#beganS = beganS;
    this.#next = goneOn.next;
    this.#goneOn = goneOn.fit;
    if (goneOn.fit !== undefined) {
      this.#session = goneOn.fit.session + 1;
      this.#isAnew = true;
    }
    this.#pieces = [];
    this.#arrivals = [];
    this.#origin = undefined;
    if (goneOn.next === 0) this.#outage = maskReasons.notRecorded;
  }

  end(): void {
    this.#beganS = undefined;
    this.#origin = undefined;
  }

  /** The device was reached anew, and counts from 0; `reason`: why nothing came before. */
  restart(reason: number): void {
    this.settle();
    this.#isAnew = true;
    this.#outage = reason;
  }

  /** Samples that the recording lacks by it. */
  lost(event: Lost, arrivedS: number): number {
    if (this.#isAnew) {
      if (this.#held.length > 0) this.#held.push({ event, arrivedS });
      return 0;
    }
    if (this.#beganS === undefined || this.#origin === undefined) return 0;
    return this.#gap(event.first + event.count + this.#offset - this.#origin, reasonOf[event.reason]);
  }

  /** What has a place now: these samples, those that waited for one too, or nothing yet. */
  samples(event: Samples, arrivedS: number): readonly Placed[] {
    if (!this.#isAnew) return [{ event, arrivedS, index: this.#place(event, arrivedS) }];
    this.#held.push({ event, arrivedS });
    const [first] = this.#held;
    const isKnown = this.#isToGoOn || !Number.isNaN(this.#clock.indexAt(arrivedS));
    return isKnown && first !== undefined && arrivedS - first.arrivedS < SETTLE_S ? [] : this.settle();
  }

  /** What waits for its place gets it now. */
  settle(): readonly Placed[] {
    const held = this.#held;
    this.#held = [];
    const reads = held.flatMap(({ event, arrivedS }) =>
      event.kind === "samples" ? [{ index: event.first + event.count - 1, arrivedS }] : [],
    );
    const [first] = held;
    if (first === undefined) return [];
    this.#beginSession(first.event.first, reads);
    return held.flatMap(({ event, arrivedS }): Placed[] => {
      if (event.kind === "samples") return [{ event, arrivedS, index: this.#place(event, arrivedS) }];
      this.lost(event, arrivedS);
      return [];
    });
  }

  #place(event: Samples, arrivedS: number): number | undefined {
    const { first, count } = event;
    this.#clock.arrived(first + this.#offset + count - 1, arrivedS);
    if (this.#beganS === undefined) return undefined;
    const place = this.#placeOf(first + this.#offset, this.#beganS);
    const skip = Math.max(0, -place); // before the recording began
    if (skip >= count) return undefined;
    this.#gap(place + skip, this.#outage);
    this.#outage = maskReasons.droppedPacket;
    this.#take(event, skip, place + skip, arrivedS);
    const arrival = { first: place + skip, count: count - skip, arrivedS: arrivedS - this.#beganS };
    this.#arrivals.push({ channel: this.#channel, session: this.#session, ...arrival });
    return place + skip;
  }

  /** Nothing has come for this reason up to `untilS`, as far as can be told: its gap is told so far. */
  silent(untilS: number, reason: number): number {
    this.settle();
    this.#outage = reason;
    if (this.#beganS === undefined) return 0;
    const at = this.#clock.indexAt(untilS);
    const place =
      this.#origin === undefined || Number.isNaN(at)
        ? this.#firstPlace(untilS - this.#beganS) // of one that goes on by the clock of before
        : at - this.#origin;
    return this.#gap(Math.floor(place), reason);
  }

  /** What was told since the last call. */
  flush(): { readonly pieces: readonly Piece[]; readonly times: Times } {
    const pieces = joined(this.#pieces);
    const times = { arrivals: oneASecond(this.#arrivals), fits: this.#fits() };
    this.#pieces = [];
    this.#arrivals = [];
    return { pieces, times };
  }

  /** A clock that wanders is no line over hours: one follows the other, and the last is told as it is known by now. */
  #fits(): ClockFit[] {
    if (this.#beganS === undefined || this.#origin === undefined || this.#arrivals.length === 0) return [];
    const { ppm, errorMs } = this.#clock.state;
    const first = Math.max(0, this.#lineFirst - this.#origin);
    const atS = this.#clock.lineAt(first + this.#origin) - this.#beganS;
    const rate = this.#rate * (1 + ppm * 1e-6);
    if (this.#next - first > LINE_S * this.#rate) this.#lineFirst = this.#origin + this.#next;
    return [{ channel: this.#channel, session: this.#session, first, atS, rate, errorMs }];
  }

  /** Where it stands is told by the clock of before, where there is one. */
  #beginSession(
    first: number,
    reads: readonly { readonly index: number; readonly arrivedS: number }[],
  ): void {
    this.#isAnew = false;
    const isKnown = !Number.isNaN(this.#clock.indexAt(0));
    this.#offset = isKnown ? this.#clock.resumeIndex(reads) : 0;
    if (isKnown) {
      this.#clock.restart();
      this.#session += 1;
    }
    this.#lineFirst = first + this.#offset;
    if (this.#isToGoOn) this.#goOn(reads);
  }

  /** Another process began the recording, and nothing has a place here yet. */
  get #isToGoOn(): boolean {
    return this.#goneOn !== undefined && this.#beganS !== undefined && this.#origin === undefined;
  }

  /** By the clock of that process, where the read of the first that was least late says. */
  #goOn(reads: readonly { readonly index: number; readonly arrivedS: number }[]): void {
    const [fit, beganS] = [this.#goneOn, this.#beganS];
    if (fit === undefined || beganS === undefined || reads.length === 0) return;
    const places = reads.map(
      ({ index, arrivedS }) => fit.first + (arrivedS - beganS - fit.atS) * fit.rate - index - this.#offset,
    );
    this.#origin = -Math.round(Math.min(...places));
  }

  /** Index of the recording of an index of the clock; never one that has been told. */
  #placeOf(index: number, beganS: number): number {
    this.#origin ??= index - this.#firstPlace(this.#clock.timeOf(index) - beganS);
    const place = index - this.#origin;
    if (place >= this.#next || this.#next === 0) return place;
    const behind = this.#next - place;
    this.#origin -= behind;
    this.#session += 1; // its samples lie otherwise than those before
    this.#lineFirst = index;
    return this.#next;
  }

  #firstPlace(atS: number): number {
    const fit = this.#goneOn;
    return Math.round(fit === undefined ? atS * this.#rate : fit.first + (atS - fit.atS) * fit.rate);
  }

  /** Everything up to `until` that has not been told is a gap. */
  #gap(until: number, reason: number): number {
    const count = until - this.#next;
    if (count <= 0) return 0;
    const piece: Piece = { kind: "gap", channel: this.#channel, first: this.#next, count, reason };
    const last = this.#pieces.at(-1);
    if (last?.kind === "gap" && last.reason === reason && last.first + last.count === this.#next)
      this.#pieces[this.#pieces.length - 1] = { ...last, count: last.count + count };
    else this.#pieces.push(piece);
    this.#next = until;
    this.#told({ piece, width: this.#width, arrivedS: undefined });
    return count;
  }

  #take({ values, reasons, count }: Samples, skip: number, at: number, arrivedS: number): void {
    const from = skip * this.#width;
    const piece: Piece = {
      kind: "samples",
      channel: this.#channel,
      first: at,
      count: count - skip,
      values: Float64Array.from(values.subarray(from)),
      reasons: reasons?.slice(from) ?? new Uint8Array((count - skip) * this.#width),
    };
    this.#pieces.push(piece);
    this.#next = at + count - skip;
    this.#told({ piece, width: this.#width, arrivedS });
  }
}

/** Where a moment lies, in nominal seconds of a stream, by the last that is stored of its clock. `sinceS`: since the recording began. */
export const recordedByS = (fit: ClockFit, rate: number, sinceS: number): number =>
  (fit.first + (sinceS - fit.atS) * fit.rate) / rate;

/** The raw times, about one a second: they are as many as reads otherwise. */
function oneASecond(arrivals: readonly Arrival[]): Arrival[] {
  const kept: Arrival[] = [];
  for (const one of arrivals) {
    const last = kept.at(-1);
    const isNew = last === undefined || last.session !== one.session || last.first + last.count !== one.first;
    if (isNew || one.arrivedS - last.arrivedS > 1) kept.push(one);
    else kept[kept.length - 1] = { ...one, first: last.first, count: last.count + one.count };
  }
  return kept;
}
