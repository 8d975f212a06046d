import { isMainThread } from "node:worker_threads";
import { AppError } from "../../../preload/contract/errors.ts";

/**
 * ONNX Runtime reports to its maker where nobody tells it not to: from version 1.30 on Linux and macOS its library keeps a
 * device id and a queue below the user's cache, puts into it the program's path, every session, and all metadata of a
 * model file, and sends the queue to mobile.events.data.microsoft.com. It reads this variable of the process's own
 * environment as it starts; anything but "" and "0" turns that off. Its Windows library has no such switch, and none that
 * JavaScript reaches: there it writes events to the system's tracing, which is why no metadata is ever given to it.
 */
const SWITCH = "ORT_DISABLE_TELEMETRY";
const OFF = "1";

/** An environment in which a process, and all it starts, runs ONNX Runtime without its reports. */
export const quietEnvironment = (environment: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv => ({
  ...environment,
  [SWITCH]: OFF,
});

/**
 * To be called before the library is loaded, whoever set what before. A thread has only a copy of the environment: there
 * it was set before the thread began, or the library is not loaded at all.
 */
export function keepQuiet(): void {
  if (isMainThread) process.env[SWITCH] = OFF;
  else if (process.env[SWITCH] !== OFF)
    throw new AppError(
      "internal/not-quiet",
      `ONNX Runtime is not loaded: ${SWITCH} is "${process.env[SWITCH] ?? ""}" in this thread, not "${OFF}", and it would report to its maker`,
    );
}
