import { crc32 } from "node:zlib";

type Value = string | number | Uint8Array | null;

/**
 * CRC-32 over a row's values, in the order of its table in `sealed`: a changed digit, name or time shows when the row
 * is read. What belongs to the moment (owner, mask revision, purging) and keys that are given late are left out.
 */
export const rowCrc = (values: readonly Value[]): number =>
  crc32(JSON.stringify(values.every(isAsStored) ? values : values.map(storedAs)));

/** A text as a file can hold it: half of a surrogate pair becomes the sign that SQLite, too, would store for it. */
export const wellFormed = (text: string): string => text.toWellFormed();

const isAsStored = (value: Value): boolean => typeof value !== "string" || value.isWellFormed();

export const storedAs = <T>(value: T): T | string => (typeof value === "string" ? wellFormed(value) : value);

/** The tables whose rows carry a checksum, and what it covers. Stored: never edit, a change is a new migration. */
export const sealed = {
  recording: [
    "id",
    "name",
    "kind",
    "subject",
    "study",
    "synthetic",
    "started_at",
    "imported_at",
    "state",
    "note",
    "facts",
    "repairs",
    "source_format",
    "source_file",
    "source_sha256",
    "binned_at",
    "masks_changed_at",
  ],
  channel: [
    "recording",
    "position",
    "label",
    "unit",
    "sample_rate",
    "role",
    "sample_type",
    "gain",
    "offset",
    "sample_count",
    "source_observed",
    "layer_masked",
    "origin",
  ],
  annotation: [
    "id",
    "recording",
    "channel",
    "label",
    "label_set",
    "label_set_version",
    "onset_s",
    "duration_s",
    "author",
    "source",
    "note",
    "created_at",
    "changed_at",
    "text",
  ],
  mask_span: [
    "id",
    "recording",
    "channel",
    "layer",
    "reason",
    "onset_s",
    "duration_s",
    "author",
    "created_at",
  ],
  reading: [
    "id",
    "recording",
    "label_set",
    "label_set_version",
    "author",
    "onset_s",
    "duration_s",
    "created_at",
    "label_group",
  ],
  ctg_context: ["recording", "content", "author", "changed_at"],
  edit_step: ["recording", "kind", "what", "changes", "author", "at"],
  label_set: ["id", "version", "content", "created_at"],
  run: ["id", "created_at", "phase", "content", "name", "note", "binned_at"],
  prediction: ["run", "recording", "adaptation", "classes", "window_s", "created_at", "crc"],
  finding: [
    "id",
    "recording",
    "run",
    "maker",
    "version",
    "origin",
    "kind",
    "content",
    "created_at",
    "is_outdated",
  ],
} as const;
export type SealedTable = keyof typeof sealed;
export const sealedTables = Object.keys(sealed) as SealedTable[];

/** Is the row, read whole, what was written? */
export function isWhole(table: SealedTable, row: Readonly<Record<string, Value>>): boolean {
  return rowCrc(sealed[table].map((column) => row[column] ?? null)) === row["row_crc"];
}

/** Statement that gives rows of a table the checksum of what they hold now; `which` picks them. */
export const sealing = (table: SealedTable, which: string): string =>
  `UPDATE ${table} SET row_crc = row_crc(${sealed[table].join(", ")}) WHERE ${which}`;
