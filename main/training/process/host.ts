import { AppError } from "../../../preload/contract/errors.ts";
import { within } from "../../../preload/contract/within.ts";
import { connect } from "../../calls/connect.ts";
import type { Connection } from "../../calls/connect.ts";
import { Kept } from "../../calls/kept.ts";
import type { How, NameIn } from "../../calls/signature.ts";
import { spawnTrainer } from "./child.ts";
import type { ChildLine } from "../../calls/child.ts";
import type { Trainer } from "./host-api.ts";
import { keptModels, type KeptModels } from "./kept-models.ts";
import type { CountWatch } from "../work.ts";
import type { TrainerCalls } from "./messages.ts";

export interface TrainerOptions {
  readonly libraryPath: string;
  readonly workerFile: string; // the built trainer
  readonly kept?: KeptModels | undefined; // where what the models are is kept from start to start; absent: nowhere
  readonly spawn?: ((workerFile: string) => ChildLine | Promise<ChildLine>) | undefined; // a utility process or a fork unless given
  readonly patienceMs?: number | undefined; // in place of those of calls and of the one below
}

/** Main's handle on the trainer process: starts it at the first request, and another where that one died. */
export function createTrainer(options: TrainerOptions): Trainer {
  return new Host(options);
}

/** To close. After that the process is ended by force. */
const CLOSE_MS = 2000;

const UNWATCHED: CountWatch = { signal: new AbortController().signal, onCounted: () => undefined };

interface Child {
  readonly line: ChildLine;
  readonly connection: Connection<TrainerCalls>;
  readonly ended: Promise<void>;
}

class Host implements Trainer {
  readonly #options: TrainerOptions;
  readonly #child: Kept<Promise<Child>> = new Kept(() => {
    const gone = (): void => this.#child.drop(starting);
    const starting = this.#start(gone);
    starting.catch(gone);
    return starting;
  });
  #isDisposed = false;

  readonly models: Trainer["models"];

  constructor(options: TrainerOptions) {
    this.#options = options;
    const ask: Trainer["models"] = () => this.#call("models", undefined);
    this.models = options.kept === undefined ? ask : keptModels(ask, options.kept);
  }

  begin: Trainer["begin"] = async () => {
    if (!this.#isDisposed) await this.#child.current();
  };

  preview: Trainer["preview"] = (config, { signal, onCounted } = UNWATCHED) =>
    this.#call("preview", config, { signal, back: { counted: onCounted } });

  train: Trainer["train"] = (order, { signal, onProgress, onCheckpoint }) =>
    this.#call("train", order, {
      signal,
      back: { progress: onProgress, checkpoint: ({ run, bytes }) => onCheckpoint(run, bytes) },
    });

  fold: Trainer["fold"] = (order, { signal, onProgress, onCheckpoint }) =>
    this.#call("fold", order, {
      signal,
      back: { progress: onProgress, checkpoint: ({ run, bytes }) => onCheckpoint(run, bytes) },
    });

  predict: Trainer["predict"] = (request) => this.#call("predict", request);

  find: Trainer["find"] = (request) => this.#call("find", request);

  fill: Trainer["fill"] = (request) => this.#call("fill", request);

  forecast: Trainer["forecast"] = (request) => this.#call("forecast", request);

  layers: Trainer["layers"] = (request) => this.#call("layers", request);

  rank: Trainer["rank"] = (request) => this.#call("rank", request);

  pictures: Trainer["pictures"] = (runId) => this.#call("pictures", { runId });

  compare: Trainer["compare"] = (runIds) => this.#call("compare", { runIds });

  sweep: Trainer["sweep"] = (configurations) => this.#call("sweep", { configurations });

  exportModel: Trainer["exportModel"] = (runId) => this.#call("exportModel", { runId });

  importModel: Trainer["importModel"] = (request) => this.#call("importModel", request);

  dispose: Trainer["dispose"] = async () => {
    this.#isDisposed = true;
    const child = await this.#child.running()?.catch(() => undefined);
    if (child === undefined) return;
    child.connection.tell("close", undefined);
    if (!(await within(this.#options.patienceMs ?? CLOSE_MS, child.ended))) child.line.kill();
  };

  async #call<N extends NameIn<TrainerCalls>>(
    name: N,
    ask: TrainerCalls[N]["ask"],
    ...how: How<TrainerCalls[N]>
  ): Promise<TrainerCalls[N]["answer"]> {
    if (this.#isDisposed) throw new AppError("cancelled/by-user", "The program is closing");
    const { connection } = await this.#child.current();
    return connection.call(name, ask, ...how);
  }

  async #start(gone: () => void): Promise<Child> {
    const { spawn = spawnTrainer, workerFile, libraryPath, patienceMs } = this.#options;
    const line = await spawn(workerFile);
    const connection = connect<TrainerCalls>(line, {
      patience: patienceMs === undefined ? undefined : { hearMs: patienceMs, tidyMs: patienceMs },
      end: () => {
        gone();
        line.kill();
      },
      lost: (_, cause) => {
        gone();
        const reason = cause instanceof Error ? cause.message : String(cause);
        const message = `The training process ended unexpectedly (${reason})`;
        return new AppError("model/trainer-died", message, { reason });
      },
    });
    const ended = new Promise<void>((resolve) => line.onLost(() => resolve()));
    connection.tell("open", { libraryPath, givesWay: true });
    return { line, connection, ended };
  }
}
