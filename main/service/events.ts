import type { EventName, EventPayload } from "../../preload/contract/channels.ts";

export type EventListener = <N extends EventName>(name: N, payload: EventPayload<N>) => void;

/** What the service tells unasked, to the window or to the command line. */
export class ServiceEvents {
  readonly #listeners = new Set<EventListener>();

  readonly emit: EventListener = (name, payload) => {
    for (const listener of this.#listeners) listener(name, payload);
  };

  on(listener: EventListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
