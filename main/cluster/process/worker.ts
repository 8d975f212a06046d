import { MessagePort, workerData } from "node:worker_threads";
import { z } from "zod";
import { parentLine } from "../../calls/lines.ts";
import { serve } from "../../calls/serve.ts";
import { connectLibrary } from "../../storage/client.ts";
import { ClusterDesk } from "./desk.ts";
import type { ClusterCalls } from "./protocol.ts";

/** The thread that speaks with the cluster: nothing of what that needs is loaded in main, and neither waits for the other. */
const { libraryPort } = z.object({ libraryPort: z.instanceof(MessagePort) }).parse(workerData);
libraryPort.on("close", () => process.exit(1)); // the storage thread is gone: main starts this one anew with a port to its successor

serve<ClusterCalls>(parentLine(), new ClusterDesk(connectLibrary(libraryPort)).handlers);
