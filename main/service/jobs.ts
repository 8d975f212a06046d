import { randomUUID } from "node:crypto";
import type { EngineInstall, EngineVariant } from "../../preload/contract/engine.ts";
import type { ErrorReport } from "../../preload/contract/errors.ts";
import type { JobProgress } from "../../preload/contract/exchange.ts";
import type { Job, JobStanding } from "../../preload/contract/job.ts";
import type { Exchange } from "../exchange/host.ts";
import { jobKindOf, type JobOrder } from "../exchange/protocol.ts";
import type { AsyncLibrary } from "../storage/api.ts";
import type { EngineHost } from "../training/process/engines.ts";
import type { Place } from "./place.ts";
import { interruptedPass, type Passes } from "./passes.ts";
import { interruptedStudy, type Studies } from "./studies.ts";

export interface JobsOptions {
  readonly library: AsyncLibrary;
  readonly exchange: Exchange;
  readonly studies: Pick<Studies, "jobs" | "onProgress" | "cancel" | "close">;
  readonly passes: Pick<Passes, "jobs" | "onProgress" | "cancel" | "close">;
  readonly engines: EngineHost;
  readonly place: Place;
  readonly failed: (where: string, error: unknown) => void; // what no caller waits for
}

/** What is kept of how far a job is, at most so often: where it was when its process ended need not be exact. */
const KEEP_EVERY_MS = 5000;

interface Kept {
  readonly state: JobStanding;
  readonly atMs: number;
}

const installJob = (variant: EngineVariant): string => `engine ${variant}`;

const interrupted = (message: string): ErrorReport => ({ code: "internal/interrupted", message, detail: {} });

/** A job of an earlier process that came to no end, as the tray shows jobs. */
const asProgress = async (library: AsyncLibrary, job: Job): Promise<JobProgress[]> => {
  const { id, kind, progress } = job;
  if (kind === "run" || kind === "engine") return [];
  const error = interrupted("Kodo ended while it was under way");
  if (kind === "predict" || kind === "analyse")
    return [interruptedStudy(job, await library.studyAsked(id), error)];
  const asked = kind === "masks" ? await library.passAsked(id) : undefined;
  if (asked !== undefined) return [interruptedPass(job, asked, error)];
  const file = { file: "", state: "failed" as const, recordingIds: [], annotations: 0, repairs: [], error };
  return [{ jobId: id, kind, state: "failed", file: "", done: progress, bytesPerSecond: 0, files: [file] }];
};

/** Imports, exports, studies, passes and installations as the library keeps them: what was under way when a process ended is told to the next. */
export class Jobs {
  readonly #options: JobsOptions;
  readonly #kept = new Map<string, Kept>();
  readonly #stops: readonly (() => void)[];
  #writes: Promise<void> = Promise.resolve();

  constructor(options: JobsOptions) {
    this.#options = options;
    this.#stops = [
      options.exchange.onProgress(({ jobId, state, done }) => this.#keep(jobId, state, done)),
      options.studies.onProgress(({ jobId, state, done }) => this.#keep(jobId, state, done)),
      options.passes.onProgress(({ jobId, state, done }) => this.#keep(jobId, state, done)),
      options.engines.onProgress(({ variant, state, done }) => this.#keep(installJob(variant), state, done)),
    ];
  }

  /** Begins it, unless the same was asked before under this key and is under way or done. */
  async exchange(order: JobOrder, idempotencyKey?: string): Promise<{ readonly jobId: string }> {
    const { library, place } = this.#options;
    const id = randomUUID();
    if (await this.#isReadOnly()) {
      place.exchange(id, order);
      return { jobId: id };
    }
    await this.#writes; // how it ended before is to be known
    const key = idempotencyKey ?? id;
    const { job, isNew } = await library.queueJob({
      ...{ id, kind: jobKindOf(order), place: place.name },
      idempotencyKey: key,
    });
    if (isNew) place.exchange(job.id, order);
    return { jobId: job.id };
  }

  /** Begins it; `ended` resolves when it is installed. Only one at once: the engines' own host says so. */
  async install(variant: EngineVariant): Promise<{ readonly ended: Promise<unknown> }> {
    const { library, place, engines } = this.#options;
    const id = installJob(variant);
    const isBusy = engines.progress()?.state === "running"; // refused: no job of its own
    if (!isBusy && !(await this.#isReadOnly())) {
      await library.forgetJob(id); // an installation may be repeated, done or not
      await library.queueJob({ id, kind: "engine", place: place.name, idempotencyKey: id });
    }
    return { ended: place.install(variant) };
  }

  /** Those of this process, after those that an earlier one left without an end. */
  async list(): Promise<JobProgress[]> {
    const { exchange, studies, passes, library } = this.#options;
    const here = [...exchange.jobs(), ...studies.jobs(), ...passes.jobs()];
    const known = new Set(here.map(({ jobId }) => jobId));
    const left = (await this.#interrupted()).filter(({ id }) => !known.has(id));
    return [...(await Promise.all(left.map((job) => asProgress(library, job)))).flat(), ...here];
  }

  cancel(jobId: string): void {
    const { exchange, studies, passes } = this.#options;
    if (!studies.cancel(jobId) && !passes.cancel(jobId)) exchange.cancel(jobId);
  }

  /** Of the installation under way, of the last one, or of one that an earlier process left without an end. */
  async installation(): Promise<EngineInstall | null> {
    const here = this.#options.engines.progress();
    if (here !== undefined) return here;
    const jobs = await this.#interrupted();
    for (const variant of ["cpu", "cuda"] as const) {
      if (!jobs.some(({ id }) => id === installJob(variant))) continue;
      const error = interrupted("Kodo ended while it was being installed; it can be installed again");
      return { variant, state: "failed", step: "download", done: 0, error };
    }
    return null;
  }

  /** It need not be told of any more. */
  async dismiss(jobId: string): Promise<void> {
    if (!(await this.#isReadOnly())) await this.#options.library.forgetJob(jobId);
  }

  /** Studies and passes that are done here and came to no end are told to the next process at once. */
  async close(): Promise<void> {
    const { studies, passes } = this.#options;
    const left = (await Promise.all([studies.close(), passes.close()])).flat();
    for (const stop of this.#stops) stop();
    for (const { id, progress } of left) this.#keep(id, "interrupted", progress);
    await this.#writes;
  }

  async #interrupted(): Promise<Job[]> {
    return (await this.#options.library.listJobs()).filter(({ state }) => state === "interrupted");
  }

  async #isReadOnly(): Promise<boolean> {
    return (await this.#options.library.info()).readOnly;
  }

  #keep(id: string, state: JobStanding, progress: number): void {
    const before = this.#kept.get(id);
    const nowMs = performance.now();
    if (before?.state === state && nowMs - before.atMs < KEEP_EVERY_MS) return;
    this.#kept.set(id, { state, atMs: nowMs });
    this.#writes = this.#writes
      .then(() => this.#write(id, { state, progress }))
      .catch((error: unknown) => this.#options.failed("jobs", error));
  }

  async #write(id: string, standing: Pick<Job, "state" | "progress">): Promise<void> {
    if (!(await this.#isReadOnly())) await this.#options.library.changeJob(id, standing);
  }
}
