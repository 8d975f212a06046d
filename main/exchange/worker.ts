import type { MessagePort } from "node:worker_threads";
import { workerData } from "node:worker_threads";
import { parentLine } from "../calls/lines.ts";
import { serve } from "../calls/serve.ts";
import { connectLibrary } from "../storage/client.ts";
import { annotationTable } from "./annotation-table.ts";
import { exportJob } from "./export-job.ts";
import { importJob } from "./import-job.ts";
import type { JobWork } from "./jobs.ts";
import { doJob } from "./jobs.ts";
import { previewFile } from "./preview.ts";
import { type ExchangeCalls, jobKindOf, type JobOrder } from "./protocol.ts";
import { noteFoldersBeside } from "./parts.ts";
import { sampleJob } from "./sample-job.ts";
import type { JobContext } from "./recording-group.ts";

/** The thread that reads and writes files, so that main never waits for a disk. */
const { libraryPort, fontFolder, libraryPath } = workerData as {
  libraryPort: MessagePort;
  fontFolder: string;
  libraryPath?: string;
};
if (libraryPath !== undefined) noteFoldersBeside(libraryPath);
const library = connectLibrary(libraryPort);

const underway = new Set<Promise<unknown>>();
// The storage thread is gone and another will come: main starts this one anew with a port to it. What is under way says first how it ended.
libraryPort.on("close", () => {
  void Promise.allSettled(underway).then(() => setImmediate(() => process.exit(1)));
});

function workOf(context: JobContext, job: JobOrder): JobWork {
  switch (job.kind) {
    case "import":
      return importJob(context, job.paths, job.options, job.only);
    case "export":
      return exportJob(context, job.request);
    case "report": {
      const { request, software } = job;
      return async (handle) => {
        const { reportJob } = await import("./report-job.ts"); // what draws is large, and most threads never do
        await reportJob(context, request, { fontFolder, software, now: () => new Date() })(handle);
      };
    }
    case "sample":
      return sampleJob(context);
  }
}

serve<ExchangeCalls>(parentLine(), {
  job: ({ jobId, order }, { signal, tell }) => {
    const context: JobContext = {
      library,
      changed: (change) => tell("changed", change),
      holding: (recordingId, held) => tell("holding", { recordingId, held }),
    };
    const done = doJob(
      { jobId, kind: jobKindOf(order), signal, report: (progress) => tell("progress", progress) },
      workOf(context, order),
    );
    underway.add(done);
    return done.finally(() => underway.delete(done));
  },
  preview: ({ path, table }) => previewFile(path, table),
  annotationTable: (ask) => annotationTable(library, ask),
});
