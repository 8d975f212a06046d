import type { Message } from "../../calls/line.ts";
import type { MainLine } from "./serve.ts";

/** Electron's port of a utility process, as far as it is used; named here so that no Electron is needed to build this. */
interface ParentPort {
  postMessage(message: unknown): void;
  on(event: "message", listener: (event: { readonly data: unknown }) => void): void;
}

/** The line to main: a utility process of Electron and a forked child of Node speak through different doors. */
export function parentPort(): MainLine {
  const { parentPort: electron } = process as NodeJS.Process & { readonly parentPort?: ParentPort };
  if (electron !== undefined) {
    return {
      send: (message) => electron.postMessage(message),
      receive: (listener) => electron.on("message", ({ data }) => listener(data as Message)),
      onLost: () => undefined, // Electron ends the process with main
      close: () => process.exit(0),
    };
  }
  const disconnect = (): void => {
    process.exit(0);
  };
  process.on("disconnect", disconnect); // main is gone: nothing here is worth keeping
  return {
    send: (message) => {
      if (process.connected) process.send?.(message);
    },
    receive: (listener) => process.on("message", (message) => listener(message as Message)),
    onLost: () => undefined, // this process ends then
    close: disconnect,
  };
}
