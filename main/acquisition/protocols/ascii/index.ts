import type { LineSettings, Protocol } from "../protocol.ts";
import { greet, startSteps, stopSteps } from "./conversation.ts";
import { AsciiDevice } from "./device.ts";
import { AsciiDriver } from "./driver.ts";
import { AsciiSetup, streamsOf } from "./setup.ts";

const baudRates = [115_200, 9600, 57_600, 230_400, 250_000, 460_800, 500_000, 921_600, 1_000_000, 2_000_000];
const line = (baudRate: number): LineSettings => ({ baudRate, dataBits: 8, parity: "none", stopBits: 1 });

/** Lines of numbers, as Arduino sketches and hobby boards print them, and a strict form of them. */
export const ascii: Protocol<AsciiSetup> = {
  kind: "ascii",
  records: "emg",
  setup: AsciiSetup,
  lines: baudRates.map(line),
  verified: "own-definition",
  streams: streamsOf,
  greet,
  start: startSteps,
  stop: stopSteps,
  silenceS: ({ rate }) => 1 / rate + 0.1,
  driver: (setup) => new AsciiDriver(setup),
  falseFrames: 0,
  device: (setup, signal) => new AsciiDevice(setup, signal),
};
