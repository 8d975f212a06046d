import { workerData } from "node:worker_threads";
import type { Line } from "../calls/line.ts";
import { parentLine, portLine } from "../calls/lines.ts";
import { serve } from "../calls/serve.ts";
import type { Handlers } from "../calls/signature.ts";
import { memoryOf } from "../calls/transfer.ts";
import type { OpenLibrary } from "./open-library.ts";
import { openLibrary } from "./open-library.ts";
import { handedOver, type LibraryCalls, libraryMethods, type StorageThreadCalls } from "./protocol.ts";

/** The thread that owns the database. Calls of all ports are carried out one at a time, in the order they came. */
const { path, readOnly } = workerData as { path: string; readOnly: boolean };

let opened: OpenLibrary | undefined;
/** Opened with the first call; a library that cannot be opened answers every call with the reason. */
const library = (): OpenLibrary => (opened ??= openLibrary(path, { readOnly, mayView: true }));

type AnyMethod = (...args: readonly unknown[]) => unknown;
const handlers = Object.fromEntries(
  libraryMethods.map((method) => [
    method,
    (args: readonly unknown[]) => {
      try {
        return (library()[method] as AnyMethod)(...args);
      } finally {
        for (const memory of handedOver(args, method)) free(memory);
      }
    },
  ]),
) as unknown as Handlers<LibraryCalls>;

type Freeable = ArrayBuffer & { transfer?: (length: number) => ArrayBuffer };

/** Samples that were handed over and are in the database: waiting for the collector, they would call it again and again. */
const free = (memory: Freeable): unknown => memory.transfer?.(0);

const answer = (line: Line): void =>
  serve<LibraryCalls>(line, handlers, { handOver: (value) => memoryOf(value) });

serve<LibraryCalls & StorageThreadCalls>(
  parentLine(),
  {
    ...handlers,
    connect: (port) => answer(portLine(port)),
    close: () => {
      opened?.close();
      process.exit(0); // ends this thread, not the process
    },
  },
  { handOver: (value) => memoryOf(value) },
);
