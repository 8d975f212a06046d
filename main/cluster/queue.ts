import type { Db, PgBoss } from "pg-boss";
import { z } from "zod";
import { AppError } from "../../preload/contract/errors.ts";
import type { Address } from "./address.ts";
import { type Session, tlsOf } from "./database.ts";
import { clusterFailure } from "./failures.ts";

/** A job of the queue: plain data, never a command, a path or a name. */
export const FitJob = z.object({ work: z.string(), fit: z.number().int().nonnegative() });
export type FitJob = z.infer<typeof FitJob>;

/** A job that a worker has, this once: another who takes it later has another count of starts. */
export interface Taken {
  readonly id: string;
  readonly starts: number;
  readonly job: FitJob;
}

/** What is asked of the queue; pg-boss is behind it and nowhere else. */
export interface Queue {
  /** One that waits or is under way is not sent twice. Within the caller's transaction where one is given. */
  send(
    jobs: readonly FitJob[],
    how: { readonly priority?: number; readonly session?: Session },
  ): Promise<void>;
  take(): Promise<Taken | undefined>;
  /** Says that it is still worked on. False: it is no longer this worker's. */
  hold(taken: Taken): Promise<boolean>;
  /** Done, in the caller's transaction. Throws storage/cluster-superseded where it is no longer this worker's. */
  finish(taken: Taken, session: Session): Promise<void>;
  /** Not done: somebody may try again after a while. */
  giveBack(taken: Taken, why: string): Promise<void>;
  cancel(work: string): Promise<void>;
  standing(work: string): Promise<Standing>;
  close(): Promise<void>;
}

export interface Standing {
  readonly waiting: number;
  readonly active: number;
  readonly failed: readonly FitJob[]; // given up after many tries
}

export const QUEUE_SCHEMA = "kodo_queue";
const NAME = "fit";
const HEARTBEAT_S = 10;
const RETRIES = 20;

async function bossFor(address: Address, own: { readonly migrate: boolean }): Promise<PgBoss> {
  const { PgBoss: Boss } = await import("pg-boss");
  const boss = new Boss({
    connectionString: address.url,
    ssl: await tlsOf(address),
    schema: QUEUE_SCHEMA,
    application_name: "kodo queue",
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

/** Makes the queue, or brings it up to date. Needs the owner of the database. */
export async function setUpQueue(address: Address): Promise<void> {
  const boss = await bossFor(address, { migrate: true });
  try {
    await boss.start();
    const options = {
      heartbeatSeconds: HEARTBEAT_S,
      retryLimit: RETRIES,
      retryDelay: 2,
      retryBackoff: true,
      retryDelayMax: 60,
      expireInSeconds: 86_400,
    };
    if ((await boss.getQueue(NAME)) === null)
      await boss.createQueue(NAME, { policy: "exclusive", ...options });
    else await boss.updateQueue(NAME, options);
  } catch (error) {
    throw clusterFailure(error, address.shown);
  } finally {
    await boss.stop({ graceful: false }).catch(() => undefined);
  }
}

export async function openQueue(address: Address): Promise<Queue> {
  const boss = await bossFor(address, { migrate: false });
  const told = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw clusterFailure(error, address.shown);
    }
  };
  await told(() => boss.start());
  const attempt = ({ id, starts }: Taken) => ({ id, retryCount: starts });
  return {
    send: (jobs, { priority = 0, session }) =>
      told(async () => {
        await boss.insert(
          NAME,
          jobs.map((data) => ({ data, priority, singletonKey: `${data.work}/${data.fit}` })),
          session === undefined ? {} : { db: through(session) },
        );
      }),
    take: () =>
      told(async () => {
        const [job] = await boss.fetch<unknown>(NAME, { includeMetadata: true });
        return job === undefined
          ? undefined
          : { id: job.id, starts: job.retryCount, job: FitJob.parse(job.data) };
      }),
    hold: (taken) => told(async () => changedOf(await boss.touch(NAME, attempt(taken))) === 1),
    finish: async (taken, session) => {
      const done = changedOf(await boss.complete(NAME, attempt(taken), null, { db: through(session) }));
      if (done !== 1)
        throw new AppError(
          "storage/cluster-superseded",
          "Another worker has taken over this fit; this late result is not kept",
          { work: taken.job.work, fit: taken.job.fit },
        );
    },
    giveBack: (taken, why) =>
      told(async () => {
        await boss.fail(NAME, attempt(taken), { why });
      }),
    cancel: (work) =>
      told(async () => {
        const jobs = await boss.findJobs(NAME, { data: { work } });
        const open = jobs.filter(
          ({ state }) => state === "created" || state === "retry" || state === "active",
        );
        if (open.length > 0)
          await boss.cancel(
            NAME,
            open.map(({ id }) => id),
          );
      }),
    standing: (work) =>
      told(async () => {
        const jobs = await boss.findJobs<unknown>(NAME, { data: { work } });
        const of = (...states: string[]) => jobs.filter(({ state }) => states.includes(state));
        return {
          waiting: of("created", "retry").length,
          active: of("active").length,
          failed: of("failed").map(({ data }) => FitJob.parse(data)),
        };
      }),
    close: () => boss.stop({ graceful: false }),
  };
}

/** pg-boss's statements in a transaction of ours. */
const through = (session: Session): Db => ({
  executeSql: async (text, values) => session.query(text, values === undefined ? [] : [...values]),
});

const Changed = z.object({ affected: z.number() });
const changedOf = (response: unknown): number => Changed.parse(response).affected;
