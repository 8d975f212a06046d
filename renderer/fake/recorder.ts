import type { z } from "zod";
import {
  type Alarm,
  type CaptureState,
  type ContactState,
  type ChannelLive,
  type Cue,
  type DeviceList,
  type ElectrodeContact,
  type DeviceState,
  idleState,
  type LiveDecision,
  type LiveSamples,
  type NewMark,
  type ParsedDeviceChoice,
  type ParsedSessionSetup,
  type RecorderState,
  type SessionTemplate,
  type SignalQuality,
} from "../../preload/contract/acquisition.ts";
import type { Forecast } from "../../preload/contract/finding.ts";
import type { Annotation } from "../../preload/contract/annotation.ts";
import type { EventName, EventPayload, Handlers } from "../../preload/contract/channels.ts";
import { AppError } from "../../preload/contract/errors.ts";
import { maskReasons } from "../../preload/contract/mask.ts";
import type { ChannelHeader } from "../../preload/contract/recording.ts";
import { deviceFor, fakeDevices, type FakeDevice } from "./recorder-devices.ts";
import { cueAt, planOf, type GuidedPlan } from "./recorder-guide.ts";
import { emgGestures, type Samples } from "./study.ts";

/** What the fake library does for a recording under way. */
export interface RecorderHost {
  readonly emit: <N extends EventName>(name: N, payload: EventPayload<N>) => void;
  readonly begin: (made: {
    readonly setup: ParsedSessionSetup;
    readonly channels: readonly ChannelHeader[];
    readonly signal: (channel: number) => Samples;
  }) => string;
  readonly grew: (recordingId: string, isEnded: boolean) => void;
  readonly forecast: (recordingId: string, atS: number) => Forecast | null;
  readonly annotate: (recordingId: string, mark: MarkMade) => Annotation;
}

/** A mark with its time. */
export type MarkMade = z.output<typeof NewMark> & { readonly atS: number };

type Fault = "unplugged" | "silent" | "losing";

/** A channel as it is kept: everything that came, stored or not. */
interface Kept {
  values: Float32Array;
  reasons: Uint8Array;
  count: number;
}

interface Line {
  readonly choice: ParsedDeviceChoice;
  readonly device: FakeDevice;
  readonly firstChannel: number;
  fault: Fault | undefined;
  faultSinceS: number;
  sent: number; // samples that the device has sent since recording began
  lost: Record<string, number>;
  lostShare: number;
  longestGapS: number;
  gaps: number;
}

const STATE_S = 0.25;
const SAMPLES_S = 1 / 30;
const GREW_S = 1;
const DURABLE_LAG_S = 0.4;
const SILENT_AFTER_S = 2;
const QUALITY_S = 5;
const GIGABYTE = 1e9;

const CONTACT_ENDED = "2026-06-01T09:30:00.000Z";

/** Some electrodes of a board are measured, one is being, the others wait. */
const contactOf = ({ protocol, port }: ParsedDeviceChoice): ContactState => ({
  ...{ protocol, port, isRunning: true, limits: { goodKOhm: 750, openKOhm: 2500 } },
  electrodes: Array.from({ length: 16 }, (_, i): ElectrodeContact => {
    const channel = (i >> 1) + 1;
    const input = i % 2 === 0 ? ("P" as const) : ("N" as const);
    const electrode = { channel, label: `EMG ${channel}`, input };
    const kOhm = [18.4, 21, 903, 34][i];
    if (kOhm !== undefined)
      return { ...electrode, stands: "measured", kOhm, word: kOhm < 750 ? "good" : "poor" };
    if (i === 4) return { ...electrode, stands: "measured", word: "open" };
    return { ...electrode, stands: i === 5 ? "measuring" : "waiting" };
  }),
});

/**
 * A pretended recorder: a Series 50 monitor and a Cyton that really send. Its clock is virtual: it runs with the
 * window's, or `advance` moves it. Devices can be unplugged, stall, lose frames; the disk can fill.
 */
export class FakeRecorder {
  readonly #host: RecorderHost;
  readonly #seed: number;
  readonly #isManual: boolean;
  #state: RecorderState = idleState;
  #lastRecordingId: string | undefined;
  #setup: ParsedSessionSetup | undefined;
  #lines: Line[] = [];
  #kept: Kept[] = [];
  #nowS = 0; // since arming, then since recording began
  #sentS = 0;
  #saidS = 0;
  #grewS = 0;
  #qualityS = 0;
  #history: SignalQuality[][] = [];
  #disk = { freeBytes: 212 * GIGABYTE, leftS: 31 * 3600 };
  #spillBytes = 0;
  #isStored = true;
  #guide: GuidedPlan | undefined;
  #decidedS = 0;
  #aheadS = 0;
  #timer: ReturnType<typeof setInterval> | undefined;
  #templates: SessionTemplate[] = [];
  #remembered = new Map<string, ParsedDeviceChoice>();
  #capture: CaptureState | null = null;
  #contact: ContactState | null = null;
  #devices: DeviceList = fakeDevices;

  constructor(host: RecorderHost, options: { readonly seed?: number; readonly isManual?: boolean } = {}) {
    this.#host = host;
    this.#seed = options.seed ?? 1;
    this.#isManual = options.isManual ?? false;
  }

  // ── what a test or the harness may do to it ───────────────────────────────────────────────────────────────

  unplug(device = 0): void {
    this.#fail(device, "unplugged");
  }
  stall(device = 0): void {
    this.#fail(device, "silent");
  }
  lose(device = 0): void {
    this.#fail(device, "losing");
  }
  /** The device is there again: what it sent meanwhile is missing, with its reason. */
  mend(device = 0): void {
    const line = this.#lines[device];
    if (line?.fault === undefined) return;
    const wasLosing = line.fault === "losing";
    const gapS = this.#nowS - line.faultSinceS;
    if (!wasLosing) {
      const reason = line.fault === "unplugged" ? maskReasons.linkDown : maskReasons.stalled;
      this.#send(line, reason);
      line.longestGapS = Math.max(line.longestGapS, gapS);
      line.gaps += 1;
    }
    line.fault = undefined;
    line.lostShare = 0;
    this.#say();
  }
  fillDisk(leftS: number): void {
    this.#disk = { freeBytes: leftS * 2e3, leftS };
    this.#isStored = leftS > 0;
    this.#say();
  }
  slowDisk(spillBytes: number): void {
    this.#spillBytes = spillBytes;
    this.#say();
  }
  portProblems(problems: DeviceList["problems"]): void {
    this.#devices = { ...this.#devices, problems };
  }
  /** Moves its clock on, in one piece. */
  advance(seconds: number): void {
    if (this.#state.phase === "idle") return;
    this.#nowS += seconds;
    this.#disk = { ...this.#disk, leftS: Math.max(0, this.#disk.leftS - seconds) };
    this.#stepGuide();
    if (this.#nowS - this.#sentS >= SAMPLES_S) this.#sendAll();
    if (this.#nowS - this.#qualityS >= QUALITY_S) this.#judge();
    if (this.#nowS - this.#saidS >= STATE_S) this.#say();
    if (this.#nowS - this.#grewS >= GREW_S) this.#store();
    this.#decide();
  }

  // ── the contract ──────────────────────────────────────────────────────────────────────────────────────────

  answers() {
    return {
      "devices.list": () => ({
        ...this.#devices,
        remembered: [...this.#remembered].map(([portId, choice]) => ({ portId, choice })),
      }),
      "devices.identify": (choice) => {
        const device = this.#answering(choice);
        const line =
          choice.line ?? fakeDevices.protocols.find((one) => one.kind === choice.protocol)?.lines[0];
        if (line === undefined) throw new AppError("device/silent", `Nothing came from ${choice.port}`);
        return { line, identity: device.identity, channels: [...device.channels] };
      },
      "recorder.state": () => this.#state,
      "recorder.arm": (setup) => this.#arm(setup),
      "recorder.record": () => this.#record(),
      "recorder.stop": () => this.#stop(),
      "recorder.mark": (mark) => this.#mark(mark),
      "recorder.begun": ({ marks }) => {
        this.#state = { ...this.#state, begun: marks };
      },
      "recorder.silence": () => undefined, // it makes no sound
      "recorder.guide": ({ step }) => {
        this.#guide?.take(step, this.#nowS);
        if (this.#guide) this.#say();
      },
      "recorder.templates": () => this.#templates,
      "recorder.saveTemplate": (template) => {
        this.#templates = [template, ...this.#templates.filter(({ name }) => name !== template.name)];
      },
      "recorder.removeTemplate": ({ name }) => {
        this.#templates = this.#templates.filter((one) => one.name !== name);
      },
      "capture.start": ({ port }) => {
        const path = "/home/sato/line.kodocapture";
        const head = "1002430000000000a0000000a0000000a0000000a00000000000001e1e1e1e10037f2a";
        this.#capture = { path, port, isRunning: true, bytes: 1820, seconds: 40, head, repeatBytes: 45 };
        return this.#capture;
      },
      "capture.stop": () => {
        if (this.#capture === null) throw new AppError("device/no-capture", "Nothing is being captured");
        this.#capture = { ...this.#capture, isRunning: false };
        return this.#capture;
      },
      "capture.state": () => this.#capture,
      "contact.start": (choice) => {
        this.#answering(choice);
        if (choice.protocol !== "cyton")
          throw new AppError("device/no-contact", "It does not measure how its electrodes lie");
        this.#contact = contactOf(choice);
        this.#host.emit("contact.changed", this.#contact);
        return this.#contact;
      },
      "contact.stop": () => {
        if (this.#contact === null)
          throw new AppError("device/no-contact-check", "The contact of no electrodes is being measured");
        if (this.#contact.isRunning) {
          const problem = { code: "cancelled/by-user", message: "Cancelled", detail: {} };
          this.#contact = {
            ...this.#contact,
            isRunning: false,
            areSettingsBack: true,
            problem,
            endedAt: CONTACT_ENDED,
          };
          this.#host.emit("contact.changed", this.#contact);
        }
        return this.#contact;
      },
      "contact.state": () => this.#contact,
    } satisfies Partial<Handlers>;
  }

  #answering(choice: ParsedDeviceChoice): FakeDevice {
    const device = deviceFor(choice, this.#seed);
    if (device) return device;
    const { protocol, port } = choice;
    if (!this.#devices.ports.some(({ path }) => path === port))
      throw new AppError("device/not-found", `No device on ${port}`, { port });
    throw new AppError("device/silent", `Nothing came from ${port} that ${protocol} can read`, { port });
  }

  #arm(setup: ParsedSessionSetup): RecorderState {
    if (this.#state.phase !== "idle")
      throw new AppError("device/busy", "Devices are connected already", { phase: this.#state.phase });
    let firstChannel = 0;
    this.#lines = setup.devices.map((choice) => {
      const device = this.#answering(choice);
      const line: Line = {
        ...{
          choice,
          device,
          firstChannel,
          fault: undefined,
          faultSinceS: 0,
          sent: 0,
          lost: {},
          lostShare: 0,
        },
        ...{ longestGapS: 0, gaps: 0 },
      };
      firstChannel += device.channels.length;
      const port = this.#devices.ports.find(({ path }) => path === choice.port);
      this.#remembered.set(port?.id ?? choice.port, choice);
      return line;
    });
    this.#setup = setup;
    this.#begin();
    this.#state = {
      ...idleState,
      phase: "armed",
      session: setup.name || setup.subject,
      kind: setup.kind,
      setup,
    };
    this.#tick();
    this.#say();
    return this.#state;
  }

  #begin(): void {
    this.#nowS = this.#sentS = this.#saidS = this.#grewS = this.#qualityS = this.#decidedS = this.#aheadS = 0;
    this.#kept = this.#lines.flatMap(({ device }) =>
      device.channels.map(() => ({
        values: new Float32Array(4096),
        reasons: new Uint8Array(4096),
        count: 0,
      })),
    );
    this.#history = this.#kept.map(() => []);
    for (const line of this.#lines) line.sent = 0;
  }

  #record(): { recordingId: string } {
    const setup = this.#setup;
    if (this.#state.phase !== "armed" || setup === undefined)
      throw new AppError("device/not-armed", "No device has been connected yet");
    this.#begin();
    const recordingId = this.#host.begin({
      setup,
      channels: this.#lines.flatMap(({ device }) => device.channels),
      signal: (channel) => {
        const kept = this.#kept[channel];
        const count = Math.min(kept?.count ?? 0, this.#storedOf(channel));
        return {
          values: kept?.values.subarray(0, count) ?? new Float32Array(0),
          reasons: kept?.reasons.subarray(0, count) ?? new Uint8Array(0),
        };
      },
    });
    if (setup.guided) this.#guide = planOf(setup.guided);
    this.#lastRecordingId = recordingId;
    this.#state = { ...this.#state, phase: "recording", recordingId };
    this.#say();
    return { recordingId };
  }

  #stop(): { recordingId: string } | null {
    const { recordingId, begun = [] } = this.#state;
    for (const { atS, ...mark } of begun)
      this.#mark({ ...mark, note: "", atS, durationS: Math.max(0, this.#nowS - atS) });
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#guide = undefined;
    this.#state = idleState;
    if (recordingId !== undefined) this.#host.grew(recordingId, true);
    this.#host.emit("recorder.changed", idleState);
    return recordingId === undefined ? null : { recordingId };
  }

  #mark(mark: z.output<typeof NewMark>): Annotation {
    const recordingId = this.#state.recordingId ?? this.#lastRecordingId;
    if (recordingId === undefined)
      throw new AppError("device/not-recording", "Marks can be set once it is recorded");
    const begun = (this.#state.begun ?? []).filter(
      ({ labelSet, label, atS }) => labelSet !== mark.labelSet || label !== mark.label || atS !== mark.atS,
    );
    this.#state = { ...this.#state, begun };
    return this.#host.annotate(recordingId, { ...mark, atS: mark.atS ?? this.#nowS });
  }

  #tick(): void {
    if (this.#isManual) return;
    let last = Date.now();
    this.#timer = setInterval(() => {
      const now = Date.now();
      this.advance((now - last) / 1000);
      last = now;
    }, 1000 * SAMPLES_S);
  }

  // ── what comes ────────────────────────────────────────────────────────────────────────────────────────────

  #fail(device: number, fault: Fault): void {
    const line = this.#lines[device];
    if (!line) return;
    this.#sendAll();
    line.fault = fault;
    line.faultSinceS = this.#nowS;
    if (fault === "losing") line.lostShare = 0.12;
    this.#say();
  }

  #sendAll(): void {
    for (const line of this.#lines) if (line.fault === undefined || line.fault === "losing") this.#send(line);
    this.#sentS = this.#nowS;
  }

  /** Everything a device has sent since it was last listened to; with a reason it is all missing. */
  #send(line: Line, reason?: number): void {
    const { device, firstChannel, sent } = line;
    const rate = device.channels[0]?.sampleRate ?? 1;
    const due = Math.floor((this.#nowS * rate) / device.blockSamples) * device.blockSamples;
    const count = due - sent;
    if (count <= 0) return;
    const isLost = line.fault === "losing" && Math.floor(this.#nowS * 3) % 8 === 0;
    const missing = reason ?? (isLost ? maskReasons.droppedPacket : undefined);
    const channels: LiveSamples["channels"] = device.channels.map((_, c) => {
      const channel = firstChannel + c;
      const piece = device.piece(c, sent, count, this.#strengthOf(c));
      if (missing !== undefined) {
        piece.values.fill(Number.NaN);
        piece.filtered?.fill(Number.NaN);
        piece.reasons.fill(missing);
      }
      this.#keep(channel, piece);
      return { channel, first: sent, ...piece };
    });
    line.sent = due;
    if (missing !== undefined) this.#countLoss(line, missing, count);
    const { recordingId } = this.#state;
    this.#host.emit("recorder.samples", {
      ...(recordingId === undefined ? {} : { recordingId }),
      sentS: this.#nowS,
      channels,
    });
  }

  #countLoss(line: Line, reason: number, count: number): void {
    const name = Object.entries(maskReasons).find(([, code]) => code === reason)?.[0] ?? "droppedPacket";
    line.lost = { ...line.lost, [name]: (line.lost[name] ?? 0) + count };
  }

  #keep(channel: number, piece: { readonly values: Float32Array; readonly reasons: Uint8Array }): void {
    const kept = this.#kept[channel];
    if (!kept) return;
    const count = kept.count + piece.values.length;
    if (count > kept.values.length) {
      const length = 2 ** Math.ceil(Math.log2(count));
      const [values, reasons] = [new Float32Array(length), new Uint8Array(length)];
      values.set(kept.values);
      reasons.set(kept.reasons);
      Object.assign(kept, { values, reasons });
    }
    kept.values.set(piece.values, kept.count);
    kept.reasons.set(piece.reasons, kept.count);
    kept.count = count;
  }

  /** How strong the muscle under an electrode is now, from 0 to 1: by the cue, or by a habit of its own. */
  #strengthOf(channel: number): number {
    const cue = this.#guide && cueAt(this.#guide, this.#nowS);
    if (cue?.what === "mvc") return 1;
    if (cue !== undefined && cue.what !== "hold") return 0.02;
    const codes = emgGestures.labels.map(({ code }) => code);
    const gesture =
      cue?.label === undefined ? Math.floor(this.#nowS / 6) % codes.length : codes.indexOf(cue.label);
    if (gesture <= 0) return 0.02;
    const place = (channel + gesture * 1.3) % 8;
    return 0.03 + 0.6 * Math.exp(-0.5 * ((place - 3) / 1.1) ** 2);
  }

  #storedOf(channel: number): number {
    const line = this.#lines.findLast(({ firstChannel }) => firstChannel <= channel);
    const rate = line?.device.channels[0]?.sampleRate ?? 1;
    return Math.max(0, Math.floor(this.#durableS() * rate));
  }

  #durableS(): number {
    return Math.max(0, this.#nowS - (this.#isStored ? DURABLE_LAG_S : 90));
  }

  #store(): void {
    this.#grewS = this.#nowS;
    const { recordingId } = this.#state;
    if (recordingId === undefined) return;
    this.#host.grew(recordingId, false);
    this.#host.emit("recordings.grew", {
      id: recordingId,
      sampleCounts: this.#kept.map((kept, channel) => Math.min(kept.count, this.#storedOf(channel))),
    });
  }

  // ── what is said of it ────────────────────────────────────────────────────────────────────────────────────

  #judge(): void {
    const cells = Math.floor((this.#nowS - this.#qualityS) / QUALITY_S);
    for (let cell = 0; cell < cells; cell++) {
      const endS = this.#qualityS + (cell + 1) * QUALITY_S;
      this.#history.forEach((history, channel) => {
        history.push(this.#qualityAt(channel, endS));
        if (history.length > 60) history.shift();
      });
    }
    this.#qualityS += cells * QUALITY_S;
  }

  #qualityAt(channel: number, endS: number): SignalQuality {
    const { rate } = this.#headerOf(channel);
    const [from, to] = [Math.floor((endS - QUALITY_S) * rate), Math.floor(endS * rate)];
    const reasons = this.#kept[channel]?.reasons.subarray(from, to);
    const there = this.#kept[channel]?.count ?? 0;
    if (reasons === undefined || there <= from) return "none";
    const missing = reasons.filter((reason) => reason !== 0).length + Math.max(0, to - there);
    return missing > 0.6 * (to - from) ? "none" : missing > 0.1 * (to - from) ? "weak" : "good";
  }

  #headerOf(channel: number): { readonly line: Line | undefined; readonly rate: number } {
    const line = this.#lines.findLast(({ firstChannel }) => firstChannel <= channel);
    return { line, rate: line?.device.channels[0]?.sampleRate ?? 1 };
  }

  #say(): void {
    this.#saidS = this.#nowS;
    const isRecording = this.#state.phase === "recording";
    const hostS = performance.now() / 1000;
    const cue = this.#guide && cueAt(this.#guide, this.#nowS);
    this.#state = {
      ...this.#state,
      elapsedS: isRecording ? this.#nowS : 0,
      durableS: isRecording ? this.#durableS() : 0,
      ...(isRecording ? { hostTime: { saidS: hostS, zeroS: hostS - this.#nowS } } : {}),
      devices: this.#lines.map((line) => this.#deviceState(line)),
      channels: this.#lines.flatMap((line, device) =>
        line.device.channels.map((header, c) => this.#channelLive(header, line.firstChannel + c, device)),
      ),
      disk: this.#disk,
      waiting: { memoryBytes: this.#isStored ? 4096 : 6e6, spillBytes: this.#spillBytes },
      alarms: this.#alarms(),
      ...(cue === undefined ? {} : { cue }),
      ...(this.#guide === undefined ? {} : { plan: [...this.#guide.steps] }),
    };
    this.#host.emit("recorder.changed", this.#state);
  }

  #deviceState({ choice, device, fault, faultSinceS, sent, ...line }: Line): DeviceState {
    const silentS = fault === undefined || fault === "losing" ? 0 : this.#nowS - faultSinceS;
    const link = fault === "unplugged" || fault === "silent" ? fault : "streaming";
    return {
      ...{ protocol: choice.protocol, port: choice.port, identity: device.identity, link, silentS },
      attempts: fault === "unplugged" ? Math.floor(silentS) : 0,
      received: sent,
      lost: line.lost,
      isLossExact: choice.protocol !== "series50",
      lostShare5s: line.lostShare,
      longestGapS: line.longestGapS,
      gaps: line.gaps,
      skippedBytes: 0,
      ...(this.#nowS > 60
        ? { clock: { ppm: 11, errorMs: 0.6, isOff: false, rate: device.channels[0]?.sampleRate ?? 1 } }
        : {}),
    };
  }

  #channelLive(header: ChannelHeader, channel: number, device: number): ChannelLive {
    const { label, unit, role, sampleRate } = header;
    const kept = this.#kept[channel];
    const count = kept?.count ?? 0;
    let last = count - 1;
    while (last >= 0 && (kept?.reasons[last] ?? 1) !== 0) last -= 1;
    const span = Math.min(count, QUALITY_S * sampleRate);
    const missing = kept?.reasons.subarray(count - span, count).filter((reason) => reason !== 0).length ?? 0;
    return {
      ...{ label, unit, role, sampleRate, device, sampleCount: count },
      site: this.#lines[device]?.choice.sites[channel - (this.#lines[device]?.firstChannel ?? 0)] ?? "",
      ...(last < 0 ? {} : { value: kept?.values[last] ?? 0, ageS: this.#nowS - (last + 1) / sampleRate }),
      quality: this.#qualityAt(channel, this.#nowS),
      railedShare: 0,
      missingShare: span === 0 ? 1 : missing / span,
      ...(role === "emg" ? { powerLineShare: 0.006 + 0.005 * (channel % 4) } : {}),
      history: [...(this.#history[channel] ?? [])],
      ...(role === "emg"
        ? {
            filters: [
              { kind: "high-pass" as const, hz: 20 },
              { kind: "low-pass" as const, hz: 95 },
              { kind: "notch" as const, hz: 50 },
            ],
          }
        : {}),
    };
  }

  #alarms(): Alarm[] {
    const ofDevices = this.#lines.flatMap((line, device): Alarm[] => {
      const { fault, faultSinceS, choice } = line;
      const forS = this.#nowS - faultSinceS;
      if (fault === undefined || (fault === "silent" && forS < SILENT_AFTER_S)) return [];
      const kind = fault === "losing" ? "loss" : fault;
      const values = { port: choice.port, seconds: forS, share: line.lostShare };
      return [{ kind, device, sinceS: faultSinceS, message: `${kind} on ${choice.port}`, values }];
    });
    const { leftS } = this.#disk;
    const ofDisk: Alarm[] = [];
    if (!this.#isStored)
      ofDisk.push({ kind: "storage-lost", sinceS: this.#nowS, message: "The disk is full", values: {} });
    else if (leftS < 3600)
      ofDisk.push({
        kind: "disk-low",
        sinceS: this.#nowS,
        message: "The disk is nearly full",
        values: { leftS },
      });
    if (this.#spillBytes > 0)
      ofDisk.push({
        ...{ kind: "storage-slow", sinceS: this.#nowS, message: "The library is slow" },
        values: { bytes: this.#spillBytes },
      });
    return [...ofDevices, ...ofDisk];
  }

  // ── cues and decisions ────────────────────────────────────────────────────────────────────────────────────

  #stepGuide(): void {
    const guided = this.#setup?.guided;
    const { recordingId } = this.#state;
    if (this.#guide === undefined || guided === undefined || recordingId === undefined) return;
    for (const held of this.#guide.pass(this.#nowS)) {
      const durationS = held.endsS - held.beganS - 2 * guided.trimS;
      if (durationS <= 0) continue;
      const atS = held.beganS + guided.trimS;
      const mark = {
        labelSet: guided.labelSet,
        label: held.label,
        atS,
        durationS,
        note: "",
        author: "guide",
      };
      this.#host.annotate(recordingId, mark);
    }
  }

  #decide(): void {
    const { phase } = this.#state;
    if (this.#setup?.live === undefined || phase !== "recording" || this.#nowS - this.#decidedS < 0.2) return;
    this.#decidedS = this.#nowS;
    const cue: Cue | undefined = this.#guide && cueAt(this.#guide, this.#nowS);
    const { kind, recordingId } = this.#state;
    if (kind !== "ctg") this.#host.emit("recorder.decided", decisionAt(this.#nowS, cue));
    else if (recordingId !== undefined) this.#lookAhead(recordingId);
  }

  /** Of heart rates it is said what may come, once a second, from the last whole second on. */
  #lookAhead(recordingId: string): void {
    const atS = Math.floor(this.#nowS);
    if (atS <= this.#aheadS) return;
    this.#aheadS = atS;
    const isHeard = this.#lines.some(({ fault }) => fault !== "unplugged" && fault !== "silent");
    const forecast = isHeard ? this.#host.forecast(recordingId, atS) : null;
    this.#host.emit("recorder.decided", {
      ...{ onsetS: atS - 1, durationS: 1, latencyMs: { last: 8.2, p50: 8.4, p95: 12.9 } },
      ...(forecast === null ? { why: "unobserved" as const } : { forecast }),
    });
  }
}

/** What a model would say: sure while a gesture is held, unsure while it changes. */
function decisionAt(nowS: number, cue: Cue | undefined): LiveDecision {
  const codes = emgGestures.labels.map(({ code }) => code);
  const held = cue === undefined ? codes[Math.floor(nowS / 6) % codes.length] : (cue.label ?? "neutral");
  const isSure = cue === undefined ? nowS % 6 > 1 : cue.what !== "change";
  const mean = isSure ? 0.93 + 0.03 * Math.sin(nowS) : 0.42;
  const rest = (1 - mean) / (codes.length - 1);
  return {
    onsetS: Math.max(0, nowS - 0.2),
    durationS: 0.2,
    classes: codes.map((label) => {
      const p = label === held ? mean : rest;
      return { label, mean: p, low: Math.max(0, p - 0.03), high: Math.min(1, p + 0.02) };
    }),
    ...(isSure && held !== undefined ? { decision: held } : { why: "unsure" as const }),
    latencyMs: { last: 5.8 + Math.sin(nowS * 3), p50: 6.1, p95: 11.4 },
  };
}
