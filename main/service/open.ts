import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createAcquisition } from "../acquisition/process/host.ts";
import { isPlace } from "../cluster/address.ts";
import { createCtgThread } from "../ctg/host.ts";
import { createClusterThread } from "../cluster/process/host.ts";
import { createExchange } from "../exchange/host.ts";
import { spawnLibrary, spawnReader } from "../storage/client.ts";
import { freezer, trainOnCluster } from "./cluster-place.ts";
import { noteWithoutWorkers } from "./cluster-work.ts";
import { workOnCluster, type WorkerOptions } from "./cluster-worker.ts";
import type { AsyncLibrary } from "../storage/api.ts";
import type { Trainer } from "../training/process/host-api.ts";
import { noteFoldersBeside, removeNoted } from "../exchange/parts.ts";
import { removeLeftTemporaries } from "./left-temporaries.ts";
import { createEngines } from "../training/process/engines.ts";
import type { EngineHost } from "../training/process/engines.ts";
import { createLiveJudge } from "../training/process/live-host.ts";
import { createTrainer } from "../training/process/host.ts";
import { type RestoreOptions, type Restored, restoreLibrary } from "./care.ts";
import type { Service, ServiceParts } from "./service.ts";
import { createService } from "./service.ts";
import { VERSION } from "./version.ts";

export interface OpenOptions {
  readonly libraryPath: string;
  /** Make the library's folder where it is not there: its usual place, never one a person named. */
  readonly makeFolder?: boolean;
  /** Folder in which what is constant of this version is kept for its next start; absent: nothing is. */
  readonly keep?: string;
  /** Open it to look at, whether it could be written or not. */
  readonly readOnly?: boolean;
  /** Folder of the built processes: storage-worker.js, library-reader.js, exchange-worker.js, ctg-worker.js, cluster-worker.js, trainer.js, feed-worker.js, recorder.js. */
  readonly folder: string;
  readonly failed: (where: string, error: unknown) => void;
  /** Runs are trained on the cluster at this address. */
  readonly cluster?: {
    readonly address: string | undefined;
    readonly priority: number;
    readonly note: (line: string) => void;
  };
}

/** Opens a library with its threads and the trainer's handle; `close` ends all of them in order. */
export async function openService({
  libraryPath,
  makeFolder,
  keep,
  readOnly = false,
  folder,
  failed,
  cluster,
}: OpenOptions): Promise<Service> {
  if (makeFolder === true) ownFolder(dirname(libraryPath));
  removeLeftTemporaries(tmpdir());
  if (!readOnly) {
    noteFoldersBeside(libraryPath);
    removeNoted(libraryPath).catch((error: unknown) => failed("what killed exports left", error));
  }
  const storage = spawnLibrary(libraryPath, join(folder, "storage-worker.js"), { readOnly });
  try {
    const version = codeVersion(folder, VERSION); // read while the library is opened
    const { readFrom } = await storage.library.info(); // a library that cannot be opened says so now
    const exchange = createExchange({
      library: storage.library,
      openLibraryPort: () => storage.port(),
      workerFile: join(folder, "exchange-worker.js"),
      fontFolder: join(folder, "fonts"),
      libraryPath,
    });
    const trainer = createTrainer({
      libraryPath: readFrom,
      workerFile: join(folder, "trainer.js"),
      ...(keep === undefined ? {} : { kept: { path: join(keep, "models.json"), version } }),
    });
    const service = createService({
      library: storage.library,
      exchange,
      trainer,
      engines: openEngines(folder),
      ctg: createCtgThread({
        openLibraryPort: () => storage.port(),
        workerFile: join(folder, "ctg-worker.js"),
      }),
      acquisition: createAcquisition({
        libraryPath,
        readOnly,
        workerFile: join(folder, "recorder.js"),
        storageWorker: join(folder, "storage-worker.js"),
        judge: createLiveJudge({ libraryPath: readFrom, workerFile: join(folder, "trainer.js") }),
        failed,
      }),
      cluster: createClusterThread({
        openLibraryPort: () => storage.port(),
        workerFile: join(folder, "cluster-worker.js"),
      }),
      openReader: () => spawnReader(readFrom, join(folder, "library-reader.js")),
      codeVersion: version,
      failed,
      ...(cluster === undefined
        ? {}
        : { elsewhere: elsewhere(cluster, { library: storage.library, trainer, folder }) }),
    });
    return {
      ...service,
      close: async () => {
        await service.close();
        await storage.close();
      },
    };
  } catch (error) {
    await storage.close();
    throw error;
  }
}

/** Runs whose fits are asked for at once: their workers spread over them. */
const AT_ONCE = 100;

/** What speaks to the cluster is loaded with the first run; runs side by side share it, later ones join anew: a line that lay idle is not trusted. */
function elsewhere(
  { address, priority, note }: NonNullable<OpenOptions["cluster"]>,
  { library, trainer, folder }: { library: AsyncLibrary; trainer: Trainer; folder: string },
): NonNullable<ServiceParts["elsewhere"]> {
  const joined = shared(async () => {
    const { joinCluster } = await import("../cluster/cluster.ts");
    const cluster = await joinCluster(address);
    await noteWithoutWorkers(cluster.works, version, note).catch(() => undefined); // the line: told by what is asked next
    return cluster;
  });
  const version = codeVersion(folder, VERSION);
  const parts = { library, trainer, priority, note, freezer: freezer(library), codeVersion: version };
  return {
    atOnce: AT_ONCE,
    isAt: (place) => isPlace(address, place),
    train: (order, watch) =>
      joined((cluster, users) => trainOnCluster(cluster, { ...parts, users }, order, watch)),
  };
}

/** Opened by the first who uses it and closed by the last. */
function shared<T extends { close(): Promise<void> }>(
  open: () => Promise<T>,
): <R>(work: (one: T, users: () => number) => Promise<R>) => Promise<R> {
  let users = 0;
  let current: Promise<T> | undefined;
  return async (work) => {
    users += 1;
    const own = (current ??= open());
    try {
      return await work(await own, () => users);
    } finally {
      users -= 1;
      if (users === 0) {
        current = undefined;
        await own.then((one) => one.close()).catch(() => undefined); // it never opened, or is gone already
      }
    }
  };
}

/** Does fits for others until it is told to stop. */
export const openWorker = (
  folder: string,
  options: Omit<WorkerOptions, "folder" | "codeVersion">,
): Promise<number> => workOnCluster({ ...options, folder, codeVersion: codeVersion(folder, VERSION) });

/** Puts a copy in the place of a library. */
export const openRestore = (
  folder: string,
  libraryPath: string,
  how: Pick<RestoreOptions, "from" | "anyway" | "signal" | "progress">,
): Promise<Restored> =>
  restoreLibrary({
    ...how,
    libraryPath,
    open: (path) => spawnLibrary(path, join(folder, "storage-worker.js")),
    read: (path) => spawnReader(path, join(folder, "library-reader.js")),
    now: () => new Date(),
  });

/** The library's usual place: nobody else looks into it, also where an earlier version made it. */
function ownFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  try {
    chmodSync(folder, 0o700);
  } catch {
    // Another user's, or on a disk that cannot be written: it stays as it is.
  }
}

/** The engines of this machine: they need no library. */
export const openEngines = (folder: string): EngineHost =>
  createEngines({ workerFile: join(folder, "trainer.js") });

/** Version of the program and a digest of what trains, of what reads for it and of what judges by rule: their imports carry the hashes of all they run. */
export function codeVersion(folder: string, version: string): string {
  const digest = createHash("sha256");
  for (const file of ["trainer.js", "feed-worker.js", "ctg-worker.js"])
    digest.update(readFileSync(join(folder, file)));
  return `${version}+${digest.digest("hex").slice(0, 12)}`;
}
