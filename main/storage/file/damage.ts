import { maskReasons, type MaskRun } from "../../../preload/contract/mask.ts";
import type { ChannelRow } from "../samples/channels.ts";
import type { Database } from "./database.ts";

interface Found {
  readonly channel: ChannelRow;
  readonly first: number;
  readonly count: number;
}

/** Blocks found damaged: kept in memory at once, written down (with a log entry) after the call that found them. */
export class DamageList {
  readonly #database: Database;
  readonly #known = new Map<string, Found>();
  #unwritten: Found[] = [];

  constructor(database: Database) {
    this.#database = database;
    for (const row of database.all("SELECT channel, first_sample, sample_count FROM damage")) {
      const channel = Number(row["channel"]);
      const first = Number(row["first_sample"]);
      this.#known.set(`${channel}/${first}`, {
        channel: { key: channel } as ChannelRow,
        first,
        count: Number(row["sample_count"]),
      });
    }
  }

  readonly note = (channel: ChannelRow, first: number, count: number): void => {
    const name = `${channel.key}/${first}`;
    if (this.#known.has(name)) return;
    const found = { channel, first, count };
    this.#known.set(name, found);
    this.#unwritten.push(found);
  };

  /** How often the list has grown: what was computed before is out of date. */
  get revision(): number {
    return this.#known.size;
  }

  runsOf(channel: number): MaskRun[] {
    return [...this.#known.values()]
      .filter((found) => found.channel.key === channel)
      .map(({ first, count }) => ({ first, count, reason: maskReasons.damagedBlock }));
  }

  /** Writes down what was found since the last time and hands each finding to `log`. */
  settle(at: string, log: (channel: ChannelRow, first: number, count: number) => void): void {
    if (this.#unwritten.length === 0 || this.#database.readOnly) return;
    const found = this.#unwritten;
    this.#database.write(() => {
      for (const { channel, first, count } of found) {
        this.#database.run("INSERT OR IGNORE INTO damage VALUES (?, ?, ?, ?)", channel.key, first, count, at);
        log(channel, first, count);
      }
    });
    this.#unwritten = [];
  }
}
