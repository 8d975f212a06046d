import { workerData } from "node:worker_threads";
import { parentLine } from "../../../calls/lines.ts";
import { serve } from "../../../calls/serve.ts";
import { memoryOf } from "../../../calls/transfer.ts";
import { chooseFront } from "../../../models/fronts/registry.ts";
import { openLibrary, type OpenLibrary } from "../../../storage/open-library.ts";
import { readRecording } from "../dataset.ts";
import { readVaried } from "../variation.ts";
import type { FeedCalls, FeedOrder } from "./messages.ts";

// A thread with its own read-only connection: it reads ahead while the trainer computes.
const { libraryPath } = workerData as FeedOrder;
let opened: OpenLibrary | undefined;
/** One that cannot be opened answers every call with the reason. */
const library = (): OpenLibrary => (opened ??= openLibrary(libraryPath, { readOnly: true }));

serve<FeedCalls>(
  parentLine(),
  {
    table: ({ config, front, recordingId }) =>
      readRecording({ config }, library(), chooseFront(front, []), recordingId),
    varied: ({ config, front, request }) => readVaried(config, library(), chooseFront(front, []), request),
    close: () => {
      opened?.close();
      process.exit(0); // ends this thread, not the process
    },
  },
  { handOver: (answer) => memoryOf(answer) },
);
