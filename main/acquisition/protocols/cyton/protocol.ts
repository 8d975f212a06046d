import type { Protocol } from "../protocol.ts";
import { cytonContact } from "./contact.ts";
import { greetCyton, startCyton, stopCyton } from "./conversation.ts";
import { cytonDevice } from "./device.ts";
import { cytonDriver } from "./driver.ts";
import { cytonStreams, CytonSetup } from "./setup.ts";

/** OpenBCI Cyton and Cyton with Daisy, over the USB dongle. Its battery is not in its stream. */
export const cyton: Protocol<CytonSetup> = {
  kind: "cyton",
  records: "emg",
  setup: CytonSetup,
  lines: [{ baudRate: 115_200, dataBits: 8, parity: "none", stopBits: 1 }],
  verified: "firmware-and-hosts",
  streams: cytonStreams,
  greet: greetCyton,
  start: startCyton,
  stop: stopCyton,
  contact: cytonContact,
  silenceS: () => 0.1, // packets come every 4 ms, the radio and the USB driver gather some of them
  driver: cytonDriver,
  falseFrames: 0,
  device: cytonDevice,
};
