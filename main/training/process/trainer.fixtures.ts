import { join } from "node:path";
import { bundle } from "../../compute/bundle.fixtures.ts";

/** Bundles the trainer as for the application, as trainer.js and feed-worker.js. */
export const buildTrainer = (outDir: string): Promise<void> =>
  bundle(
    {
      trainer: join(import.meta.dirname, "trainer.ts"),
      "feed-worker": join(import.meta.dirname, "..", "data", "feed", "worker.ts"),
    },
    outDir,
  );
