import type { MessagePort } from "node:worker_threads";
import { parentPort, workerData } from "node:worker_threads";
import { settle } from "../../preload/contract/errors.ts";
import { connectLibrary } from "../storage/client.ts";
import { annotationTable } from "./annotation-table.ts";
import { exportJob } from "./export-job.ts";
import { importJob } from "./import-job.ts";
import type { JobWork } from "./jobs.ts";
import { JobQueue } from "./jobs.ts";
import { previewFile } from "./preview.ts";
import type { JobOrder, Order, QuestionName, Questions, Report } from "./protocol.ts";
import { sampleJob } from "./sample-job.ts";
import type { JobContext } from "./recording-group.ts";

/** The thread that reads and writes files, so that main never waits for a disk. */
const { libraryPort } = workerData as { libraryPort: MessagePort };
const report = (message: Report): void => parentPort?.postMessage(message);

const context: JobContext = {
  library: connectLibrary(libraryPort),
  changed: (change) => report({ kind: "changed", change }),
  holding: (recordingId, held) => report({ kind: "holding", recordingId, held }),
};
const queue = new JobQueue((progress) => report({ kind: "progress", progress }));

// The storage thread is gone and another will come: main starts this one anew with a port to it.
libraryPort.on("close", () => void queue.idle().then(() => process.exit(1)));

function workOf(job: JobOrder): JobWork {
  switch (job.kind) {
    case "import":
      return importJob(context, job.paths, job.options, job.only);
    case "export":
      return exportJob(context, job.request);
    case "sample":
      return sampleJob(context);
  }
}

const answers: {
  readonly [Q in QuestionName]: (ask: Questions[Q]["ask"]) => Promise<Questions[Q]["answer"]>;
} = {
  preview: ({ path, table }) => previewFile(path, table),
  annotationTable: (ask) => annotationTable(context.library, ask),
};

parentPort?.on("message", (order: Order) => {
  switch (order.kind) {
    case "start":
      queue.add(order.jobId, order.job.kind, workOf(order.job));
      break;
    case "cancel":
      queue.cancel(order.jobId);
      report({ kind: "heard", jobId: order.jobId });
      break;
    case "ask": {
      const answer = answers[order.name] as (ask: unknown) => Promise<unknown>;
      void settle(() => answer(order.ask)).then((outcome) =>
        report({ kind: "answer", id: order.id, outcome }),
      );
      break;
    }
  }
});
