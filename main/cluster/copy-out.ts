import type { Duplex } from "node:stream";
import type { Connection, Submittable } from "pg";
import { within } from "../../preload/contract/within.ts";
import { badCopy, MOST_BYTES, type Rows, RowReader } from "./copy.ts";
import type { Session } from "./database.ts";

/** The protocol's messages (documentation, "Message Formats") that mean something here. */
const [COPY_DATA, REFUSAL, READY] = [0x64, 0x45, 0x5a]; // d, E, Z
const HEADER_BYTES = 5; // its letter, and its length with that of the length itself
const LENGTH_BYTES = 4;

/** Rows of queries through PostgreSQL's binary COPY. */
export interface CopyingOut {
  /** Settles once the last row has come, or at once with what `take` threw of one: the rest is read then, and left out. */
  rows(query: string, rows: Rows): Promise<void>;
  /**
   * Waits until what was asked has come: before that the server listens to nothing else. One that goes on for longer than
   * that takes is heard no more: the line is given up.
   */
  end(): Promise<void>;
}

/** What was asked is on its way, or the server is not the one it should be. */
const END_MS = 10_000;

/**
 * Several can be asked without waiting for one another, so that the server has always one to send: each should give no
 * more than some mebibytes, for who stops waits for the end of all of them.
 */
export const copyOut = (session: Session, endMs = END_MS): CopyingOut => new CopyOut(session, endMs);

interface Asked {
  readonly query: string;
  readonly reader: RowReader;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
  isFailed: boolean; // of its rows no more are taken
}

/**
 * Reads the line itself, past the client's own parser: a long field is copied once, from what came to where it stays. The
 * client hears what is said at the end.
 */
class CopyOut implements CopyingOut, Submittable {
  readonly #session: Session;
  readonly #endMs: number;
  readonly #asked: Asked[] = []; // that are not over
  #unheard = 0; // queries of which the server has not said that they are over
  #connection: Connection | undefined;
  #line: Line | undefined;
  #isSubmitted = false;
  #isGivenBack = false; // the line
  #header = Buffer.alloc(HEADER_BYTES);
  #filled = 0; // bytes of it
  #missing = 0; // bytes of the message behind it that are still to come
  #kept: Buffer[] = []; // of a message that is no row
  #last: Buffer | undefined; // that the server listens again
  #lost: { readonly error: unknown } | undefined;
  #ended: (() => void) | undefined;

  constructor(session: Session, endMs: number) {
    this.#session = session;
    this.#endMs = endMs;
  }

  rows(query: string, rows: Rows): Promise<void> {
    return new Promise((done, failed) => {
      this.#asked.push({ query, reader: new RowReader(rows), done, failed, isFailed: false });
      if (this.#lost !== undefined) this.handleError(this.#lost.error);
      else if (this.#connection !== undefined) this.#send(this.#connection, query);
      else if (!this.#isSubmitted) {
        this.#isSubmitted = true;
        this.#session.query(this);
      }
    });
  }

  async end(): Promise<void> {
    const ended = new Promise<void>((done) => (this.#ended = done));
    this.#endIfOver();
    if (!this.#isSubmitted || this.#lost !== undefined) this.#ended?.();
    if (await within(this.#endMs, ended)) return;
    this.#connection?.stream.destroy(badCopy(`it did not end for ${this.#endMs / 1000} s`));
    await ended;
  }

  submit(connection: Connection): void {
    this.#connection = connection;
    this.#line = lineOf(connection.stream);
    this.#line.isPaced = true; // the client may have half a message: all is its own up to the answer to this
    this.#unheard += 1;
    connection.query("");
    for (const { query } of this.#asked) this.#send(connection, query);
  }

  #send(connection: Connection, query: string): void {
    this.#unheard += 1;
    connection.query(`COPY (${query}) TO STDOUT (FORMAT binary)`);
  }

  /** The client's own: it has read everything before the first row, and nothing of it. */
  handleEmptyQuery(): void {
    if (this.#line !== undefined) this.#line.reader = (bytes) => this.#read(bytes);
  }

  /** The line is lost, or the client has heard why the server refused. */
  handleError(error: unknown): void {
    this.#lost = { error };
    if (this.#line !== undefined) this.#line.isPaced = false;
    for (const { failed } of this.#asked.splice(0)) failed(error);
    this.#ended?.();
  }

  /** The client's own, of a query that is over. */
  handleReadyForQuery(): void {
    this.#ended?.();
  }

  // What no server says to what was asked before the first row.
  readonly handleRowDescription = (): void => this.#refuse();
  readonly handleDataRow = (): void => this.#refuse();
  readonly handlePortalSuspended = (): void => this.#refuse();
  readonly handleCommandComplete = (): void => this.#refuse();
  readonly handleCopyInResponse = (): void => this.#refuse();
  readonly handleCopyData = (): void => this.#refuse();

  #refuse(): void {
    this.#connection?.stream.destroy(badCopy("the server answers what was not asked"));
  }

  #read(bytes: Buffer): void {
    for (let at = 0; at < bytes.length;) {
      const isHeader = this.#filled < HEADER_BYTES;
      const length = Math.min(bytes.length - at, isHeader ? HEADER_BYTES - this.#filled : this.#missing);
      const piece = bytes.subarray(at, at + length);
      at += length;
      if (isHeader) {
        this.#header.set(piece, this.#filled);
        this.#filled += length;
        if (this.#filled === HEADER_BYTES && !this.#begin()) return;
      } else {
        this.#missing -= length;
        this.#take(piece);
      }
      if (this.#filled === HEADER_BYTES && this.#missing === 0) this.#whole();
      if (this.#isGivenBack) return this.#line?.hear(bytes.subarray(at));
    }
  }

  /** Where a length cannot be, nobody knows where the next message begins: the line is given up, and false. */
  #begin(): boolean {
    const length = this.#header.readUInt32BE(1);
    this.#missing = length - LENGTH_BYTES;
    const isRow = this.#header[0] === COPY_DATA; // its fields are looked at as they come
    if (length >= LENGTH_BYTES && (isRow || length <= MOST_BYTES)) return true;
    this.#connection?.stream.destroy(badCopy(`a message of ${length} bytes`));
    return false;
  }

  #take(piece: Buffer): void {
    const [one] = this.#asked;
    if (this.#header[0] !== COPY_DATA) this.#kept.push(Buffer.from(piece));
    else if (one?.isFailed === false) {
      try {
        one.reader.take(piece);
      } catch (error) {
        one.isFailed = true;
        one.failed(error);
      }
    }
  }

  #whole(): void {
    const message = Buffer.concat([this.#header, ...this.#kept]);
    [this.#filled, this.#kept] = [0, []];
    if (message[0] === REFUSAL && this.#lost === undefined) this.#line?.pass(message);
    if (message[0] === READY) {
      this.#unheard -= 1;
      const one = this.#last === undefined ? undefined : this.#asked.shift(); // the first was of what nothing was asked by
      this.#last = message;
      if (one !== undefined) settle(one);
    }
    this.#endIfOver(); // after a refusal too, which may come when nothing is asked
  }

  /** Gives the line back once nothing is under way, and nothing more is asked of it or would be given. */
  #endIfOver(): void {
    const isDone = this.#ended !== undefined || this.#lost !== undefined;
    if (this.#unheard > 0 || !isDone || this.#line === undefined || this.#last === undefined) return;
    this.#isGivenBack = true;
    this.#line.reader = undefined;
    // with what has begun to come since
    this.#line.pass(Buffer.concat([this.#last, this.#header.subarray(0, this.#filled), ...this.#kept]));
    this.#last = undefined;
  }
}

function settle({ reader, done, failed }: Asked): void {
  if (!reader.isOver) failed(badCopy("it ends before its end"));
  else done();
}

/** Who hears what comes over a line: the client, or who reads it for a while instead. */
class Line {
  reader: ((bytes: Buffer) => void) | undefined;
  /** Heard byte by byte until somebody reads: who does begins behind the message that told it to. */
  isPaced = false;
  readonly #stream: Duplex;
  readonly #own: ReturnType<Duplex["listeners"]>;

  constructor(stream: Duplex) {
    this.#stream = stream;
    this.#own = stream.listeners("data");
    stream.removeAllListeners("data");
    stream.on("data", (bytes: Buffer) => this.hear(bytes));
  }

  hear(bytes: Buffer): void {
    let at = 0;
    while (this.isPaced && this.reader === undefined && at < bytes.length)
      this.pass(bytes.subarray(at, (at += 1)));
    if (this.reader === undefined) this.pass(bytes.subarray(at));
    else {
      this.isPaced = false;
      this.reader(bytes.subarray(at));
    }
  }

  pass(bytes: Buffer): void {
    for (const listener of this.#own) Reflect.apply(listener, this.#stream, [bytes]);
  }
}

const lines = new WeakMap<Duplex, Line>();

function lineOf(stream: Duplex): Line {
  const line = lines.get(stream) ?? new Line(stream);
  lines.set(stream, line);
  return line;
}
