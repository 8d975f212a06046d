import type { Api, EventName, EventPayload, Params, RequestName, Result } from "../../preload/contract/channels.ts";
import { AppError, errorFrom } from "../../preload/contract/errors.ts";

declare global {
  interface Window {
    readonly api?: Api;
  }
}

let installed: Api | undefined;
let inFlight = 0;
const watchers = new Set<(count: number) => void>();

/** Puts another api in place of the preload's: the fake, in tests and in a plain browser. */
export function installApi(api: Api): void {
  installed = api;
}

function api(): Api {
  const found = installed ?? (typeof window === "undefined" ? undefined : window.api);
  if (!found) throw new AppError("internal/no-bridge", "The window has no connection to the main process");
  return found;
}

function count(change: 1 | -1): void {
  inFlight += change;
  for (const watch of watchers) watch(inFlight);
}

/** Calls `watch` whenever the number of requests under way changes; the app's idle signal is made from it. */
export function watchInFlight(watch: (count: number) => void): () => void {
  watchers.add(watch);
  watch(inFlight);
  return () => watchers.delete(watch);
}

/** Asks main for something. Resolves to the result; throws AppError with main's code, message and numbers. */
export async function request<N extends RequestName>(name: N, params: Params<N>): Promise<Result<N>> {
  count(1);
  try {
    const outcome = await api().request(name, params);
    if (outcome.ok) return outcome.value;
    throw errorFrom(outcome.error);
  } finally {
    count(-1);
  }
}

/** Listens to what main tells unasked. Returns the function that stops listening. */
export function on<N extends EventName>(name: N, listener: (payload: EventPayload<N>) => void): () => void {
  return api().on(name, listener);
}

/** Path on disk of a file dropped on the window. */
export const pathOf = (file: unknown): string => api().pathOf(file);
