import { randomUUID } from "node:crypto";
import { AppError, reportOf } from "../../preload/contract/errors.ts";
import type { Run, RunConfig, RunProgress } from "../../preload/contract/run.ts";
import type { AsyncLibrary } from "../storage/api.ts";
import type { Trainer } from "../training/host-api.ts";
import type { ServiceEvents } from "./events.ts";

export interface RunsOptions {
  readonly library: AsyncLibrary;
  readonly trainer: Trainer;
  readonly events: ServiceEvents;
  readonly codeVersion: string;
  readonly failed: (where: string, error: unknown) => void; // what no caller waits for
  readonly now?: () => Date;
}

export const isOver = ({ phase }: Pick<Run, "phase">): boolean =>
  phase === "done" || phase === "failed" || phase === "cancelled";

/** The life of a run: its record with everything needed to repeat it, the trainer's work, how it ended. */
export class Runs {
  readonly #options: RunsOptions;
  readonly #now: () => Date;
  readonly #underway = new Map<string, Promise<Run>>();
  readonly #cancelled = new Set<string>();
  #ticket: Promise<void> = Promise.resolve();

  constructor(options: RunsOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => new Date());
  }

  async start(config: RunConfig): Promise<Run> {
    const { library, trainer } = this.#options;
    const preview = await trainer.preview(config);
    if (preview.problems.length > 0) {
      throw new AppError("model/cannot-start", preview.problems.join(" "), {
        problems: preview.problems.length,
      });
    }
    const run: Run = {
      id: randomUUID(),
      config,
      classes: preview.classes,
      phase: "waiting",
      createdAt: this.#now().toISOString(),
      codeVersion: this.#options.codeVersion,
      data: await this.#checksums(config.recordingIds),
      windows: preview.windows,
      curve: [],
      hasCheckpoint: false,
    };
    await library.saveRun(run);
    await this.#launch(run, "run.start", false);
    return run;
  }

  /** Goes on from the last checkpoint, on the data the run began with. */
  async resume(id: string): Promise<Run> {
    const { library } = this.#options;
    const run = await library.getRun(id);
    if (this.#underway.has(id))
      throw new AppError("model/already-running", `${run.config.name} is training already`, { runId: id });
    if (run.phase === "done")
      throw new AppError("model/already-done", `${run.config.name} is trained already`, { runId: id });
    if (!run.hasCheckpoint)
      throw new AppError("model/no-checkpoint", `${run.config.name} has no checkpoint to go on from`, {
        runId: id,
      });
    await this.#refuseChangedData(run);
    const resumed: Run = { ...run, phase: "waiting" };
    delete resumed.error;
    delete resumed.finishedAt;
    await library.saveRun(resumed);
    await this.#launch(resumed, "run.resume", true);
    return resumed;
  }

  cancel(id: string): void {
    if (!this.#underway.has(id)) return;
    this.#cancelled.add(id); // it may still wait for its turn
    this.#options.trainer.cancel(id);
  }

  /** The run once it has ended, however it ended. */
  async finished(id: string): Promise<Run> {
    return this.#underway.get(id) ?? this.#options.library.getRun(id);
  }

  progress(): RunProgress[] {
    return this.#options.trainer.progress();
  }

  /** Stops every run under way and waits until each has said how it ended. */
  async close(): Promise<void> {
    for (const id of this.#underway.keys()) this.cancel(id);
    await Promise.allSettled(this.#underway.values());
  }

  async #checksums(recordingIds: readonly string[]): Promise<Run["data"]> {
    const { library } = this.#options;
    const data: Run["data"] = [];
    for (const recordingId of recordingIds) {
      const { subject } = await library.getRecording(recordingId);
      const { sha256 } = await library.checksum(recordingId);
      data.push({ recordingId, subject, checksum: sha256 });
    }
    return data;
  }

  async #refuseChangedData(run: Run): Promise<void> {
    for (const { recordingId, checksum } of run.data) {
      const now = await this.#options.library.checksum(recordingId);
      if (now.sha256 === checksum) continue;
      const { name } = await this.#options.library.getRecording(recordingId);
      throw new AppError("model/data-changed", `${name} is not what the run began with`, {
        recordingId,
        expected: checksum,
        value: now.sha256,
      });
    }
  }

  async #launch(run: Run, action: "run.start" | "run.resume", resume: boolean): Promise<void> {
    const { library, events } = this.#options;
    const detail = { seed: run.config.seed, recordings: run.config.recordingIds.length };
    await library.log({ actor: "kodo", action, subject: run.id, detail });
    events.emit("runs.changed", { id: run.id });
    // One run at a time: two would share two cores and both be slower than one after the other.
    const work = this.#ticket.then(() => this.#train(run, resume));
    this.#ticket = work.then(
      () => undefined,
      () => undefined,
    );
    this.#underway.set(run.id, work);
    work.catch((error: unknown) => this.#options.failed("run", error));
  }

  async #train(run: Run, resume: boolean): Promise<Run> {
    const { library, trainer, events } = this.#options;
    try {
      if (this.#cancelled.has(run.id)) throw new AppError("cancelled/by-user", "Cancelled before it began");
      const ended = await trainer.train(run, { resume });
      await library.log({ actor: "kodo", action: `run.${ended.phase}`, subject: run.id, detail: {} });
      return ended;
    } catch (error) {
      return await this.#markFailed(run.id, error);
    } finally {
      this.#underway.delete(run.id);
      this.#cancelled.delete(run.id);
      events.emit("runs.changed", { id: run.id });
    }
  }

  /** The trainer died or threw: the run keeps what was saved of it and says why it stopped. */
  async #markFailed(id: string, error: unknown): Promise<Run> {
    const { library } = this.#options;
    const saved = await library.getRun(id);
    if (isOver(saved)) return saved;
    const { code, message } = reportOf(error);
    const phase = code.startsWith("cancelled/") ? "cancelled" : "failed";
    const run: Run = { ...saved, phase, finishedAt: this.#now().toISOString(), error: { code, message } };
    await library.saveRun(run);
    await library.log({ actor: "kodo", action: `run.${phase}`, subject: id, detail: { code } });
    return run;
  }
}
