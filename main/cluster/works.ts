import { hostname, cpus } from "node:os";
import { z } from "zod";
import { AppError, ErrorReport } from "../../preload/contract/errors.ts";
import { Run } from "../../preload/contract/run.ts";
import { LabelSet } from "../../preload/contract/label-set.ts";
import { checked } from "../storage/checked.ts";
import { PapersShape } from "../storage/recordings/papers-shape.ts";
import { ArchivedHeader } from "./archive-rows.ts";
import type { ClusterDatabase, Session } from "./database.ts";
import { keysOf } from "./keys.ts";
import { type FitJob, type Queue, superseded, type Taken } from "./queue.ts";
import { changing } from "./schema.ts";

/** A recording as the fits of a run see it: frozen when the run was submitted. */
export const FrozenRecording = z.object({
  id: z.string(), // under which the run knows it
  archived: z.string(), // in the archive
  sha256: z.string(), // of its samples
  header: ArchivedHeader, // as who submitted it has it: folds are dealt by its subject
  papers: PapersShape, // without names
});
export type FrozenRecording = z.infer<typeof FrozenRecording>;

const WorkShape = z.object({
  id: z.string(), // of the run
  run: Run,
  recordings: z.array(FrozenRecording),
  labelSet: LabelSet, // that its labels are of
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
   * Fits that were computed for anybody are not computed again. Once more changes nothing but what was cancelled or had
   * failed. Says which version of the program does its fits: the one that submitted it first. Throws storage/cluster-forgot
   * where the archive lacks a recording of it.
   */
  submit(work: Work, by: string, priority: number): Promise<Submitted>;
  load(id: string): Promise<Work>;
  state(id: string): Promise<WorkState>;
  result(id: string, fit: number): Promise<Uint8Array | undefined>;
  /** Throws storage/cluster-superseded where the job is no longer this worker's. */
  saveCheckpoint(taken: Taken, value: Uint8Array): Promise<void>;
  checkpoint(taken: Taken): Promise<Uint8Array | undefined>;
  /** The result and the end of the job, or neither; after the first fit the others can begin. Once more changes nothing. */
  finish(taken: Taken, finished: Finished, alongside?: (session: Session) => Promise<void>): Promise<void>;
  /** Likewise, where somebody had computed it before. Says whether it is so. */
  finishKnown(taken: Taken): Promise<boolean>;
  /** What no other worker could do better. Throws storage/cluster-superseded where the job is no longer this worker's. */
  fail(taken: Taken, why: ErrorReport): Promise<void>;
  cancel(id: string): Promise<void>;
  list(limit: number): Promise<ListedWork[]>;
  workers(): Promise<ListedWorker[]>;
  present(worker: Present): Promise<void>;
  leave(id: string): Promise<void>;
}

export interface Submitted {
  readonly version: string;
  readonly known: number; // fits that are there already
}

export interface Present {
  readonly id: string;
  readonly version: string;
  readonly lanes: number;
  readonly doing: readonly Pick<FitJob, "work" | "fit">[];
}

export const ListedWork = z.object({
  id: z.string(),
  kind: z.enum(["fit", "predict", "analyse"]), // a run is fitted, or a whole study is judged
  name: z.string(), // of the run
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

const LOCK = 0x6b6f6462;

/** Who asks, gives up or opens up the other fits does so one at a time: none is left unsent. Until the transaction ends. */
export const standAlone = async (session: Session): Promise<void> => {
  await session.query("SELECT pg_advisory_xact_lock($1)", [LOCK]);
};

const isOpen = "cancelled_at IS NULL AND failure IS NULL";

export function worksOf(database: ClusterDatabase, queue: Queue): Works {
  const alone = <T>(change: (session: Session) => Promise<T>): Promise<T> =>
    changing(database, async (session) => {
      await standAlone(session);
      return change(session);
    });
  const end = async (taken: Taken, session: Session): Promise<void> => {
    const { kind, fit, key } = taken.job;
    const isFirst = fit === 0 && kind !== "study"; // parts of a study wait for nothing
    if (isFirst) await standAlone(session);
    await queue.finish(taken, session);
    await session.query("DELETE FROM kodo.checkpoint WHERE key = $1", [key]);
    const others = isFirst ? await othersThan(session, key) : [];
    const { version, priority } = taken;
    if (others.length > 0) await queue.send(others, { version, priority, session });
  };
  return {
    submit: (work, by, priority) =>
      alone(async (session) => {
        const version = await enter(session, work, by);
        const { rows } = await session.query<FitJob & { done: boolean }>(
          "SELECT a.work, a.fit, a.key, r.key IS NOT NULL AS done FROM kodo.asked a LEFT JOIN kodo.result r USING (key) WHERE a.work = $1 ORDER BY a.fit",
          [work.id],
        );
        const open = rows.filter(({ done }) => !done);
        const jobs = open[0]?.fit === 0 ? open.slice(0, 1) : open; // the others need what comes of the first
        if (jobs.length > 0)
          await queue.send(
            jobs.map(({ work: id, fit, key }) => ({ work: id, fit, key })),
            { version, priority, session },
          );
        return { version, known: rows.length - open.length };
      }),
    load: async (id) => {
      const [row] = await database.rows(
        'SELECT id, run, recordings, label_set AS "labelSet", version, fits FROM kodo.work WHERE id = $1',
        [id],
      );
      if (row === undefined) throw unknown(id);
      return checked(WorkShape, row, `work ${id}`);
    },
    state: async (id) => {
      const [row] = await database.rows<{
        fits: number;
        version: string;
        open: FitJob[] | null;
        cancelled: boolean;
        failure: unknown;
      }>(
        `SELECT fits, version, cancelled_at IS NOT NULL AS cancelled, failure,
           (SELECT json_agg(a) FROM kodo.asked a WHERE a.work = w.id AND NOT EXISTS (SELECT 1 FROM kodo.result r WHERE r.key = a.key)) AS open
         FROM kodo.work w WHERE id = $1`,
        [id],
      );
      if (row === undefined) throw unknown(id);
      const open = row.open ?? [];
      const { waiting, active, failed } = await queue.standing(
        open.map(({ key }) => key),
        row.version,
      );
      const [givenUp] = failed;
      const fit = open.find(({ key }) => key === givenUp?.key)?.fit ?? 0;
      const failure = ErrorReport.nullable().parse(row.failure) ?? (givenUp && exhausted(fit, givenUp.why));
      const done = row.fits - open.length;
      return { done, fits: row.fits, active, waiting, isCancelled: row.cancelled, failure };
    },
    result: async (id, fit) =>
      valueOf(
        await database.rows(
          "SELECT value FROM kodo.result JOIN kodo.asked USING (key) WHERE work = $1 AND fit = $2",
          [id, fit],
        ),
      ),
    checkpoint: async ({ job: { key } }) =>
      valueOf(await database.rows("SELECT value FROM kodo.checkpoint WHERE key = $1", [key])),
    saveCheckpoint: (taken, value) =>
      database.transaction(async (session) => {
        await refuseOthers(queue, taken, session); // one that comes late would lie there for ever, or go back behind another's
        await session.query(
          "INSERT INTO kodo.checkpoint (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value, at = now()",
          [taken.job.key, Buffer.from(value)],
        );
      }),
    finish: (taken, { value, worker, seconds }, alongside) =>
      changing(database, async (session) => {
        const { rowCount } = await session.query(
          "INSERT INTO kodo.result (key, value, worker, processor, seconds, starts) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
          [taken.job.key, Buffer.from(value), worker, processor(), seconds, taken.starts + 1],
        );
        if (rowCount === 0 && (await isFinished(session, taken, worker))) return; // the answer was lost on its way
        await alongside?.(session);
        await end(taken, session);
      }),
    finishKnown: (taken) =>
      changing(database, async (session) => {
        const { rows } = await session.query("SELECT 1 FROM kodo.result WHERE key = $1", [taken.job.key]);
        if (rows.length > 0) await end(taken, session);
        return rows.length > 0;
      }),
    fail: (taken, why) =>
      alone(async (session) => {
        await refuseOthers(queue, taken, session);
        const { rows } = await session.query<Given>(
          `UPDATE kodo.work SET failure = $2 WHERE ${isOpen} AND id IN (SELECT work FROM kodo.asked WHERE key = $1) RETURNING id, version`,
          [taken.job.key, why],
        );
        for (const one of rows) await giveUp(session, queue, one);
      }),
    cancel: (id) =>
      alone(async (session) => {
        const { rows } = await session.query<Given>(
          "UPDATE kodo.work SET cancelled_at = coalesce(cancelled_at, now()) WHERE id = $1 RETURNING id, version",
          [id],
        );
        for (const one of rows) await giveUp(session, queue, one);
      }),
    list: async (limit) =>
      z.array(ListedWork).parse(
        await database.rows(
          `SELECT id, kind, coalesce(run #>> '{config,name}', '') AS name, submitted_by AS "submittedBy", ${stamp("submitted_at")} AS "submittedAt",
             fits, done::int AS done, seconds, version,
             CASE WHEN failure IS NOT NULL THEN 'failed' WHEN cancelled_at IS NOT NULL THEN 'cancelled'
               WHEN done = fits THEN 'done' ELSE 'waiting' END AS state
           FROM kodo.work w, LATERAL (SELECT count(*) AS done, coalesce(sum(seconds), 0) AS seconds FROM kodo.asked JOIN kodo.result USING (key) WHERE work = w.id) s
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

async function refuseOthers(queue: Queue, taken: Taken, session: Session): Promise<void> {
  if (!(await queue.hold(taken, session))) throw superseded(taken);
}

/** Whether this worker finished it with this start of it. */
async function isFinished(session: Session, { job, starts }: Taken, worker: string): Promise<boolean> {
  const { rows } = await session.query(
    "SELECT 1 FROM kodo.result WHERE key = $1 AND worker = $2 AND starts = $3",
    [job.key, worker, starts + 1],
  );
  return rows.length > 0;
}

interface Given {
  readonly id: string;
  readonly version: string;
}

/** The row of the work and what it asks for, where they are not there yet. Says whose fits they are. */
async function enter(session: Session, work: Work, by: string): Promise<string> {
  const { id, run, recordings, labelSet, version, fits } = work;
  const { rowCount } = await session.query(
    "INSERT INTO kodo.work (id, run, recordings, label_set, version, fits, submitted_by) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
    [id, run, JSON.stringify(recordings), labelSet, version, fits, by],
  );
  if (rowCount === 1) {
    await refuseForgotten(session, recordings);
    await session.query(
      "INSERT INTO kodo.asked (work, fit, key) SELECT $1, place - 1, key FROM unnest($2::text[]) WITH ORDINALITY AS k (key, place)",
      [id, keysOf(work)],
    );
  }
  const { rows } = await session.query<Given>(
    "UPDATE kodo.work SET cancelled_at = NULL, failure = NULL WHERE id = $1 RETURNING id, version",
    [id],
  );
  return rows[0]?.version ?? version;
}

/** A server that took over may lack what another had taken in before. */
async function refuseForgotten(session: Session, recordings: readonly FrozenRecording[]): Promise<void> {
  const { rows } = await session.query<{ id: string }>("SELECT id FROM kodo.recording WHERE id = ANY($1)", [
    recordings.map(({ archived }) => archived),
  ]);
  const there = new Set(rows.map(({ id }) => id));
  const lacking = recordings.find(({ archived }) => !there.has(archived));
  if (lacking === undefined) return;
  const { name } = lacking.header;
  throw new AppError("storage/cluster-forgot", `${name} is not in the archive any more`, {
    recording: lacking.id,
  });
}

/** What can begin once the first fit is there, of every run that waits for it. */
async function othersThan(session: Session, first: string): Promise<FitJob[]> {
  const { rows } = await session.query<FitJob>(
    `SELECT DISTINCT ON (key) a.work, a.fit, a.key FROM kodo.asked a
     WHERE a.fit > 0 AND a.work IN (SELECT work FROM kodo.asked JOIN kodo.work ON id = work WHERE key = $1 AND fit = 0 AND ${isOpen})
       AND NOT EXISTS (SELECT 1 FROM kodo.result r WHERE r.key = a.key) ORDER BY key, a.fit`,
    [first],
  );
  return rows.sort((a, b) => a.fit - b.fit);
}

/** Takes out of the queue what nobody else waits for. */
async function giveUp(session: Session, queue: Queue, { id, version }: Given): Promise<void> {
  const { rows } = await session.query<{ key: string }>(
    `SELECT key FROM kodo.asked a WHERE work = $1 AND NOT EXISTS
       (SELECT 1 FROM kodo.asked o JOIN kodo.work ON kodo.work.id = o.work WHERE o.key = a.key AND o.work <> $1 AND ${isOpen})`,
    [id],
  );
  const keys = rows.map(({ key }) => key);
  if (keys.length > 0) await queue.cancel(keys, version, session);
}

const unknown = (id: string): AppError =>
  new AppError("data/job-unknown", `No work ${id} on the cluster`, { jobId: id });

const exhausted = (fit: number, why: string | null): ErrorReport => ({
  code: "model/cluster-gave-up",
  message: `Fit ${fit} was begun again and again and never finished; ${why === null ? "its workers may lack memory" : `the last time: ${why}`}`,
  detail: { fit },
});

const valueOf = ([row]: readonly { readonly value: Buffer }[]): Uint8Array | undefined =>
  row === undefined ? undefined : Uint8Array.from(row.value);
