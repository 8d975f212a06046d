import type { DeviceFrame, DeviceSignal, SimulatedDevice } from "../protocol.ts";
import { bytesOf, textOf } from "../text.ts";
import { commands } from "./conversation.ts";
import { xorOf } from "./fields.ts";
import { columnsOf, counterTurnOf, timeUnitsS, type AsciiSetup } from "./setup.ts";

const TIME_TURN = 2 ** 32;
const COMMAND_MAX = 16;

/** A board that prints a line for each sample: by itself, or in the strict form between `b` and `s`. */
export class AsciiDevice implements SimulatedDevice {
  readonly #setup: AsciiSetup;
  readonly #signal: DeviceSignal;
  #next = 0; // sample
  #command = "";
  isStreaming: boolean;

  constructor(setup: AsciiSetup, signal: DeviceSignal) {
    this.#setup = setup;
    this.#signal = signal;
    this.isStreaming = setup.form === "lines";
  }

  receive(bytes: Uint8Array): Uint8Array {
    let answer = "";
    for (const character of this.#setup.form === "strict" ? textOf(bytes) : "") {
      if (character === "\n") answer += this.#obey(this.#command);
      this.#command = character === "\n" ? "" : (this.#command + character).slice(-COMMAND_MAX);
    }
    return bytesOf(answer);
  }

  frames(untilS: number): readonly DeviceFrame[] {
    const frames: DeviceFrame[] = [];
    const { rate } = this.#setup;
    for (; this.isStreaming && (this.#next + 1) / rate <= untilS; this.#next++)
      frames.push({
        bytes: bytesOf(this.#line(this.#next)),
        dueS: (this.#next + 1) / rate,
        holds: [{ stream: 0, first: this.#next, count: 1 }],
      });
    return frames;
  }

  restart(): Uint8Array {
    this.isStreaming = this.#setup.form === "lines";
    this.#next = 0;
    this.#command = "";
    return bytesOf(this.#setup.form === "strict" ? this.#header() : "ready\r\n");
  }

  #obey(command: string): string {
    if (command === commands.start && !this.isStreaming) this.#next = 0;
    if (command === commands.start) this.isStreaming = true;
    if (command === commands.stop) this.isStreaming = false;
    return command === commands.header ? this.#header() : "";
  }

  #header(): string {
    const { rate, channels, unit } = this.#setup;
    return `# name=Simulated rate=${rate} ch=${channels} unit=${unit || "-"} counter=u16 time=us\r\n`;
  }

  #line(sample: number): string {
    const { form, rate, timeUnit } = this.#setup;
    const isStrict = form === "strict";
    const time = Math.round(sample / rate / timeUnitsS[isStrict ? "us" : timeUnit]) % TIME_TURN;
    let channel = 0;
    const fields = columnsOf(this.#setup).map((role) => {
      if (role === "counter") return sample % counterTurnOf(this.#setup);
      if (role === "time") return time;
      if (role === "ignore") return 0;
      return this.#signal(0, channel++, sample) ?? (isStrict ? "" : "nan");
    });
    const body = fields.join(",");
    if (!isStrict) return `${body}\r\n`;
    return `$${body}*${xorOf(body).toString(16).toUpperCase().padStart(2, "0")}\r\n`;
  }
}
