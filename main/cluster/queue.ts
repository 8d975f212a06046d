import type { Db, PgBoss } from "pg-boss";
import { z } from "zod";
import { AppError } from "../../preload/contract/errors.ts";
import type { Address } from "./address.ts";
import { type ClusterDatabase, lively, type Session, tlsOf } from "./database.ts";
import { clusterFailure } from "./failures.ts";
import { refuseNewer, refuseUnlike } from "./schema.ts";
import { watchedClient } from "./watched-client.ts";

/** A job of the queue: plain data, never a command, a path or a name. */
export const FitJob = z.object({
  kind: z.enum(["fit", "study"]).default("fit"), // study: some recordings are judged
  work: z.string(), // who asked first
  fit: z.number().int().nonnegative(),
  key: z.string(), // of its result, whoever asks
});
export type FitJob = z.input<typeof FitJob>;

/** A job that a worker has, this once: another who takes it later has another count of starts. */
export interface Taken {
  readonly id: string;
  readonly version: string; // of the program that it was sent for
  readonly starts: number;
  readonly priority: number;
  readonly job: FitJob;
}

/**
 * What is asked of the queue; pg-boss is behind it and nowhere else. Each version of the program has a queue of its own:
 * what was asked by one waits for a worker that computes alike.
 */
export interface Queue {
  /** One whose key waits or is under way is not sent twice. Within the caller's transaction where one is given. */
  send(
    jobs: readonly FitJob[],
    how: { readonly version: string; readonly priority?: number; readonly session?: Session },
  ): Promise<void>;
  take(version: string): Promise<Taken | undefined>;
  /** Says that it is still worked on. False: it is no longer this worker's. Within the caller's transaction where one is given. */
  hold(taken: Taken, session?: Session): Promise<boolean>;
  /** Done, in the caller's transaction. Throws storage/cluster-superseded where it is no longer this worker's. */
  finish(taken: Taken, session: Session): Promise<void>;
  /** Not done: somebody may try again after a while. */
  giveBack(taken: Taken, why: string): Promise<void>;
  cancel(keys: readonly string[], version: string, session: Session): Promise<void>;
  standing(keys: readonly string[], version: string): Promise<Standing>;
  /** Nothing of this version waits or is under way. */
  isIdle(version: string): Promise<boolean>;
  /** Of whatever work, for this version: what waits, and what is under way. */
  length(version: string): Promise<Pick<Standing, "waiting" | "active">>;
  close(): Promise<void>;
}

export interface Standing {
  readonly waiting: number;
  readonly active: number;
  readonly failed: readonly { readonly key: string; readonly why: string | null }[]; // given up after many tries
}

export const QUEUE_SCHEMA = "kodo_queue";
/** How pg-boss's tables are made, as it counts: what comes with Kodo neither reads nor changes others. */
export const QUEUE_STEP = 46;
const OPTIONS = {
  policy: "exclusive",
  heartbeatSeconds: 10,
  retryLimit: 20,
  retryDelay: 2,
  retryBackoff: true,
  retryDelayMax: 60,
  expireInSeconds: 86_400,
} as const;

const nameOf = (version: string): string => `fit/${version.replaceAll(/[^\w.-]/g, "-")}`;

async function bossFor(address: Address, own: { readonly migrate: boolean }): Promise<PgBoss> {
  const { PgBoss: Boss } = await import("pg-boss");
  const boss = new Boss({
    connectionString: address.url,
    ssl: await tlsOf(address),
    schema: QUEUE_SCHEMA,
    application_name: "kodo queue",
    ...lively,
    ...{ Client: await watchedClient() },
    max: 3,
    migrate: own.migrate,
    createSchema: own.migrate,
    schedule: false,
    reindex: false,
    superviseIntervalSeconds: 2,
    monitorIntervalSeconds: 2,
    maintenanceIntervalSeconds: 60,
  });
  boss.on("error", () => undefined); // the next question says what is wrong
  return boss;
}

const stepOf = async (database: ClusterDatabase): Promise<number | undefined> =>
  (await database.rows<{ version: number }>(`SELECT version FROM ${QUEUE_SCHEMA}.version`))[0]?.version;

const madeAt = ({ shown }: ClusterDatabase, at: number) => ({
  ...{ is: `The queue of ${shown}`, at, known: QUEUE_STEP },
});

/** Throws where the queue has not been set up, or by another Kodo. */
export const refuseOtherQueue = async (database: ClusterDatabase): Promise<void> =>
  refuseUnlike(madeAt(database, (await stepOf(database)) ?? 0));

/** Throws where a newer Kodo set it up. */
export async function refuseNewerQueue(database: ClusterDatabase): Promise<void> {
  const [{ is_there: isThere } = { is_there: false }] = await database.rows<{ is_there: boolean }>(
    "SELECT to_regclass($1) IS NOT NULL AS is_there",
    [`${QUEUE_SCHEMA}.version`],
  );
  if (isThere) refuseNewer(madeAt(database, (await stepOf(database)) ?? 0));
}

/** Makes the queue's tables, or brings them up to date. Needs the owner of the database. */
export async function setUpQueue(address: Address): Promise<void> {
  const boss = await bossFor(address, { migrate: true });
  try {
    await boss.start();
  } catch (error) {
    throw clusterFailure(error, address.shown);
  } finally {
    await boss.stop({ graceful: false }).catch(() => undefined);
  }
}

export async function openQueue(address: Address, database: ClusterDatabase): Promise<Queue> {
  await refuseOtherQueue(database);
  const boss = await bossFor(address, { migrate: false });
  const made = new Set<string>(); // queues
  const told = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      made.clear();
      throw clusterFailure(error, address.shown);
    }
  };
  boss.on("error", () => made.clear()); // a server that took over may lack what was made last at the one before
  await told(() => boss.start()).catch(async (error: unknown) => {
    await boss.stop({ graceful: false }).catch(() => undefined);
    throw error;
  });
  const queueOf = async (version: string): Promise<string> => {
    const name = nameOf(version);
    if (!made.has(name)) await boss.createQueue(name, OPTIONS); // one that is there stays as it is
    made.add(name);
    return name;
  };
  const attempt = ({ id, starts }: Taken) => ({ id, retryCount: starts });
  return {
    send: (jobs, { version, priority = 0, session }) =>
      told(async () => {
        await boss.insert(
          await queueOf(version),
          jobs.map((data) => ({ data, priority, singletonKey: data.key })),
          session === undefined ? {} : { db: through(session) },
        );
      }),
    take: (version) =>
      told(async () => {
        const name = await queueOf(version);
        const [job] = await boss.fetch<unknown>(name, { includeMetadata: true });
        if (job === undefined) return undefined;
        const { id, priority, retryCount: starts } = job;
        const { data: asked } = FitJob.safeParse(job.data);
        if (asked !== undefined) return { id, version, starts, priority, job: asked };
        await boss.cancel(name, id); // no Kodo sent it: nobody could do it
        return undefined;
      }),
    hold: (taken, session) =>
      told(async () => {
        const db = session === undefined ? {} : { db: through(session) };
        return changedOf(await boss.touch(nameOf(taken.version), attempt(taken), db)) === 1;
      }),
    finish: async (taken, session) => {
      const name = nameOf(taken.version);
      const done = changedOf(await boss.complete(name, attempt(taken), null, { db: through(session) }));
      if (done !== 1) throw superseded(taken);
    },
    giveBack: (taken, why) =>
      told(async () => {
        await boss.fail(nameOf(taken.version), attempt(taken), { why });
      }),
    cancel: async (keys, version, session) => {
      const name = await queueOf(version);
      const { rows } = await session.query<{ id: string }>(
        `SELECT id FROM ${QUEUE_SCHEMA}.job WHERE name = $1 AND singleton_key = ANY($2) AND state IN ('created', 'retry', 'active')`,
        [name, keys],
      );
      if (rows.length === 0) return;
      await boss.cancel(
        name,
        rows.map(({ id }) => id),
        { db: through(session) },
      );
    },
    standing: async (keys, version) => {
      const rows = await database.rows<{ key: string; state: string; why: string | null }>(
        `SELECT DISTINCT ON (singleton_key) singleton_key AS key, state, output ->> 'why' AS why FROM ${QUEUE_SCHEMA}.job
         WHERE name = $1 AND singleton_key = ANY($2) ORDER BY singleton_key, created_on DESC`,
        [nameOf(version), keys],
      );
      const of = (...states: string[]) => rows.filter(({ state }) => states.includes(state));
      return {
        waiting: of("created", "retry").length,
        active: of("active").length,
        failed: of("failed"),
      };
    },
    isIdle: async (version) => {
      const sql = `SELECT 1 FROM ${QUEUE_SCHEMA}.job WHERE name = $1 AND state IN ('created', 'retry', 'active') LIMIT 1`;
      return (await database.rows(sql, [nameOf(version)])).length === 0;
    },
    length: async (version) => {
      // pg-boss's own statistics may be of an hour ago where nobody supervised the queue since.
      const [row] = await database.rows(
        `SELECT count(*) FILTER (WHERE state <> 'active')::int AS waiting, count(*) FILTER (WHERE state = 'active')::int AS active
         FROM ${QUEUE_SCHEMA}.job WHERE name = $1 AND state IN ('created', 'retry', 'active')`,
        [nameOf(version)],
      );
      return Length.parse(row);
    },
    close: () => boss.stop({ graceful: false }),
  };
}

export const superseded = ({ job: { work, fit } }: Taken): AppError =>
  new AppError(
    "storage/cluster-superseded",
    "Another worker has taken over this fit; this late result is not kept",
    { work, fit },
  );

/** pg-boss's statements in a transaction of ours. */
const through = (session: Session): Db => ({
  executeSql: async (text, values) => session.query(text, values === undefined ? [] : [...values]),
});

const Length = z.object({ waiting: z.number(), active: z.number() });
const Changed = z.object({ affected: z.number() });
const changedOf = (response: unknown): number => Changed.parse(response).affected;
