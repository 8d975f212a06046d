import { join } from "node:path";
import { AppError } from "../../../preload/contract/errors.ts";
import type { Located } from "./place.ts";
import { locate } from "./place.ts";

/**
 * The native half of tfjs-node, loaded by itself: its JavaScript, which runs op by op, is not needed, and with it go
 * the second copy of TensorFlow.js and the functions of `util` that newer Nodes no longer have.
 */
export interface Addon {
  readonly TF_Version: string;
  isUsingGpuDevice(): boolean;
  createTensor(shape: readonly number[], dtype: number, values: ArrayBufferView): number;
  tensorDataSync(tensor: number): ArrayBufferView;
  deleteTensor(tensor: number): void;
  getNumOfTensors(): number;
  loadSavedModel(folder: string, tags: string): number;
  deleteSavedModel(session: number): void;
  runSavedModel(
    session: number,
    inputs: readonly number[],
    inputNames: string, // "node:output", parted by commas
    outputNames: string,
  ): { readonly id: number }[];
}

export interface LoadOptions {
  readonly threads: number;
  readonly xla?: boolean | undefined; // on a graphics card unless given
}

export interface Loaded {
  readonly addon: Addon;
  readonly located: Located;
  readonly threads: number;
  readonly device: "cpu" | "cuda";
  readonly xla: boolean;
}

export const INSTALL = "npm run tensorflow";

let loaded: Loaded | undefined;

/**
 * The library reads threads and compiler flags once, when it is first used: a process has one setting for good, and
 * whoever asks for another is told.
 */
export function loadAddon({ threads, xla }: LoadOptions): Loaded {
  loaded ??= load(threads, xla);
  if (loaded.threads !== threads || (xla !== undefined && loaded.xla !== xla)) {
    throw new AppError(
      "model/engine-fixed",
      `libtensorflow runs with ${words(loaded)} in this process and cannot change to ${words({ threads, xla: xla ?? loaded.xla })}`,
      { threads: loaded.threads, asked: threads },
    );
  }
  return loaded;
}

const words = ({ threads, xla }: { readonly threads: number; readonly xla: boolean }): string =>
  `${threads} thread${threads === 1 ? "" : "s"}${xla ? " and XLA" : ""}`;

function load(threads: number, xla: boolean | undefined): Loaded {
  const located = locate();
  if (located === undefined)
    throw new AppError(
      "model/engine-missing",
      `libtensorflow is not installed; "${INSTALL}" installs it (graphics card: "${INSTALL} -- --cuda")`,
      { engine: "libtensorflow", command: INSTALL },
    );
  const compiled = xla ?? located.variant === "cuda";
  setEnvironment(threads, compiled, located);
  const addon = open(located);
  const device = addon.isUsingGpuDevice() ? "cuda" : "cpu";
  return { addon, located, threads, device, xla: compiled };
}

function setEnvironment(threads: number, xla: boolean, { folder }: Located): void {
  const { env } = process;
  // Operators side by side, each on one thread, so that an operator's bits do not depend on how many there are: a product is
  // mostly too small to share out, and models of an ensemble, parts of a batch and both slopes of a product are independent.
  env["TF_NUM_INTRAOP_THREADS"] = "1";
  env["TF_NUM_INTEROP_THREADS"] = String(threads);
  env["OMP_NUM_THREADS"] = "1";
  env["TF_CPP_MIN_LOG_LEVEL"] ??= "2"; // warnings and errors stay
  env["TF_FORCE_GPU_ALLOW_GROWTH"] ??= "true"; // a card is shared with the screen
  if (!xla) return;
  env["TF_XLA_FLAGS"] ??= "--tf_xla_auto_jit=2 --tf_xla_min_cluster_size=2 --tf_xla_cpu_global_jit";
  env["XLA_FLAGS"] ??= `--xla_gpu_cuda_data_dir=${join(folder, "nvidia", "cuda_nvcc")}`;
}

function open({ addon: file, origin }: Located): Addon {
  const module = { exports: {} as Addon };
  try {
    process.dlopen(module, file);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const remedy =
      origin === "installed"
        ? `; "${INSTALL}" installs it anew`
        : `; "${INSTALL}" installs one that does not need it`;
    throw new AppError(
      "model/engine-missing",
      `libtensorflow did not load on ${process.platform} ${process.arch}: ${reason}${remedy}`,
      { engine: "libtensorflow", file },
      error,
    );
  }
  return module.exports;
}
