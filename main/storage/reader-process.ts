import { mainLine } from "../calls/main-line.ts";
import { serve } from "../calls/serve.ts";
import { answersOf } from "./answers.ts";
import type { OpenLibrary } from "./open-library.ts";
import { openLibrary } from "./open-library.ts";
import type { LibraryCalls, ReaderCalls } from "./protocol.ts";

/**
 * A process that reads a library for its check or its copy. Within SQLite a step may take minutes, and no thread can be
 * ended there; a process can, and what it held of the library is let go by the system.
 */
let path = "";
let opened: OpenLibrary | undefined;

function close(): void {
  opened?.close();
  process.exit(0);
}

const line = mainLine();
serve<LibraryCalls & ReaderCalls>(line, {
  ...answersOf(() => (opened ??= openLibrary(path, { readOnly: true, mayView: true }))),
  open: (given) => {
    path = given;
  },
  close,
});
line.onLost(close);
