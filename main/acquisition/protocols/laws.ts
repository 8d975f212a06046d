import type { ProtocolKind } from "../../../preload/contract/acquisition.ts";
import { uniformFrom } from "../../signal/random.ts";
import { BUFFER_MAX } from "./byte-buffer.ts";
import type { DeviceFrame, DeviceSignal, Driver, DriverEvent, Lost, Samples } from "./protocol.ts";
import { protocols, type AnyProtocol } from "./registry.ts";

/** A protocol with a set-up, and what its simulated device measures: whole numbers that its frames can carry. */
export interface LawCase {
  readonly name: string;
  readonly protocol: AnyProtocol;
  readonly setup: unknown;
  readonly signal: DeviceSignal;
  /**
   * Frames carry no checksum: they are damaged only in ways that their grammar shows (bytes beyond ASCII, lost bytes), since
   * a digit that became another digit cannot be told from the truth; and their last byte stays, since what stands in its
   * place may as well begin the next.
   */
  readonly hasNoChecksum?: boolean;
  /** Values of intact frames that may go wrong for each damaged frame: what a check of a few bits lets through. */
  readonly tolerance?: number;
}

type Variant = Pick<LawCase, "setup" | "signal" | "hasNoChecksum" | "tolerance">;

/** Numbers from `low` to `high`, the same for a stream, channel and sample every time; every 97th marked invalid. */
const between =
  (low: number, high: number): DeviceSignal =>
  (stream, channel, sample) => {
    if ((sample + 7 * channel) % 97 === 50) return undefined;
    let hash = Math.imul(sample + 1, 0x9e3779b1) ^ Math.imul(channel + 1, 0x85ebca6b) ^ (stream << 8);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    return low + (((hash ^ (hash >>> 13)) >>> 0) % (high - low + 1));
  };

/** What a Series 50 monitor can say: rates, toco (which has no blank of its own), qualities. */
const monitored: DeviceSignal = (stream, channel, sample) =>
  channel < 3
    ? between(1, 1200)(stream, channel, sample)
    : (between(0, channel === 3 ? 255 : 3)(stream, channel, sample) ?? 0);

const wide = between(-8_388_607, 8_388_606);

/** Set-ups that each protocol is tried with; one that is not named here is tried with its usual one. */
const variants: Readonly<Partial<Record<ProtocolKind, readonly Variant[]>>> = {
  cyton: [
    { setup: {}, signal: wide },
    { setup: { off: [1, 3], timeStamps: true }, signal: between(-300, 300) },
    { setup: { board: "cyton-daisy" }, signal: wide },
  ],
  // One damage in 1000 or so is taken for a frame, with the channels of one intact frame or two.
  bitalino: [
    { setup: {}, signal: between(1, 1022), tolerance: 0.05 },
    { setup: { inputs: [4, 2, 1], sampleRate: 100 }, signal: between(1, 1022), tolerance: 0.15 },
    { setup: { inputs: [1, 2, 3, 4, 5, 6] }, signal: between(1, 62), tolerance: 0.3 },
    { setup: { inputs: [2], sampleRate: 1 }, signal: between(1, 1022), tolerance: 0.05 },
  ],
  series50: [
    { setup: {}, signal: monitored },
    { setup: { uterine: "intrauterine", checksum: "low-byte-first" }, signal: monitored },
  ],
  ascii: [
    { setup: { form: "strict", channels: 3, rate: 1000 }, signal: between(-512, 511) },
    {
      setup: { channels: 2, columns: ["time", "value", "counter", "ignore", "value"] },
      signal: between(0, 1023),
      hasNoChecksum: true,
    },
  ],
  cobs: [
    { setup: {}, signal: between(-32_767, 32_767) },
    { setup: { framing: "slip", bits: 24, channels: 8, samplesPerFrame: 4 }, signal: wide },
    { setup: { channels: 1, samplesPerFrame: 1, rate: 400 }, signal: between(-300, 300) },
  ],
  corometrics: [
    { setup: {}, signal: between(30, 127), hasNoChecksum: true },
    { setup: { mode: "update", heartRate2: "none" }, signal: between(30, 127), hasNoChecksum: true },
  ],
};

export const lawCases = (): LawCase[] =>
  Object.values(protocols).flatMap((protocol) =>
    (variants[protocol.kind] ?? [{ setup: {}, signal: between(1, 62) }]).map(
      ({ setup, ...how }: Variant) => ({
        name: `${protocol.kind} ${JSON.stringify(setup)}`,
        protocol,
        setup: protocol.setup.parse(setup),
        ...how,
      }),
    ),
  );

/** What a law found broken, in a sentence; undefined: it holds. */
export type Law = (tried: LawCase, seed: number) => string | undefined;

/** Bytes as one read brings them. */
interface Read {
  readonly bytes: Uint8Array;
  readonly arrivedS: number;
}

/** What a started device sends first: `count` frames. */
export function framesOf({ protocol, setup, signal }: LawCase, count: number): readonly DeviceFrame[] {
  const device = protocol.device(setup, signal);
  for (const { send } of protocol.start(setup)) if (send !== undefined) device.receive(send);
  const frames: DeviceFrame[] = [];
  for (let untilS = 1; frames.length < count; untilS += 1) {
    frames.push(...device.frames(untilS));
    if (untilS > 1000 * count) throw new Error(`${protocol.kind}: the device sends nothing`);
  }
  return frames.slice(0, count);
}

const readsOf = (frames: readonly DeviceFrame[]): Read[] =>
  frames.map(({ bytes, dueS }) => ({ bytes, arrivedS: dueS }));

const pushAll = (driver: Driver, reads: readonly Read[]): DriverEvent[] =>
  reads.flatMap(({ bytes, arrivedS }) => driver.push(bytes, arrivedS));

/** What came of one stream, sample by sample. */
export interface Gathered {
  readonly values: number[]; // channel by channel, sample after sample; NaN where lost
  readonly reasons: number[]; // likewise; -1 where lost
  samples: number;
  uncertainty: number;
}

/** Puts events in order, by stream. Says what breaks the contract: an index that does not follow, a count that does not fit. */
export class Gathering {
  readonly streams: readonly Gathered[];
  readonly other: string[] = [];
  readonly problems: string[] = [];
  skipped = 0; // bytes
  received = 0; // samples
  readonly #channels: readonly number[];

  constructor({ protocol, setup }: Pick<LawCase, "protocol" | "setup">) {
    this.#channels = protocol.streams(setup).map(({ channels }) => channels.length);
    this.streams = this.#channels.map(() => ({ values: [], reasons: [], samples: 0, uncertainty: 0 }));
  }

  take(events: readonly DriverEvent[]): this {
    for (const event of events) {
      if (event.kind === "samples" || event.kind === "lost") this.#place(event);
      else if (event.kind === "resync") this.#skip(event.bytes);
      else this.other.push(JSON.stringify(event));
    }
    return this;
  }

  #skip(bytes: number): void {
    if (!(Number.isInteger(bytes) && bytes > 0)) this.problems.push(`${bytes} bytes skipped`);
    this.skipped += bytes;
  }

  #place(event: Samples | Lost): void {
    const stream = this.streams[event.stream];
    const channels = this.#channels[event.stream];
    if (stream === undefined || channels === undefined) {
      this.problems.push(`there is no stream ${event.stream}`);
      return;
    }
    if (event.first !== stream.samples || !(Number.isInteger(event.count) && event.count > 0))
      this.problems.push(`${event.count} ${event.kind} from ${event.first}, after ${stream.samples} samples`);
    stream.samples += event.count;
    if (event.kind === "lost") this.#lose(stream, event, channels);
    else this.#fill(stream, event, channels);
  }

  #lose(stream: Gathered, { count, uncertainty = 0 }: Lost, channels: number): void {
    stream.uncertainty += uncertainty;
    for (let i = 0; i < Math.min(count, 1e5) * channels; i += 1) {
      stream.values.push(NaN);
      stream.reasons.push(-1);
    }
  }

  #fill(stream: Gathered, { count, values, reasons }: Samples, channels: number): void {
    const length = count * channels;
    if (values.length !== length || (reasons !== undefined && reasons.length !== length))
      this.problems.push(`${values.length} values for ${count} samples of ${channels} channels`);
    this.received += count;
    for (const value of values) stream.values.push(value);
    for (let i = 0; i < length; i += 1) stream.reasons.push(reasons?.[i] ?? 0);
  }
}

const gathered = (tried: LawCase, reads: readonly Read[]): Gathering =>
  new Gathering(tried).take(pushAll(tried.protocol.driver(tried.setup), reads));

/**
 * Compares what came with what the device measured. Samples held by intact frames alone have to be there as they were;
 * those of a damaged frame may be lost, masked or wrong; those of a missing frame must not be observed.
 */
function differences(
  tried: LawCase,
  came: Gathering,
  fates: readonly { readonly frame: DeviceFrame; readonly fate: "intact" | "damaged" | "missing" }[],
  tolerance = 0,
): string | undefined {
  if (came.problems.length > 0) return came.problems.slice(0, 3).join("; ");
  const { protocol, setup, signal } = tried;
  const lengths = protocol.streams(setup).map(() => ({ due: 0, sent: 0 }));
  const touched = lengths.map(() => new Map<number, "damaged" | "missing">());
  fates.forEach(({ frame, fate }, place) => {
    for (const { stream, first, count } of frame.holds) {
      const length = lengths[stream];
      if (length === undefined) continue;
      length.sent = Math.max(length.sent, first + count);
      if (place < fates.length - 4) length.due = Math.max(length.due, first + count);
      for (let i = first; fate !== "intact" && i < first + count; i += 1)
        if (touched[stream]?.get(i) !== "missing") touched[stream]?.set(i, fate);
    }
  });
  let allowed = tolerance * fates.filter(({ fate }) => fate === "damaged").length;
  for (const [stream, { due, sent }] of lengths.entries()) {
    const there = came.streams[stream];
    if (there === undefined || there.samples < due || there.samples > sent)
      return `stream ${stream}: ${there?.samples ?? 0} samples of ${due} to ${sent}`;
    const channels = there.samples === 0 ? 0 : there.values.length / there.samples;
    for (let i = 0; i < there.values.length; i += 1) {
      const [sample, channel] = [Math.floor(i / channels), i % channels];
      const problem = judged(
        there,
        i,
        signal(stream, channel, sample),
        touched[stream]?.get(sample) ?? "intact",
      );
      if (problem !== undefined && (allowed -= 1) < 0)
        return `stream ${stream}, sample ${sample}, channel ${channel}: ${problem}`;
    }
  }
  return undefined;
}

function judged(
  { values, reasons }: Gathered,
  at: number,
  measured: number | undefined,
  fate: "intact" | "damaged" | "missing",
): string | undefined {
  const [value, reason] = [values[at], reasons[at]];
  if (fate === "damaged") return undefined;
  if (fate === "missing")
    // A sample of two frames may keep the half that came.
    return reason === 0 && value !== measured
      ? `its frame is missing, and it is given as ${value}`
      : undefined;
  if (reason === -1) return "its frame is intact, and it is lost";
  if (measured === undefined) return reason === 0 ? `marked invalid, and given as ${value}` : undefined;
  if (reason !== 0) return `measured ${measured}, and masked with ${reason}`;
  return value === measured ? undefined : `measured ${measured}, and given as ${value}`;
}

/** Driver and device agree, value by value. */
const roundTrip: Law = (tried) => {
  const frames = framesOf(tried, 600);
  const fates = frames.map((frame) => ({ frame, fate: "intact" as const }));
  return differences(tried, gathered(tried, readsOf(frames)), fates);
};

// A byte between two frames may belong to either, in a protocol that ends a frame and does not begin it.
type Damage = "flip" | "drop" | "insert" | "insert-between" | "overwrite" | "remove";
const damages: readonly Damage[] = ["flip", "drop", "insert", "insert-between", "overwrite", "remove"];

function damaged(
  { bytes }: DeviceFrame,
  how: Damage,
  uniform: () => number,
  { hasNoChecksum = false }: LawCase,
): Uint8Array {
  const below = (n: number): number => Math.floor(uniform() * n);
  const anyByte = (): number => (hasNoChecksum ? 128 + below(128) : below(256));
  const at = below(hasNoChecksum ? bytes.length - 1 : bytes.length);
  const byte = anyByte();
  if (how === "remove") return new Uint8Array(0);
  if (how === "drop") return Uint8Array.from([...bytes.slice(0, at), ...bytes.slice(at + 1)]);
  if (how === "insert-between") return Uint8Array.from([byte, ...bytes]);
  if (how === "insert") return Uint8Array.from([...bytes.slice(0, at), byte, ...bytes.slice(at)]);
  const copy = bytes.slice();
  const length = hasNoChecksum ? 1 : 3;
  if (how === "flip") copy[at] = (copy[at] ?? 0) ^ (hasNoChecksum ? 128 : 1 << below(8));
  else for (let i = at; i < Math.min(at + length, copy.length); i += 1) copy[i] = anyByte();
  return copy;
}

/** With four intact frames between them, damaged frames are all that is lost, each told once. */
const lossOfDamagedOnly: Law = (tried, seed) => {
  const uniform = uniformFrom(seed, 2);
  const frames = framesOf(tried, 800);
  let nextDamage = 12;
  const sent = frames.map((frame, place) => {
    if (place < nextDamage || place >= frames.length - 12)
      return { frame, fate: "intact" as const, bytes: frame.bytes };
    nextDamage = place + 5 + Math.floor(uniform() * 12);
    const how = damages[Math.floor(uniform() * damages.length)] ?? "flip";
    const fate = how === "remove" ? ("missing" as const) : ("damaged" as const);
    return { frame, fate, bytes: damaged(frame, how, uniform, tried) };
  });
  const reads = sent.map(({ frame, bytes }) => ({ bytes, arrivedS: frame.dueS }));
  return differences(tried, gathered(tried, reads), sent, tried.tolerance);
};

/** What is missing is told as lost, and is neither zero nor the last value again. */
const missingIsLost: Law = (tried, seed) => {
  const uniform = uniformFrom(seed, 3);
  const frames = framesOf(tried, 600);
  let left = 0;
  const sent = frames.map((frame, place) => {
    if (place < 12 || place >= frames.length - 12) return { frame, fate: "intact" as const };
    if (left === 0 && uniform() < 0.05) left = 1 + Math.floor(uniform() * 5);
    else if (left > 0) left -= 1;
    return { frame, fate: left > 0 ? ("missing" as const) : ("intact" as const) };
  });
  const reads = readsOf(sent.filter(({ fate }) => fate === "intact").map(({ frame }) => frame));
  return differences(tried, gathered(tried, reads), sent);
};

/** An outage that may hide whole turns of a counter is counted by the clock: exactly, or as far off as the driver says. */
const outageIsCounted: Law = (tried, seed) => {
  const uniform = uniformFrom(seed, 4);
  const stepS = (framesOf(tried, 11).at(-1)?.dueS ?? 0) / 10;
  const outage = Math.ceil((2 + 3 * uniform()) / stepS);
  const after = Math.max(40, Math.ceil(2 / stepS));
  const frames = framesOf(tried, 60 + outage + after);
  const came = gathered(tried, readsOf(frames.filter((_, place) => place < 60 || place >= 60 + outage)));
  if (came.problems.length > 0) return came.problems.slice(0, 3).join("; ");
  for (const [stream, there] of came.streams.entries()) {
    const ends = frames.flatMap(({ holds }, place) =>
      holds
        .filter((held) => held.stream === stream)
        .map(({ first, count }) => ({ place, end: first + count })),
    );
    const sent = Math.max(0, ...ends.map(({ end }) => end));
    const due = Math.max(0, ...ends.filter(({ place }) => place < frames.length - 4).map(({ end }) => end));
    if (there.samples > sent + there.uncertainty || there.samples < due - there.uncertainty)
      return `stream ${stream}: ${there.samples} samples of ${sent}, within ${there.uncertainty}`;
  }
  return undefined;
};

/** Cutting the bytes of a read elsewhere changes nothing but how samples are batched. */
const chunkInvariance: Law = (tried, seed) => {
  const uniform = uniformFrom(seed, 5);
  const frames = framesOf(tried, 400);
  const reads = frames.map((frame, place) => {
    const how = damages[Math.floor(uniform() * damages.length)] ?? "flip";
    const lastOfRead = frames[Math.min(frames.length - 1, 7 * Math.floor(place / 7) + 6)] ?? frame;
    const outageS = place < 301 ? 0 : 2.5; // of which the counter tells nothing
    return {
      bytes: uniform() < 0.1 ? damaged(frame, how, uniform, tried) : frame.bytes,
      arrivedS: lastOfRead.dueS + outageS,
    };
  });
  const whole = spelled(gathered(tried, reads));
  const ways = {
    "byte by byte": (): number => 1,
    "cut anywhere": (): number => 1 + Math.floor(uniform() * 50),
  };
  for (const [way, length] of Object.entries(ways)) {
    const other = spelled(
      gathered(
        tried,
        reads.flatMap((read) => cut(read, length)),
      ),
    );
    const at = whole.findIndex((line, i) => line !== other[i]);
    if (at !== -1) return `${way}: ${other[at]?.slice(0, 100)} instead of ${whole[at]?.slice(0, 100)}`;
  }
  return undefined;
};

function cut({ bytes, arrivedS }: Read, length: () => number): Read[] {
  const pieces: Read[] = [];
  for (let from = 0; from < bytes.length;) {
    const to = from + length();
    pieces.push({ bytes: bytes.slice(from, to), arrivedS });
    from = to;
  }
  return pieces;
}

const spelled = ({ streams, other, problems, skipped }: Gathering): string[] => [
  ...streams.map(({ values, reasons, uncertainty }) => JSON.stringify({ values, reasons, uncertainty })),
  ...other,
  `${skipped} skipped`,
  ...problems,
];

const NOISE_BYTES = 10_000_000;

/** Random bytes: nothing thrown, nothing kept beyond the buffer, no more false frames than the protocol says. */
const noiseIsNoise: Law = (tried, seed) => {
  const { protocol, setup } = tried;
  const driver = protocol.driver(setup);
  const came = new Gathering(tried);
  const rate = (protocol.lines[0]?.baudRate ?? 9600) / 10; // bytes a second
  const noise = noiseFrom(seed);
  for (let sent = 0; sent < NOISE_BYTES; sent += 4096) {
    came.take(driver.push(noise(4096), sent / rate));
  }
  const holds = framesOf(tried, 20).flatMap((frame) => frame.holds.map(({ count }) => count));
  const falseFrames = came.received / Math.max(1, ...holds);
  if (falseFrames > protocol.falseFrames)
    return `${falseFrames} false frames in 10 MB, ${protocol.falseFrames} allowed`;
  const kept = NOISE_BYTES - came.skipped;
  return kept > BUFFER_MAX + 4096 * (1 + falseFrames)
    ? `${kept} bytes are neither frames nor told as skipped`
    : undefined;
};

/** Random bytes. */
export function noiseFrom(seed: number): (length: number) => Uint8Array {
  const uniform = uniformFrom(seed);
  return (length) => {
    const words = Uint32Array.from({ length: Math.ceil(length / 4) }, () => uniform() * 2 ** 32);
    return new Uint8Array(words.buffer, 0, length);
  };
}

/** What every registered protocol obeys. */
export const laws: Readonly<Record<string, Law>> = {
  "device and driver agree value by value": roundTrip,
  "how the bytes of a read are cut changes nothing": chunkInvariance,
  "only frames with a damaged byte are lost, each told once": lossOfDamagedOnly,
  "what is missing is lost, never zero and never the last value again": missingIsLost,
  "an outage is counted by the clock": outageIsCounted,
  "random bytes are no frames, throw nothing and are not kept": noiseIsNoise,
};
