import { joined } from "../bytes.ts";
import type { DeviceFrame, DeviceSignal, SimulatedDevice } from "../protocol.ts";
import { textOf } from "../text.ts";
import { writeBlock } from "./ctg-block.ts";
import { encodeFrame, FrameReader, textFrame } from "./frame.ts";
import { PER_BLOCK, type Series50Setup } from "./setup.ts";

const IDENTITY = "IM1350AA20A.03.003019G10010";

/** A monitor that is on: sends a block a second between G and H, and who it is when asked or switched on. */
export class Series50Device implements SimulatedDevice {
  readonly #setup: Series50Setup;
  readonly #signal: DeviceSignal;
  readonly #commands: FrameReader;
  #block = 0; // the next to send
  isStreaming = false;

  constructor(setup: Series50Setup, signal: DeviceSignal) {
    this.#setup = setup;
    this.#signal = signal;
    this.#commands = new FrameReader(setup.checksum);
  }

  receive(bytes: Uint8Array): Uint8Array {
    const answers: Uint8Array[] = [];
    this.#commands.push(bytes, {
      frame: (payload) => answers.push(this.#obey(textOf(payload))),
      damaged: () => undefined,
      skipped: () => undefined,
    });
    return joined(...answers);
  }

  frames(untilS: number): readonly DeviceFrame[] {
    const frames: DeviceFrame[] = [];
    for (; this.isStreaming && this.#block + 1 <= untilS; this.#block++)
      frames.push({
        bytes: this.#ctg(this.#block),
        dueS: this.#block + 1,
        holds: [{ stream: 0, first: PER_BLOCK * this.#block, count: PER_BLOCK }],
      });
    return frames;
  }

  restart(): Uint8Array {
    this.isStreaming = false;
    this.#commands.reset();
    return this.#say(IDENTITY);
  }

  press(): Uint8Array {
    return this.#say("MM");
  }

  #obey(command: string): Uint8Array {
    if (command === "G" && !this.isStreaming) this.#block = 0;
    if (command === "G") this.isStreaming = true;
    if (command === "H") this.isStreaming = false;
    if (command === "?I") return this.#say(IDENTITY);
    if (command === "?C") return this.#ctg(Math.max(0, this.#block - 1));
    return new Uint8Array(0);
  }

  #say(text: string): Uint8Array {
    return textFrame(text, this.#setup.checksum);
  }

  #ctg(block: number): Uint8Array {
    const valueOf = (channel: number, k: number): number | undefined =>
      this.#signal(0, channel, PER_BLOCK * block + k);
    return encodeFrame(writeBlock(valueOf, this.#setup.uterine === "intrauterine"), this.#setup.checksum);
  }
}
