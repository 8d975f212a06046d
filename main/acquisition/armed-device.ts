import type {
  ChannelLive,
  DeviceState,
  LiveFilter,
  ParsedDeviceChoice,
} from "../../preload/contract/acquisition.ts";
import { AppError } from "../../preload/contract/errors.ts";
import { maskReasons, reasonNames } from "../../preload/contract/mask.ts";
import type { ChannelHeader } from "../../preload/contract/recording.ts";
import { strayField } from "../../preload/contract/stray-field.ts";
import type { Heard, Piece } from "../signal/piece.ts";
import { createClock } from "./clock.ts";
import { DeviceLink, isPlayed, type PortAccess } from "./device-link.ts";
import { liveViewOf } from "./live-filter.ts";
import type { DeviceMark, DriverEvent, Lost, Samples, StreamShape } from "./protocols/protocol.ts";
import { type AnyProtocol, protocolOf } from "./protocols/registry.ts";
import { ChannelQuality } from "./quality.ts";
import { type GoneOn, type Placed, StreamTrack } from "./stream-track.ts";

export interface DeviceListener {
  /** Samples of a stream that is only watched. */
  watched(stream: LiveStream, piece: Piece): void;
  /** Samples or a gap of the recording, as it stores them. */
  recorded(stream: LiveStream, heard: Heard): void;
  /** `stream`: whose sample it belongs to; `arrivedS`: monotonic. */
  marked(mark: DeviceMark, stream: LiveStream | undefined, arrivedS: number): void;
  changed(): void;
  warned(warning: { readonly code: string; readonly message: string }): void;
}

/** A stream with what is known of it now. */
export interface LiveStream {
  readonly shape: StreamShape;
  readonly channel: number; // position of its first channel in the recording
  readonly track: StreamTrack;
  readonly qualities: readonly ChannelQuality[];
  readonly filters: readonly (readonly LiveFilter[] | undefined)[]; // of its live view, a channel each
}

export interface ArmOptions {
  readonly choice: ParsedDeviceChoice;
  readonly firstChannel: number;
  readonly powerLineHz: number;
  readonly sleptS?: number; // of a session that another process began, before this one
  readonly ports: PortAccess;
  readonly listener: DeviceListener;
}

/**
 * Of the gap that grows while nothing comes, this much is left for what may still be on its way: of a line that was pulled
 * out little, of one that is silent all that a radio link, an adapter or a host that stands still may hold up.
 */
const MARGIN_S = 1;
const HELD_UP_S = 10;
const LOSS_WINDOW_S = 5;
const FACTS_MOST = 32;
const FACT_MOST = 200; // characters

/** One device of a session: its link, its streams, and what became of its samples. */
export class ArmedDevice {
  readonly choice: ParsedDeviceChoice;
  readonly protocol: AnyProtocol;
  readonly setup: unknown; // checked by the protocol
  readonly streams: readonly LiveStream[];
  readonly #listener: DeviceListener;
  readonly #link: DeviceLink;
  readonly #lost = new Map<string, number>(); // of its first stream, by name of the reason
  readonly #recent: { atS: number; received: number; lost: number }[] = [];
  #received = 0;
  #watched: number[]; // samples of each stream since it is watched
  #hasCome = false;
  #gaps = 0;
  #gapNow = 0; // samples that are missing since the last that came
  #longestGapS = 0;
  #isLossExact = true;
  #sleptS: number;
  #skipped = 0; // bytes
  #facts: Readonly<Record<string, string>> = {}; // that it tells while it streams
  #asleep: number | undefined;

  constructor({ choice, firstChannel, powerLineHz, sleptS = 0, ports, listener }: ArmOptions) {
    this.choice = choice;
    this.#sleptS = sleptS;
    this.protocol = protocolOf(choice.protocol);
    const setup = setupOf(this.protocol, choice);
    this.setup = setup;
    this.#listener = listener;
    let channel = firstChannel;
    this.streams = this.protocol.streams(setup).map((shape) => {
      const first = channel;
      channel += shape.channels.length;
      const stream: LiveStream = {
        shape,
        channel: first,
        track: new StreamTrack(
          { channel: first, width: shape.channels.length, rate: shape.rate },
          createClock(shape.rate),
          (heard) => {
            if (stream.channel === firstChannel) this.#told(heard.piece);
            listener.recorded(stream, heard);
          },
        ),
        qualities: shape.channels.map((header) => new ChannelQuality(header, powerLineHz)),
        filters: shape.channels.map((header) => liveViewOf(header, powerLineHz)?.filters),
      };
      return stream;
    });
    this.#watched = this.streams.map(() => 0);
    this.#link = new DeviceLink({
      protocol: this.protocol,
      setup,
      path: choice.port,
      lines: choice.line === undefined ? this.protocol.lines : [choice.line],
      ports,
      listener: {
        events: (events, arrivedS) => this.#take(events, arrivedS + this.#sleptS),
        session: (reason) => this.#anew(reason),
        changed: () => listener.changed(),
        warned: (warning) => listener.warned(warning),
      },
    });
  }

  get headers(): ChannelHeader[] {
    return this.streams.flatMap(({ shape }) => [...shape.channels]);
  }

  get isSilent(): boolean {
    return this.#link.link !== "streaming";
  }

  /** Of the recording: a sample, of any stream. */
  get hasCome(): boolean {
    return this.#hasCome;
  }

  get link(): DeviceLink {
    return this.#link;
  }

  async connect(): Promise<void> {
    await this.#link.connect();
    await this.#link.start();
  }

  close = (): Promise<void> => this.#link.close();

  begin(beganS: number, goneOn?: readonly GoneOn[]): void {
    this.#lost.clear();
    this.#hasCome = false;
    this.#received = 0;
    this.#gaps = 0;
    this.#gapNow = 0;
    this.#longestGapS = 0;
    this.#skipped = 0;
    this.#isLossExact = true;
    this.#asleep = undefined; // of before it
    for (const [i, { track }] of this.streams.entries()) track.begin(beganS, goneOn?.[i]);
  }

  end(): void {
    for (const { track } of this.streams) track.end();
  }

  /** The computer slept: time went by that its clock did not count, and the device must be reached anew. */
  slept(seconds: number, nowS: number): void {
    this.#sleptS += seconds;
    this.#asleep = maskReasons.hostSlept;
    this.#tellSilence(nowS, maskReasons.hostSlept);
    this.#link.reach();
  }

  /** Several times a second: silence is shown, and its gap grows. `nowS` counts the time slept. */
  watch(nowS: number): void {
    this.#link.watch(nowS - this.#sleptS);
    if (!this.isSilent) return;
    const reason = this.#asleep ?? this.#link.outage;
    this.#tellSilence(nowS - (reason === maskReasons.stalled ? HELD_UP_S : MARGIN_S), reason);
  }

  /** All that can still be told before the recording ends. */
  finish(nowS: number): void {
    this.#link.letOut();
    for (const stream of this.streams) for (const one of stream.track.settle()) this.#came(stream, one);
    if (this.isSilent) this.#tellSilence(nowS, this.#asleep ?? this.#link.outage);
  }

  state(nowS: number): DeviceState {
    const { protocol, port } = this.choice;
    const [first] = this.streams;
    const link = this.#link.state(nowS - this.#sleptS);
    const clock = first?.track.clock.state;
    return {
      protocol,
      port,
      ...link,
      identity: { ...link.identity, facts: { ...link.identity.facts, ...this.#facts } },
      received: this.#received,
      lost: Object.fromEntries(this.#lost),
      isLossExact: this.#isLossExact,
      lostShare5s: this.#lostShare(nowS),
      longestGapS: this.#longestGapS,
      gaps: this.#gaps,
      skippedBytes: this.#skipped,
      ...(first !== undefined && clock?.isFitted === true
        ? {
            clock: {
              ...{ ppm: clock.ppm, errorMs: clock.errorMs },
              ...{ isOff: clock.isRateWrong && !isPlayed(port), rate: first.shape.rate },
            },
          }
        : {}),
    };
  }

  channels(nowS: number, device: number): ChannelLive[] {
    const { sites } = this.choice;
    let at = 0;
    return this.streams.flatMap(({ shape, track, qualities, filters }) =>
      shape.channels.map(({ label, unit, role, sampleRate }, i) => ({
        ...{ label, unit, role, sampleRate, device, site: sites[at++] ?? "", sampleCount: track.next },
        ...(qualities[i]?.state(nowS, this.isSilent) ?? {
          ...{ quality: "none" as const, railedShare: 0, missingShare: 1, history: [] },
        }),
        ...(filters[i] === undefined ? {} : { filters: [...filters[i]] }),
      })),
    );
  }

  #anew(reason: number): void {
    const why = this.#asleep ?? reason;
    this.#asleep = undefined;
    for (const { track } of this.streams) track.restart(why);
  }

  #take(events: readonly DriverEvent[], arrivedS: number): void {
    for (const event of events) {
      switch (event.kind) {
        case "samples":
          this.#samples(event, arrivedS);
          break;
        case "lost":
          this.#loss(event, arrivedS);
          break;
        case "mark":
          this.#listener.marked(event, this.streams[event.stream], arrivedS);
          break;
        case "status":
          this.#says(event.facts);
          break;
        case "resync":
          this.#skipped += event.bytes;
          break;
        case "answer": // its link answers
      }
    }
  }

  #samples(event: Samples, arrivedS: number): void {
    const stream = this.streams[event.stream];
    if (stream === undefined) return;
    const before = stream.track.next;
    const placed = stream.track.samples(event, arrivedS);
    const index = placed[0]?.index;
    if (index !== undefined && index > before && before > 0)
      for (const quality of stream.qualities) quality.gap(index - before);
    for (const one of placed) this.#came(stream, one);
  }

  #came(stream: LiveStream, { event, arrivedS, index }: Placed): void {
    const width = stream.qualities.length;
    for (let i = 0; i < event.count; i += 1)
      for (const [c, quality] of stream.qualities.entries())
        quality.add(event.values[i * width + c] ?? 0, event.reasons?.[i * width + c] ?? 0, arrivedS);
    if (event.stream === 0) {
      this.#received += event.count;
      this.#note(arrivedS, event.count, 0);
    }
    const watched = this.#watched[event.stream] ?? 0;
    this.#watched[event.stream] = watched + event.count;
    if (index !== undefined) this.#hasCome = true;
    if (!stream.track.isRecording) this.#listener.watched(stream, pieceOf(stream, event, watched));
  }

  #loss(event: Lost, arrivedS: number): void {
    const stream = this.streams[event.stream];
    if (stream === undefined) return;
    const { isRecording } = stream.track;
    const told = stream.track.lost(event, arrivedS); // of a silence, some may have been told already
    const count = isRecording ? told : event.count;
    for (const quality of stream.qualities) quality.gap(count);
    if (event.uncertainty !== undefined) this.#isLossExact = false;
    const watched = this.#watched[event.stream] ?? 0;
    this.#watched[event.stream] = watched + event.count;
    if (event.stream !== 0) return;
    this.#note(arrivedS, 0, count);
    if (isRecording) return; // it is counted as it is told
    const damaged = event.reason === "checksum" || event.reason === "framing";
    this.#count(damaged ? maskReasons.damagedPacket : maskReasons.droppedPacket, count);
    this.#lengthen(count);
    this.#gapNow = 0;
  }

  #tellSilence(untilS: number, reason: number): void {
    for (const stream of this.streams) {
      const count = stream.track.silent(untilS, reason);
      if (count > 0) for (const quality of stream.qualities) quality.gap(count);
    }
  }

  /** Of its first stream, what the recording has: an outage is told in parts, and what is left of it once it is over. */
  #told(piece: Piece): void {
    if (piece.kind === "samples") {
      this.#gapNow = 0;
      return;
    }
    const { reason, count } = piece;
    if (reason === maskReasons.notRecorded) return;
    this.#count(reason, count);
    this.#lengthen(count);
    if (reason !== maskReasons.droppedPacket && reason !== maskReasons.damagedPacket)
      this.#isLossExact = false;
  }

  /** A line may bring anything under any name: what is kept of it is bounded. */
  #says(facts: Readonly<Record<string, string>>): void {
    const all = Object.entries({ ...this.#facts, ...facts });
    this.#facts = Object.fromEntries(
      all.slice(0, FACTS_MOST).map(([name, said]) => [name, said.slice(0, FACT_MOST)]),
    );
  }

  #count(reason: number, count: number): void {
    const name = reasonNames[reason] ?? String(reason);
    this.#lost.set(name, (this.#lost.get(name) ?? 0) + count);
  }

  #lengthen(count: number): void {
    const [first] = this.streams;
    if (first === undefined || count === 0) return;
    if (this.#gapNow === 0) this.#gaps += 1;
    this.#gapNow += count;
    this.#longestGapS = Math.max(this.#longestGapS, this.#gapNow / first.shape.rate);
  }

  #note(atS: number, received: number, lost: number): void {
    const last = this.#recent.at(-1);
    if (last !== undefined && atS - last.atS < 0.1) {
      last.received += received;
      last.lost += lost;
    } else this.#recent.push({ atS, received, lost });
    while ((this.#recent[0]?.atS ?? Infinity) < atS - LOSS_WINDOW_S) this.#recent.shift();
  }

  #lostShare(nowS: number): number {
    const recent = this.#recent.filter(({ atS }) => atS > nowS - LOSS_WINDOW_S);
    const lost = recent.reduce((sum, one) => sum + one.lost, 0);
    const all = recent.reduce((sum, one) => sum + one.received, lost);
    return all === 0 ? 0 : lost / all;
  }
}

const pieceOf = ({ channel, shape }: LiveStream, event: Samples, first: number): Piece => ({
  ...{ kind: "samples", channel, first, count: event.count },
  values: Float64Array.from(event.values),
  reasons: event.reasons ?? new Uint8Array(event.count * shape.channels.length),
});

function setupOf(protocol: AnyProtocol, choice: ParsedDeviceChoice): unknown {
  const refused = (field: string, why: string): AppError =>
    new AppError("contract/bad-params", `${choice.protocol}: ${field}: ${why}`, {
      ...{ protocol: choice.protocol, field },
    });
  const parsed = protocol.setup.safeParse(choice.setup);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw refused(issue?.path.join(".") ?? "", issue?.message ?? "");
  }
  const stray = strayField(choice.setup, parsed.data);
  if (stray !== undefined) throw refused(stray, "there is no such setting");
  return parsed.data;
}
