import { setImmediate } from "node:timers/promises";
import { throwIfCancelled } from "../../preload/contract/errors.ts";

/** Lets the event loop in between two pieces of work, so that a cancel is heard. Throws cancelled/by-user. */
export async function pause(signal?: AbortSignal): Promise<void> {
  await setImmediate();
  throwIfCancelled(signal);
}
