import type { DeviceFrame, DeviceSignal, SimulatedDevice } from "../protocol.ts";
import { bytesOf } from "../text.ts";
import { IDLE, LIVE, rateCommands, SIMULATED, VERSION } from "./conversation.ts";
import { bitsOf, frameOf } from "./frame.ts";
import { inputsOf, type BitalinoSetup } from "./setup.ts";

const TO_IDLE = 0xff; // from firmware 4.2 on

/** A BITalino of firmware 4.2. It samples what its start command says, and at the rate that it was told. */
export function bitalinoDevice(setup: BitalinoSetup, signal: DeviceSignal): SimulatedDevice {
  let rate = 1000;
  let isStreaming = false;
  let next = 0;
  const inputs = inputsOf(setup);

  const frame = (sample: number): DeviceFrame => {
    const analog = inputs.map((_, channel) => signal(0, channel, sample) ?? 2 ** bitsOf(channel) - 1);
    const line = (place: number): number =>
      setup.digital ? (signal(0, inputs.length + place, sample) ?? 0) & 1 : 0;
    return {
      bytes: frameOf(sample % 16, (line(0) << 3) | (line(1) << 2), analog),
      dueS: sample / rate,
      holds: [{ stream: 0, first: sample, count: 1 }],
    };
  };
  const hear = (command: number): string => {
    if (isStreaming) {
      if (command === IDLE || command === TO_IDLE) isStreaming = false;
      return "";
    }
    const told = Object.entries(rateCommands).find(([, code]) => code === command);
    if (told !== undefined) rate = Number(told[0]);
    else if (command === VERSION) return "BITalino_v4.2\n";
    else if (command >> 2 > 0 && [LIVE, SIMULATED].includes(command & 3)) [isStreaming, next] = [true, 0];
    return "";
  };
  return {
    receive: (bytes) => bytesOf(Array.from(bytes, hear).join("")),
    frames(untilS) {
      const due: DeviceFrame[] = [];
      for (; isStreaming && next / rate <= untilS; next += 1) due.push(frame(next));
      return due;
    },
    get isStreaming() {
      return isStreaming;
    },
    restart() {
      isStreaming = false;
      rate = 1000;
      return new Uint8Array(0);
    },
  };
}
