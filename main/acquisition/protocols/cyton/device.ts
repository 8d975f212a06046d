import type { DeviceFrame, DeviceSignal, ElectrodeOhm, SimulatedDevice } from "../protocol.ts";
import { bytesOf, textOf } from "../text.ts";
import { channelCodes } from "./commands.ts";
import { FULL_SCALE, PACKET_BYTES, START_BYTE } from "./driver.ts";
import { CENTRE_HZ, CURRENT_A, SERIES_OHM } from "./impedance.ts";
import { channelsUsed, gains, PACKET_RATE, type CytonSetup } from "./setup.ts";

const HELLO = [
  "OpenBCI V3 8-16 channel",
  "ADS1299 Device ID: 0x3E",
  "LIS3DH Device ID: 0x33",
  "Firmware: v3.1.2",
  "$$$",
].join("\n");

const WELL_OHM = 20_000;

/** A Cyton behind its dongle: what it answers, and packets at 250 Hz. */
export function cytonDevice(
  setup: CytonSetup,
  signal: DeviceSignal,
  ohm: ElectrodeOhm = () => WELL_OHM,
): SimulatedDevice {
  const packets = new Packets(setup, signal, ohm);
  let pending = ""; // of a command of several characters
  let next = 0;
  let isStreaming = false;

  const hear = (command: string): string => {
    if (command === "b") [isStreaming, next] = [true, 0];
    if (command === "s") isStreaming = false;
    if (command === "<" || command === ">") packets.hasTimeStamps = command === "<";
    packets.set(command);
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
      packets.set("d");
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

const USUAL_GAIN = 24;

class Packets {
  readonly #isDaisy: boolean;
  readonly #used: readonly number[];
  readonly #signal: DeviceSignal;
  readonly #ohm: ElectrodeOhm;
  readonly #gains = new Map<number, number>(); // by number of the channel, as it was told
  readonly #currents = new Map<number, readonly ("P" | "N")[]>(); // of the test, by number of the channel
  hasTimeStamps = false;

  constructor(setup: CytonSetup, signal: DeviceSignal, ohm: ElectrodeOhm) {
    this.#isDaisy = setup.board === "cyton-daisy";
    this.#used = channelsUsed(setup);
    this.#signal = signal;
    this.#ohm = ohm;
  }

  /** What a command changes of the channels; a reset, and the defaults, end every test current [R]. */
  set(command: string): void {
    const channel = channelCodes.indexOf(command.charAt(1)) + 1;
    if (command === "v" || command === "d") {
      this.#gains.clear();
      this.#currents.clear();
    } else if (command.startsWith("x"))
      this.#gains.set(channel, gains[Number(command.charAt(3))] ?? USUAL_GAIN);
    else if (command.startsWith("z"))
      this.#currents.set(
        channel,
        (["P", "N"] as const).filter((_, i) => command.charAt(2 + i) === "1"),
      );
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
      holds: sample < 0 ? [] : [{ stream: 0, first: sample, count: 1, ...(this.#isDaisy && { parts: 2 }) }],
    };
  }

  #writeChannels(view: DataView, packet: number, sample: number): void {
    const isDaisys = this.#isDaisy && packet % 2 === 0;
    this.#used.forEach((number, channel) => {
      if (number > 8 !== isDaisys) return;
      const place = 2 + 3 * ((number - 1) % 8);
      const value = this.#measured(channel, number, packet, sample);
      view.setInt8(place, value >> 16);
      view.setUint16(place + 1, value & 0xffff);
    });
  }

  /** What its electrodes pick up, and where a test current flows through one, the voltage of that; no more than full scale. */
  #measured(channel: number, number: number, packet: number, sample: number): number {
    const picked = this.#signal(0, channel, sample);
    if (picked === undefined) return FULL_SCALE;
    let value = picked;
    for (const input of this.#currents.get(number) ?? []) {
      const volts = CURRENT_A * (this.#ohm(channel, input, sample) + SERIES_OHM) * this.#wave(packet);
      const counts = (volts * (this.#gains.get(number) ?? USUAL_GAIN) * (2 ** 23 - 1)) / 4.5;
      value += input === "P" ? counts : -counts;
    }
    return Math.max(-FULL_SCALE - 1, Math.min(FULL_SCALE, Math.round(value)));
  }

  /** Of the test current at a packet; with a Daisy a value is a mean with the one before it. */
  #wave(packet: number): number {
    const at = (n: number): number => Math.sin((2 * Math.PI * CENTRE_HZ * n) / PACKET_RATE);
    return this.#isDaisy ? (at(packet) + at(packet - 1)) / 2 : at(packet);
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
