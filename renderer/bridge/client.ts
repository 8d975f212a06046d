import type {
  Api,
  EventName,
  EventPayload,
  Params,
  RequestName,
  Result,
} from "../../preload/contract/channels.ts";
import { AppError, errorFrom } from "../../preload/contract/errors.ts";

declare global {
  interface Window {
    readonly api?: Api;
  }
}

/** Whether what a person changed has reached the library. `failed` stands until a later change is saved. */
export type Saving = "saved" | "saving" | "failed";

const writing =
  /\.(add|change|remove|removeAll|restore|restoreAll|restoreThese|purge|undo|redo|save|set|decide|keep)$/;
let installed: Api | undefined;
let inFlight = 0;
let writes = 0;
let saving: Saving = "saved";
const watchers = new Set<(count: number) => void>();
const savingWatchers = new Set<() => void>();

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

function setSaving(next: Saving): void {
  if (next === saving) return;
  saving = next;
  for (const watch of savingWatchers) watch();
}

export const savingNow = (): Saving => saving;
export function watchSaving(watch: () => void): () => void {
  savingWatchers.add(watch);
  return () => savingWatchers.delete(watch);
}

const refusals: readonly string[] = ["storage/read-only", "data/other-reader"];

async function counted<T>(name: RequestName, work: () => Promise<T>): Promise<T> {
  if (!writing.test(name)) return work();
  writes += 1;
  setSaving("saving");
  let failed = false;
  try {
    return await work();
  } catch (error) {
    // A library that can only be read takes no change, and what is another's waits for a word: nothing is left to be saved.
    failed = !(error instanceof AppError && refusals.includes(error.code));
    throw error;
  } finally {
    writes -= 1;
    if (failed) setSaving("failed");
    else if (writes === 0) setSaving("saved");
  }
}

/** Asks main for something. Resolves to the result; throws AppError with main's code, message and numbers. */
export async function request<N extends RequestName>(name: N, params: Params<N>): Promise<Result<N>> {
  count(1);
  try {
    return await counted(name, async () => {
      const outcome = await api().request(name, params);
      if (outcome.ok) return outcome.value;
      throw errorFrom(outcome.error);
    });
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

/** How many times larger than usual the page is shown. */
export const zoomFactor = (): number => api().zoomFactor();
