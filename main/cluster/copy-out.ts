import type { Duplex } from "node:stream";
import type { Connection, Submittable } from "pg";
import { badCopy, MOST_BYTES, type Rows, RowReader } from "./copy.ts";
import type { Session } from "./database.ts";

/** The protocol's messages (documentation, "Message Formats") that mean something here. */
const [COPY_DATA, REFUSAL, READY] = [0x64, 0x45, 0x5a]; // d, E, Z
const HEADER_BYTES = 5; // its letter, and its length with that of the length itself
const LENGTH_BYTES = 4;

/** Rows of queries through PostgreSQL's binary COPY. */
export interface CopyingOut {
  /** Settles once the last row has come, or with what `take` threw of one: the rest is read then, and left out. */
  rows(query: string, rows: Rows): Promise<void>;
  /** Waits until what was asked has come: before that the server listens to nothing else. */
  end(): Promise<void>;
}

/**
 * Several can be asked without waiting for one another, so that the server has always one to send: each should give no
 * more than some mebibytes, for who stops waits for the end of all of them.
 */
export const copyOut = (session: Session): CopyingOut => new CopyOut(session);

interface Asked {
  readonly query: string;
  readonly reader: RowReader;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
  failure: unknown; // of its rows
}

/**
 * Reads the line itself, past the client's own parser: a long field is copied once, from what came to where it stays. The
 * client hears what is said at the end.
 */
class CopyOut implements CopyingOut, Submittable {
  readonly #session: Session;
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

  constructor(session: Session) {
    this.#session = session;
  }

  rows(query: string, rows: Rows): Promise<void> {
    return new Promise((done, failed) => {
      this.#asked.push({ query, reader: new RowReader(rows), done, failed, failure: undefined });
      if (this.#lost !== undefined) this.handleError(this.#lost.error);
      else if (this.#connection !== undefined) this.#send(this.#connection, query);
      else if (!this.#isSubmitted) {
        this.#isSubmitted = true;
        this.#session.query(this);
      }
    });
  }

  end(): Promise<void> {
    return new Promise((ended) => {
      this.#ended = ended;
      this.#endIfOver();
      if (!this.#isSubmitted || this.#lost !== undefined) ended();
    });
  }

  submit(connection: Connection): void {
    this.#connection = connection;
    this.#line = lineOf(connection.stream);
    this.#line.reader = (bytes) => this.#read(bytes);
    for (const { query } of this.#asked) this.#send(connection, query);
  }

  #send(connection: Connection, query: string): void {
    this.#unheard += 1;
    connection.query(`COPY (${query}) TO STDOUT (FORMAT binary)`);
  }

  /** The line is lost, or the client has heard why the server refused. */
  handleError(error: unknown): void {
    this.#lost = { error };
    for (const { failed } of this.#asked.splice(0)) failed(error);
    this.#ended?.();
  }

  /** The client's own, of a query that is over. */
  handleReadyForQuery(): void {
    this.#ended?.();
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
    else if (one !== undefined && one.failure === undefined) {
      try {
        one.reader.take(piece);
      } catch (error) {
        one.failure = error;
      }
    }
  }

  #whole(): void {
    const message = Buffer.concat([this.#header, ...this.#kept]);
    [this.#filled, this.#kept] = [0, []];
    if (message[0] === REFUSAL && this.#lost === undefined) this.#line?.pass(message);
    if (message[0] === READY) {
      this.#unheard -= 1;
      this.#last = message;
      const one = this.#asked.shift();
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

function settle({ reader, done, failed, failure }: Asked): void {
  if (failure !== undefined) failed(failure);
  else if (!reader.isOver) failed(badCopy("it ends before its end"));
  else done();
}

/** Who hears what comes over a line: the client, or who reads it for a while instead. */
class Line {
  reader: ((bytes: Buffer) => void) | undefined;
  readonly #stream: Duplex;
  readonly #own: ReturnType<Duplex["listeners"]>;

  constructor(stream: Duplex) {
    this.#stream = stream;
    this.#own = stream.listeners("data");
    stream.removeAllListeners("data");
    stream.on("data", (bytes: Buffer) => this.hear(bytes));
  }

  hear(bytes: Buffer): void {
    if (this.reader === undefined) this.pass(bytes);
    else this.reader(bytes);
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
