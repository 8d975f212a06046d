import type { DeviceFrame, DeviceSignal, SimulatedDevice } from "../protocol.ts";
import { bytesOf, textOf } from "../text.ts";
import { channelCodes } from "./commands.ts";
import { FULL_SCALE, PACKET_BYTES, START_BYTE } from "./driver.ts";
import { channelsUsed, PACKET_RATE, type CytonSetup } from "./setup.ts";

const HELLO = [
  "OpenBCI V3 8-16 channel",
  "ADS1299 Device ID: 0x3E",
  "LIS3DH Device ID: 0x33",
  "Firmware: v3.1.2",
  "$$$",
].join("\n");

/** A Cyton behind its dongle: what it answers, and packets at 250 Hz. */
export function cytonDevice(setup: CytonSetup, signal: DeviceSignal): SimulatedDevice {
  const packets = new Packets(setup, signal);
  let pending = ""; // of a command of several characters
  let next = 0;
  let isStreaming = false;

  const hear = (command: string): string => {
    if (command === "b") [isStreaming, next] = [true, 0];
    if (command === "s") isStreaming = false;
    if (command === "<" || command === ">") packets.hasTimeStamps = command === "<";
    return isStreaming ? "" : replyTo(command, setup);
  };
  return {
    receive(bytes) {
      let replies = "";
      for (const character of textOf(bytes)) {
        pending += character;
        if (/^[xz]/.test(pending) && !/[XZ]$/.test(pending) && pending.length < 9) continue;
        replies += hear(pending);
        pending = "";
      }
      return bytesOf(replies);
    },
    frames(untilS) {
      const due: DeviceFrame[] = [];
      for (; isStreaming && next / PACKET_RATE <= untilS; next += 1) due.push(packets.frame(next));
      return due;
    },
    get isStreaming() {
      return isStreaming;
    },
    restart() {
      isStreaming = false;
      packets.hasTimeStamps = false;
      pending = "";
      return bytesOf(HELLO);
    },
  };
}

function replyTo(command: string, { board }: CytonSetup): string {
  const isDaisy = board === "cyton-daisy";
  const channel = channelCodes.indexOf(command.charAt(1)) + 1;
  if (command === "v") return HELLO;
  if (command === "V") return "v3.1.2$$$";
  if (command === "d") return "updating channel settings to default$$$";
  if (command === "C") return isDaisy ? "16$$$" : "no daisy to attach!8$$$";
  if (command === "c") return isDaisy ? "daisy removed$$$" : "no daisy to remove!$$$"; // [R]
  if (command === "-" || command === "=") return "Success: Configured internal test signal.$$$"; // [R]
  if (command === "<") return "Time stamp ON$$$"; // [R]
  if (command === ">") return "Time stamp OFF$$$"; // [R]
  if (/^x[1-8QWERTYUI][01][0-6][0-7][01]{3}X$/.test(command)) return `Success: Channel set for ${channel}$$$`;
  if (/^z[1-8QWERTYUI][01]{2}Z$/.test(command)) return `Success: Lead off set for ${channel}$$$`;
  return command.length > 1 ? "Failure: too many chars$$$" : "";
}

class Packets {
  readonly #isDaisy: boolean;
  readonly #used: readonly number[];
  readonly #signal: DeviceSignal;
  hasTimeStamps = false;

  constructor(setup: CytonSetup, signal: DeviceSignal) {
    this.#isDaisy = setup.board === "cyton-daisy";
    this.#used = channelsUsed(setup);
    this.#signal = signal;
  }

  /** The packet of this number since the stream began. With a Daisy the first two are not whole and hold no sample. */
  frame(packet: number): DeviceFrame {
    const sample = this.#isDaisy ? (packet >> 1) - 1 : packet;
    const bytes = new Uint8Array(PACKET_BYTES);
    const view = new DataView(bytes.buffer);
    bytes[0] = START_BYTE;
    bytes[1] = packet & 0xff;
    if (sample >= 0) this.#writeChannels(view, packet, sample);
    this.#writeAux(view, packet);
    return {
      bytes,
      dueS: packet / PACKET_RATE,
      holds: sample < 0 ? [] : [{ stream: 0, first: sample, count: 1 }],
    };
  }

  #writeChannels(view: DataView, packet: number, sample: number): void {
    const isDaisys = this.#isDaisy && packet % 2 === 0;
    this.#used.forEach((number, channel) => {
      if (number > 8 !== isDaisys) return;
      const place = 2 + 3 * ((number - 1) % 8);
      const value = this.#signal(0, channel, sample) ?? FULL_SCALE;
      view.setInt8(place, value >> 16);
      view.setUint16(place + 1, value & 0xffff);
    });
  }

  /** Acceleration 25 times a second, at rest on a table: 1 g upwards; or the board's milliseconds. */
  #writeAux(view: DataView, packet: number): void {
    view.setUint8(PACKET_BYTES - 1, this.hasTimeStamps ? 0xc4 : 0xc0);
    if (this.hasTimeStamps) view.setUint32(28, Math.round((packet * 1000) / PACKET_RATE));
    else if (packet % 10 === 0) {
      view.setInt16(28, -8);
      view.setInt16(30, 8000);
    }
  }
}
