import type { z } from "zod";
import type {
  ContactLimits,
  ElectrodeContact,
  ProtocolKind,
  VerifiedBy,
} from "../../../preload/contract/acquisition.ts";
import type { ErrorReport } from "../../../preload/contract/errors.ts";
import type { ChannelHeader, RecordingKind } from "../../../preload/contract/recording.ts";

/** Channels of a device that share one sample index and one rate. */
export interface StreamShape {
  readonly rate: number; // Hz, nominal
  readonly channels: readonly ChannelHeader[]; // sampleRate = rate
  /** How often the counter begins again, in samples; absent: the protocol counts nothing and loss is judged by the beat. */
  readonly counterSamples?: number;
}

/**
 * Samples of consecutive index. Within a session the index counts what the device sent, lost samples included, and
 * starts at 0 after `reset`.
 */
export interface Samples {
  readonly kind: "samples";
  readonly stream: number;
  readonly first: number;
  readonly count: number;
  /** Digital values as the device gave them, sample-major: value of channel c in sample i at i * channels + c. */
  readonly values: Int32Array | Float64Array;
  /** Reason code (preload/contract/mask) of each value, in the same order; 0 observed. Absent: all observed. */
  readonly reasons?: Uint8Array;
}

export type LossReason = "counter-gap" | "checksum" | "framing" | "cadence";

/** Samples that were sent and did not arrive, told once, before the samples that follow them. */
export interface Lost {
  readonly kind: "lost";
  readonly stream: number;
  readonly first: number;
  readonly count: number;
  readonly reason: LossReason;
  /** The counter could not tell: the number comes from the host's clock, within `uncertainty` samples. */
  readonly uncertainty?: number;
}

/** What the device itself marked: its button, a fetal movement, a note. */
export interface DeviceMark {
  readonly kind: "mark";
  readonly what: "button" | "fetal-movement" | "note" | "twin-offset" | "cross-channel" | "clock-corrected";
  readonly stream: number;
  readonly sample: number; // of that stream, which the mark belongs to
  readonly text: string; // as the device wrote it, at most 200 characters; "" where it wrote nothing
  readonly isOn?: boolean; // of a state that lasts: it begins, or it ends
}

/** Facts about the device: battery, mode, firmware. Names and values are the device's own. */
export interface DeviceStatus {
  readonly kind: "status";
  readonly facts: Readonly<Record<string, string>>;
}

/** Bytes that belonged to no frame. */
export interface Resync {
  readonly kind: "resync";
  readonly bytes: number;
}

/** The device must hear this now: a monitor that was switched on again waits for its start command. */
export interface Answer {
  readonly kind: "answer";
  readonly bytes: Uint8Array;
}

export type DriverEvent = Samples | Lost | DeviceMark | DeviceStatus | Resync | Answer;

/**
 * A pure, synchronous parser of a byte stream: owns no port, no timer, no file. It never throws on what a line may bring,
 * keeps at most 64 KiB, and after a failed frame goes on one byte further.
 */
export interface Driver {
  /**
   * What these bytes complete. `arrivedS`: monotonic seconds of the read that brought them; never falling. How a stream is
   * cut into chunks of the same time does not matter, except for how samples are batched. No bytes, at Infinity: nothing more
   * will come, and what waits is told.
   */
  push(bytes: Uint8Array, arrivedS: number): readonly DriverEvent[];
  /** Frames are understood and not told yet: the device is there. */
  readonly isHolding: boolean;
  /** A new session: nothing kept, indices from 0. */
  reset(): void;
}

/** One step of what is said to a device: bytes to send, and what to wait for. */
export interface Step {
  readonly send?: Uint8Array;
  /** Read until this says that the reply is whole; absent: nothing is read. Given all bytes since the step began. */
  readonly until?: (received: Uint8Array) => boolean;
  /** How long to wait for the reply; without `until` a pause. */
  readonly waitS: number;
  /** Forget what came in before this step. */
  readonly flush?: boolean;
}

/** What came of a step: the bytes received while it waited, and whether `until` was met. */
export interface Reply {
  readonly received: Uint8Array;
  readonly isComplete: boolean;
}

/** Who answered. Absent: the device does not say. */
export interface Identity {
  readonly model?: string;
  readonly serial?: string;
  readonly firmware?: string;
  readonly facts: Readonly<Record<string, string>>;
}

/**
 * Runs on the port: yields steps, gets their replies, returns who answered. Throws AppError "device/…" in one sentence
 * that says what was seen. After it returns every byte goes to the driver, those that came with the last reply first
 * (`rest`).
 */
export type Conversation = Generator<Step, { readonly identity: Identity; readonly rest: Uint8Array }, Reply>;

/** An electrode of a channel that is on. */
export type Electrode = Pick<ElectrodeContact, "channel" | "label" | "input">;
/** What was found of one. */
export type ContactFound = Pick<ElectrodeContact, "kOhm"> & Required<Pick<ElectrodeContact, "word">>;

/** How a device measures the contact of its electrodes: one after the other, once it was greeted and while nothing is recorded. */
export interface ContactCheck<Setup> {
  readonly limits: ContactLimits;
  electrodes(setup: Setup): readonly Electrode[];
  /**
   * `told`: an electrode, by its place among them, is being measured (nothing found yet), or was. Whatever ends it, the device
   * is given its settings back; it never throws.
   */
  measure(
    setup: Setup,
    told: (electrode: number, found?: ContactFound) => void,
  ): Generator<Step, ContactOutcome, Reply>;
}

export interface ContactOutcome {
  readonly areSettingsBack: boolean;
  readonly problem?: ErrorReport; // why it ended before all were measured
}

export interface LineSettings {
  readonly baudRate: number;
  readonly dataBits: 7 | 8;
  readonly parity: "none" | "even" | "odd";
  readonly stopBits: 1 | 2;
}

/** One protocol: a file (or folder) here and one line in the registry. */
export interface Protocol<Setup = never> {
  readonly kind: ProtocolKind;
  readonly records: RecordingKind;
  /** Channels, rates, gains, with ranges and defaults: the set-up page is drawn from it. `parse({})` is the usual set-up. */
  readonly setup: z.ZodType<Setup>;
  /** Line settings to try, the usual one first. */
  readonly lines: readonly LineSettings[];
  readonly verified: VerifiedBy;
  streams(setup: Setup): readonly StreamShape[];
  /** Stops what was left running, asks who is there, sends the settings. */
  greet(setup: Setup): Conversation;
  /** Sent when recording or watching begins, and after the device came back. */
  readonly start: (setup: Setup) => readonly Step[];
  readonly stop: (setup: Setup) => readonly Step[];
  readonly contact?: ContactCheck<Setup>;
  /** After `afterS` of silence send `bytes`, again and again: for a monitor that was switched off and on. */
  readonly wake?: (setup: Setup) => { readonly afterS: number; readonly bytes: Uint8Array };
  /** Longest time between two frames of a device that is well: silence beyond it, and at least 1 s, is a stall. */
  silenceS(setup: Setup): number;
  driver(setup: Setup): Driver;
  /** False frames expected in 10 MB of random bytes: a law holds the driver to it. */
  readonly falseFrames: number;
  /** The device itself, for tests, simulation and the demonstration: the same bytes as on the line. */
  device(setup: Setup, signal: DeviceSignal, ohm?: ElectrodeOhm): SimulatedDevice;
}

/** What a simulated device measures: digital value of a channel of a stream at a sample; undefined: the device marks it invalid. */
export type DeviceSignal = (stream: number, channel: number, sample: number) => number | undefined;

/** Impedance of an electrode at a sample of the first stream; `channel`: its place in that. */
export type ElectrodeOhm = (channel: number, input: Electrode["input"], sample: number) => number;

/** Bytes that leave the device together, at `dueS` seconds of its own clock after it started streaming. */
export interface DeviceFrame {
  readonly bytes: Uint8Array;
  readonly dueS: number;
  /** Samples within, by stream: what is lost where the frame is lost. */
  readonly holds: readonly Held[];
}

interface Held {
  readonly stream: number;
  readonly first: number;
  readonly count: number;
  /** In how many frames each of these samples comes; absent: in this one. */
  readonly parts?: number;
}

/** A device without its line: hears commands, answers, and streams what is due. */
export interface SimulatedDevice {
  /** Commands from the host; the answer leaves at once. */
  receive(bytes: Uint8Array): Uint8Array;
  /** Frames due up to and including `untilS` seconds since streaming started, in order; none while it is not started. */
  frames(untilS: number): readonly DeviceFrame[];
  /** Streaming: between start and stop. */
  readonly isStreaming: boolean;
  /** Power off and on: streaming ends, the counters begin again. Some devices say something when they come up. */
  restart(): Uint8Array;
  /** The patient's button, where the device has one. */
  press?(): Uint8Array;
}
