import type { DeviceFrame, DeviceSignal, SimulatedDevice } from "../protocol.ts";
import { encodeMessage, ETX, NO_UTERINE, types } from "./message.ts";
import { measuredBy, rateOf, UTERINE_HZ, type CorometricsSetup, type Measured } from "./setup.ts";

const MODES_EVERY = 60 * UTERINE_HZ; // ticks
const COMMAND_MAX = 16;

/** A monitor that sends by itself (update), or what it was asked for (transmit/receive). */
export class CorometricsDevice implements SimulatedDevice {
  readonly #setup: CorometricsSetup;
  readonly #signal: DeviceSignal;
  #wanted: ReadonlySet<string> = new Set();
  #command = ""; // received so far
  #tick = 0; // of 125 ms, the next to send

  constructor(setup: CorometricsSetup, signal: DeviceSignal) {
    this.#setup = setup;
    this.#signal = signal;
    this.#switchOn();
  }

  get isStreaming(): boolean {
    return this.#wanted.size > 0;
  }

  receive(bytes: Uint8Array): Uint8Array {
    for (const byte of this.#setup.mode === "update" ? [] : bytes) {
      if (byte === ETX) this.#obey(this.#command);
      this.#command = byte === ETX ? "" : (this.#command + String.fromCharCode(byte)).slice(-COMMAND_MAX);
    }
    return new Uint8Array(0);
  }

  frames(untilS: number): readonly DeviceFrame[] {
    const frames: DeviceFrame[] = [];
    for (; this.isStreaming && this.#tick / UTERINE_HZ <= untilS; this.#tick++)
      frames.push(...this.#due(this.#tick));
    return frames;
  }

  restart(): Uint8Array {
    this.#switchOn();
    return new Uint8Array(0);
  }

  press(): Uint8Array {
    return encodeMessage("eventMark");
  }

  #switchOn(): void {
    this.#command = "";
    this.#tick = 0;
    this.#wanted = new Set(this.#setup.mode === "update" ? Object.values(types) : []);
  }

  #obey(command: string): void {
    if (!command.startsWith("9")) return;
    const wanted = new Set(Array.from(command.slice(1)).filter((letter) => letter !== "0"));
    if (!this.isStreaming) this.#tick = 0;
    this.#wanted = wanted;
  }

  /** Values become due at the end of the time they stand for; modes at once and every minute. */
  #due(tick: number): DeviceFrame[] {
    const dueS = tick / UTERINE_HZ;
    const frames: DeviceFrame[] = [];
    if (tick % MODES_EVERY === 0 && this.#wanted.has(types.modes))
      frames.push({ bytes: encodeMessage("modes", "AA"), dueS, holds: [] });
    measuredBy(this.#setup).forEach((what, stream) => {
      const ticks = UTERINE_HZ / rateOf(what);
      if (tick === 0 || tick % ticks !== 0 || !this.#wanted.has(types[what])) return;
      const first = tick / ticks - 1;
      const data = digits(what, this.#signal(stream, 0, first));
      frames.push({ bytes: encodeMessage(what, data), dueS, holds: [{ stream, first, count: 1 }] });
    });
    return frames;
  }
}

function digits(what: Measured, value: number | undefined): string {
  if (value === undefined) return what === "uterine" ? String(NO_UTERINE) : "00";
  return String(value).padStart(2, "0");
}
