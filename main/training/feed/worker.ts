import { parentPort, workerData } from "node:worker_threads";
import { reportOf, settle } from "../../../preload/contract/errors.ts";
import { chooseFront } from "../../models/fronts/registry.ts";
import { openLibrary } from "../../storage/open-library.ts";
import { readRecording } from "../dataset.ts";
import { feedBatches, feedShape, type FeedOptions, type FeedShape } from "./batches.ts";
import type { FeedOrder, FromFeed, ToFeed } from "./messages.ts";
import { channelScales } from "./sample-reader.ts";
import { indexWindows, type WindowIndex } from "./window-index.ts";

// A thread with its own read-only connection: it reads ahead while the trainer computes.
const { libraryPath } = workerData as FeedOrder;
const library = openLibrary(libraryPath, { readOnly: true });

const send = (message: FromFeed, arrays: readonly ArrayBufferView<ArrayBuffer>[] = []): void =>
  parentPort?.postMessage(
    message,
    arrays.map(({ buffer }) => buffer),
  );

let feed: { index: WindowIndex; shape: FeedShape; options: FeedOptions } | undefined;
let current = 0; // request; an epoch ends when the next is asked for
let room = 0; // batches that may still be sent
let wake: () => void = () => undefined;

async function sendEpoch({ request, epoch, ahead }: Extract<ToFeed, { kind: "epoch" }>): Promise<void> {
  if (feed === undefined) return;
  current = request;
  room = ahead;
  wake();
  for (const batch of feedBatches(feed.index, feed.shape, feed.options, epoch)) {
    while (room === 0 && request === current) await new Promise<void>((resolve) => (wake = resolve));
    await new Promise((resolve) => setImmediate(resolve)); // lets messages in
    if (request !== current) return;
    room -= 1;
    send({ kind: "batch", request, batch }, batch as readonly Float32Array<ArrayBuffer>[]);
  }
  send({ kind: "end", request });
}

async function handle(message: ToFeed): Promise<void> {
  switch (message.kind) {
    case "table": {
      const { id, config, front, recordingId } = message;
      const outcome = await settle(() => readRecording(config, library, chooseFront(front, []), recordingId));
      const table = outcome.ok ? Object.values(outcome.value.table) : [];
      send({ kind: "table", id, outcome }, table as ArrayBufferView<ArrayBuffer>[]);
      return;
    }
    case "index": {
      const options = { ...message.options, config: message.config };
      const index = indexWindows(message.config, library);
      const shape = feedShape(index, options, channelScales(index, message.config.seed));
      feed = { index, shape, options };
      send({ kind: "indexed", shape });
      return;
    }
    case "epoch":
      return sendEpoch(message);
    case "taken":
      room += 1;
      wake();
      return;
    case "close":
      library.close();
      process.exit(0); // ends this thread, not the process
  }
}

parentPort?.on("message", (message: ToFeed) => {
  handle(message).catch((error: unknown) => send({ kind: "failed", error: reportOf(error) }));
});
