import type { DeviceState, LinkState } from "../../preload/contract/acquisition.ts";
import { AppError, reportOf } from "../../preload/contract/errors.ts";
import { maskReasons } from "../../preload/contract/mask.ts";
import { Talk } from "./talk.ts";
import { monotonicS, type Port, type PortListener } from "./ports/port.ts";
import type { Driver, DriverEvent, Identity, LineSettings, Reply, Step } from "./protocols/protocol.ts";
import type { AnyProtocol } from "./protocols/registry.ts";

/** How ports are reached: by the system, by a file, by simulation; in tests by whatever stands for them. */
export interface PortAccess {
  open(path: string, line: LineSettings, listener: PortListener): Promise<Port>;
  /** Where the device is now that was once at this path; undefined: nowhere. */
  find(path: string): Promise<string | undefined>;
  /** What stays the same of the device that was opened at this path, wherever it is put in. */
  idOf?(path: string): string;
  /** Who was at this path when another process opened it. */
  is?(path: string, id: string): void;
}

export interface LinkListener {
  events(events: readonly DriverEvent[], arrivedS: number): void;
  /** The device was reached anew and counts from 0; the reason why nothing came before. */
  session(reason: number): void;
  changed(): void;
  warned(warning: { readonly code: string; readonly message: string }): void;
}

export interface LinkOptions {
  readonly protocol: AnyProtocol;
  readonly setup: unknown; // checked by the protocol
  readonly path: string;
  readonly lines: readonly LineSettings[];
  readonly ports: PortAccess;
  readonly listener: LinkListener;
}

/** Silence is shown after this long, or after what the protocol takes for one, whichever is longer. */
const SILENT_S = 1;
/** A device that cannot be woken is greeted anew after this much silence. */
const GREET_ANEW_S = 3;
const WAKE_EVERY_S = 5;
const RETRY_MS = 400;
/** Where this process itself stood still for longer than this, what came meanwhile is read before anything is called silent. */
const LATE_S = 0.5;
const READ_FIRST_S = 0.25;

const NOTHING = new Uint8Array(0);
const nobody: Identity = { facts: {} };

/**
 * A device on its port: greeted, started, listened to, and looked for again when it is gone. Once it has answered for the
 * first time nothing ends this but `close`.
 */
export class DeviceLink {
  readonly #options: LinkOptions;
  readonly #driver: Driver;
  readonly #warned = new Set<string>();
  #port: Port | undefined;
  #talk: Talk | undefined;
  #line: LineSettings | undefined;
  #identity: Identity = nobody;
  #link: LinkState = "connecting";
  #problem: DeviceState["problem"];
  #attempts = 0;
  #lastValidS = monotonicS();
  #wokenS = 0;
  #watchedS = monotonicS();
  #patientUntilS = 0;
  #isClosed = false;
  #isRecovering = false;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#driver = options.protocol.driver(options.setup);
  }

  get link(): LinkState {
    return this.#link;
  }

  get line(): LineSettings | undefined {
    return this.#line;
  }

  /** Why nothing comes, as a reason of the mask. */
  get outage(): number {
    return this.#link === "unplugged" ? maskReasons.linkDown : maskReasons.stalled;
  }

  state(nowS: number): Pick<DeviceState, "link" | "silentS" | "attempts" | "identity" | "problem"> {
    return {
      link: this.#link,
      silentS: Math.max(0, nowS - this.#lastValidS),
      attempts: this.#attempts,
      identity: { ...this.#identity, facts: { ...this.#identity.facts } },
      ...(this.#problem === undefined ? {} : { problem: this.#problem }),
    };
  }

  /** Opens the port and greets the device, on one line setting after the other; rejects with what was seen on the last. */
  async connect(): Promise<Identity> {
    const { lines, path } = this.#options;
    const heard: AppError[] = [];
    for (const line of lines) {
      try {
        this.#identity = await this.#greet(path, line);
        this.#line = line;
        return this.#identity;
      } catch (error) {
        await this.#drop();
        if (!(error instanceof AppError) || this.#isClosed) throw error;
        heard.push(error);
        if (!mayBeTheLine(error)) break;
      }
    }
    this.#link = "failed";
    const [first] = heard;
    const last = heard.at(-1);
    if (last === undefined || first === undefined)
      throw new AppError("device/no-line", `There is no line setting to try on ${path}`);
    if (isPlayed(path) || (heard.length === 1 && last.message.includes(path))) throw last; // what is played back has no rate
    const tried = lines.slice(0, heard.length).map(({ baudRate }) => baudRate);
    const rates = [...new Set(tried)].join(", ");
    throw new AppError(
      first.code,
      `${first.message} (tried ${rates} baud on ${path})`,
      { ...first.detail, path },
      last,
    );
  }

  /** Asks a device that was greeted and does not stream. */
  ask<Answer>(asking: Generator<Step, Answer, Reply>, calledOff: AbortSignal): Promise<Answer> {
    if (this.#talk === undefined) throw new AppError("device/not-connected", "The device is not connected");
    return this.#talk.ask(asking, calledOff);
  }

  /** Waits for the device instead: it is looked for until it answers. */
  await(): void {
    this.#become("unplugged");
    this.#recover();
  }

  /** The device streams from now on. */
  async start(): Promise<void> {
    const { protocol, setup, listener } = this.#options;
    if (this.#isClosed) throw cancelled();
    if (this.#talk === undefined) throw new AppError("device/not-connected", "The device is not connected");
    this.#driver.reset();
    this.#lastValidS = monotonicS();
    await this.#talk.say(protocol.start(setup));
    listener.session(this.outage);
    this.#talk.listen((bytes, arrivedS) => this.#take(bytes, arrivedS));
    this.#become("streaming");
  }

  /** Stops the device and lets the port go; what is still being said to it ends. */
  async close(): Promise<void> {
    const isTalking = this.#isRecovering || this.#link === "connecting";
    this.#isClosed = true;
    const { protocol, setup } = this.#options;
    this.#talk?.hush();
    if (isTalking) this.#talk?.lost(cancelled());
    else await this.#talk?.say(protocol.stop(setup)).catch(() => undefined); // it may be gone already
    await this.#drop();
  }

  /** To be called several times a second: shows silence, wakes, and greets anew what does not wake. */
  watch(nowS: number): void {
    if (this.#isClosed || this.#isRecovering || this.#link === "connecting" || this.#link === "failed")
      return;
    const { protocol, setup } = this.#options;
    if (nowS - this.#watchedS > LATE_S) this.#patientUntilS = nowS + READ_FIRST_S;
    this.#watchedS = nowS;
    if (nowS < this.#patientUntilS) return;
    this.#take(NOTHING, nowS); // only the time: a driver that waits for it goes on
    const silentS = nowS - this.#lastValidS;
    const limitS = Math.max(SILENT_S, protocol.silenceS(setup));
    if (silentS < limitS) return;
    if (this.#link === "streaming") this.#become("silent");
    const wake = protocol.wake?.(setup);
    if (wake === undefined) {
      if (silentS > Math.max(GREET_ANEW_S, 2 * limitS)) this.#recover();
    } else if (silentS > wake.afterS && nowS - this.#wokenS > WAKE_EVERY_S) {
      this.#wokenS = nowS;
      this.#write(wake.bytes);
    }
  }

  /** What the driver still waits with, before nothing more is asked of it. */
  letOut(): void {
    const events = this.#driver.push(NOTHING, Infinity);
    if (events.length > 0) this.#options.listener.events(events, this.#lastValidS);
  }

  /** The device may have lost what it was told: greeted and started anew. */
  reach(): void {
    if (this.#link !== "connecting" && this.#link !== "failed") this.#recover();
  }

  async #greet(path: string, line: LineSettings): Promise<Identity> {
    const { protocol, setup, ports } = this.#options;
    const talk = new Talk();
    const port = await ports.open(path, line, {
      data: (bytes, arrivedS) => talk.data(bytes, arrivedS),
      lost: (cause) => {
        talk.lost(cause);
        if (this.#talk === talk) this.#lost(cause);
      },
      warned: (warning) => this.#warn(warning),
    });
    if (this.#isClosed) {
      await port.close();
      throw cancelled();
    }
    talk.on(port);
    this.#port = port;
    this.#talk = talk;
    if (isPlayed(path)) return nobody; // what is played back hears nothing
    return talk.converse(protocol.greet(setup));
  }

  #take(bytes: Uint8Array, arrivedS: number): void {
    const events = this.#driver.push(bytes, arrivedS);
    for (const event of events) if (event.kind === "answer") this.#write(event.bytes);
    const isUnderstood = this.#driver.isHolding || events.some(({ kind }) => kind === "samples");
    if (isUnderstood && bytes.length > 0) {
      this.#lastValidS = arrivedS;
      if (this.#link === "silent") this.#become("streaming");
    }
    if (events.length > 0) this.#options.listener.events(events, arrivedS);
  }

  #write(bytes: Uint8Array): void {
    this.#port?.write(bytes).catch((error: unknown) => {
      const { code, message } = reportOf(error);
      this.#warn({ code, message });
    });
  }

  /** A port may be opened a hundred times in a night: what it says each time is told once. */
  #warn(warning: { readonly code: string; readonly message: string }): void {
    const key = `${warning.code} ${warning.message}`;
    if (this.#warned.has(key)) return;
    this.#warned.add(key);
    this.#options.listener.warned(warning);
  }

  #lost(cause: AppError): void {
    if (this.#isClosed || this.#link === "connecting" || this.#link === "failed") return;
    this.#problem = { code: cause.code, message: cause.message };
    if (cause.code === "device/replay-ended") {
      this.#become("failed");
      return;
    }
    this.#become("unplugged");
    this.#recover();
  }

  #recover(): void {
    if (this.#isRecovering || this.#isClosed) return;
    this.#isRecovering = true;
    this.#talk?.hush();
    this.letOut();
    this.#attempts = 0;
    void this.#tryAgain().finally(() => (this.#isRecovering = false));
  }

  async #tryAgain(): Promise<void> {
    const { path, ports, lines } = this.#options;
    while (!this.#isClosed) {
      const line = this.#line ?? lines[this.#attempts % lines.length];
      if (line === undefined) return;
      this.#attempts += 1;
      await this.#drop();
      try {
        const now = await ports.find(path);
        if (now === undefined) throw new AppError("device/not-found", `Nothing is at ${path}`, { path });
        this.#identity = await this.#greet(now, line);
        await this.start();
        this.#line = line;
        this.#problem = undefined;
        this.#attempts = 0;
        return;
      } catch (error) {
        const { code, message } = reportOf(error);
        this.#problem = { code, message };
        if (code === "device/not-found" || code === "device/port-lost") this.#become("unplugged");
        await new Promise((done) => setTimeout(done, RETRY_MS));
      }
    }
  }

  async #drop(): Promise<void> {
    const port = this.#port;
    this.#port = undefined;
    this.#talk = undefined;
    await port?.close();
  }

  #become(link: LinkState): void {
    if (this.#link === link || this.#isClosed) return;
    this.#link = link;
    this.#options.listener.changed();
  }
}

const cancelled = (): AppError => new AppError("cancelled/by-user", "Cancelled");

export const isPlayed = (path: string): boolean => path.startsWith("replay:");

/** Another line setting may help: something was wrong with what came, or nothing came. */
const mayBeTheLine = ({ code }: AppError): boolean =>
  code.startsWith("device/") &&
  !/^device\/(not-found|busy|same-port|no-permission|cannot-open|board-off|no-daisy|port-lost)$/.test(code);
