/** What a worker fetched, and may need again. */
export interface Kept {
  readonly bytes: number; // on the disk
  /** Ends what it holds beside the disk; used again it begins anew. */
  rest(): Promise<void>;
  remove(): Promise<void>;
}

interface Place<Item> {
  readonly item: Promise<Item>;
  users: number;
  bytes: number; // 0 while it comes
}

/** Processes of items that were not used lately hold memory for nothing. */
const AWAKE = 4;

/**
 * What lies on this machine of what others sent, by its content, up to so many bytes: what nobody uses goes, the least
 * lately used first. What is used, and what was used last, stays whatever its size; it could not be worked on else.
 */
export class Shelf<Item extends Kept> {
  readonly #mostBytes: number;
  readonly #places = new Map<string, Place<Item>>(); // the least lately used first

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** Fetched where it is not here. */
  async use<T>(key: string, fetch: () => Promise<Item>, work: (item: Item) => Promise<T>): Promise<T> {
    const place = this.#places.get(key) ?? this.#fetched(key, fetch);
    this.#places.delete(key);
    this.#places.set(key, place);
    place.users += 1;
    try {
      return await work(await place.item);
    } finally {
      place.users -= 1;
      await this.#makeRoom();
    }
  }

  /** Ends what it holds; who made its folder removes that. */
  async close(): Promise<void> {
    for (const { item } of this.#places.values())
      await item.then(
        (one) => one.rest(),
        () => undefined,
      );
  }

  #fetched(key: string, fetch: () => Promise<Item>): Place<Item> {
    const item = fetch();
    const place: Place<Item> = { item, users: 0, bytes: 0 };
    item.then(
      ({ bytes }) => (place.bytes = bytes),
      () => this.#places.get(key) === place && this.#places.delete(key),
    );
    return place;
  }

  async #makeRoom(): Promise<void> {
    const idle = [...this.#places].slice(0, -1).filter(([, { users, bytes }]) => users === 0 && bytes > 0);
    let bytes = [...this.#places.values()].reduce((sum, place) => sum + place.bytes, 0);
    const going = idle.filter(([key, place]) => {
      if (bytes <= this.#mostBytes) return false;
      bytes -= place.bytes;
      return this.#places.delete(key);
    });
    for (const [, { item }] of going) await (await item).remove();
    for (const [, { item }] of idle.slice(going.length, 1 - AWAKE)) await (await item).rest();
  }
}
