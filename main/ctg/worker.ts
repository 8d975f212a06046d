import { setImmediate } from "node:timers/promises";
import type { MessagePort } from "node:worker_threads";
import { workerData } from "node:worker_threads";
import { throwIfCancelled } from "../../preload/contract/errors.ts";
import { parentLine } from "../calls/lines.ts";
import { serve } from "../calls/serve.ts";
import { connectLibrary } from "../storage/client.ts";
import { CtgReader } from "./reader.ts";
import type { CtgCalls } from "./protocol.ts";

/** The thread that reads cardiotocograms by rule: neither main nor a training that is under way waits for it. */
const { libraryPort } = workerData as { libraryPort: MessagePort };
libraryPort.on("close", () => process.exit(1)); // the storage thread is gone: main starts this one anew with a port to its successor

const reader = new CtgReader(connectLibrary(libraryPort), async (signal) => {
  await setImmediate();
  throwIfCancelled(signal);
});

serve<CtgCalls>(parentLine(), {
  read: (ask, { signal, tell }) => reader.read(ask, { signal, tell: (step) => tell("progress", step) }),
  measure: (ask, { signal }) => reader.measure(ask, signal),
});
