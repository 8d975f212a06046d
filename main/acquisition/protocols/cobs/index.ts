import type { LineSettings, Protocol } from "../protocol.ts";
import { greet, startSteps, stopSteps } from "./conversation.ts";
import { CobsDevice } from "./device.ts";
import { CobsDriver } from "./driver.ts";
import { CobsSetup, streamsOf } from "./setup.ts";

const baudRates = [921_600, 115_200, 460_800, 1_000_000, 2_000_000, 230_400];
const line = (baudRate: number): LineSettings => ({ baudRate, dataBits: 8, parity: "none", stopBits: 1 });

/** The binary template for own firmware: frames with counter, device time and checksum, in COBS or SLIP. */
export const cobs: Protocol<CobsSetup> = {
  kind: "cobs",
  records: "emg",
  setup: CobsSetup,
  lines: baudRates.map(line),
  verified: "own-definition",
  streams: streamsOf,
  greet,
  start: startSteps,
  stop: stopSteps,
  silenceS: ({ samplesPerFrame, rate }) => samplesPerFrame / rate + 0.1,
  driver: (setup) => new CobsDriver(setup),
  falseFrames: 0,
  device: (setup, signal) => new CobsDevice(setup, signal),
};
