import { hostname, cpus } from "node:os";
import { z } from "zod";
import { AppError, ErrorReport } from "../../preload/contract/errors.ts";
import { Run } from "../../preload/contract/run.ts";
import { checked } from "../storage/checked.ts";
import { PapersShape } from "../storage/papers-shape.ts";
import type { ClusterDatabase } from "./database.ts";
import type { Queue, Taken } from "./queue.ts";

/** A recording as the fits of a run see it: frozen when the run was submitted. */
export const FrozenRecording = z.object({
  id: z.string(), // under which the run knows it
  archived: z.string(), // in the archive
  sha256: z.string(), // of its samples
  papers: PapersShape, // without names
});
export type FrozenRecording = z.infer<typeof FrozenRecording>;

const WorkShape = z.object({
  id: z.string(), // of the run
  run: Run,
  recordings: z.array(FrozenRecording),
  version: z.string(),
  fits: z.number().int(),
});
export type Work = z.infer<typeof WorkShape>;

export interface WorkState {
  readonly done: number;
  readonly fits: number;
  readonly active: number;
  readonly waiting: number;
  readonly isCancelled: boolean;
  readonly failure: ErrorReport | undefined;
}

export interface Finished {
  readonly value: Uint8Array;
  readonly worker: string;
  readonly seconds: number;
}

/** Runs whose fits workers do, their results and checkpoints, and who works. */
export interface Works {
  /**
   * Once more changes nothing but what was cancelled or had failed. Says which version of the program does its fits: the
   * one that submitted it first.
   */
  submit(work: Work, by: string, priority: number): Promise<string>;
  load(id: string): Promise<Work>;
  state(id: string): Promise<WorkState>;
  result(id: string, fit: number): Promise<Uint8Array | undefined>;
  saveCheckpoint(taken: Taken, value: Uint8Array): Promise<void>;
  checkpoint(id: string, fit: number): Promise<Uint8Array | undefined>;
  /** The result and the end of the job, or neither; after the first fit the others can begin. */
  finish(taken: Taken, finished: Finished, rest: readonly number[]): Promise<void>;
  fail(id: string, why: ErrorReport): Promise<void>; // what no other worker could do better
  cancel(id: string): Promise<void>;
  list(limit: number): Promise<ListedWork[]>;
  workers(): Promise<ListedWorker[]>;
  present(worker: Present): Promise<void>;
  leave(id: string): Promise<void>;
}

export interface Present {
  readonly id: string;
  readonly version: string;
  readonly lanes: number;
  readonly doing: readonly { readonly work: string; readonly fit: number }[];
}

export const ListedWork = z.object({
  id: z.string(),
  name: z.string(),
  submittedBy: z.string(),
  submittedAt: z.string(),
  fits: z.number(),
  done: z.number(),
  state: z.enum(["waiting", "done", "cancelled", "failed"]),
  version: z.string(), // of the program, as of the workers that do its fits
  seconds: z.number(), // of processors, so far
});
export type ListedWork = z.infer<typeof ListedWork>;

export const ListedWorker = z.object({
  id: z.string(),
  host: z.string(),
  processor: z.string(),
  version: z.string(),
  lanes: z.number(),
  seenAt: z.string(),
  doing: z.array(z.object({ work: z.string(), fit: z.number() })).catch([]),
});
export type ListedWorker = z.infer<typeof ListedWorker>;

export const processor = (): string => cpus()[0]?.model.trim() ?? "unknown";

const stamp = (column: string): string =>
  `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;

export function worksOf(database: ClusterDatabase, queue: Queue): Works {
  return {
    submit: ({ id, run, recordings, version: own, fits }, by, priority) =>
      database.transaction(async (session) => {
        await session.query(
          "INSERT INTO kodo.work (id, run, recordings, version, fits, submitted_by) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
          [id, run, JSON.stringify(recordings), own, fits, by],
        );
        const { rows: begun } = await session.query<{ version: string }>(
          "UPDATE kodo.work SET cancelled_at = NULL, failure = NULL WHERE id = $1 RETURNING version",
          [id],
        );
        const version = begun[0]?.version ?? own;
        const { rows } = await session.query<{ fit: number }>("SELECT fit FROM kodo.result WHERE work = $1", [
          id,
        ]);
        const done = new Set(rows.map(({ fit }) => fit));
        const wanted = done.has(0) ? Array.from({ length: fits }, (_, fit) => fit) : [0];
        const open = wanted.filter((fit) => !done.has(fit)).map((fit) => ({ work: id, fit }));
        if (open.length > 0) await queue.send(open, { version, priority, session });
        return version;
      }),
    load: async (id) => {
      const [row] = await database.rows(
        "SELECT id, run, recordings, version, fits FROM kodo.work WHERE id = $1",
        [id],
      );
      if (row === undefined)
        throw new AppError("data/job-unknown", `No work ${id} on the cluster`, { jobId: id });
      return checked(WorkShape, row, `work ${id}`);
    },
    state: async (id) => {
      const [row] = await database.rows<{
        fits: number;
        version: string;
        done: string;
        cancelled: boolean;
        failure: unknown;
      }>(
        `SELECT fits, version, cancelled_at IS NOT NULL AS cancelled, failure,
           (SELECT count(*) FROM kodo.result r WHERE r.work = w.id) AS done FROM kodo.work w WHERE id = $1`,
        [id],
      );
      if (row === undefined)
        throw new AppError("data/job-unknown", `No work ${id} on the cluster`, { jobId: id });
      const { waiting, active, failed } = await queue.standing(id, row.version);
      const [givenUp] = failed;
      const failure = ErrorReport.nullable().parse(row.failure) ?? (givenUp && exhausted(givenUp.fit));
      return { done: Number(row.done), fits: row.fits, active, waiting, isCancelled: row.cancelled, failure };
    },
    result: (id, fit) => bytesOf(database, "kodo.result", id, fit),
    checkpoint: (id, fit) => bytesOf(database, "kodo.checkpoint", id, fit),
    saveCheckpoint: async ({ job: { work, fit } }, value) => {
      await database.rows(
        "INSERT INTO kodo.checkpoint (work, fit, value) VALUES ($1, $2, $3) ON CONFLICT (work, fit) DO UPDATE SET value = excluded.value, at = now()",
        [work, fit, Buffer.from(value)],
      );
    },
    finish: (taken, { value, worker, seconds }, rest) =>
      database.transaction(async (session) => {
        const { work, fit } = taken.job;
        await queue.finish(taken, session);
        const { rows } = await session.query(
          "SELECT id FROM kodo.work WHERE id = $1 AND cancelled_at IS NULL AND failure IS NULL FOR SHARE", // who cancels waits, and sees what is sent here
          [work],
        );
        await session.query(
          "INSERT INTO kodo.result (work, fit, value, worker, processor, seconds, starts) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
          [work, fit, Buffer.from(value), worker, processor(), seconds, taken.starts + 1],
        );
        await session.query("DELETE FROM kodo.checkpoint WHERE work = $1 AND fit = $2", [work, fit]);
        const jobs = rows.length === 0 ? [] : rest.map((other) => ({ work, fit: other }));
        const { version, priority } = taken;
        if (jobs.length > 0) await queue.send(jobs, { version, priority, session });
      }),
    fail: async (id, why) => {
      const rows = await database.rows<{ version: string }>(
        "UPDATE kodo.work SET failure = coalesce(failure, $2) WHERE id = $1 RETURNING version",
        [id, why],
      );
      for (const { version } of rows) await queue.cancel(id, version);
    },
    cancel: async (id) => {
      const rows = await database.rows<{ version: string }>(
        "UPDATE kodo.work SET cancelled_at = coalesce(cancelled_at, now()) WHERE id = $1 RETURNING version",
        [id],
      );
      for (const { version } of rows) await queue.cancel(id, version);
    },
    list: async (limit) =>
      z.array(ListedWork).parse(
        await database.rows(
          `SELECT id, coalesce(run #>> '{config,name}', '') AS name, submitted_by AS "submittedBy", ${stamp("submitted_at")} AS "submittedAt",
             fits, done::int AS done, seconds, version,
             CASE WHEN failure IS NOT NULL THEN 'failed' WHEN cancelled_at IS NOT NULL THEN 'cancelled'
               WHEN done = fits THEN 'done' ELSE 'waiting' END AS state
           FROM kodo.work w, LATERAL (SELECT count(*) AS done, coalesce(sum(seconds), 0) AS seconds FROM kodo.result r WHERE r.work = w.id) s
           ORDER BY submitted_at DESC LIMIT $1`,
          [limit],
        ),
      ),
    workers: async () =>
      z.array(ListedWorker).parse(
        await database.rows(
          `SELECT id, host, processor, version, lanes, ${stamp("seen_at")} AS "seenAt", doing FROM kodo.worker
           WHERE seen_at > now() - interval '30 seconds' ORDER BY host, id`,
        ),
      ),
    present: async ({ id, version, lanes, doing }) => {
      await database.rows(
        `INSERT INTO kodo.worker (id, host, processor, version, lanes, doing) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (id) DO UPDATE SET seen_at = now(), doing = excluded.doing`,
        [id, hostname(), processor(), version, lanes, JSON.stringify(doing)],
      );
    },
    leave: async (id) => {
      await database.rows("DELETE FROM kodo.worker WHERE id = $1", [id]);
    },
  };
}

const exhausted = (fit: number): ErrorReport => ({
  code: "model/cluster-gave-up",
  message: `Fit ${fit} was begun again and again and never finished; its workers may lack memory`,
  detail: { fit },
});

async function bytesOf(
  database: ClusterDatabase,
  table: "kodo.result" | "kodo.checkpoint",
  work: string,
  fit: number,
): Promise<Uint8Array | undefined> {
  const [row] = await database.rows<{ value: Buffer }>(
    `SELECT value FROM ${table} WHERE work = $1 AND fit = $2`,
    [work, fit],
  );
  return row === undefined ? undefined : Uint8Array.from(row.value);
}
