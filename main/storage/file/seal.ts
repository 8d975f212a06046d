import type { Database, SqlValue } from "./database.ts";
import { isWhole, sealing, type SealedTable } from "./row-crc.ts";

/** Gives rows just written the checksum of what they hold. */
export const seal = (
  database: Database,
  table: SealedTable,
  which: string,
  ...values: readonly SqlValue[]
): void => void database.run(sealing(table, which), ...values);

/** Changes one row. One that was damaged stays marked as damaged: a change of one field makes the others no truer. */
export function amend(
  database: Database,
  table: SealedTable,
  [which, value]: readonly [which: string, value: SqlValue],
  change: () => void,
): void {
  const before = database.get(`SELECT * FROM ${table} WHERE ${which}`, value);
  change();
  if (before === undefined || isWhole(table, before)) seal(database, table, which, value);
}
