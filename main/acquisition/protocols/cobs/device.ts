import type { DeviceFrame, DeviceSignal, SimulatedDevice } from "../protocol.ts";
import { joined } from "../bytes.ts";
import { encodeData, encodeText } from "./body.ts";
import { commands } from "./conversation.ts";
import { cobsFraming, slipFraming, type Framing } from "./framing.ts";
import { buttonContent, probeContent } from "./mark.ts";
import { COUNTER_TURN, streamsOf, type CobsSetup } from "./setup.ts";

const INFO_EVERY_S = 60;
const TIME_TURN_US = 2 ** 32;
/** Bytes that follow a command: rate, mask of channels, token of a clock probe. */
const parameterBytes: Readonly<Record<string, number>> = { r: 2, m: 8, t: 4 };

/** A board with the template's firmware. */
export class CobsDevice implements SimulatedDevice {
  readonly #setup: CobsSetup;
  readonly #signal: DeviceSignal;
  readonly #framing: Framing;
  #pending: number[] = []; // a command and what came of its parameters
  #counter = 0;
  #frame = 0; // data frame, the next to send
  isStreaming = false;

  constructor(setup: CobsSetup, signal: DeviceSignal) {
    this.#setup = setup;
    this.#signal = signal;
    this.#framing = setup.framing === "cobs" ? cobsFraming : slipFraming;
  }

  receive(bytes: Uint8Array): Uint8Array {
    const answers: Uint8Array[] = [];
    for (const byte of bytes) {
      this.#pending.push(byte);
      const command = String.fromCharCode(this.#pending[0] ?? 0);
      if (this.#pending.length <= (parameterBytes[command] ?? 0)) continue;
      answers.push(this.#obey(command, Uint8Array.from(this.#pending.slice(1))));
      this.#pending = [];
    }
    return joined(...answers);
  }

  frames(untilS: number): readonly DeviceFrame[] {
    const frames: DeviceFrame[] = [];
    const { rate, samplesPerFrame } = this.#setup;
    for (;;) {
      const dueS = ((this.#frame + 1) * samplesPerFrame) / rate;
      if (!this.isStreaming || dueS > untilS) return frames;
      if (Math.floor(dueS / INFO_EVERY_S) > Math.floor((dueS - samplesPerFrame / rate) / INFO_EVERY_S))
        frames.push({ bytes: this.#info(), dueS, holds: [] });
      const first = this.#frame * samplesPerFrame;
      frames.push({ bytes: this.#data(first), dueS, holds: [{ stream: 0, first, count: samplesPerFrame }] });
      this.#frame++;
    }
  }

  restart(): Uint8Array {
    this.isStreaming = false;
    this.#pending = [];
    this.#counter = this.#frame = 0;
    return this.#info();
  }

  press(): Uint8Array {
    return this.#framing.encode(encodeText("mark", this.#head(), buttonContent));
  }

  #obey(command: string, parameters: Uint8Array): Uint8Array {
    if (command === commands.start && !this.isStreaming) this.#frame = 0;
    if (command === commands.start) this.isStreaming = true;
    if (command === commands.stop) this.isStreaming = false;
    if (command === commands.info) return this.#info();
    if (command === "t")
      return this.#framing.encode(encodeText("mark", this.#head(), probeContent(parameters)));
    return new Uint8Array(0);
  }

  /** Counter, and the time of a sample; without one of the next. */
  #head(sample = this.#frame * this.#setup.samplesPerFrame): { counter: number; timeUs: number } {
    const counter = this.#counter;
    this.#counter = (counter + 1) % COUNTER_TURN;
    return { counter, timeUs: Math.round((sample * 1e6) / this.#setup.rate) % TIME_TURN_US };
  }

  #data(first: number): Uint8Array {
    const { bits, channels, samplesPerFrame } = this.#setup;
    const missing = -(2 ** (bits - 1));
    const values = Array.from(
      { length: channels * samplesPerFrame },
      (_, i) => this.#signal(0, i % channels, first + Math.floor(i / channels)) ?? missing,
    );
    return this.#framing.encode(encodeData(bits, this.#head(first), channels, values));
  }

  #info(): Uint8Array {
    const channels = streamsOf(this.#setup)[0]?.channels ?? [];
    const info = {
      name: "Kodo template",
      serial: "SIM1",
      fw: "1.0",
      rate: this.#setup.rate,
      labels: channels.map(({ label }) => label),
      units: channels.map(({ unit }) => unit),
      scale: channels.map(({ gain }) => gain),
      counterBits: 16,
    };
    return this.#framing.encode(
      encodeText("info", this.#head(), new TextEncoder().encode(JSON.stringify(info))),
    );
  }
}
