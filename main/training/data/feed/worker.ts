import { parentPort, workerData } from "node:worker_threads";
import { settle } from "../../../../preload/contract/errors.ts";
import { chooseFront } from "../../../models/fronts/registry.ts";
import type { FeatureTable } from "../../../models/fronts/front.ts";
import { openLibrary } from "../../../storage/open-library.ts";
import { readRecording } from "../dataset.ts";
import { readVaried } from "../variation.ts";
import type { FeedAnswers, FeedOrder, FeedRequest, FromFeed, ToFeed } from "./messages.ts";

// A thread with its own read-only connection: it reads ahead while the trainer computes.
const { libraryPath } = workerData as FeedOrder;
const library = openLibrary(libraryPath, { readOnly: true });

const answer = (request: FeedRequest): Promise<FeedAnswers[FeedRequest["kind"]]> => {
  const front = chooseFront(request.front, []);
  switch (request.kind) {
    case "table":
      return readRecording({ config: request.config }, library, front, request.recordingId);
    case "varied":
      return readVaried(request.config, library, front, request.request);
  }
};

const tableOf = (value: FeedAnswers[FeedRequest["kind"]]): FeatureTable =>
  "table" in value ? value.table : value;

async function handle(message: Extract<ToFeed, { kind: "ask" }>): Promise<void> {
  const outcome = await settle(() => answer(message.request));
  const arrays = outcome.ok ? Object.values(tableOf(outcome.value)) : [];
  const said: FromFeed = { id: message.id, outcome };
  parentPort?.postMessage(
    said,
    (arrays as ArrayBufferView<ArrayBuffer>[]).map(({ buffer }) => buffer),
  );
}

parentPort?.on("message", (message: ToFeed) => {
  switch (message.kind) {
    case "ask":
      void handle(message);
      return;
    case "close":
      library.close();
      process.exit(0); // ends this thread, not the process
  }
});
