import { createHash } from "node:crypto";
import type { Run } from "../../preload/contract/run.ts";
import type { LabelSet } from "../../preload/contract/label-set.ts";
import type { Papers } from "../storage/api.ts";
import { type ArchivedHeader, inOrder } from "./archive-rows.ts";

/** All that decides what comes of the fits of a run. */
interface Deciding {
  readonly run: Run;
  readonly recordings: readonly {
    readonly sha256: string; // of its samples
    readonly header: ArchivedHeader;
    readonly papers: Pick<Papers, "annotations" | "masks" | "readings">;
  }[];
  readonly labelSet: LabelSet;
  readonly version: string; // of the program
  readonly fits: number;
}

/** What a paper is called and when it was written decides nothing. */
const untold = (paper: object): object => ({
  ...paper,
  id: "",
  recordingId: "",
  createdAt: "",
  changedAt: "",
});

/** What a fit sees of its run: not what it is called, and recordings by what they hold. */
const seenOf = ({ config, engine }: Run): object => ({
  ...{ ...config, name: "", comparison: "", data: { ...config.data, recordingIds: [] } },
  begun: engine === undefined ? null : [engine.engine ?? null, engine.threads],
});

/**
 * The key of each fit of a cross-validation: a digest of all that decides what comes of it. Whoever asks for the same
 * under whatever name gets what was computed; anything that could make a difference, order too, makes another key.
 */
export function keysOf({ run, recordings, labelSet, version, fits }: Deciding): string[] {
  const content = inOrder({
    ...{ kind: "fit", version, labelSet, run: seenOf(run) },
    recordings: recordings.map(({ sha256, header: { kind, subject, channels }, papers }) => [
      ...[sha256, kind, subject, channels],
      ...[papers.annotations, papers.masks, papers.readings].map((some) => some.map(untold)),
    ]),
  });
  return Array.from({ length: fits }, (_, fit) =>
    createHash("sha256").update(`${fit} of ${fits}\n${content}`).digest("hex"),
  );
}
