import { EngineName } from "../../../preload/contract/engine.ts";
import type {
  EngineInstall,
  EngineOffer,
  EngineReport,
  Engines,
  EngineVariant,
} from "../../../preload/contract/engine.ts";
import { AppError, reportOf } from "../../../preload/contract/errors.ts";
import { sure } from "../../../preload/contract/sure.ts";
import { within } from "../../../preload/contract/within.ts";
import { connect } from "../../calls/connect.ts";
import { spawnTrainer } from "./child.ts";
import type { ChildLine } from "../../calls/child.ts";
import type { TrainerCalls } from "./messages.ts";
import { installTensorflow, removeTensorflow } from "../../compute/tensorflow/install/install.ts";
import type { InstallOptions } from "../../compute/tensorflow/install/install.ts";
import { offersHere } from "../../compute/tensorflow/install/packages.ts";
import { installed } from "../../compute/tensorflow/place.ts";

export interface EnginesOptions {
  readonly workerFile: string; // the built trainer
  readonly spawn?: (workerFile: string) => ChildLine | Promise<ChildLine>;
  readonly patienceMs?: number; // for a test
  /** The places libtensorflow is had from and put to; PyPI and the cache unless given. */
  readonly place?: Pick<InstallOptions, "root" | "sources">;
}

/** The engines of this machine: tested each in a process of its own, libtensorflow installed and removed. */
export interface EngineHost {
  /** Tested once and remembered, until something is installed or removed, or `again`. */
  list(options?: { readonly again?: boolean }): Promise<Engines>;
  /** Resolves when the engine is installed and has passed its test; rejects otherwise, with nothing left behind. */
  install(variant: EngineVariant, signal?: AbortSignal): Promise<EngineReport>;
  cancel(): void;
  /** Answers how many bytes it was. */
  remove(): Promise<number>;
  offers(): readonly EngineOffer[];
  /** Of the installation under way, or of the last one. */
  progress(): EngineInstall | undefined;
  onProgress(listener: (progress: EngineInstall) => void): () => void;
  dispose(): Promise<void>;
}

const PATIENCE_MS = 120_000;
const CLOSE_MS = 3000;
const PROGRESS_EVERY_MS = 200;

export const createEngines = (options: EnginesOptions): EngineHost => new Host(options);

class Host implements EngineHost {
  readonly #options: EnginesOptions;
  readonly #listeners = new Set<(progress: EngineInstall) => void>();
  #found: Promise<Engines> | undefined;
  #progress: EngineInstall | undefined;
  #installing: { readonly stop: AbortController; readonly ended: Promise<unknown> } | undefined;
  #removing: Promise<number> | undefined;
  readonly #testing = new Set<ChildLine>();

  constructor(options: EnginesOptions) {
    this.#options = options;
  }

  list: EngineHost["list"] = ({ again = false } = {}) => {
    if (again) this.#found = undefined;
    this.#found ??= this.#look();
    return this.#found;
  };

  install: EngineHost["install"] = async (variant, signal) => {
    this.#refuseBusy();
    const stop = new AbortController();
    const give = (): void => stop.abort();
    signal?.addEventListener("abort", give, { once: true });
    if (signal?.aborted === true) give();
    const work = this.#install(variant, stop.signal);
    this.#installing = { stop, ended: work.catch(() => undefined) };
    try {
      return await work;
    } finally {
      this.#installing = undefined;
      this.#found = undefined;
      signal?.removeEventListener("abort", give);
    }
  };

  cancel: EngineHost["cancel"] = () => this.#installing?.stop.abort();

  remove: EngineHost["remove"] = async () => {
    this.#refuseBusy();
    this.#removing = removeTensorflow(this.#options.place?.root);
    try {
      return await this.#removing;
    } finally {
      this.#removing = undefined;
      this.#progress = undefined;
      this.#found = undefined;
    }
  };

  offers: EngineHost["offers"] = () => offersHere();

  progress: EngineHost["progress"] = () => this.#progress;

  onProgress: EngineHost["onProgress"] = (listener) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  dispose: EngineHost["dispose"] = async () => {
    this.cancel();
    for (const child of this.#testing) child.kill();
    await within(CLOSE_MS, this.#installing?.ended ?? Promise.resolve());
  };

  #refuseBusy(): void {
    if (this.#installing !== undefined || this.#removing !== undefined)
      throw new AppError("model/engine-busy", "An engine is being installed or removed already");
  }

  async #install(variant: EngineVariant, signal: AbortSignal): Promise<EngineReport> {
    const tested: EngineReport[] = [];
    let [step, toldMs]: [EngineInstall["step"], number] = ["download", performance.now()];
    this.#tell({ variant, state: "running", step, done: 0 });
    try {
      await installTensorflow({
        ...this.#options.place,
        variant,
        signal,
        onProgress: (at, done) => {
          if (at === step && performance.now() - toldMs < PROGRESS_EVERY_MS) return;
          [step, toldMs] = [at, performance.now()];
          this.#tell({ variant, state: "running", step, done });
        },
        test: async () => {
          const report = await this.#test("libtensorflow");
          tested.push(report);
          if (report.state === "ready") return;
          const { message = "it is not found" } = report.error ?? {};
          throw new AppError("model/engine-install", `What was installed failed its test: ${message}`);
        },
      });
      this.#tell({ variant, state: "done", step: "test", done: 1 });
      return { ...sure(tested.at(-1)), ...this.#installed() };
    } catch (error) {
      const cancelled = signal.aborted;
      const { code, message, detail } = reportOf(error);
      this.#tell({
        variant,
        state: cancelled ? "cancelled" : "failed",
        step,
        done: 0,
        ...(cancelled ? {} : { error: { code, message, detail } }),
      });
      throw cancelled ? new AppError("cancelled/by-user", "Cancelled", {}, error) : error;
    }
  }

  #tell(progress: EngineInstall): void {
    this.#progress = progress;
    for (const listener of this.#listeners) listener(progress);
  }

  async #look(): Promise<Engines> {
    const engines = await Promise.all(EngineName.options.map((name) => this.#test(name)));
    return {
      engines: engines.map((one) => (one.name === "libtensorflow" ? { ...one, ...this.#installed() } : one)),
      offers: offersHere(),
    };
  }

  #installed(): Pick<EngineReport, "installed"> {
    const own = installed(this.#options.place?.root);
    if (own === undefined) return {};
    const { variant, version, bytes, licence, source } = own;
    return { installed: { variant, version, bytes, licence, source } };
  }

  /** A process for each test: a library that crashes takes that one along, and is reported. */
  async #test(name: EngineName): Promise<EngineReport> {
    const { spawn = spawnTrainer, workerFile, patienceMs = PATIENCE_MS } = this.#options;
    const child = await spawn(workerFile);
    this.#testing.add(child);
    const process = connect<TrainerCalls>(child, {
      lost: (_, cause) =>
        new AppError("model/engine-crashed", `The process that tested it ended (${String(cause)})`),
    });
    const answered = process
      .call("testEngine", { engine: name })
      .catch((error: unknown) => crashed(name, reportOf(error).message));
    const isInTime = await within(patienceMs, answered);
    this.#testing.delete(child);
    child.kill();
    return isInTime ? answered : crashed(name, `Its test did not end within ${patienceMs / 1000} s`);
  }
}

const crashed = (engine: EngineName, message: string): EngineReport => ({
  name: engine,
  state: "failed",
  error: reportOf(new AppError("model/engine-crashed", message, { engine })),
});
