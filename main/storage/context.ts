import { DamageList } from "./damage.ts";
import type { Database } from "./database.ts";
import { appendLog, type NewLogEntry } from "./event-log.ts";
import { type Owner, ownerToken } from "./owner.ts";

/** What every part of the library works with. */
export interface Context {
  readonly database: Database;
  readonly damage: DamageList;
  readonly owner: string; // token of this process
  readonly now: () => string; // ISO 8601, UTC
  readonly log: (entry: NewLogEntry) => void;
}

export function createContext(database: Database, now: () => Date, owner: Owner): Context {
  const at = (): string => now().toISOString();
  return {
    database,
    damage: new DamageList(database),
    owner: ownerToken(owner),
    now: at,
    log: (entry) => appendLog(database, at(), entry),
  };
}

/** Actor of what the library does by itself. */
export const LIBRARY = "library";
