import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import type { OpenLibrary } from "./open-library.ts";
import { openLibrary } from "./open-library.ts";
import { answer, handedOver, type LibraryCall, transferable } from "./protocol.ts";

/** The thread that owns the database. Calls of all ports are carried out one at a time, in the order they came. */
const { path, readOnly } = workerData as { path: string; readOnly: boolean };

let opened: OpenLibrary | undefined;
/** Opened with the first call; a library that cannot be opened answers every call with the reason. */
const library = (): OpenLibrary => (opened ??= openLibrary(path, { readOnly, mayView: true }));

interface Connect {
  readonly kind: "connect";
  readonly port: MessagePort;
}
interface Close {
  readonly kind: "close";
}

function serve(port: Pick<MessagePort, "postMessage">, call: LibraryCall): void {
  void answer(library, call).then((message) => {
    port.postMessage(message, transferable(message));
    for (const memory of handedOver(call.method, call.args)) free(memory);
  });
}

type Freeable = ArrayBuffer & { transfer?: (length: number) => ArrayBuffer };

/** Samples that were handed over and are in the database: waiting for the collector, they would call it again and again. */
const free = (memory: Freeable): unknown => memory.transfer?.(0);

parentPort?.on("message", (message: LibraryCall | Connect | Close) => {
  switch (message.kind) {
    case "call":
      serve(parentPort!, message);
      break;
    case "connect": {
      const { port } = message;
      port.on("message", (call: LibraryCall) => serve(port, call));
      break;
    }
    case "close":
      opened?.close();
      process.exit(0); // ends this thread, not the process
  }
});
