import {
  type CaptureState,
  type ContactState,
  idleState,
  type ParsedSessionSetup,
  type RecorderState,
} from "../../../preload/contract/acquisition.ts";
import { AppError, errorFrom, type ErrorReport, throwIfCancelled } from "../../../preload/contract/errors.ts";
import { within } from "../../../preload/contract/within.ts";
import { type ChildLine, spawnChild } from "../../calls/child.ts";
import { connect, type Connection } from "../../calls/connect.ts";
import { Kept } from "../../calls/kept.ts";
import type { Heard } from "../../signal/piece.ts";
import { leftSpills } from "../spill.ts";
import type { Acquisition, AcquisitionListener, LiveJudge } from "./host-api.ts";
import { Judging } from "./judging.ts";
import type { Continued } from "../recorder.ts";
import type { AcquisitionCalls } from "./messages.ts";

export interface AcquisitionOptions {
  readonly libraryPath: string;
  readonly workerFile: string; // the built recorder
  readonly storageWorker: string; // the built storage thread, which the recorder has one of its own of
  readonly readOnly?: boolean; // nothing is recorded into it
  readonly failed: (where: string, error: unknown) => void;
  readonly judge?: LiveJudge | undefined; // absent: nothing is judged while it is recorded
  readonly spawn?: ((workerFile: string, isSpare: boolean) => ChildLine | Promise<ChildLine>) | undefined; // a utility process or a fork unless given
  readonly spareAfterMs?: number; // that devices were armed; a second unless given
}

/** Main's handle on the recorder's process: starts it at the first request, and another where that one died. */
export const createAcquisition = (options: AcquisitionOptions): Acquisition => new Host(options);

/** For a recording to be closed and the devices to be let go. After that the process is ended by force. */
const CLOSE_MS = 6000;
/** Other requests wait for a recording to go on, but not for ever: it may have to be stopped before it does. */
const GO_ON_MS = 5000;
/** A recorder that dies again and again at once is not started for ever. */
const RESTARTS_MAX = 20;
/**
 * So long after devices were armed another recorder is loaded, until they are let go. A recording that begins within that time
 * has the machine for itself for as long.
 */
const SPARE_AFTER_MS = 1000;

interface Child {
  readonly line: ChildLine;
  readonly connection: Connection<AcquisitionCalls>;
  readonly ended: Promise<void>;
  isGone: boolean;
  /** Told that it is, and why. */
  lost: (reason: string) => void;
}

class Host implements Acquisition {
  readonly #options: AcquisitionOptions;
  readonly #listeners = new Set<AcquisitionListener>();
  readonly #child: Kept<Promise<Child>> = new Kept(() => {
    const gone = (): void => this.#child.drop(starting);
    const starting = this.#start(gone);
    starting.catch(gone);
    return starting;
  });
  readonly #judging: Judging;
  #told: RecorderState = idleState; // by the recorder
  #capture: CaptureState | null = null;
  #contact: ContactState | null = null;
  #setup: ParsedSessionSetup | undefined;
  #underway: Continued | undefined;
  #arming: AbortController | undefined; // until what judges the session is there too; aborted where it ends before
  #restarts = 0;
  /** Loaded and given nothing to do: to start one takes a busy machine seconds, in which samples are lost. */
  #spare: Promise<Child | undefined> | undefined;
  #spareDue: NodeJS.Timeout | undefined;
  #goingOn: Promise<void> | undefined; // a recording is being taken up by another process
  #isDisposed = false;

  constructor(options: AcquisitionOptions) {
    this.#options = options;
    this.#judging = new Judging({
      ...{ judge: options.judge, failed: options.failed },
      decided: (decision) => this.#tell((one) => one.decided(decision)),
    });
    // What a recording could not store before its process ended is put in now.
    if (options.readOnly !== true && leftSpills(options.libraryPath).length > 0)
      this.#running().catch(() => undefined);
  }

  devices: Acquisition["devices"] = async () => (await this.#running()).call("devices", undefined);

  identify: Acquisition["identify"] = async (choice) => (await this.#running()).call("identify", choice);

  state: Acquisition["state"] = () => this.#state;

  arm: Acquisition["arm"] = async (setup) => {
    const connection = await this.#running();
    if (this.#arming !== undefined)
      throw new AppError("device/busy-recording", "A session is under way; it has to be ended first");
    const arming = new AbortController();
    this.#arming = arming;
    try {
      const armed = await connection.call("arm", setup);
      throwIfCancelled(arming.signal);
      this.#setup = setup;
      await this.#openJudge(setup, connection, arming.signal);
      return armed;
    } finally {
      if (!arming.signal.aborted) {
        this.#arming = undefined;
        if (this.#told.phase === "armed") this.#changed(this.#told);
      }
    }
  };

  record: Acquisition["record"] = async () => {
    const connection = await this.#running();
    if (this.#arming !== undefined)
      throw new AppError("device/not-armed", "The devices, or what judges them, are still being connected");
    return connection.call("record", undefined);
  };

  stop: Acquisition["stop"] = async () => {
    await this.#running();
    const arming = this.#arming;
    arming?.abort();
    const stopped = await this.#ofRecording((recorder) => recorder.call("stop", undefined)).finally(() => {
      if (this.#arming === arming) this.#arming = undefined;
    });
    this.#underway = undefined;
    await this.#judging.end();
    return stopped;
  };

  mark: Acquisition["mark"] = (mark) =>
    this.#ofRecording((recorder, isAgain) => recorder.call("mark", { mark, isAgain }));

  begun: Acquisition["begun"] = (marks, zeroS) =>
    this.#ofRecording((recorder) => recorder.call("begun", { marks, zeroS }));

  guide: Acquisition["guide"] = async (step) => (await this.#running()).call("guide", step);

  capture: Acquisition["capture"] = async (order) => (await this.#running()).call("capture", order);

  stopCapture: Acquisition["stopCapture"] = async () =>
    (await this.#running()).call("stopCapture", undefined);

  captureState: Acquisition["captureState"] = () => this.#capture;

  contact: Acquisition["contact"] = async (choice) => (await this.#running()).call("contact", choice);

  stopContact: Acquisition["stopContact"] = async () =>
    (await this.#running()).call("stopContact", undefined);

  contactState: Acquisition["contactState"] = () => this.#contact;

  on: Acquisition["on"] = (listener) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  dispose: Acquisition["dispose"] = async () => {
    this.#isDisposed = true;
    this.#letSpareGo();
    const child = await this.#child.running()?.catch(() => undefined);
    if (child === undefined) return;
    const closed = child.connection.call("close", undefined).catch(() => undefined);
    if (!(await within(CLOSE_MS, Promise.all([closed, child.ended])))) child.line.kill();
    await this.#judging.end();
  };

  /** Asked of a recorder that ends before it answers, it is asked of the one that goes on with its recording. */
  async #ofRecording<T>(
    ask: (recorder: Connection<AcquisitionCalls>, isAgain: boolean) => Promise<T>,
  ): Promise<T> {
    for (let isAgain = false; ; isAgain = true) {
      const recorder = await this.#running();
      try {
        return await ask(recorder, isAgain);
      } catch (error) {
        const isDead = error instanceof AppError && error.code === "device/recorder-died";
        if (!isDead || this.#underway === undefined) throw error;
      }
    }
  }

  /** A session that is called off waits for no judge: one that opens later is closed. */
  async #openJudge(
    setup: ParsedSessionSetup,
    connection: Connection<AcquisitionCalls>,
    calledOff: AbortSignal,
  ): Promise<void> {
    if (setup.live === undefined) return;
    try {
      const channels = await connection.call("headers", undefined);
      throwIfCancelled(calledOff);
      const off = new Promise<void>((resolve) => calledOff.addEventListener("abort", () => resolve()));
      await Promise.race([this.#judging.begin(setup, channels), off]);
      throwIfCancelled(calledOff);
    } catch (error) {
      if (!calledOff.aborted) await connection.call("stop", undefined);
      throw error;
    }
  }

  /** Armed is told once what judges is there too. */
  get #state(): RecorderState {
    const isOpening = this.#told.phase === "armed" && this.#arming !== undefined;
    return isOpening ? { ...this.#told, phase: "connecting" } : this.#told;
  }

  async #running(): Promise<Connection<AcquisitionCalls>> {
    if (this.#isDisposed) throw new AppError("cancelled/by-user", "The program is closing");
    await this.#goingOn;
    return (await this.#child.current()).connection;
  }

  async #start(gone: () => void): Promise<Child> {
    const lost = (reason: string): void => {
      gone();
      this.#lost(reason);
    };
    const spare = await this.#spare;
    this.#spare = undefined;
    const child = spare?.isGone === false ? spare : await this.#open(false, lost);
    child.lost = lost;
    this.#watch(child.connection);
    return child;
  }

  async #open(isSpare: boolean, lost: Child["lost"]): Promise<Child> {
    const { spawn = spawnRecorder, workerFile, libraryPath, storageWorker, readOnly = false } = this.#options;
    const line = await spawn(workerFile, isSpare);
    const connection = connect<AcquisitionCalls>(line, {
      lost: (_, cause) => {
        child.isGone = true;
        child.lost(String(cause));
        const message = `The recorder's process ended unexpectedly (${String(cause)})`;
        return new AppError("device/recorder-died", message, { reason: String(cause) });
      },
    });
    const ended = new Promise<void>((resolve) => line.onLost(() => resolve()));
    const child: Child = { line, connection, ended, isGone: false, lost };
    await connection.call("open", { libraryPath, storageWorker, readOnly, isSpare });
    return child;
  }

  #keepSpare(): void {
    if (this.#isDisposed) return;
    clearTimeout(this.#spareDue);
    this.#spareDue = setTimeout(() => {
      this.#spare ??= this.#open(true, () => undefined).catch(() => undefined); // without one the next is started when it is needed
    }, this.#options.spareAfterMs ?? SPARE_AFTER_MS).unref();
  }

  #letSpareGo(): void {
    clearTimeout(this.#spareDue);
    this.#spareDue = undefined;
    void this.#spare?.then((child) => child?.line.kill()); // it holds nothing
    this.#spare = undefined;
  }

  #watch(connection: Connection<AcquisitionCalls>): void {
    const back = {
      changed: (state: RecorderState) => this.#changed(state),
      began: (begun: Omit<Continued, "setup">) => {
        if (this.#setup === undefined) return;
        this.#underway = { setup: this.#setup, ...begun };
        this.#keepSpare();
      },
      samples: (samples: Parameters<AcquisitionListener["samples"]>[0]) =>
        this.#tell((one) => one.samples(samples)),
      heard: (heard: readonly Heard[]) => this.#judging.hear(heard),
      grew: ({ recordingId, sampleCounts }: { recordingId: string; sampleCounts: readonly number[] }) =>
        this.#tell((one) => one.grew(recordingId, sampleCounts)),
      annotated: (recordingId: string) => this.#tell((one) => one.annotated(recordingId)),
      captured: (state: CaptureState) => {
        this.#capture = state;
        this.#tell((one) => one.captured(state));
      },
      contact: (state: ContactState) => this.#contactChanged(state),
      failed: ({ where, error }: { where: string; error: ErrorReport }) =>
        this.#options.failed(where, errorFrom(error)),
    };
    connection.call("watch", undefined, { back }).catch(() => undefined); // as long as the process lives
  }

  #changed(told: RecorderState): void {
    this.#told = told;
    if (told.phase === "armed" && this.#spareDue === undefined) this.#keepSpare();
    if (told.phase === "idle") {
      this.#underway = undefined;
      this.#letSpareGo();
      void this.#judging.end();
    }
    const state = this.#state;
    this.#tell((one) => one.changed(state));
  }

  #contactChanged(state: ContactState): void {
    this.#contact = state;
    this.#tell((one) => one.contact(state));
  }

  #tell(what: (listener: AcquisitionListener) => void): void {
    for (const listener of this.#listeners) what(listener);
  }

  /** A recording goes on in another process: what it had acknowledged is stored, the time between is a gap. */
  #lost(reason: string): void {
    if (this.#isDisposed) return;
    this.#arming?.abort();
    this.#arming = undefined;
    if (this.#contact?.isRunning === true)
      this.#contactChanged({
        ...this.#contact,
        ...{ isRunning: false, areSettingsBack: false, endedAt: new Date().toISOString() },
        problem: {
          code: "device/recorder-died",
          message: `The recorder's process ended (${reason})`,
          detail: {},
        },
      });
    const underway = this.#underway;
    const alarm = {
      kind: "recorder-restarted" as const,
      sinceS: this.#state.elapsedS,
      message: `The recorder's process ended (${reason})`,
      values: { reason },
    };
    if (underway === undefined || this.#restarts >= RESTARTS_MAX) {
      this.#changed(this.#state.phase === "idle" ? this.#state : { ...idleState, alarms: [alarm] });
      return;
    }
    this.#restarts += 1;
    const devices = this.#state.devices.map((one) => ({ ...one, link: "connecting" as const }));
    this.#changed({ ...this.#state, devices, alarms: [...this.#state.alarms, alarm] });
    const going = this.#goOn({
      ...underway,
      guidedStep: this.#state.cue?.step,
      begun: this.#state.begun,
    }).catch((error: unknown) => this.#options.failed("recorder", error));
    this.#goingOn = within(GO_ON_MS, going).then(() => (this.#goingOn = undefined));
  }

  async #goOn(underway: Continued): Promise<void> {
    const { connection } = await this.#child.current();
    await connection.call("continued", underway);
  }
}

const spawnRecorder = (workerFile: string, isSpare: boolean): Promise<ChildLine> =>
  spawnChild(workerFile, {
    serviceName: isSpare ? "Kodo recorder (in reserve)" : "Kodo recorder",
    environment: process.env,
  });
