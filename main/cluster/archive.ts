import { z } from "zod";
import { ArchiveRow } from "../../preload/contract/cluster.ts";
import { AppError } from "../../preload/contract/errors.ts";
import { addressFrom } from "./address.ts";
import { type ArchiveLibrary, searched } from "./archive-rows.ts";
import { openCluster } from "./database.ts";
import { type Pulled, pullRecording, pullRun } from "./pull.ts";
import { type Pushed, pushRecording, pushRun } from "./push.ts";
import { QUEUE_SCHEMA, refuseNewerQueue, setUpQueue } from "./queue.ts";
import { letWorkers, refuseOther, setUp, type SetUp } from "./schema.ts";

export type { Pulled } from "./pull.ts";
export type { Pushed } from "./push.ts";
export type { SetUp } from "./schema.ts";

/** A recording of the archive, whoever looks. */
export const ArchivedRecording = ArchiveRow.omit({ hereId: true }).extend({
  sha256: z.string(), // of its samples
});
export type ArchivedRecording = z.infer<typeof ArchivedRecording>;

/** What an analysis was made of, frozen: the recordings with the digests of their samples. */
export const ArchiveManifest = z.object({
  recordings: z.array(z.object({ id: z.uuid(), sha256: z.string() })).min(1),
});
export type ArchiveManifest = z.infer<typeof ArchiveManifest>;

export interface ArchiveSearch {
  readonly study?: string | undefined;
  readonly text?: string | undefined; // within the name, the subject or the study
  readonly after?: string | undefined; // id: those behind it in the order of the list
  readonly limit: number;
}

export interface Archive {
  readonly shown: string; // where it is, without a password
  /** By study, name and id; `limit` of them. */
  list(search: ArchiveSearch): Promise<ArchivedRecording[]>;
  /** Ids and names to ids. Throws data/recording-unknown, data/recording-ambiguous, data/archive-differs. */
  idsOf(wanted: readonly string[]): Promise<string[]>;
  idsIn(manifest: ArchiveManifest): Promise<string[]>;
  /** Of each of them, the ids that its samples have in the libraries they were pushed from, its own first. */
  knownAs(ids: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>>;
  count(): Promise<number>;
  push(id: string, signal?: AbortSignal): Promise<Pushed>;
  pull(id: string, signal?: AbortSignal): Promise<Pulled>;
  runs(): Promise<{ id: string; name: string }[]>;
  pushRun(id: string): Promise<boolean>; // whether it is new there
  pullRun(id: string): Promise<boolean>;
  close(): Promise<void>;
}

const columns = `id, sha256, name, subject, study, kind, duration_s AS "durationS", pushed_by AS "pushedBy",
  to_char(pushed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS "pushedAt"`;

/** The archive that KODO_CLUSTER names. Throws where it is not set up for this Kodo, or does not let this user in. */
export async function openArchive(
  address: string | undefined,
  library: ArchiveLibrary,
  by: string, // who pushes; who pulls needs no name
): Promise<Archive> {
  const database = await openCluster(addressFrom(address));
  try {
    await refuseOther(database);
  } catch (error) {
    await database.close();
    throw error;
  }
  const list: Archive["list"] = async ({ study, text, after, limit }) =>
    z.array(ArchivedRecording).parse(
      await database.rows(
        `SELECT ${columns} FROM kodo.recording WHERE ${searched} AND ($3::uuid IS NULL OR (study, name, id) > (SELECT study, name, id FROM kodo.recording WHERE id = $3))
         ORDER BY study, name, id LIMIT $4`,
        [study ?? null, text ?? null, after ?? null, limit],
      ),
    );
  const meant = async (wanted: string): Promise<string> => {
    const byName = await database.rows<{ id: string }>(
      "SELECT id FROM kodo.recording WHERE id::text = $1 OR name = $1 LIMIT 2",
      [wanted],
    );
    const [only] = byName;
    if (only !== undefined && byName.length === 1) return only.id;
    const is = byName.length === 0 ? "unknown" : "ambiguous";
    const message =
      is === "unknown"
        ? `No recording ${wanted} in the archive`
        : `Several recordings of the archive are named ${wanted}; say which by id`;
    throw new AppError(`data/recording-${is}`, message, { value: wanted });
  };
  return {
    shown: database.shown,
    list,
    idsOf: (wanted) => inTurn(wanted, meant),
    idsIn: async ({ recordings }) => {
      const ids = recordings.map(({ id }) => id.toLowerCase());
      const rows = await database.rows<{ id: string; sha256: string; name: string }>(
        "SELECT id, sha256, name FROM kodo.recording WHERE id = ANY($1::uuid[])",
        [ids],
      );
      const there = new Map(rows.map((row) => [row.id, row]));
      refuseUnknown(ids.filter((id) => !there.has(id)));
      for (const [at, { sha256 }] of recordings.entries()) {
        const found = there.get(ids[at] ?? "");
        if (found !== undefined && found.sha256 !== sha256)
          throw new AppError(
            "data/archive-differs",
            `${found.name} has other samples in the archive than the manifest says`,
            { recording: found.id, expected: sha256, value: found.sha256 },
          );
      }
      return ids;
    },
    knownAs: async (ids) => {
      const known = new Map(ids.map((id) => [id, [id]]));
      const rows = await database.rows<{ recording: string; local_id: string }>(
        "SELECT recording, local_id FROM kodo.known_as WHERE recording = ANY($1::uuid[]) AND recording <> local_id",
        [ids],
      );
      for (const { recording, local_id: local } of rows) known.get(recording)?.push(local);
      return known;
    },
    count: async () => {
      const [row] = await database.rows<{ count: number }>(
        "SELECT count(*)::int AS count FROM kodo.recording",
      );
      return row?.count ?? 0;
    },
    push: async (id, signal) =>
      pushRecording(database, library, id, { by: named(by), ...(signal ? { signal } : {}) }),
    pull: (id, signal) => pullRecording(database, library, id, signal ? { signal } : {}),
    runs: () =>
      database.rows("SELECT id, content #>> '{config,name}' AS name FROM kodo.run ORDER BY pushed_at"),
    pushRun: async (id) => pushRun(database, library, id, { by: named(by) }),
    pullRun: (id) => pullRun(database, library, id),
    close: () => database.close(),
  };
}

/** All of them are told at once: one after the other each would be found only after the one before was seen to. */
function refuseUnknown(ids: readonly string[]): void {
  const [first] = ids;
  if (first === undefined) return;
  const rest = ids.length === 1 ? "" : ` and ${ids.length - 1} more`;
  throw new AppError(
    "data/recording-unknown",
    `The manifest names ${first}${rest}, which the archive has not`,
    { value: first, count: ids.length },
  );
}

function named(by: string): string {
  if (by.trim() !== "") return by;
  throw new AppError(
    "contract/bad-params",
    "The archive keeps who pushed what: say your name in the settings first",
  );
}

async function inTurn<T, R>(all: readonly T[], work: (one: T) => Promise<R>): Promise<R[]> {
  const done: R[] = [];
  for (const one of all) done.push(await work(one));
  return done;
}

/** Makes the tables, roles and the queue, or brings them up to date. */
export async function setUpCluster(address: string | undefined): Promise<SetUp & { readonly shown: string }> {
  const where = addressFrom(address);
  const database = await openCluster(where);
  try {
    await refuseNewerQueue(database); // before anything is changed
    const steps = await setUp(database);
    await setUpQueue(where);
    await letWorkers(database, QUEUE_SCHEMA);
    return { ...steps, shown: database.shown };
  } finally {
    await database.close();
  }
}
