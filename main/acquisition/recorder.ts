import { existsSync } from "node:fs";
import type { Annotation, NewAnnotation } from "../../preload/contract/annotation.ts";
import {
  type Alarm,
  type BegunMark,
  type GuideStep,
  idleState,
  type LiveSamples,
  NewMark,
  type ParsedSessionSetup,
  type RecorderPhase,
  type RecorderState,
  type StoppedRecording,
} from "../../preload/contract/acquisition.ts";
import { type ChannelClock, piecesOf } from "../../preload/contract/channel-clock.ts";
import { AppError, type ErrorReport, reportOf } from "../../preload/contract/errors.ts";
import type { ChannelHeader } from "../../preload/contract/recording.ts";
import { within } from "../../preload/contract/within.ts";
import { clocksOf } from "../signal/clocks.ts";
import { heardInPlaces } from "../signal/places.ts";
import { shuffled, uniformFrom } from "../signal/random.ts";
import type { Heard } from "../signal/piece.ts";
import type { AsyncLibrary } from "../storage/api.ts";
import type { ClockFit } from "../storage/samples/arrivals.ts";
import { spillPath } from "../storage/samples/spill-path.ts";
import { ArmedDevice } from "./armed-device.ts";
import type { StreamChannels } from "./batch.ts";
import { alarmsOf } from "./alarms.ts";
import type { PortAccess } from "./device-link.ts";
import { Guide, type Held } from "./guide.ts";
import { protocolOf } from "./protocols/registry.ts";
import { LiveFeed } from "./live-feed.ts";
import { deviceMarks } from "./device-marks.ts";
import { readOut } from "./read-out.ts";
import { factsOf } from "./session-facts.ts";
import { leftSpills } from "./spill.ts";
import { SleepWatch } from "./sleep-watch.ts";
import { recordedByS, type StreamTrack } from "./stream-track.ts";
import type { DeviceMark } from "./protocols/protocol.ts";
import { recoverSpill, Writer } from "./writer.ts";

export interface RecorderOptions {
  readonly library: AsyncLibrary;
  readonly libraryPath: string;
  readonly ports: PortAccess;
  readonly nowS: () => number; // monotonic
  readonly wallMs: () => number;
  readonly uptimeS: () => number; // counts the time the computer slept
  readonly freeBytes: () => Promise<number | undefined>; // where the library lies
  readonly listener: RecorderListener;
}

export interface RecorderListener {
  changed(state: RecorderState): void;
  began(begun: Pick<Continued, "recordingId" | "beganS" | "aheadS">): void;
  samples(samples: LiveSamples): void;
  /** What was just told of the recording, for a model that judges it as it comes. */
  heard(heard: readonly Heard[]): void;
  grew(recordingId: string, counts: readonly number[]): void;
  annotated(recordingId: string): void;
  failed(where: string, error: unknown): void;
}

/** What runs how often, in milliseconds. */
const TICK_MS = 16;
const WATCH_MS = 100;
const STATE_MS = 250;
const BLOCK_MS = 400; // durable at least once a second, with what the library takes on a slow disk
const DISK_MS = 10_000;
const DRAIN_MS = 5000;
const GO_ON_MS = 500;
/** A press that lies too early by less was reckoned by a clock that has been set right meanwhile. */
const SLEPT_S = 1;
const SAME_S = 1e-3; // of one press, said twice
/** How far from the press of the key the first sample may lie, seconds. */
const FIRST_S = 0.3;

interface Session {
  readonly setup: ParsedSessionSetup;
  readonly name: string;
  readonly devices: readonly ArmedDevice[];
  readonly live: LiveFeed;
}

interface Underway {
  readonly recordingId: string;
  readonly beganS: number;
  readonly writer: Writer;
  readonly guide: Guide | undefined;
  readonly isGoneOn: boolean; // another process began it
  readonly lines: Map<string, ClockFit>; // of all streams so far
  clocks: readonly ChannelClock[];
  endS: number | undefined; // of its time, once nothing comes any more
  begun: readonly BegunMark[]; // by a first press, whose second has not come
  isBegunKept: boolean; // in the library
  notMarked: ErrorReport | undefined; // why what was begun could not be kept
  /** Annotations on their way into the library. */
  readonly marks: Set<Promise<unknown>>;
}

/** A recording whose process ended before it did, to be gone on with. */
export interface Continued {
  readonly setup: ParsedSessionSetup;
  readonly recordingId: string;
  readonly beganS: number; // monotonic, the same clock in every process but for what was slept
  readonly aheadS?: number | undefined; // by how much the clock that counts sleep was ahead of it; absent: nothing was slept
  readonly guidedStep?: number | undefined; // of a guided one, the step that was cut off
  readonly begun?: readonly BegunMark[] | undefined;
}

/** A recording that begins, or goes on. */
interface Begun {
  readonly recordingId: string;
  readonly beganS: number;
  readonly goneOn:
    | (Pick<Continued, "guidedStep" | "begun"> & {
        readonly durableS: number;
        readonly fits: readonly ClockFit[];
      })
    | undefined;
}

/** idle → connecting → armed → recording → stopping → idle. One session at a time, of one device or several. */
export class Recorder {
  readonly #options: RecorderOptions;
  readonly #sleep: SleepWatch;
  #phase: RecorderPhase = "idle";
  #arming: Promise<unknown> = Promise.resolve();
  #recovering: Promise<unknown> = Promise.resolve();
  #session: Session | undefined;
  #underway: Underway | undefined;
  #stopping: Promise<StoppedRecording | null> | undefined; // whoever asks meanwhile waits for the same end
  #awaited: string | undefined; // a recording that goes on as soon as the library can be written
  #goingOn: Promise<unknown> = Promise.resolve(); // until it does, or is awaited no more
  #timer: NodeJS.Timeout | undefined;
  #dueMs = { watch: 0, state: 0, block: 0, disk: 0 };
  #free: number | undefined;
  #jumps: Alarm[] = [];
  #heard: Heard[] = []; // in this turn
  #sleptFromS = Infinity; // monotonic: no later than this the computer fell asleep the last time

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#sleep = new SleepWatch(options);
  }

  get phase(): RecorderPhase {
    return this.#phase;
  }

  /** Every device answers and streams; rejects with the first reason why one does not, and lets all of them go. */
  async arm(setup: ParsedSessionSetup): Promise<RecorderState> {
    if (this.#phase !== "idle")
      throw new AppError("device/busy-recording", "A session is under way; it has to be ended first");
    this.#phase = "connecting";
    const arming = this.#connect(setup);
    this.#arming = arming.catch(() => undefined);
    try {
      await arming;
    } catch (error) {
      if (this.#stopping === undefined) await this.#letGo();
      else await this.#stopping; // it lets them go
      throw error;
    }
    return this.#tell();
  }

  async #connect(setup: ParsedSessionSetup): Promise<void> {
    refuseOtherKind(setup);
    await refuseUnknownLabels(setup, this.#options.library);
    const { devices } = await this.#prepare(setup);
    this.#refuseEnded();
    await Promise.all(devices.map((one) => one.connect()));
    await this.#remember(setup);
    this.#refuseEnded();
    this.#phase = "armed";
  }

  #refuseEnded(): void {
    if (this.#stopping !== undefined) throw new AppError("cancelled/by-user", "Cancelled");
  }

  async record(): Promise<{ recordingId: string }> {
    const session = this.#armed();
    const { setup, devices, name } = session;
    const { library } = this.#options;
    this.#phase = "recording";
    let recordingId: string | undefined;
    try {
      recordingId = await library.createRecording({
        header: {
          name,
          kind: setup.kind,
          subject: setup.subject,
          startedAt: localTime(this.#options.wallMs()),
          channels: this.headers,
          facts: factsOf(setup, devices),
        },
        ...{ subject: setup.subject, study: setup.study, state: "recording" },
        synthetic: setup.devices.every(({ port }) => port.startsWith("simulated:")),
        source: {
          format: "sensor",
          file: setup.devices.map(({ protocol }) => protocol).join("+"),
          sha256: "",
        },
      });
      if (setup.note !== "") await library.changeRecording(recordingId, { note: setup.note });
      if (this.#session !== session || this.#stopping !== undefined)
        throw new AppError("cancelled/by-user", "The session was ended meanwhile");
      this.#watch(session); // what was slept before it is none of it
      const beganS = this.#firstSampleS(session);
      for (const device of devices) device.begin(beganS);
      this.#begin(session, { recordingId, beganS, goneOn: undefined });
      return { recordingId };
    } catch (error) {
      if (recordingId !== undefined) await library.purgeRecording(recordingId); // nothing half-written stays
      if (this.#session === session && this.#stopping === undefined) this.#phase = "armed";
      throw error;
    }
  }

  /** The session of which nothing is recorded yet and every device streams. */
  #armed(): Session {
    if (this.#phase === "recording" || this.#phase === "stopping")
      throw new AppError("device/busy-recording", "A recording is under way already");
    if (this.#phase === "connecting")
      throw new AppError("device/not-armed", "The devices are still being connected");
    if (this.#session === undefined || this.#stopping !== undefined)
      throw new AppError("device/not-armed", "No device has been connected yet");
    return this.#session;
  }

  /** What waits in spill files of recordings that ended with their process goes into them. */
  recover(): Promise<unknown> {
    const { library, libraryPath, listener } = this.#options;
    this.#recovering = (async () => {
      for (const path of leftSpills(libraryPath))
        await recoverSpill(library, path).catch((error: unknown) => listener.failed(path, error));
    })();
    return this.#recovering;
  }

  /**
   * A recording that another process began goes on here; what came meanwhile is a gap. While the library cannot be
   * written it is tried again and again: nothing but `stop` ends that.
   */
  async continued(underway: Continued): Promise<RecorderState> {
    this.#phase = "recording";
    this.#awaited = underway.recordingId;
    this.#goingOn = this.#tryToGoOn(underway);
    await this.#goingOn;
    return this.#tell();
  }

  async #tryToGoOn(underway: Continued): Promise<void> {
    while (this.#awaited === underway.recordingId) {
      try {
        await this.#goOn(underway);
        return;
      } catch (error) {
        this.#options.listener.failed("storage", error);
        await new Promise((done) => setTimeout(done, GO_ON_MS));
      }
    }
  }

  async #goOn({ setup, recordingId, beganS, aheadS, guidedStep, begun }: Continued): Promise<void> {
    const { library, libraryPath } = this.#options;
    await this.#recovering;
    const left = spillPath(libraryPath, recordingId);
    if (existsSync(left)) await recoverSpill(library, left); // it comes before what comes now
    await library.reopenRecording(recordingId);
    const [{ channels }, fits] = await Promise.all([
      library.getRecording(recordingId),
      library.listClockFits(recordingId),
    ]);
    await this.#recall(setup);
    const isEnded = (): boolean => this.#awaited !== recordingId; // meanwhile, by whoever could not wait
    this.#sleep.begin(aheadS);
    const session = isEnded() ? undefined : await this.#prepare(setup, aheadS);
    if (session === undefined || isEnded()) {
      const sinceS = this.#now() - beganS;
      const [fit, rate] = [lastFitOf(fits, 0), channels[0]?.sampleRate];
      const endS = fit === undefined || rate === undefined ? sinceS : recordedByS(fit, rate, sinceS);
      await this.#endBegun({ recordingId, begun }, endS);
      await library.closeRecording(recordingId, { state: "complete", repairs: [] });
      return this.#session === session ? this.#letGo() : undefined;
    }
    this.#awaited = undefined;
    for (const device of session.devices) {
      const goneOn = device.streams.map(({ channel }) => ({
        next: channels[channel]?.sampleCount ?? 0,
        fit: lastFitOf(fits, channel),
      }));
      device.begin(beganS, goneOn);
    }
    this.#options.listener.annotated(recordingId); // what was ended for it is open again
    this.#begin(session, {
      recordingId,
      beganS,
      goneOn: { durableS: this.#toldS(session, beganS), fits, guidedStep, begun },
    });
    for (const one of session.devices) one.link.await();
  }

  /** Ends the recording, if there is one, and lets the devices go. Null where nothing came: then nothing stays. */
  async stop(): Promise<StoppedRecording | null> {
    if (this.#phase === "idle") return null;
    this.#stopping ??= this.#end().finally(() => (this.#stopping = undefined));
    return this.#stopping;
  }

  async #end(): Promise<StoppedRecording | null> {
    const underway = this.#underway;
    let isKept = false;
    const awaited = this.#awaited;
    this.#awaited = undefined;
    if (this.#phase === "recording") this.#phase = "stopping";
    this.#tell();
    try {
      if (underway !== undefined) isKept = await this.#finish(underway);
      if (awaited !== undefined) await within(DRAIN_MS, this.#goingOn);
    } finally {
      await this.#letGo();
    }
    if (awaited !== undefined) return { recordingId: awaited };
    if (underway === undefined || !isKept) return null;
    const { recordingId, writer, notMarked } = underway;
    return {
      recordingId,
      ...(writer.lostSamples === 0 ? {} : { lostSamples: writer.lostSamples }),
      ...(notMarked === undefined ? {} : { notMarked }),
    };
  }

  /**
   * By a person. Where it is the second press of what was begun, that is over once the label is stored. One that is asked
   * again, of a recorder that goes on for another, is stored once.
   */
  async mark(given: NewMark, isAgain = false): Promise<Annotation> {
    const underway = this.#recorded();
    if (this.#session !== undefined) this.#watch(this.#session);
    const marking = this.#mark(underway, given, isAgain);
    this.#keep(underway, marking);
    return marking;
  }

  async #mark(underway: Underway, given: NewMark, isAgain: boolean): Promise<Annotation> {
    const begun = underway.begun.find((one) => isOf(given, one));
    underway.begun = underway.begun.filter((one) => one !== begun);
    if (begun !== undefined) this.#tell();
    const atS = given.atS ?? this.#nowIn(underway) - (given.durationS ?? 0);
    const pressed = this.#awake(underway, { ...given, atS: Math.max(0, atS) });
    const mark = begun === undefined ? pressed : endOf(begun, pressed);
    const stored = isAgain ? await this.#stored(underway.recordingId, mark) : undefined;
    const added = stored ?? (await this.#add(underway.recordingId, mark, true));
    if (begun !== undefined) await this.#keepBegun(underway);
    return added;
  }

  /** The same mark, where it was stored by a recorder that did not live to say so. */
  async #stored(
    recordingId: string,
    { labelSet, label, author, atS, durationS = 0 }: NewMark & { readonly atS: number },
  ): Promise<Annotation | undefined> {
    const all = await this.#options.library.listAnnotations(recordingId);
    return all.find(
      (one) =>
        one.source === "person" &&
        one.labelSet === labelSet &&
        one.label === label &&
        one.author === author &&
        Math.abs(one.onsetS - atS) < SAME_S &&
        Math.abs(one.durationS - durationS) < SAME_S,
    );
  }

  /** A press that was made after the computer woke, and reckoned by what was said before it slept. */
  #awake(underway: Underway, given: NewMark & { readonly atS: number }): NewMark & { readonly atS: number } {
    const { atS, durationS = 0, zeroS } = given;
    const pressedS = zeroS === undefined ? -Infinity : zeroS + atS + durationS; // of an interval this is its end
    if (pressedS < this.#sleptFromS) return given;
    const laterS = this.#inRecording(underway, pressedS + this.#sleep.sleptS) - atS - durationS;
    if (laterS < SLEPT_S) return given;
    return durationS > 0 ? { ...given, durationS: durationS + laterS } : { ...given, atS: atS + laterS };
  }

  #recorded(): Underway {
    if (this.#underway === undefined) throw new AppError("device/not-recording", "Nothing is being recorded");
    return this.#underway;
  }

  async #add(
    recordingId: string,
    given: NewMark & { readonly atS: number },
    isByPerson: boolean,
  ): Promise<Annotation> {
    const { labelSet, label, durationS, note, author } = NewMark.parse(given);
    const onsetS = given.atS;
    const { library, listener } = this.#options;
    const { version } = await library.getLabelSet(labelSet);
    // What the device or the guide marked came with the recording: nobody's undo takes it away.
    const mark: NewAnnotation = {
      ...{ recordingId, labelSet, labelSetVersion: version, label, onsetS, durationS, note, author },
      source: isByPerson ? "person" : "import",
    };
    const [added] = await library.addAnnotations([mark], { isUndoable: isByPerson });
    if (added === undefined) throw new Error("the library added no annotation");
    listener.annotated(recordingId);
    return added;
  }

  /** It outlives the window here and this process in the library: what was begun ends with the recording, whoever ends it. */
  begun(marks: readonly BegunMark[], zeroS?: number): Promise<void> {
    const underway = this.#recorded();
    if (this.#session !== undefined) this.#watch(this.#session);
    underway.begun = marks.map((mark) => {
      const known = underway.begun.find((one) => isOf(mark, one));
      if (known !== undefined) return known;
      const { atS } = this.#awake(underway, { ...mark, zeroS });
      return atS === mark.atS ? mark : { ...mark, atS, pressedS: mark.atS };
    });
    this.#tell();
    return this.#keepBegun(underway);
  }

  /** Where the library does not take it now, it is given once more when that has taken samples. */
  #keepBegun(underway: Underway): Promise<void> {
    const { recordingId, begun } = underway;
    underway.isBegunKept = true;
    const marks = begun.map(({ labelSet, label, author, atS }) => ({ labelSet, label, author, atS }));
    const keeping = this.#options.library.keepBegun(recordingId, marks).catch((error: unknown) => {
      underway.isBegunKept = false;
      throw error;
    });
    this.#keep(underway, keeping);
    return keeping.catch(() => undefined);
  }

  guide(step: GuideStep): void {
    const underway = this.#underway;
    if (underway?.guide === undefined)
      throw new AppError("device/not-guided", "No guided recording is under way");
    underway.guide.step(step, this.#nowIn(underway));
    this.#tell();
  }

  state(): RecorderState {
    const session = this.#session;
    if (session === undefined) return { ...idleState, phase: this.#phase };
    const nowS = this.#now();
    const underway = this.#underway;
    const elapsedS = underway === undefined ? 0 : this.#nowIn(underway);
    const devices = session.devices.map((one) => one.state(nowS));
    const cue = underway?.guide?.cue(elapsedS);
    const waiting = underway?.writer.waiting ?? idleState.waiting;
    const leftS = this.#leftS();
    return {
      phase: this.#phase,
      session: session.name,
      kind: session.setup.kind,
      ...(underway === undefined ? {} : { recordingId: underway.recordingId }),
      elapsedS,
      durableS: Math.min(elapsedS, underway?.writer.durableS ?? 0),
      ...(underway === undefined ? {} : { hostTime: this.#hostTime(underway) }),
      devices,
      channels: session.devices.flatMap((one, i) => one.channels(nowS, i)),
      ...(underway === undefined || underway.clocks.length === 0 ? {} : { clocks: [...underway.clocks] }),
      ...(this.#free === undefined || leftS === undefined ? {} : { disk: { freeBytes: this.#free, leftS } }),
      waiting,
      alarms: [...alarmsOf({ devices, elapsedS, waiting, leftS, writer: underway?.writer }), ...this.#jumps],
      ...(cue === undefined ? {} : { cue, plan: underway?.guide?.plan }),
      setup: session.setup,
      ...(underway === undefined || underway.begun.length === 0 ? {} : { begun: [...underway.begun] }),
    };
  }

  /** A recording begins with a sample of its first device. */
  #firstSampleS({ devices }: Session): number {
    const nowS = this.#now();
    const clock = devices[0]?.streams[0]?.track.clock;
    const index = clock === undefined ? NaN : Math.ceil(clock.indexAt(nowS));
    const firstS = clock === undefined || Number.isNaN(index) ? nowS : clock.timeOf(index);
    return Math.abs(firstS - nowS) < FIRST_S ? firstS : nowS;
  }

  #now(): number {
    return this.#options.nowS() + this.#sleep.sleptS;
  }

  /**
   * The recording's time is that of its first stream, whose samples lie at their nominal rate: what happens now belongs to
   * the one that is made now, whatever the host's clock says.
   */
  #nowIn(underway: Pick<Underway, "beganS" | "endS">): number {
    return underway.endS ?? this.#inRecording(underway, this.#now());
  }

  #inRecording(underway: Pick<Underway, "beganS">, momentS: number): number {
    return Math.max(0, this.#sinceZeroS(underway, momentS));
  }

  /** Below 0 before the first sample. */
  #sinceZeroS({ beganS }: Pick<Underway, "beganS">, momentS: number): number {
    const track = this.#session === undefined ? undefined : firstTrackOf(this.#session);
    return track === undefined ? momentS - beganS : track.recordedS(momentS);
  }

  /** By it whoever knows when a key was pressed knows where that lies in the recording. */
  #hostTime(underway: Pick<Underway, "beganS">): RecorderState["hostTime"] {
    const saidS = this.#options.nowS();
    return { saidS, zeroS: saidS - this.#sinceZeroS(underway, saidS + this.#sleep.sleptS) };
  }

  /** How far every stream is told. */
  #toldS(session: Session, beganS: number): number {
    const tracks = tracksOf(session);
    return Math.min(
      ...tracks.map(({ toldS }) => (toldS === 0 ? 0 : this.#inRecording({ beganS }, beganS + toldS))),
    );
  }

  /** A library that can only be read arms all the same, and refuses to record. */
  async #remember({ devices }: ParsedSessionSetup): Promise<void> {
    const { library, ports, listener } = this.#options;
    const known = devices.map((choice) => ({ portId: ports.idOf?.(choice.port) ?? choice.port, choice }));
    await library.rememberDevices(known).catch((error: unknown) => listener.failed("devices", error));
  }

  /** Who was at which port, as the process that armed them kept it: a device may come back at another. */
  async #recall({ devices }: ParsedSessionSetup): Promise<void> {
    const { library, ports } = this.#options;
    const known = await library.listRemembered(); // the last used first
    for (const { port } of devices) {
      const was = known.find(({ choice }) => choice.port === port);
      if (was !== undefined) ports.is?.(port, was.portId);
    }
  }

  /** Channels of the session, as its recording has them. */
  get headers(): ChannelHeader[] {
    return unlike(this.#session?.devices.flatMap((one) => one.headers) ?? []);
  }

  async #prepare(setup: ParsedSessionSetup, aheadS?: number): Promise<Session> {
    refuseTwice(setup);
    const { library, ports, listener, wallMs } = this.#options;
    const { powerLineHz } = await library.getSettings();
    this.#sleep.begin(aheadS);
    const devices: ArmedDevice[] = [];
    const live = new LiveFeed(powerLineHz);
    for (const choice of setup.devices) {
      const armed: ArmedDevice = new ArmedDevice({
        choice,
        firstChannel: devices.reduce((sum, one) => sum + one.headers.length, 0),
        powerLineHz,
        sleptS: this.#sleep.sleptS,
        ports,
        listener: {
          watched: ({ shape }, piece) => live.add(piece, shape.channels),
          recorded: ({ shape }, heard) => {
            live.add(heard.piece, shape.channels);
            if (setup.live !== undefined) this.#hear(heard, shape.rate);
          },
          marked: (mark, stream, arrivedS) => this.#deviceMarked(mark, stream?.track, arrivedS),
          changed: () => this.#tell(),
          warned: (warning) => listener.failed(choice.port, new AppError("device/warning", warning.message)),
        },
      });
      devices.push(armed);
    }
    const name = setup.name === "" ? `${setup.subject} ${localTime(wallMs()).replace("T", " ")}` : setup.name;
    const session = { setup, name, devices, live };
    this.#session = session;
    this.#jumps = [];
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    void this.#lookAtDisk();
    return session;
  }

  /** At once, since somebody may act on what is said of it: what one read brought goes together. */
  #hear(heard: Heard, sampleRate: number): void {
    const clock = piecesOf(this.#underway?.clocks, heard.piece.channel);
    const isWaiting = this.#heard.length > 0;
    this.#heard.push(...(clock === undefined ? [heard] : heardInPlaces(heard, { clock, sampleRate })));
    if (isWaiting) return;
    setImmediate(() => {
      const all = this.#heard;
      this.#heard = [];
      this.#options.listener.heard(all);
    });
  }

  #begin(session: Session, { recordingId, beganS, goneOn }: Begun): void {
    const { library, libraryPath, listener } = this.#options;
    const streams: StreamChannels[] = session.devices.flatMap((device) =>
      device.streams.map(({ channel, shape }) => ({ first: channel, channels: shape.channels })),
    );
    const writer = new Writer({
      library,
      head: { recordingId, streams },
      spillPath: spillPath(libraryPath, recordingId),
      durableS: goneOn?.durableS ?? 0,
      stored: (counts) => {
        listener.grew(recordingId, counts);
        if (this.#underway?.isBegunKept === false) void this.#keepBegun(this.#underway);
      },
      failed: (error) => listener.failed("storage", error),
    });
    const { guided } = session.setup;
    const order = uniformFrom(guided?.seed ?? 0);
    const guide =
      guided === undefined
        ? undefined
        : new Guide(
            guided,
            goneOn === undefined ? 0 : this.#inRecording({ beganS }, this.#now()),
            (codes) => shuffled(codes, order),
            goneOn?.guidedStep,
          );
    this.#underway = {
      ...{ recordingId, beganS, writer, guide, isGoneOn: goneOn !== undefined, endS: undefined },
      ...{ lines: new Map((goneOn?.fits ?? []).map((fit) => [nameOf(fit), fit])), clocks: [] },
      ...{
        begun: goneOn?.begun ?? [],
        isBegunKept: goneOn === undefined,
        notMarked: undefined,
        marks: new Set(),
      },
    };
    this.#jumps = []; // of before it
    session.live.begin(recordingId);
    listener.began({ recordingId, beganS, aheadS: this.#sleep.aheadS });
    this.#tell();
  }

  #tick(): void {
    const session = this.#session;
    if (session === undefined) return;
    const nowMs = this.#options.nowS() * 1000;
    const isDue = (what: "watch" | "state" | "block" | "disk", everyMs: number): boolean => {
      if (nowMs < this.#dueMs[what]) return false;
      this.#dueMs[what] = nowMs + everyMs;
      return true;
    };
    if (isDue("watch", WATCH_MS)) this.#watch(session);
    if (isDue("block", BLOCK_MS)) this.#flush();
    const underway = this.#underway;
    const sent = session.live.take(underway === undefined ? this.#now() : this.#nowIn(underway));
    if (sent !== undefined) this.#options.listener.samples(sent);
    if (isDue("disk", DISK_MS)) void this.#lookAtDisk();
    if (isDue("state", STATE_MS)) this.#tell();
  }

  #watch({ devices }: Session): void {
    const found = this.#sleep.look();
    if (found.sleptS > 0) this.#sleptFromS = found.sinceS;
    const nowS = this.#now();
    for (const device of devices) {
      if (found.sleptS > 0) device.slept(found.sleptS, nowS);
      device.watch(nowS);
    }
    const underway = this.#underway;
    const sinceS = underway === undefined ? 0 : this.#nowIn(underway);
    if (found.sleptS > 0)
      this.#jumps.push(alarm("host-slept", sinceS, { seconds: Math.round(found.sleptS) }));
    if (found.jumpS !== 0)
      this.#jumps.push(alarm("clock-jump", sinceS, { seconds: Math.round(found.jumpS * 10) / 10 }));
    const held = underway?.guide?.advance(this.#nowIn(underway)) ?? [];
    for (const one of held) this.#label(one);
    if (found.sleptS > 0) this.#tell(); // what is pressed now lies later by it
  }

  /** What has come since the last time goes to the writer. */
  #flush(): void {
    const underway = this.#underway;
    if (underway === undefined) return;
    const session = this.#session;
    if (session === undefined) return;
    const endS = this.#toldS(session, underway.beganS);
    const told = tracksOf(session).map((track) => track.flush());
    const pieces = told.flatMap((one) => one.pieces);
    if (pieces.length === 0) return;
    const times = {
      arrivals: told.flatMap((one) => one.times.arrivals),
      fits: told.flatMap((one) => one.times.fits),
    };
    underway.writer.add({ endS, pieces, times });
    this.#learnClocks(underway, times.fits);
  }

  /** Where the samples of other devices lie in the recording's time. */
  #learnClocks(underway: Underway, fits: readonly ClockFit[]): void {
    const streams = this.#session?.devices.flatMap((device) => device.streams) ?? [];
    if (streams.length < 2 || fits.length === 0) return;
    for (const fit of fits) underway.lines.set(nameOf(fit), fit);
    const lines = [...underway.lines.values()].sort((a, b) => a.channel - b.channel); // each in order of samples
    const channels = streams.flatMap(({ channel, shape, track }) =>
      shape.channels.map(({ sampleRate }, i) => ({
        position: channel + i,
        sampleRate,
        sampleCount: track.next,
      })),
    );
    underway.clocks = clocksOf(lines, channels);
  }

  /** Everything that came is in the library, or in the spill file for the next start; then the recording is closed. */
  async #finish(underway: Underway): Promise<boolean> {
    const { recordingId, writer, isGoneOn, marks } = underway;
    const { library, listener } = this.#options;
    const nowS = this.#now();
    await readOut();
    for (const device of this.#session?.devices ?? []) device.finish(nowS);
    this.#flush();
    underway.endS = this.#inRecording(underway, nowS);
    for (const device of this.#session?.devices ?? []) device.end();
    this.#tell(); // what was read out is counted too
    underway.notMarked = await this.#endBegun(underway, underway.endS);
    await Promise.allSettled(marks);
    try {
      await writer.drain(DRAIN_MS);
    } catch (error) {
      writer.end();
      listener.failed("storage", error);
      return true; // its spill file is put in at the next start
    }
    if (!isGoneOn && this.#session?.devices.every(({ hasCome }) => !hasCome) === true) {
      await library.purgeRecording(recordingId);
      return false;
    }
    await library.closeRecording(recordingId, { state: "complete", repairs: [] });
    return true;
  }

  /** What was begun and not ended lasts to the end: no press is lost. Otherwise why one is. */
  async #endBegun(
    of: Pick<Continued, "recordingId" | "begun">,
    endS: number,
  ): Promise<ErrorReport | undefined> {
    let notMarked: ErrorReport | undefined;
    for (const { atS, ...mark } of of.begun ?? [])
      try {
        await this.#add(of.recordingId, { ...mark, note: "", atS, durationS: Math.max(0, endS - atS) }, true);
      } catch (error) {
        this.#options.listener.failed("mark", error);
        notMarked ??= reportOf(error);
      }
    return notMarked;
  }

  #keep({ marks }: Pick<Underway, "marks">, marking: Promise<unknown>): void {
    const kept = marking.catch((error: unknown) => this.#options.listener.failed("mark", error));
    marks.add(kept);
    void kept.finally(() => marks.delete(kept));
  }

  async #letGo(): Promise<void> {
    const devices = this.#session?.devices ?? [];
    await Promise.all(devices.map((one) => one.close()));
    await this.#arming;
    clearInterval(this.#timer);
    this.#session = undefined;
    this.#underway = undefined;
    this.#phase = "idle";
    this.#tell();
  }

  #tell(): RecorderState {
    const state = this.state();
    this.#options.listener.changed(state);
    return state;
  }

  /** At its sample, or where what was made at the same time lies in the first stream. */
  #deviceMarked(mark: DeviceMark, track: StreamTrack | undefined, arrivedS: number): void {
    const underway = this.#underway;
    if (underway === undefined) return;
    const isFirst = this.#session !== undefined && track === firstTrackOf(this.#session);
    const placedS = isFirst ? track?.placedS(mark.sample) : undefined;
    const momentS = track?.madeS(mark.sample) ?? arrivedS;
    this.#annotate(deviceMarks(mark), placedS ?? this.#inRecording(underway, momentS), 0);
  }

  #label({ label, onsetS, durationS, repetition }: Held): void {
    const labelSet = this.#session?.setup.guided?.labelSet ?? "";
    this.#annotate({ labelSet, label, note: `repetition ${repetition + 1}` }, onsetS, durationS);
  }

  #annotate(
    what: { readonly labelSet: string; readonly label: string; readonly note: string } | undefined,
    onsetS: number,
    durationS: number,
  ): void {
    const underway = this.#underway;
    if (underway === undefined || what === undefined || what.labelSet === "") return;
    const author = "kodo recorder";
    this.#keep(
      underway,
      this.#add(underway.recordingId, { ...what, atS: Math.max(0, onsetS), durationS, author }, false),
    );
  }

  async #lookAtDisk(): Promise<void> {
    this.#free = await this.#options.freeBytes();
  }

  /** Seconds until the disk is full, at what the streams come to. */
  #leftS(): number | undefined {
    if (this.#free === undefined) return undefined;
    const perS = this.headers.reduce(
      (sum, { sampleRate, sampleType }) => sum + sampleRate * bytesIn(sampleType),
      0,
    );
    return perS === 0 ? undefined : this.#free / (perS * STORED_FACTOR);
  }
}

const tracksOf = ({ devices }: Session): StreamTrack[] =>
  devices.flatMap(({ streams }) => streams.map(({ track }) => track));

const firstTrackOf = (session: Session): StreamTrack | undefined => tracksOf(session)[0];

const nameOf = ({ channel, session, first }: ClockFit): string => `${channel} ${session} ${first}`;

const lastFitOf = (fits: readonly ClockFit[], channel: number): ClockFit | undefined =>
  fits.findLast((one) => one.channel === channel);

/** A stored second takes its samples, the pyramid, and the log that they go through. */
const STORED_FACTOR = 1.5;
const bytesIn = (type: ChannelHeader["sampleType"]): number =>
  ({ int8: 1, uint8: 1, int16: 2, int32: 4, float32: 4, float64: 8 })[type];

function alarm(kind: "host-slept" | "clock-jump", sinceS: number, values: { seconds: number }): Alarm {
  const message =
    kind === "host-slept"
      ? `The computer slept for ${values.seconds} s`
      : `The computer's clock was set by ${values.seconds} s; recording goes on by its own`;
  return { kind, sinceS: Math.max(0, sinceS), message, values };
}

function refuseTwice({ devices }: ParsedSessionSetup): void {
  const ports = devices.map(({ port }) => port);
  const twice = ports.find((port, i) => ports.indexOf(port) !== i);
  if (twice !== undefined)
    throw new AppError("contract/bad-params", `${twice} is chosen for two devices`, { port: twice });
}

/** The second press of a label gives the time of the first as its onset. */
const isOf = ({ labelSet, label, atS }: NewMark, begun: BegunMark): boolean =>
  labelSet === begun.labelSet && label === begun.label && (atS === begun.atS || atS === begun.pressedS);

/** From the first press, where that lies by now. */
function endOf(begun: BegunMark, pressed: NewMark & { readonly atS: number }): typeof pressed {
  const { atS, durationS = 0 } = pressed;
  if (atS === begun.atS) return pressed;
  return { ...pressed, atS: begun.atS, durationS: Math.max(0, atS + durationS - begun.atS) };
}

/** A recording is looked at, labelled and learned from by its kind. */
function refuseOtherKind({ kind, devices }: ParsedSessionSetup): void {
  const records = devices.map(({ protocol }) => protocolOf(protocol).records);
  if (kind === "other" || records.includes(kind)) return;
  const sent = [...new Set(records)].join(", ");
  throw new AppError(
    "device/other-kind",
    `A recording of ${kind} needs a device that sends it; ${sent} is sent`,
    {
      kind,
      sent,
    },
  );
}

/** What a guided recording would write has to be there before anybody follows its cues. */
async function refuseUnknownLabels({ guided }: ParsedSessionSetup, library: AsyncLibrary): Promise<void> {
  if (guided === undefined) return;
  const { labels } = await library.getLabelSet(guided.labelSet);
  const unknown = guided.gestures.find((gesture) => labels.every(({ code }) => code !== gesture));
  if (unknown !== undefined)
    throw new AppError("data/label-unknown", `The label set ${guided.labelSet} has no label "${unknown}"`, {
      label: unknown,
    });
}

/** A label that another device has too gets its number. */
function unlike(headers: readonly ChannelHeader[]): ChannelHeader[] {
  const seen = new Map<string, number>();
  return headers.map((header) => {
    const times = (seen.get(header.label) ?? 0) + 1;
    seen.set(header.label, times);
    return times === 1 ? header : { ...header, label: `${header.label} (${times})` };
  });
}

/** ISO 8601 without a zone: the time on the wall, where the recording is made. */
function localTime(ms: number): string {
  const shifted = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 19);
}
