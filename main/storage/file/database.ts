import Sqlite from "better-sqlite3";
import { closeSync, existsSync, openSync, readSync, statSync } from "node:fs";
import { basename, dirname } from "node:path";
import { AppError } from "../../../preload/contract/errors.ts";
import { makePrivate } from "./private-files.ts";
import { rowCrc, storedAs } from "./row-crc.ts";
import { asAppError } from "./sqlite-errors.ts";

/** "KODO", at byte 68 of the file: tells our libraries from other SQLite files. */
export const APPLICATION_ID = 0x4b4f444f;

export type SqlValue = string | number | Uint8Array | null;
export type Row = Record<string, string | number | Buffer | null>;

export interface DatabaseOptions {
  readonly readOnly?: boolean;
  /** Looks at the file's header before SQLite opens it; what it throws leaves the file untouched. */
  readonly checkHeader?: (header: FileHeader) => void;
  /** Called before every statement that writes and before every commit; what it throws fails that step. For tests. */
  readonly beforeWrite?: (sql: string) => void;
}

/** Undefined where nothing is. */
function fileAt(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? undefined : `${found.dev}/${found.ino}`;
}

/** From the first 100 bytes; changes still in the write-ahead log are not in them. */
export interface FileHeader {
  readonly schema: number;
  readonly applicationId: number;
  readonly usesLog: boolean; // write-ahead: reading it, too, needs files beside it
}

/** One connection. Transactions are synchronous functions; statements are prepared once and kept. */
export class Database {
  readonly path: string;
  readonly readOnly: boolean;
  readonly #sqlite: Sqlite.Database;
  readonly #statements = new Map<string, Sqlite.Statement>();
  readonly #plucking = new Map<string, Sqlite.Statement>(); // that give their first column alone
  readonly #beforeWrite: ((sql: string) => void) | undefined;
  readonly #file: string | undefined; // which one was opened
  #settling: NodeJS.Timeout | undefined; // while much comes in a row
  #version: unknown; // when much came last, and before that as it was opened
  /** Does in every transaction that writes what follows from its writes, as its last part. */
  finish: () => void = () => undefined;

  constructor(path: string, options: DatabaseOptions = {}) {
    this.path = path;
    this.readOnly = options.readOnly ?? false;
    this.#beforeWrite = options.beforeWrite;
    const header = readHeader(path, this.readOnly);
    if (header !== undefined) options.checkHeader?.(header);
    if (!this.readOnly && path !== ":memory:" && existsSync(dirname(path))) makePrivate(path);
    const binding = process.env["KODO_SQLITE_BINDING"]; // an older Electron needs the addon rebuilt
    try {
      this.#sqlite = new Sqlite(path, {
        readonly: this.readOnly,
        timeout: BUSY_MS,
        ...(binding ? { nativeBinding: binding } : {}),
      });
    } catch (error) {
      throw cannotOpen(error, path);
    }
    try {
      this.#setUp();
    } catch (error) {
      this.#sqlite.close();
      throw asAppError(error, path);
    }
    this.#file = fileAt(path);
  }

  /** The system lets a file be moved or deleted that is open: what is written into it then nobody finds. */
  refuseGone(): void {
    if (this.#file === undefined || fileAt(this.path) === this.#file) return;
    const file = basename(this.path);
    throw new AppError("storage/file-gone", `${file} was moved or deleted while it was open`, { file });
  }

  #setUp(): void {
    this.#sqlite.unsafeMode(false);
    this.pragma("trusted_schema = OFF");
    this.pragma("cell_size_check = ON");
    this.pragma("foreign_keys = ON");
    this.pragma("recursive_triggers = ON"); // else REPLACE would delete log entries unseen
    this.pragma("secure_delete = FAST"); // what is deleted is zeroed; pages given up whole leave with the next vacuum
    this.#sqlite.function("row_crc", { varargs: true, deterministic: true, directOnly: true }, (...values) =>
      rowCrc(values as SqlValue[]),
    );
    if (this.readOnly) return;
    if (this.isEmpty()) {
      this.pragma("page_size = 16384");
      this.pragma("auto_vacuum = INCREMENTAL");
    }
    this.pragma("fullfsync = ON");
    this.pragma("journal_size_limit = 67108864"); // the log shrinks again after a large transaction
    this.pragma(`wal_autocheckpoint = ${LOG_PAGES}`);
  }

  /**
   * Write-ahead log: readers do not wait for the writer. Every commit is synced to disk unless it is told
   * otherwise, so that what was acknowledged survives a loss of power too: a recording's second, a label. Only once the schema is known to be ours.
   */
  useWriteAheadLog(): void {
    this.pragma("journal_mode = WAL");
    this.pragma("synchronous = FULL");
    this.#version = this.pragma("data_version");
  }

  isEmpty(): boolean {
    return Number(this.pragma("page_count")) === 0;
  }

  pragma(source: string): unknown {
    return this.#sqlite.pragma(source, { simple: true });
  }

  /** Several statements without parameters: schema changes. */
  exec(sql: string): void {
    this.#beforeWrite?.(sql);
    this.#sqlite.exec(sql);
  }

  run(sql: string, ...values: SqlValue[]): { changes: number; key: number } {
    this.#beforeWrite?.(sql);
    const result = this.#statement(sql).run(...values.map(bindable));
    return { changes: result.changes, key: Number(result.lastInsertRowid) };
  }

  get(sql: string, ...values: SqlValue[]): Row | undefined {
    return this.#statement(sql).get(...values.map(bindable)) as Row | undefined;
  }

  all(sql: string, ...values: SqlValue[]): Row[] {
    return this.#statement(sql).all(...values.map(bindable)) as Row[];
  }

  /** The one row there is; what asks for none has a fault. */
  one(sql: string, ...values: SqlValue[]): Row {
    const row = this.get(sql, ...values);
    if (row === undefined) throw new Error(`No row: ${sql}`);
    return row;
  }

  /** The first column of every row, one by one. Until its end nothing else can be asked. */
  pluck(sql: string, ...values: SqlValue[]): Iterable<unknown> {
    let statement = this.#plucking.get(sql);
    if (statement === undefined) {
      statement = this.#sqlite.prepare(sql).pluck();
      this.#plucking.set(sql, statement);
    }
    return statement.iterate(...values.map(bindable));
  }

  /** Row by row, for a table that is larger than what is made of it. Until its end nothing else can be asked. */
  each(sql: string, ...values: SqlValue[]): Iterable<Row> {
    return this.#statement(sql).iterate(...values.map(bindable)) as IterableIterator<Row>;
  }

  /**
   * All of `work` or nothing. Takes the write lock at once, so that what it reads cannot change under it. Nests. What
   * follows from its writes is done with the next one where more of the same come. What is not synced is on the disk for
   * good with the next that is, for both lie in one log: before, a loss of power may take it and what followed it, whole.
   * Much of it comes in a row: the log is moved into the file once it has come.
   */
  write<T>(work: () => T, { isMore = false, isSynced = true } = {}): T {
    if (this.#sqlite.inTransaction) return work();
    if (isSynced) return this.#write(work, isMore);
    this.#letLogGrow();
    this.pragma("synchronous = NORMAL");
    try {
      return this.#write(work, isMore);
    } finally {
      this.pragma("synchronous = FULL");
    }
  }

  #write<T>(work: () => T, isMore: boolean): T {
    if (this.readOnly)
      throw new AppError(
        "storage/read-only",
        `${basename(this.path)} can only be read here; nothing was changed`,
        { file: basename(this.path) },
      );
    this.#takeLock();
    try {
      const result = work();
      if (!isMore) this.finish();
      this.#beforeWrite?.("COMMIT");
      this.#statement("COMMIT").run();
      return result;
    } catch (error) {
      if (this.#sqlite.inTransaction) this.#statement("ROLLBACK").run();
      throw error;
    }
  }

  /**
   * Waits for who writes. SQLite itself would look ever more seldom, ten times a second in the end: of one that writes
   * without a pause it misses the moments between two writes for seconds.
   */
  #takeLock(): void {
    const until = performance.now() + BUSY_MS;
    this.pragma("busy_timeout = 0");
    try {
      for (;;) {
        try {
          this.#statement("BEGIN IMMEDIATE").run();
          return;
        } catch (error) {
          if (!isBusy(error) || performance.now() >= until) throw error;
        }
        Atomics.wait(nothing, 0, 0, LOOK_EVERY_MS);
      }
    } finally {
      this.pragma(`busy_timeout = ${BUSY_MS}`);
    }
  }

  /** A part of a transaction that is undone by itself where it throws; the rest of the transaction goes on. */
  part<T>(work: () => T): T {
    this.#statement("SAVEPOINT part").run();
    try {
      return work();
    } catch (error) {
      if (this.#sqlite.inTransaction) this.#statement("ROLLBACK TO part").run();
      throw error;
    } finally {
      if (this.#sqlite.inTransaction) this.#statement("RELEASE part").run();
    }
  }

  /** Several reads of one moment. */
  read<T>(work: () => T): T {
    if (this.#sqlite.inTransaction) return work();
    this.#statement("BEGIN").run();
    try {
      return work();
    } finally {
      if (this.#sqlite.inTransaction) this.#statement("COMMIT").run();
    }
  }

  /** SQLite's online backup into a file, of one moment: a reading transaction holds it while others write. */
  async copyTo(path: string): Promise<void> {
    this.#statement("BEGIN").run();
    try {
      this.#statement("SELECT count(*) FROM sqlite_schema").get(); // the moment
      await this.#sqlite.backup(path, { progress: () => COPY_PAGES });
    } finally {
      if (this.#sqlite.inTransaction) this.#statement("COMMIT").run();
    }
  }

  /**
   * As long as nobody else writes: whoever's write finds the log over what is usual moves it, and that is not to be a
   * recorder, which has a second's samples to keep.
   */
  #letLogGrow(): void {
    const version = this.pragma("data_version"); // another once others have written
    const isAlone = version === this.#version;
    this.#version = version;
    if (this.#settling === undefined) {
      this.pragma(`wal_autocheckpoint = ${isAlone ? MOST_LOG_PAGES : LOG_PAGES}`);
      this.#settling = setTimeout(() => this.#settle(), SETTLE_MS).unref();
    } else {
      if (!isAlone) this.pragma(`wal_autocheckpoint = ${LOG_PAGES}`);
      this.#settling.refresh();
    }
  }

  /** What was left in the log goes into the file. Where it cannot, it stays there, whole, for the next time. */
  #settle(): void {
    this.#settling = undefined;
    try {
      this.pragma(`wal_autocheckpoint = ${LOG_PAGES}`);
      this.pragma("wal_checkpoint(PASSIVE)");
    } catch {
      // SQLite, too, passes over a disk that is full when it does so after a write
    }
  }

  /** Moves everything from the log of writes into the file and cuts the log to nothing; false while others read it. */
  emptyLog(waitMs: number): boolean {
    this.pragma(`busy_timeout = ${waitMs}`);
    try {
      return this.pragma("wal_checkpoint(TRUNCATE)") === 0;
    } finally {
      this.pragma(`busy_timeout = ${BUSY_MS}`);
    }
  }

  close(): void {
    clearTimeout(this.#settling);
    this.#sqlite.close();
  }

  #statement(sql: string): Sqlite.Statement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#sqlite.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

/**
 * Does any other connection, of any process, have this library open? Each holds a lock on a file in write-ahead mode for
 * as long as it is open, and leaving that mode takes all of them. Leaves the mode where nobody has.
 */
export function isOpenElsewhere(database: Database): boolean {
  database.pragma("busy_timeout = 0");
  try {
    return database.pragma("journal_mode = DELETE") !== "delete";
  } catch (error) {
    if (isBusy(error)) return true;
    throw error;
  } finally {
    database.pragma(`busy_timeout = ${BUSY_MS}`);
  }
}

const isBusy = (error: unknown): boolean =>
  error instanceof Sqlite.SqliteError && error.code.startsWith("SQLITE_BUSY");

/** So long a call waits for others that have the library locked. */
const BUSY_MS = 5000;
const LOOK_EVERY_MS = 1;
const nothing = new Int32Array(new SharedArrayBuffer(4)); // never woken: a pause

/**
 * Pages of the log, at which it is moved into the file: it syncs both, so seldom. 64 MiB, or 256 MiB where much comes in a row:
 * in the midst of it moving takes a third of the time that storing takes.
 */
const [LOG_PAGES, MOST_LOG_PAGES] = [4000, 16_384];
/** Nothing more has come for so long: what came is whole, or its line is slow. */
const SETTLE_MS = 300;

/** Pages a step of a backup copies: 16 MiB, between which the thread can be told to stop. */
const COPY_PAGES = 1024;

/** Buffers are what the addon binds; this is a view, not a copy. */
const bindable = (value: SqlValue): string | number | Buffer | null =>
  value instanceof Uint8Array
    ? Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    : storedAs(value);

/** The header's bytes, without SQLite, since opening alone could change the file. Undefined for a library to be made. */
export function readHeader(path: string, readOnly: boolean): FileHeader | undefined {
  const file = basename(path);
  if (!existsSync(path)) {
    if (readOnly) throw new AppError("storage/not-found", `There is no library at ${path}`, { file });
    return undefined;
  }
  if (!statSync(path).isFile()) throw new AppError("storage/cannot-open", `${file} is not a file`, { file });
  const header = firstBytes(path);
  if (header.length === 0 && !readOnly) return undefined; // an empty file is an empty library
  if (header.length < 100 || header.toString("latin1", 0, 16) !== "SQLite format 3\0") {
    throw new AppError("storage/corrupt", `${file} is not a Kodo library, or its first bytes are damaged`, {
      file,
      bytes: header.length,
    });
  }
  return {
    schema: header.readUInt32BE(60),
    applicationId: header.readUInt32BE(68),
    usesLog: header.readUInt8(18) > 1 || header.readUInt8(19) > 1,
  };
}

function firstBytes(path: string): Buffer {
  const bytes = Buffer.alloc(100);
  try {
    const descriptor = openSync(path, "r");
    try {
      return bytes.subarray(0, readSync(descriptor, bytes, 0, 100, 0));
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw cannotOpen(error, path);
  }
}

function cannotOpen(error: unknown, path: string): unknown {
  const mapped = asAppError(error, path);
  if (mapped instanceof AppError) return mapped;
  const file = basename(path);
  return new AppError(
    "storage/cannot-open",
    `${file} cannot be opened: ${(error as Error).message}`,
    { file },
    error,
  );
}
