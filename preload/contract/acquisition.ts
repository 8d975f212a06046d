import { z } from "zod";
import { Forecast } from "./finding.ts";
import { ChannelClock } from "./channel-clock.ts";
import { ErrorReport } from "./errors.ts";
import { ChannelHeader, RecordingKind, TypedName } from "./recording.ts";

export const protocolKinds = ["cyton", "bitalino", "series50", "corometrics", "ascii", "cobs"] as const;
export const ProtocolKind = z.enum(protocolKinds);
export type ProtocolKind = z.infer<typeof ProtocolKind>;

/** What a decoder was checked against. No driver here has been confirmed on a device yet. */
export const VerifiedBy = z.enum([
  "firmware-and-hosts", // open firmware and independent open hosts agree, byte by byte
  "vendor-guide", // an open library written from the vendor's guide
  "vendor-manual", // pages of the vendor's manual; some tables were not found
  "own-definition",
]);
export type VerifiedBy = z.infer<typeof VerifiedBy>;

/** A place where a device may answer. `id` stays the same when the device is pulled out and put into another socket. */
export const PortInfo = z.object({
  path: z.string(), // or "replay:FILE", "simulated:PROTOCOL"
  id: z.string(), // vendor, product and serial number; else the path
  maker: z.string().optional(),
  serial: z.string().optional(),
  name: z.string().optional(), // as the system calls the device
  kind: z.enum(["serial", "replay", "simulated"]),
});
export type PortInfo = z.infer<typeof PortInfo>;

/** How a serial line is set. */
export const LineChoice = z.object({
  baudRate: z.number().int().min(110).max(4_000_000),
  dataBits: z.union([z.literal(7), z.literal(8)]).default(8),
  parity: z.enum(["none", "even", "odd"]).default("none"),
  stopBits: z.union([z.literal(1), z.literal(2)]).default(1),
});

export type LineChoice = z.infer<typeof LineChoice>;

/** One device of a session. `setup` is checked by the protocol's own schema. */
export const DeviceChoice = z.object({
  protocol: ProtocolKind,
  port: z.string().min(1).max(4096),
  line: LineChoice.optional(), // absent: those of the protocol are tried in turn
  setup: z.record(z.string(), z.unknown()).default({}),
  sites: z.array(z.string().max(200)).max(256).default([]), // electrode site or belt of each channel, over all streams
});
export type DeviceChoice = z.input<typeof DeviceChoice>;
export type ParsedDeviceChoice = z.output<typeof DeviceChoice>;

/** A guided recording: cues on the screen, and a label where each was held. */
export const GuidedProtocol = z.object({
  labelSet: z.string(),
  restS: z.number().min(0).max(600).default(5),
  mvc: z.boolean().default(false), // three contractions of 3 s, as strong as possible
  gestures: z.array(z.string()).min(1).max(64), // label codes
  repetitions: z.number().int().min(1).max(100).default(3),
  holdS: z.number().min(0.5).max(600).default(5),
  changeS: z.number().min(0).max(600).default(3),
  trimS: z.number().min(0).max(10).default(0.5), // left out of a label at each end of a cue
  seed: z
    .number()
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .default(0), // order within a repetition; 0: as given
});
export type GuidedProtocol = z.output<typeof GuidedProtocol>;

/** Characters of what is noted of a recording before it begins. */
export const NOTE_MAX = 10_000;

export const SessionSetup = z.object({
  name: TypedName.default(""), // "": subject and time
  subject: TypedName.trim().min(1),
  study: TypedName.default(""),
  note: z.string().max(NOTE_MAX).default(""),
  kind: RecordingKind,
  devices: z.array(DeviceChoice).min(1).max(8),
  labelSet: z.string().default(""), // whose keys work while recording
  guided: GuidedProtocol.optional(),
  /** A model that decides while it is recorded; adapting to the past of the stream where it can, unless it is told. */
  live: z.object({ runId: z.string(), adaptation: z.enum(["none", "causal"]).optional() }).optional(),
});
export type SessionSetup = z.input<typeof SessionSetup>;
export type ParsedSessionSetup = z.output<typeof SessionSetup>;

/** Kept for the next time, under a name that a person gave. */
export const SessionTemplate = z.object({ name: z.string().min(1).max(200), setup: SessionSetup });
export type SessionTemplate = z.infer<typeof SessionTemplate>;

/** Between good and poor, and from where on an electrode is called open. */
const ContactLimits = z.object({ goodKOhm: z.number().positive(), openKOhm: z.number().positive() });
export type ContactLimits = z.infer<typeof ContactLimits>;

export const contactWords = ["good", "poor", "open", "unclear"] as const; // unclear: too much was lost to tell
export const ElectrodeContact = z.object({
  channel: z.number().int().positive(), // as the device numbers them
  label: z.string(), // of the channel
  input: z.enum(["P", "N"]), // its positive or its negative one
  stands: z.enum(["waiting", "measuring", "measured"]),
  word: z.enum(contactWords).optional(), // once it is measured
  kOhm: z.number().nonnegative().optional(), // absent: unclear, or the channel is at its limit
});
export type ElectrodeContact = z.infer<typeof ElectrodeContact>;

/** How the electrodes of a device lie, as they are measured one after the other. */
export const ContactState = z.object({
  protocol: ProtocolKind,
  port: z.string(),
  isRunning: z.boolean(),
  electrodes: z.array(ElectrodeContact),
  limits: ContactLimits,
  /** Once it is over: the device has its settings of before again. Absent: none was changed. */
  areSettingsBack: z.boolean().optional(),
  problem: ErrorReport.optional(), // why it ended before all were measured
  endedAt: z.iso.datetime().optional(), // by the wall clock
});
export type ContactState = z.infer<typeof ContactState>;

/** A protocol as the set-up page needs it. */
export const ProtocolInfo = z.object({
  kind: ProtocolKind,
  records: RecordingKind,
  verified: VerifiedBy,
  onDevice: z.literal(false), // confirmed on a real device
  lines: z.array(LineChoice),
  form: z.unknown(), // JSON schema of the set-up, with defaults
  usual: z.record(z.string(), z.unknown()), // the set-up that schema gives to {}
  counts: z.boolean(), // its frames carry a counter; else loss is judged by the beat
  measuresContact: z.boolean(), // of its electrodes
});
export type ProtocolInfo = z.infer<typeof ProtocolInfo>;

export const DeviceList = z.object({
  ports: z.array(PortInfo),
  protocols: z.array(ProtocolInfo),
  /** How each device was last set up, by the id of its port. */
  remembered: z.array(z.object({ portId: z.string(), choice: DeviceChoice })).optional(),
  /** Why the system's list may be short: no udevadm, no permission. One sentence each. */
  problems: z.array(ErrorReport),
});
export type DeviceList = z.infer<typeof DeviceList>;

export const LinkState = z.enum([
  "connecting",
  "streaming",
  "silent", // the port is open, and nothing valid comes
  "unplugged", // the port is gone; looked for once a second
  "failed", // never began: `problem` says why
]);
export type LinkState = z.infer<typeof LinkState>;

const lossCounts = z.record(z.string(), z.number().int().nonnegative()); // samples by reason name (preload/contract/mask)

export const DeviceState = z.object({
  protocol: ProtocolKind,
  port: z.string(),
  link: LinkState,
  silentS: z.number().nonnegative(), // since the last valid frame
  attempts: z.number().int().nonnegative(), // to reach it again, since it was lost
  identity: z.object({
    model: z.string().optional(),
    serial: z.string().optional(),
    firmware: z.string().optional(),
    facts: z.record(z.string(), z.string()), // what it said when it was greeted, and what it says now
  }),
  problem: z.object({ code: z.string(), message: z.string() }).optional(),
  received: z.number().int().nonnegative(), // samples of its first stream
  lost: lossCounts, // of its first stream
  isLossExact: z.boolean(), // false: a count came from the clock, not from the device
  lostShare5s: z.number().min(0).max(1),
  longestGapS: z.number().nonnegative(),
  gaps: z.number().int().nonnegative(),
  skippedBytes: z.number().int().nonnegative(), // that belonged to no frame, since it is recorded
  /** Against the host, once it is known. `isOff`: by more than a crystal ever is, so that times by its rate drift. */
  clock: z
    .object({ ppm: z.number(), errorMs: z.number(), isOff: z.boolean(), rate: z.number().positive() }) // as it is set, Hz
    .optional(),
});
export type DeviceState = z.infer<typeof DeviceState>;

export const SignalQuality = z.enum(["good", "weak", "none"]);
export type SignalQuality = z.infer<typeof SignalQuality>;

/** A causal filter of the live view; nothing that is stored passes it. */
export const LiveFilter = z.object({
  kind: z.enum(["high-pass", "low-pass", "notch"]),
  hz: z.number().positive(),
});
export type LiveFilter = z.infer<typeof LiveFilter>;

export const ChannelLive = ChannelHeader.pick({
  label: true,
  unit: true,
  role: true,
  sampleRate: true,
}).extend({
  device: z.number().int().nonnegative(),
  site: z.string(),
  sampleCount: z.number().int().nonnegative(), // received or lost, since recording began
  value: z.number().optional(), // the last observed, physical
  ageS: z.number().nonnegative().optional(), // of that value
  quality: SignalQuality,
  railedShare: z.number().min(0).max(1), // of the last 5 s
  missingShare: z.number().min(0).max(1), // of the last 5 s
  powerLineShare: z.number().min(0).max(1).optional(), // of the last 5 s' power, at the mains frequency; EMG
  history: z.array(SignalQuality), // of 5 s each, oldest first, at most 60
  filters: z.array(LiveFilter).optional(), // what `filtered` of its live samples has passed
});
export type ChannelLive = z.infer<typeof ChannelLive>;

export const alarmKinds = [
  "unplugged",
  "silent",
  "loss", // more than 1 % in 5 s
  "rate-off", // it sends at another rate than it says
  "disk-low", // less than an hour left
  "storage-slow", // samples wait in memory or in the spill file
  "storage-held", // neither takes them now: they wait in memory alone
  "storage-lost", // they cannot be written anywhere
  "clock-jump",
  "host-slept",
  "recorder-restarted", // its process ended and another goes on
] as const;
export const Alarm = z.object({
  kind: z.enum(alarmKinds),
  device: z.number().int().nonnegative().optional(),
  sinceS: z.number(), // of the recording's time
  message: z.string(), // English, for logs; the page says it in its own words
  values: z.record(z.string(), z.union([z.string(), z.number()])),
});
export type Alarm = z.infer<typeof Alarm>;

/** Armed: every device has answered and streams, and what judges live is there; nothing is recorded before. */
export const RecorderPhase = z.enum(["idle", "connecting", "armed", "recording", "stopping"]);
export type RecorderPhase = z.infer<typeof RecorderPhase>;

/** Where a guided recording stands. */
export const Cue = z.object({
  step: z.number().int().nonnegative(),
  steps: z.number().int().positive(),
  what: z.enum(["rest", "mvc", "change", "hold", "done"]),
  label: z.string().optional(), // code
  next: z.string().optional(), // code
  repetition: z.number().int().nonnegative(),
  beganS: z.number(), // of the recording's time
  endsS: z.number(),
  isPaused: z.boolean(),
});
export type Cue = z.infer<typeof Cue>;

/** A step of a guided recording before it comes: a cue's `step` counts along them. */
export const CueStep = Cue.pick({ what: true, label: true, repetition: true }).extend({
  lastsS: z.number().nonnegative(),
});
export type CueStep = z.infer<typeof CueStep>;

/** A mark now, or at a time of the recording that is already there. */
export const NewMark = z.object({
  labelSet: z.string(),
  label: z.string(),
  atS: z.number().nonnegative().optional(), // absent: now
  /** When the recording's time was 0, in seconds of its host, as the press was reckoned by: the computer may have slept since that was said. */
  zeroS: z.number().optional(),
  durationS: z.number().nonnegative().default(0),
  note: z.string().max(10_000).default(""),
  author: z.string().max(200),
});
export type NewMark = z.input<typeof NewMark>;

/** The first press of an interval whose second has not come. It ends with the recording, whoever ends it. */
export const BegunMark = NewMark.pick({ labelSet: true, label: true, author: true }).extend({
  atS: z.number().nonnegative(),
  pressedS: z.number().nonnegative().optional(), // as its press was reckoned, where the recorder knows better: the computer had slept
});
export type BegunMark = z.infer<typeof BegunMark>;

/** All that is known while devices are connected. Sent at least four times a second, and at once when a link changes. */
export const RecorderState = z.object({
  phase: RecorderPhase,
  session: z.string().optional(), // its name
  kind: RecordingKind.optional(),
  recordingId: z.string().optional(),
  elapsedS: z.number().nonnegative(), // of the recording: where what happens now lies among the samples of its first stream
  durableS: z.number().nonnegative(), // of it on disk
  /** Of a recording, in monotonic seconds of its host: when this was said, and when its time was 0, as it goes by now. */
  hostTime: z.object({ saidS: z.number(), zeroS: z.number() }).optional(),
  devices: z.array(DeviceState),
  channels: z.array(ChannelLive), // as in the recording
  clocks: z.array(ChannelClock).optional(), // of channels whose device has another clock than the recording, as known by now
  disk: z.object({ freeBytes: z.number().nonnegative(), leftS: z.number().nonnegative() }).optional(),
  waiting: z.object({ memoryBytes: z.number().nonnegative(), spillBytes: z.number().nonnegative() }),
  alarms: z.array(Alarm),
  cue: Cue.optional(),
  plan: z.array(CueStep).optional(), // of a guided recording, in the order in which it goes
  setup: SessionSetup.optional(), // what was armed
  begun: z.array(BegunMark).optional(), // as the window told it
});
export type RecorderState = z.infer<typeof RecorderState>;

/** A recording that was ended. */
export const StoppedRecording = z.object({
  recordingId: z.string(),
  lostSamples: z.number().int().positive().optional(), // that came and could be kept nowhere
  notMarked: ErrorReport.optional(), // why a label that was begun and not ended is lost
});
export type StoppedRecording = z.infer<typeof StoppedRecording>;

export const idleState: RecorderState = {
  phase: "idle",
  elapsedS: 0,
  durableS: 0,
  devices: [],
  channels: [],
  waiting: { memoryBytes: 0, spillBytes: 0 },
  alarms: [],
};

/** Samples as they arrive, for the live view: what is on the line now, stored or not yet. */
export const LiveSamples = z.object({
  recordingId: z.string().optional(), // absent while it is armed only
  sentS: z.number(), // of the recording's time
  channels: z.array(
    z.object({
      channel: z.number().int().nonnegative(),
      first: z.number().int().nonnegative(),
      gap: z.number().int().min(1).max(255).optional(), // reason of the samples between those before and `first`
      values: z.instanceof(Float32Array<ArrayBufferLike>), // physical; NaN where unobserved
      filtered: z.instanceof(Float32Array<ArrayBufferLike>).optional(), // by the causal filters of the live view
      reasons: z.instanceof(Uint8Array<ArrayBufferLike>),
    }),
  ),
});
export type LiveSamples = z.infer<typeof LiveSamples>;

/** Who answered on a port. */
export const DeviceFound = z.object({
  line: LineChoice,
  identity: DeviceState.shape.identity,
  channels: z.array(ChannelHeader),
});
export type DeviceFound = z.infer<typeof DeviceFound>;

export const GuideStep = z.enum(["pause", "resume", "skip", "repeat"]);
export type GuideStep = z.infer<typeof GuideStep>;

/** What a model said of one window, as it came. */
export const LiveDecision = z.object({
  onsetS: z.number(), // of the recording's time
  durationS: z.number().positive(),
  /** By class code; the mean of the ensemble, with the band of its members. Absent: cannot be assessed. */
  classes: z
    .array(z.object({ label: z.string(), mean: z.number(), low: z.number(), high: z.number() }))
    .optional(),
  decision: z.string().optional(), // code; absent: unknown
  forecast: Forecast.optional(), // of a model that looks ahead, from the end of this stretch; such a one decides nothing
  why: z.enum(["unobserved", "untypical", "unsure"]).optional(), // it is unknown
  latencyMs: z.object({ last: z.number(), p50: z.number(), p95: z.number() }), // arrival of its last sample to the decision, over the last minute
});
export type LiveDecision = z.infer<typeof LiveDecision>;

/** A decision before its delay is known. */
export interface JudgedWindow {
  readonly said: Omit<LiveDecision, "latencyMs">;
  readonly arrivedS: number | undefined; // monotonic, of the read that brought its last sample; undefined where that is lost
}

/** Which model judges what is about to be recorded. */
export interface LiveOrder extends NonNullable<ParsedSessionSetup["live"]> {
  readonly kind: RecordingKind;
  readonly channels: readonly ChannelHeader[]; // as in the recording
}

/** From which share of the training windows below it a window is like them, and from which probability on a class is named. */
export const liveLimits = { typicality: 0.01, probability: 0.6 } as const;

/** Every byte of a line with its time, for a monitor that Kodo does not know. */
export const CaptureRequest = z.object({ port: z.string().min(1).max(4096), line: LineChoice });
export const CaptureState = z.object({
  path: z.string(),
  port: z.string(),
  isRunning: z.boolean(),
  bytes: z.number().int().nonnegative(),
  seconds: z.number().nonnegative(),
  head: z.string(), // the last 64 bytes, hexadecimal
  repeatBytes: z.number().int().positive().optional(), // period of the stream, where it has one
  problem: z.object({ code: z.string(), message: z.string() }).optional(),
});
export type CaptureState = z.infer<typeof CaptureState>;
