import { maskReasons } from "../../../../preload/contract/mask.ts";
import { CountedFrames, type FrameShape, type FrameSink, type MissingFrames } from "../counted-frames.ts";
import type { Driver, DriverEvent } from "../protocol.ts";
import { SampleRun } from "../sample-run.ts";
import { channelsUsed, PACKET_RATE, type CytonSetup } from "./setup.ts";

export const PACKET_BYTES = 33;
export const START_BYTE = 0xa0;
export const FULL_SCALE = 0x7fffff;
const AUX_AT = 26;
const FOOTER_AT = 32;
const G_PER_COUNT = 0.002 / 16;
/** A fifth of a second: no more are still under way when a board was told to stop. */
export const UNDER_WAY_PACKETS = 50;
const FACTS_EVERY = PACKET_RATE; // packets: once a second is enough to look at

const byteAt = (bytes: Uint8Array, at: number): number => bytes[at] ?? 0;
const int16 = (bytes: Uint8Array, at: number): number =>
  ((byteAt(bytes, at) << 24) >> 16) | byteAt(bytes, at + 1);
const int24 = (bytes: Uint8Array, at: number): number =>
  ((byteAt(bytes, at) << 24) >> 8) | (byteAt(bytes, at + 1) << 8) | byteAt(bytes, at + 2);
const uint32 = (bytes: Uint8Array, at: number): number =>
  byteAt(bytes, at) * 0x1000000 +
  ((byteAt(bytes, at + 1) << 16) | (byteAt(bytes, at + 2) << 8) | byteAt(bytes, at + 3));

/**
 * A packet is known by its first and last byte alone, so three in a row are asked for at the start. Firmware sends footers
 * C0 to C6; C7 to CF are accepted as data of the user's own firmware.
 */
const shape: FrameShape = {
  length: PACKET_BYTES,
  modulus: 256,
  rate: PACKET_RATE,
  isFrame: (bytes, at) => bytes[at] === START_BYTE && (byteAt(bytes, at + FOOTER_AT) & 0xf0) === 0xc0,
  counterOf: (bytes, at) => byteAt(bytes, at + 1),
  seek: (bytes, from, to) => {
    const found = bytes.indexOf(START_BYTE, from);
    return found === -1 || found > to ? to : found;
  },
  toLock: 3,
  toJump: 1,
  toResume: 1,
  firstIndex: (counter) => (counter <= 1 ? counter : undefined), // which of both hangs on the firmware
  underWay: UNDER_WAY_PACKETS,
};

/** Packets in these bytes that the next one follows, counting on. */
export function packetsIn(bytes: Uint8Array): number {
  const { isFrame, counterOf } = shape;
  let packets = 0;
  for (let at = 0; at + 2 * PACKET_BYTES <= bytes.length;) {
    const next = at + PACKET_BYTES;
    const isOne =
      isFrame(bytes, at) &&
      isFrame(bytes, next) &&
      counterOf(bytes, next) === ((counterOf(bytes, at) + 1) & 0xff);
    packets += isOne ? 1 : 0;
    at = isOne ? next : at + 1;
  }
  return packets;
}

export function cytonDriver(setup: CytonSetup): Driver {
  const sink = setup.board === "cyton" ? new PlainPackets(setup) : new DaisyPackets(setup);
  const frames = new CountedFrames(shape, sink);
  return {
    push(bytes, arrivedS) {
      frames.push(bytes, arrivedS);
      if (arrivedS === Infinity) sink.letOut();
      return sink.take();
    },
    get isHolding() {
      return frames.isHolding;
    },
    reset() {
      frames.reset();
      sink.reset();
    },
  };
}

/** What packets with and without a Daisy share: events in order, and what stands in the six bytes beside the channels. */
abstract class Packets implements FrameSink {
  protected readonly run: SampleRun;
  protected events: DriverEvent[] = [];
  #factsFrom = 0; // index of the packet from which facts are told again

  constructor(channels: number) {
    this.run = new SampleRun(0, channels);
  }

  abstract frame(bytes: Uint8Array, at: number, index: number): void;
  abstract missing(frames: MissingFrames): void;

  /** Nothing more will come: what waits is told. */
  abstract letOut(): void;

  skipped(bytes: number): void {
    this.tell({ kind: "resync", bytes });
  }

  take(): readonly DriverEvent[] {
    this.run.flush(this.events);
    const { events } = this;
    this.events = [];
    return events;
  }

  reset(): void {
    this.run.clear();
    this.events = [];
    this.#factsFrom = 0;
  }

  protected tell(event: DriverEvent): void {
    this.run.flush(this.events);
    this.events.push(event);
  }

  protected lose(first: number, count: number, { isDamaged, uncertainty }: MissingFrames): void {
    if (count === 0) return;
    const reason = isDamaged ? "framing" : "counter-gap";
    this.tell({
      ...({ kind: "lost", stream: 0, first, count, reason } as const),
      ...(uncertainty === undefined ? {} : { uncertainty }),
    });
  }

  protected set(channel: number, bytes: Uint8Array, at: number): void {
    const value = int24(bytes, at);
    const isRailed = value === FULL_SCALE || value === -FULL_SCALE - 1;
    this.run.set(channel, value, isRailed ? maskReasons.saturated : maskReasons.observed);
  }

  /**
   * The accelerometer measures at 25 Hz of its own clock and says nothing of when: its values are shown, once a second, and
   * not recorded. Zeros mean that it had no new value.
   */
  protected tellFacts(bytes: Uint8Array, at: number, index: number): void {
    if (index < this.#factsFrom) return;
    const facts = factsOf(bytes, at);
    if (facts === undefined) return;
    this.#factsFrom = index + FACTS_EVERY;
    this.tell({ kind: "status", facts });
  }
}

function factsOf(bytes: Uint8Array, at: number): Readonly<Record<string, string>> | undefined {
  const footer = byteAt(bytes, at + FOOTER_AT) & 0x0f;
  const aux = at + AUX_AT;
  if (footer >= 3 && footer <= 6) return { boardTimeMs: String(uint32(bytes, aux + 2)) };
  if (footer !== 0) return undefined;
  const axes = [int16(bytes, aux), int16(bytes, aux + 2), int16(bytes, aux + 4)];
  if (axes.every((value) => value === 0)) return undefined;
  return { accelerationG: axes.map((value) => (value * G_PER_COUNT).toFixed(3)).join(" ") };
}

/** 8 channels a packet. */
class PlainPackets extends Packets {
  readonly #places: readonly number[];
  #firstIndex: number | undefined;

  constructor(setup: CytonSetup) {
    const used = channelsUsed(setup);
    super(used.length);
    this.#places = used.map((number) => 2 + 3 * (number - 1));
  }

  frame(bytes: Uint8Array, at: number, index: number): void {
    this.#firstIndex ??= index; // whether the board counts its first packet 0 or 1 hangs on its firmware
    this.run.begin(index - this.#firstIndex, this.events);
    for (let channel = 0; channel < this.#places.length; channel += 1)
      this.set(channel, bytes, at + (this.#places[channel] ?? 0));
    this.tellFacts(bytes, at, index);
  }

  missing(frames: MissingFrames): void {
    this.lose(frames.first - (this.#firstIndex ?? 0), frames.count, frames);
  }

  letOut(): void {
    // A packet is a sample: none waits for another.
  }

  override reset(): void {
    super.reset();
    this.#firstIndex = undefined;
  }
}

/**
 * Packets of even counter carry channels 9 to 16, the next, odd one channels 1 to 8: together one sample. Each value is a
 * mean with the one before it, so the packets 0 and 1 of a stream are not whole and sample 0 is made of 2 and 3. The halves
 * are 4 ms apart in time.
 */
class DaisyPackets extends Packets {
  readonly #used: readonly number[];
  #next = 0; // sample
  #half: { readonly sample: number; readonly bytes: Uint8Array } | undefined; // the Daisy's, waiting for the board's
  #why: number = maskReasons.droppedPacket; // a half is not there

  constructor(setup: CytonSetup) {
    const used = channelsUsed(setup);
    super(used.length);
    this.#used = used;
  }

  frame(bytes: Uint8Array, at: number, index: number): void {
    this.tellFacts(bytes, at, index);
    const sample = (index >> 1) - 1;
    if (sample < 0) return;
    if (index % 2 === 0) this.#half = { sample, bytes: bytes.slice(at, at + PACKET_BYTES) };
    else this.#write(sample, this.#half?.bytes, { bytes, at });
  }

  missing(frames: MissingFrames): void {
    this.#why = frames.isDamaged ? maskReasons.damagedPacket : maskReasons.droppedPacket;
    this.#writeHalf();
    // The sample whose Daisy half is the last missing packet still has the board's half to come.
    const end = ((frames.first + frames.count) >> 1) - 1;
    if (end > this.#next) this.lose(this.#next, end - this.#next, frames);
    this.#next = Math.max(this.#next, end);
  }

  letOut(): void {
    this.#why = maskReasons.droppedPacket;
    this.#writeHalf();
  }

  override reset(): void {
    super.reset();
    this.#next = 0;
    this.#half = undefined;
  }

  /** The board's half of it will not come. */
  #writeHalf(): void {
    if (this.#half !== undefined) this.#write(this.#half.sample, this.#half.bytes, undefined);
  }

  /** One sample of both halves; the channels of one that is not there are masked. */
  #write(
    sample: number,
    daisy: Uint8Array | undefined,
    board: { readonly bytes: Uint8Array; readonly at: number } | undefined,
  ): void {
    this.#half = undefined;
    this.#next = sample + 1;
    this.run.begin(sample, this.events);
    for (let channel = 0; channel < this.#used.length; channel += 1) {
      const number = this.#used[channel] ?? 1;
      const place = 2 + 3 * ((number - 1) % 8);
      if (number <= 8 && board !== undefined) this.set(channel, board.bytes, board.at + place);
      else if (number > 8 && daisy !== undefined) this.set(channel, daisy, place);
      else this.run.set(channel, 0, this.#why);
    }
  }
}
