import { backend, enableProdMode, findBackend, getBackend, setBackend, tidy } from "@tensorflow/tfjs-core";
import type { TensorContainer } from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-core/dist/register_all_gradients";
import { AppError } from "../../../preload/contract/errors.ts";

enableProdMode(); // keeps TensorFlow.js's advertising of tfjs-node out of the log; no check is lost

/**
 * Runs `work` on the named TensorFlow.js backend and gives the active one back afterwards, also when it throws.
 * The engine of TensorFlow.js is one global object, so `work` is synchronous: nothing can slip in between.
 */
export function onBackend<T extends TensorContainer>(name: string, work: () => T): T {
  const before = getBackend() as string | undefined; // empty until something asked for one
  activate(name);
  try {
    return tidy(work);
  } finally {
    if (before !== undefined && before !== "" && before !== name) activate(before);
  }
}

/** Only backends with a synchronous factory are used here, for which the promise is settled on return. */
function activate(name: string): void {
  if (findBackend(name) === null)
    throw new AppError("internal/unexpected", `TensorFlow.js has no backend "${name}"`, { backend: name });
  void setBackend(name);
  if (backend() !== findBackend(name)) {
    throw new AppError("internal/unexpected", `The TensorFlow.js backend "${name}" did not start`, {
      backend: name,
    });
  }
}
