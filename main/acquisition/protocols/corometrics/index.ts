import type { LineSettings, Protocol } from "../protocol.ts";
import { greet, startSteps, stopSteps, wakeUp } from "./conversation.ts";
import { CorometricsDevice } from "./device.ts";
import { CorometricsDriver } from "./driver.ts";
import { CorometricsSetup, streamsOf } from "./setup.ts";

/** 9600 is recommended; bits and parity were not found [R], so all usual ones are tried. */
const lines = [9600, 4800, 19200, 2400].flatMap((baudRate): LineSettings[] => [
  { baudRate, dataBits: 8, parity: "none", stopBits: 1 },
  { baudRate, dataBits: 7, parity: "even", stopBits: 1 },
  { baudRate, dataBits: 7, parity: "odd", stopBits: 1 },
  { baudRate, dataBits: 8, parity: "even", stopBits: 1 },
]);

/** GE Corometrics 120 and 170 series, "Model 115" mode. Messages from the vendor's manual; its mode tables were not found. */
export const corometrics: Protocol<CorometricsSetup> = {
  kind: "corometrics",
  records: "ctg",
  setup: CorometricsSetup,
  lines,
  verified: "vendor-manual",
  streams: streamsOf,
  greet,
  start: startSteps,
  stop: stopSteps,
  wake: wakeUp,
  silenceS: () => 3,
  driver: (setup) => new CorometricsDriver(setup),
  falseFrames: 1, // 0.006 expected
  device: (setup, signal) => new CorometricsDevice(setup, signal),
};
