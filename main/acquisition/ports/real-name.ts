import { realpath } from "node:fs/promises";

/** Where the name of a port leads: a link in /dev/serial/by-id and the /dev/ttyUSB0 behind it are one port. */
export async function realNameOf(path: string, platform = process.platform): Promise<string> {
  if (platform === "win32") return path.replace(/^\\\\[.?]\\/, "").toUpperCase();
  const real = await realpath(path).catch(() => path); // what is not there is told by opening it
  return platform === "darwin" ? outgoing(real) : real;
}

/** macOS has two names of a port; tty.* is for calls that come in and may wait for a carrier, cu.* is for calling out [R]. */
export const outgoing = (path: string): string => path.replace(/^\/dev\/tty\./, "/dev/cu.");
