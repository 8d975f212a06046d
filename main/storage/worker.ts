import { workerData } from "node:worker_threads";
import type { Line } from "../calls/line.ts";
import { parentLine, portLine } from "../calls/lines.ts";
import { serve } from "../calls/serve.ts";
import { memoryOf } from "../calls/transfer.ts";
import { answersOf } from "./answers.ts";
import type { OpenLibrary } from "./open-library.ts";
import { openLibrary } from "./open-library.ts";
import type { LibraryCalls, StorageThreadCalls } from "./protocol.ts";

/** The thread that owns the database. Calls of all ports are carried out one at a time, in the order they came. */
const { path, readOnly } = workerData as { path: string; readOnly: boolean };

let opened: OpenLibrary | undefined;
/** Opened with the first call; a library that cannot be opened answers every call with the reason. */
const handlers = answersOf(() => (opened ??= openLibrary(path, { readOnly, mayView: true })));

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
