import type { LineSettings, Protocol } from "../protocol.ts";
import { greet, startSteps, stopSteps, wakeUp } from "./conversation.ts";
import { Series50Device } from "./device.ts";
import { Series50Driver } from "./driver.ts";
import { Series50Setup, streamsOf } from "./setup.ts";

/** 1200 is a common factory setting; rates and 8N1 are recalled [R], so all are tried. */
const baudRates = [1200, 9600, 19200, 2400, 4800, 38400, 115200];
const line = (baudRate: number): LineSettings => ({ baudRate, dataBits: 8, parity: "none", stopBits: 1 });

/** HP/Philips Series 50 fetal monitors and those that emulate them. Layout from an open library written from the vendor's guide. */
export const series50: Protocol<Series50Setup> = {
  kind: "series50",
  records: "ctg",
  setup: Series50Setup,
  lines: baudRates.map(line),
  verified: "vendor-guide",
  streams: streamsOf,
  greet,
  start: startSteps,
  stop: stopSteps,
  wake: wakeUp,
  silenceS: () => 3,
  driver: (setup) => new Series50Driver(setup),
  falseFrames: 0,
  device: (setup, signal) => new Series50Device(setup, signal),
};
