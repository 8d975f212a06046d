import { DamageList } from "./file/damage.ts";
import type { Database } from "./file/database.ts";
import { appendLog, type NewLogEntry } from "./file/event-log.ts";
import { type Owner, ownerToken } from "./file/owner.ts";

/** What every part of the library works with. */
export interface Context {
  readonly database: Database;
  readonly damage: DamageList;
  readonly lost: LostRows;
  readonly owner: string; // token of this process
  readonly now: () => string; // ISO 8601, UTC
  readonly log: (...entries: readonly NewLogEntry[]) => void;
  /**
   * Empties the log of writes, which holds pages as they were before. False while somebody reads them: it is done later
   * then. Waits for them as long as it is told, else not at all.
   */
  readonly emptyLog: (waitMs?: number) => boolean;
  readonly emptyLogLater: () => void;
}

/** Tries again at most so often; each try waits for nobody. */
const RETRY_MS = 1000;

/** Annotations, masks, predictions and findings found damaged when a recording's were last read: they are left out, and counted. */
export class LostRows {
  readonly #counts = new Map<string, Map<string, number>>();

  /** `rows` without those that `read` cannot read. */
  keep<R, T>(recordingId: string, kind: string, rows: readonly R[], read: (row: R) => T | undefined): T[] {
    const kept = rows.flatMap((row) => read(row) ?? []);
    const lost = rows.length - kept.length;
    const counts = this.#counts.get(recordingId);
    if (counts !== undefined) counts.set(kind, lost);
    else if (lost > 0) this.#counts.set(recordingId, new Map([[kind, lost]]));
    return kept;
  }

  of(recordingId: string): number {
    let sum = 0;
    for (const count of this.#counts.get(recordingId)?.values() ?? []) sum += count;
    return sum;
  }
}

export function createContext(database: Database, now: () => Date, owner: Owner): Context {
  const at = (): string => now().toISOString();
  let triedMs: number | undefined;
  const emptyLog = (waitMs = 0): boolean => {
    const isEmpty = database.emptyLog(waitMs);
    triedMs = isEmpty ? undefined : performance.now();
    return isEmpty;
  };
  return {
    emptyLog,
    emptyLogLater: () => {
      if (triedMs !== undefined && performance.now() - triedMs > RETRY_MS) emptyLog();
    },
    database,
    damage: new DamageList(database),
    lost: new LostRows(),
    owner: ownerToken(owner),
    now: at,
    log: (...entries) => appendLog(database, at(), ...entries),
  };
}

/** Actor of what the library does by itself. */
export const LIBRARY = "library";
