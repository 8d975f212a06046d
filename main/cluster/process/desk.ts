import { AppError, reportOf } from "../../../preload/contract/errors.ts";
import { within } from "../../../preload/contract/within.ts";
import type { ClusterStanding } from "../../../preload/contract/cluster.ts";
import type { Handlers } from "../../calls/signature.ts";
import type { AsyncLibrary } from "../../storage/api.ts";
import { type Archive, openArchive } from "../archive.ts";
import { type Cluster, joinCluster } from "../cluster.ts";
import type { ClusterCalls } from "./protocol.ts";

/** Without a question for so long its lines are closed: a page that nobody looks at keeps no server busy. */
const IDLE_MS = 60_000;
/** A short question that is not answered for so long will not be: its line hangs. */
const SHORT_MS = 30_000;

interface Open {
  readonly cluster: Cluster;
  readonly archive: Archive;
  close(): Promise<void>;
}

async function opened(address: string, library: AsyncLibrary): Promise<Open> {
  const { author } = await library.getSettings();
  const cluster = await joinCluster(address);
  try {
    const archive = await openArchive(address, library, author.trim());
    const close = async (): Promise<void> => {
      await Promise.allSettled([archive.close(), cluster.close()]);
    };
    return { cluster, archive, close };
  } catch (error) {
    await cluster.close();
    throw error;
  }
}

/** One connection to the cluster, opened with the first question, and anew after it was lost. */
export class ClusterDesk {
  readonly #library: AsyncLibrary;
  readonly #idleMs: number;
  #address: string | undefined;
  #open: Promise<Open> | undefined;
  #asking = 0;
  #idle: NodeJS.Timeout | undefined;

  constructor(library: AsyncLibrary, idleMs = IDLE_MS) {
    this.#library = library;
    this.#idleMs = idleMs;
  }

  readonly handlers: Handlers<ClusterCalls> = {
    open: ({ address }) => {
      this.#address = address;
    },
    test: async ({ address, version }) => {
      const tried = await opened(address, this.#library);
      try {
        const { workers } = await standingOf(tried.cluster, version);
        return { recordings: await tried.archive.count(), workers: workers.length };
      } finally {
        await tried.close();
      }
    },
    standing: ({ version }) => this.#soon(({ cluster }) => standingOf(cluster, version)),
    freeze: ({ id, by }, { signal }) =>
      this.#with(({ cluster }) => cluster.freeze(this.#library, id, { by, signal })),
    submit: ({ work, by, priority }) => this.#with(({ cluster }) => cluster.works.submit(work, by, priority)),
    state: ({ id }) => this.#soon(({ cluster }) => cluster.works.state(id)),
    result: ({ id, fit }) => this.#with(({ cluster }) => cluster.works.result(id, fit)),
    cancelWork: async ({ id }) => {
      await this.#soon(({ cluster }) => cluster.works.cancel(id));
      return undefined;
    },
    askStudy: ({ order, ids, by, version, priority }) =>
      this.#with(({ cluster }) =>
        cluster.studies.ask(this.#library, { order, where: { ids }, by, version, priority }),
      ),
    fetchStudy: ({ id, again }, { signal }) =>
      this.#with(({ cluster }) => cluster.studies.fetch(this.#library, id, { signal, again })),
    list: (search) =>
      this.#soon(async ({ archive }) => {
        const found = await archive.list(search);
        const known = await archive.knownAs(found.map(({ id }) => id));
        return found.map((one) => ({ ...one, knownAs: known.get(one.id) ?? [one.id] }));
      }),
    push: ({ id }, { signal }) => this.#with(({ archive }) => archive.push(id, signal)),
    pull: ({ id }, { signal }) => this.#with(({ archive }) => archive.pull(id, signal)),
  };

  #soon<T>(work: (open: Open) => Promise<T>): Promise<T> {
    return this.#with(async (open) => {
      const answered = work(open);
      if (await within(SHORT_MS, answered)) return answered;
      throw new AppError(
        "device/cluster-lost",
        `${open.cluster.shown} did not answer for ${SHORT_MS / 1000} s`,
      );
    });
  }

  async #with<T>(work: (open: Open) => Promise<T>): Promise<T> {
    clearTimeout(this.#idle);
    this.#asking += 1;
    const opening = (this.#open ??= this.#begin());
    try {
      return await work(await opening);
    } catch (error) {
      if (isOfTheLine(error)) this.#leave(opening); // the next question begins anew
      throw error;
    } finally {
      this.#asking -= 1;
      if (this.#asking === 0) this.#idle = setTimeout(() => this.#leave(this.#open), this.#idleMs);
    }
  }

  async #begin(): Promise<Open> {
    if (this.#address === undefined)
      throw new AppError("contract/cluster-none", "This window is connected to no cluster");
    return opened(this.#address, this.#library);
  }

  #leave(opening: Promise<Open> | undefined): void {
    if (this.#open === opening) this.#open = undefined;
    void opening?.then((open) => open.close()).catch(() => undefined);
  }
}

const isOfTheLine = (error: unknown): boolean =>
  /^(device|storage)\/cluster-|^contract\/cluster-|^storage\/newer-schema/.test(reportOf(error).code);

async function standingOf({ works, queue }: Cluster, version: string): Promise<ClusterStanding> {
  const workers = (await works.workers()).map(({ id, host, processor, lanes, doing, version: own }) => ({
    ...{ id, host, processor, lanes, busy: doing.length },
    isOurs: own === version,
  }));
  return { workers, ...(await queue.length(version)) };
}
