import { z } from "zod";
import { ErrorReport } from "./errors.ts";
import { RecordingKind } from "./recording.ts";

const Count = z.number().int().nonnegative();

/** Where a department's archive and its workers are, without anything secret. */
export const ClusterPlace = z.object({
  address: z.string().max(1000), // postgresql://ito@db.example.org/kodo
  file: z.string().max(4000).nullable(), // certificate of the authority that its server is told by; null: one that the system knows
});
export type ClusterPlace = z.infer<typeof ClusterPlace>;

/** What a person enters to be connected. */
export const ClusterEntry = ClusterPlace.extend({
  password: z.string().max(1000).optional(), // absent: the one that is known for this address
});
export type ClusterEntry = z.infer<typeof ClusterEntry>;

/** What this window is connected to. Off until a person connects it. */
export const ClusterState = z.object({
  place: ClusterPlace.nullable(), // null: nothing that speaks to a server is even loaded
  name: z.string().nullable(), // db.example.org/kodo: as runs say where they are done
  password: z.enum(["kept", "until-end", "missing"]), // kept: encrypted by the system's own keyring; else of this start alone
  canKeep: z.boolean(), // the system has a keyring
  isAgreed: z.boolean(), // a person has agreed to what leaves this machine for it
});
export type ClusterState = z.infer<typeof ClusterState>;

export const noCluster: ClusterState = {
  ...{ place: null, name: null, password: "missing" },
  ...{ canKeep: true, isAgreed: false },
};

/** What a first conversation with it says. */
export const ClusterReached = z.object({ name: z.string(), recordings: Count, workers: Count });
export type ClusterReached = z.infer<typeof ClusterReached>;

export const ClusterWorker = z.object({
  id: z.string(),
  host: z.string(),
  processor: z.string(),
  lanes: Count, // fits side by side
  busy: Count, // of its lanes
  isOurs: z.boolean(), // of this version of the program: it takes what this window asks
});
export type ClusterWorker = z.infer<typeof ClusterWorker>;

/** Who works there now, and what waits before whatever is asked next. */
export const ClusterStanding = z.object({
  workers: z.array(ClusterWorker),
  waiting: Count, // jobs for workers of this version
  active: Count,
});
export type ClusterStanding = z.infer<typeof ClusterStanding>;

/** What the cluster last said of a run, and since when it says nothing. */
export const RunThere = z.object({
  heardAt: z.string().optional(), // absent: nothing yet since the program started
  waiting: Count, // fits
  active: Count,
  handing: z.object({ done: Count, of: Count }).optional(), // recordings that are on their way there
  lost: ErrorReport.optional(), // why nothing is heard now
  retryAt: z.string().optional(), // when it is asked again by itself
});
export type RunThere = z.infer<typeof RunThere>;

/** A recording of the archive, as a list shows it. */
export const ArchiveRow = z.object({
  id: z.string(), // there
  name: z.string(),
  subject: z.string(),
  study: z.string(),
  kind: RecordingKind,
  durationS: z.number(),
  pushedBy: z.string(),
  pushedAt: z.string(),
  hereId: z.string().nullable(), // its samples lie in this library, perhaps in the bin
});
export type ArchiveRow = z.infer<typeof ArchiveRow>;

/** One recording that went to the archive, or came from it. */
export const Moved = z.object({
  id: z.string(), // as it was asked for
  name: z.string(),
  state: z.enum(["waiting", "moving", "new", "known", "failed", "cancelled"]),
  bytes: Count, // of samples
  papers: Count.nullable(), // labels, masks and the like that were not there before; null: not told, it is read blind
  beside: Count.nullable(), // of these: labels, masks and readings that read differently there, and now stand beside
  otherwise: z.array(z.string()).nullable(), // who says otherwise there what is known for reading it
  subject: z.string().nullable(), // under which the archive keeps it, where that is another
  error: ErrorReport.optional(),
});
export type Moved = z.infer<typeof Moved>;

/** Recordings on their way, one after the other; each arrives whole or not at all. */
export const ArchiveTransfer = z.object({
  kind: z.enum(["push", "pull"]),
  state: z.enum(["running", "done", "cancelled", "stopped"]), // stopped: the archive was lost; what is left can be asked for again
  at: z.string(), // name of the archive
  recordings: z.array(Moved),
  error: ErrorReport.optional(), // of what stopped it
});
export type ArchiveTransfer = z.infer<typeof ArchiveTransfer>;
