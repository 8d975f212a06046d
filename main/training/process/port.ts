import type { FromTrainer, ToTrainer } from "./messages.ts";
import type { Port } from "./serve.ts";

/** Electron's port of a utility process, as far as it is used; named here so that no Electron is needed to build this. */
interface ParentPort {
  postMessage(message: unknown): void;
  on(event: "message", listener: (event: { readonly data: unknown }) => void): void;
}

/** The line to main: a utility process of Electron and a forked child of Node speak through different doors. */
export function parentPort(): Port {
  const { parentPort: electron } = process as NodeJS.Process & { readonly parentPort?: ParentPort };
  if (electron !== undefined) {
    return {
      send: (message) => electron.postMessage(message),
      onMessage: (listener) => electron.on("message", ({ data }) => listener(data as ToTrainer)),
      close: () => process.exit(0),
    };
  }
  const disconnect = (): void => {
    process.exit(0);
  };
  process.on("disconnect", disconnect); // main is gone: nothing here is worth keeping
  return {
    send: (message: FromTrainer) => {
      if (process.connected) process.send?.(message);
    },
    onMessage: (listener) => process.on("message", (message) => listener(message as ToTrainer)),
    close: disconnect,
  };
}
