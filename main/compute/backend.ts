import { backend, enableProdMode, findBackend, getBackend, setBackend, tidy } from "@tensorflow/tfjs-core";
import { AppError } from "../../preload/contract/errors.ts";
import "./gradients.ts";

enableProdMode(); // keeps TensorFlow.js's advertising of tfjs-node out of the log; no check is lost

/**
 * Runs `work` on the named TensorFlow.js backend and gives the active one back afterwards, also when it throws.
 * The engine of TensorFlow.js is one global object, so `work` is synchronous: nothing can slip in between.
 * Every tensor made inside is disposed: return values, not tensors.
 */
export function onBackend<T>(name: string, work: () => T): T {
  const before = getBackend() as string | null | undefined; // none until something asked for one
  activate(name);
  try {
    const result: { value?: T } = {};
    tidy(() => void (result.value = work()));
    return result.value as T;
  } finally {
    if (before && before !== name) activate(before);
  }
}

/** Only backends with a synchronous factory are used here; for them the call has done its work on return. */
function activate(name: string): void {
  void setBackend(name);
  if (findBackend(name) !== null && backend() === findBackend(name)) return;
  throw new AppError("internal/unexpected", `The TensorFlow.js backend "${name}" did not start`, {
    backend: name,
  });
}
