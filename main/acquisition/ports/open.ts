import type { PortOpener } from "./port.ts";
import { openReplay } from "./replay.ts";
import { openSerialPort } from "./serial.ts";
import { openSimulated } from "./simulated.ts";

/** Opens what a path names: `replay:FILE`, `simulated:PROTOCOL`, or a serial port of the system. */
export const openPort: PortOpener = (what) => {
  if (what.path.startsWith("replay:")) return openReplay(what);
  if (what.path.startsWith("simulated:")) return openSimulated(what);
  return openSerialPort(what);
};
