import type { Line, Message } from "./line.ts";

/** Electron's port of a utility process, as far as it is used; named here so that no Electron is needed to build this. */
interface ParentPort {
  postMessage(message: unknown): void;
  on(event: "message", listener: (event: { readonly data: unknown }) => void): void;
}

/**
 * The line from a process to main: a utility process of Electron and a forked child of Node speak through different doors.
 * Electron ends the process with main; a forked one is told that the line is lost.
 */
export function mainLine(): Line {
  const { parentPort: electron } = process as NodeJS.Process & { readonly parentPort?: ParentPort };
  if (electron !== undefined)
    return {
      send: (message) => electron.postMessage(message),
      receive: (listener) => electron.on("message", ({ data }) => listener(data as Message)),
      onLost: () => undefined,
    };
  return {
    send: (message) => {
      if (process.connected) process.send?.(message, undefined, undefined, () => undefined); // main may just be gone
    },
    receive: (listener) => process.on("message", (message) => listener(message as Message)),
    onLost: (listener) => void process.on("disconnect", () => listener(undefined)),
  };
}
