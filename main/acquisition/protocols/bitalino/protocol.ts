import type { Protocol } from "../protocol.ts";
import { greetBitalino, startBitalino, stopBitalino } from "./conversation.ts";
import { bitalinoDevice } from "./device.ts";
import { bitalinoDriver } from "./driver.ts";
import { bitalinoStreams, BitalinoSetup } from "./setup.ts";

/** BITalino, classic and (r)evolution, over its Bluetooth serial port or a wired one. */
export const bitalino: Protocol<BitalinoSetup> = {
  kind: "bitalino",
  records: "emg",
  setup: BitalinoSetup,
  lines: [{ baudRate: 115_200, dataBits: 8, parity: "none", stopBits: 1 }],
  verified: "firmware-and-hosts",
  streams: bitalinoStreams,
  greet: greetBitalino,
  start: startBitalino,
  stop: stopBitalino,
  silenceS: ({ sampleRate }) => Math.max(0.25, 3 / sampleRate),
  driver: bitalinoDriver,
  falseFrames: 5, // one lock on 3.7e-9 of the places is expected 0.04 times; it brings four frames, or five
  device: bitalinoDevice,
};
