import { HERE, Job, JobKind, type JobStanding, type NewJob } from "../../../preload/contract/job.ts";
import { AppError } from "../../../preload/contract/errors.ts";
import type { Run } from "../../../preload/contract/run.ts";
import { PassAsked } from "../../../preload/contract/pass.ts";
import { StudyAsked } from "../../../preload/contract/study.ts";
import { checked } from "../checked.ts";
import { type Context, LIBRARY } from "../context.ts";
import type { Row } from "../file/database.ts";
import { isAlive, ownerFrom } from "../file/owner.ts";

/** Undefined where the row is damaged. */
const jobFrom = (row: Row): Job | undefined =>
  Job.safeParse({
    id: row["id"],
    kind: row["kind"],
    place: row["place"],
    state: row["state"],
    progress: row["progress"],
    attempt: Number(row["attempt"]),
    idempotencyKey: row["idempotency_key"],
  }).data;

/** In the order they began to wait. */
export const listJobs = ({ database }: Context): Job[] =>
  database.all("SELECT * FROM job ORDER BY queued_at, rowid").flatMap((row) => jobFrom(row) ?? []);

export function findJob({ database }: Context, idempotencyKey: string): Job | undefined {
  const row = database.get("SELECT * FROM job WHERE idempotency_key = ?", idempotencyKey);
  return row === undefined ? undefined : jobFrom(row);
}

/** A key stands for one thing that is asked; another cannot be asked under it. */
const askedBefore = ({ id, kind }: Pick<Job, "id" | "kind">): AppError =>
  new AppError("storage/asked-before", `What this key stands for was asked before: ${kind} ${id}`, {
    kind,
    id,
  });

const KEPT_DAYS = 30;
const MOST_KEPT = 200;

/** Jobs other than runs that ended are kept for a month, the newest two hundred; what was interrupted, until it was told. */
function forgetOldJobs({ database, now }: Context): void {
  const ended = "kind <> 'run' AND state IN ('done', 'failed', 'cancelled')";
  const oldest = new Date(Date.parse(now()) - KEPT_DAYS * 24 * 3_600_000).toISOString();
  database.run(`DELETE FROM job WHERE ${ended} AND queued_at < ?`, oldest);
  database.run(
    `DELETE FROM job WHERE ${ended} AND id NOT IN
       (SELECT id FROM job WHERE ${ended} ORDER BY queued_at DESC, rowid DESC LIMIT ?)`,
    MOST_KEPT,
  );
}

/** Ended without having done what was asked: the same may be asked again. */
const mayBeDoneAgain = ({ state }: Job): boolean =>
  state === "failed" || state === "cancelled" || state === "interrupted";

/** The job of this key: made now, begun anew where it had come to nothing, or as it stands where it is not to be done twice. */
export function queueJob(
  context: Context,
  { asked, ...job }: NewJob,
): { readonly job: Job; readonly isNew: boolean } {
  const { database } = context;
  const whole = checked(Job, { ...job, state: "waiting", progress: 0, attempt: 1 }, "job");
  return database.write(() => {
    const known = findJob(context, whole.idempotencyKey);
    if (known !== undefined && known.kind !== whole.kind) throw askedBefore(known);
    if (known !== undefined && !mayBeDoneAgain(known)) return { job: known, isNew: false };
    forgetOldJobs(context);
    const { id, kind, place, idempotencyKey } = whole;
    database.run(
      `INSERT INTO job VALUES (?, ?, ?, 'waiting', 0, 1, ?, ?, ?, ?)
       ON CONFLICT (idempotency_key) DO UPDATE SET state = 'waiting', progress = 0, attempt = attempt + 1,
         owner = excluded.owner, queued_at = excluded.queued_at, asked = coalesce(excluded.asked, asked)`,
      ...[
        id,
        kind,
        place,
        idempotencyKey,
        context.owner,
        context.now(),
        asked === undefined ? null : JSON.stringify(asked),
      ],
    );
    if (known === undefined) return { job: whole, isNew: true };
    return { job: { ...known, state: "waiting", progress: 0, attempt: known.attempt + 1 }, isNew: true };
  });
}

const needsOwner = (state: JobStanding): boolean => state === "waiting" || state === "running";

export function changeJob(
  { database, owner }: Context,
  id: string,
  { state, progress }: { readonly state: JobStanding; readonly progress: number },
): void {
  database.write(() =>
    database.run(
      `UPDATE job SET state = ?, progress = ?, owner = ?,
         asked = CASE WHEN ? IN ('done', 'cancelled') THEN NULL ELSE asked END WHERE id = ?`,
      ...[state, Math.min(1, Math.max(0, progress)), needsOwner(state) ? owner : null, state, id],
    ),
  );
}

export const forgetJob = ({ database }: Context, id: string): void =>
  database.write(() => void database.run("DELETE FROM job WHERE id = ? AND kind <> 'run'", id));

const INTERRUPTED = "internal/interrupted";

function standingOf({ phase, error }: Run): JobStanding {
  switch (phase) {
    case "waiting":
    case "paused":
    case "done":
    case "cancelled":
      return phase;
    case "failed":
      return error?.code === INTERRUPTED ? "interrupted" : "failed";
    case "reading":
    case "engine":
    case "training":
    case "supervised-only":
    case "calibrating":
    case "evaluating":
      return "running";
  }
}

/** The job of a run stands as its record says; within the transaction that writes that. Waiting again, it was begun anew. */
export function keepRunJob({ database, owner, now }: Context, run: Run, idempotencyKey = run.id): void {
  const state = standingOf(run);
  const known = database.get("SELECT idempotency_key FROM job WHERE id = ?", run.id);
  const key = known === undefined ? idempotencyKey : String(known["idempotency_key"]);
  const other = database.get("SELECT id, kind FROM job WHERE idempotency_key = ? AND id <> ?", key, run.id);
  if (other !== undefined) throw askedBefore({ id: String(other["id"]), kind: JobKind.parse(other["kind"]) });
  database.run(
    `INSERT INTO job VALUES (?, 'run', ?, ?, ?, 1, ?, ?, ?, NULL)
     ON CONFLICT (id) DO UPDATE SET state = excluded.state, owner = excluded.owner,
       progress = CASE excluded.state WHEN 'done' THEN 1 ELSE progress END,
       attempt = attempt + (excluded.state = 'waiting' AND job.state <> 'waiting'),
       queued_at = CASE WHEN excluded.state = 'waiting' AND job.state <> 'waiting' THEN excluded.queued_at ELSE queued_at END`,
    ...[
      run.id,
      run.place ?? HERE,
      state,
      state === "done" ? 1 : 0,
      key,
      needsOwner(state) ? owner : null,
      now(),
    ],
  );
}

const isGone = (row: Row, own: string): boolean => row["token"] !== own && !isAlive(ownerFrom(row));

function askedOf({ database }: Context, id: string): unknown {
  const text = database.get("SELECT asked FROM job WHERE id = ?", id)?.["asked"];
  return typeof text === "string" ? JSON.parse(text) : undefined;
}

/** What a study was asked; undefined where there is none, or it cannot be read. */
export const studyAsked = (context: Context, id: string): StudyAsked | undefined =>
  StudyAsked.safeParse(askedOf(context, id)).data;

/** The same of a pass. */
export const passAsked = (context: Context, id: string): PassAsked | undefined =>
  PassAsked.safeParse(askedOf(context, id)).data;

/** Which work of a cluster is that of a study: asked for by another process, it is the same. */
export const keepStudyWork = ({ database }: Context, id: string, work: string): void =>
  database.write(
    () => void database.run("UPDATE job SET asked = json_set(asked, '$.work', ?) WHERE id = ?", work, id),
  );

/** Studies that others do, and that no other living process follows: this one does now. */
export function takeStudies({ database, owner }: Context): Job[] {
  return database.write(() => {
    const free = database
      .all(
        `SELECT j.*, o.token, o.pid, o.started, o.host FROM job j LEFT JOIN owner o ON o.token = j.owner
         WHERE j.kind IN ('predict', 'analyse') AND j.place <> ? AND j.state IN ('waiting', 'running') ORDER BY j.queued_at, j.rowid`,
        HERE,
      )
      .filter((row) => row["token"] === null || row["token"] === owner || isGone(row, owner))
      .flatMap((row) => jobFrom(row) ?? []);
    for (const { id } of free) database.run("UPDATE job SET owner = ? WHERE id = ?", owner, id);
    return free;
  });
}

/** Jobs other than runs whose process is gone do not come to an end: what waited there was known to it alone. Studies that others do go on. */
export function interruptJobs(context: Context): void {
  const { database, owner } = context;
  const gone = database
    .all(
      "SELECT j.id, o.* FROM job j JOIN owner o ON o.token = j.owner WHERE j.kind <> 'run' AND (j.place = ? OR j.asked IS NULL)",
      HERE,
    )
    .filter((row) => isGone(row, owner));
  for (const row of gone)
    database.write(() => {
      const id = String(row["id"]);
      database.run("UPDATE job SET state = 'interrupted', owner = NULL WHERE id = ?", id);
      context.log({ actor: LIBRARY, action: "job.interrupted", subject: id, detail: {} });
    });
}

/** Ids of the runs that wait and that no other living process has in its line, the first that began to wait first: they are in this one's now. */
export function takeWaitingRuns({ database, owner }: Context, only?: string): string[] {
  return database.write(() => {
    const free = database
      .all(
        `SELECT j.id, o.* FROM job j JOIN run r ON r.id = j.id LEFT JOIN owner o ON o.token = j.owner
         WHERE j.kind = 'run' AND j.state = 'waiting' AND r.binned_at IS NULL ORDER BY j.queued_at, j.rowid`,
      )
      .filter((row) => row["token"] === null || row["token"] === owner || isGone(row, owner))
      .map((row) => String(row["id"]))
      .filter((id) => only === undefined || id === only);
    for (const id of free) {
      database.run("UPDATE job SET owner = ? WHERE id = ?", owner, id);
      database.run("UPDATE run SET owner = ? WHERE id = ?", owner, id);
    }
    return free;
  });
}
