import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import type { ConnectionOptions } from "node:tls";
import type { Pool, PoolClient, QueryResultRow } from "pg";
import { AppError } from "../../preload/contract/errors.ts";
import type { Address } from "./address.ts";
import { clusterFailure } from "./failures.ts";
import { type LinePatience, watchedClient } from "./watched-client.ts";

/** One conversation with the server; within `transaction` everything or nothing. */
export type Session = Pick<PoolClient, "query">;

/** The server, with its failures in sentences. `pg` is loaded here and nowhere else, and only once it is needed. */
export interface ClusterDatabase {
  readonly shown: string;
  rows<Row extends QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  transaction<T>(work: (session: Session) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

const CONNECT_MS = 10_000;
const IDLE_MS = 120_000;

export async function openCluster(address: Address, patience?: LinePatience): Promise<ClusterDatabase> {
  const pool = await poolOf(address, patience);
  const { shown } = address;
  pool.on("error", () => undefined); // of a line that lay idle: the next question opens another, or says why not
  pool.on("connect", (line) => line.on("error", () => undefined)); // of one in use: what is asked over it fails with it
  const told = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw clusterFailure(error, shown);
    }
  };
  return {
    shown,
    rows: <Row extends QueryResultRow>(sql: string, values: readonly unknown[] = []) =>
      told(async () => (await pool.query<Row>(sql, [...values])).rows),
    transaction: (work) => told(() => within(pool, work)),
    close: () => pool.end(),
  };
}

/**
 * A machine that lost its power says nothing. Who waits for it asks after ten seconds whether it is there, and so does the
 * server of who holds something there: nobody waits for hours for what will not come.
 */
export const lively = {
  keepAlive: true,
  keepAliveInitialDelayMillis: 10_000,
  options:
    "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=6 -c tcp_user_timeout=40000",
} as const;

async function poolOf(address: Address, patience: LinePatience | undefined): Promise<Pool> {
  const { default: pg } = await import("pg");
  return new pg.Pool({
    connectionString: address.url,
    max: 4,
    connectionTimeoutMillis: CONNECT_MS,
    ssl: await tlsOf(address),
    application_name: "kodo",
    Client: await watchedClient(patience),
    ...lively,
    idle_in_transaction_session_timeout: IDLE_MS, // a process that was stopped midway holds nobody up
  });
}

/** Only who is told by its certificate is spoken with. */
export async function tlsOf({ url, rootCertificate }: Address): Promise<ConnectionOptions> {
  const ca = rootCertificate === undefined ? {} : { ca: await certificate(rootCertificate) };
  const { hostname } = new URL(url);
  // RFC 6066 has no room for a number: the certificate is held against the host all the same
  const name = isIP(hostname.replace(/^\[|\]$/g, "")) === 0 ? { servername: hostname } : {};
  return { rejectUnauthorized: true, ...name, ...ca };
}

async function certificate(file: string): Promise<string> {
  const told = (why: string, cause?: unknown): AppError =>
    new AppError("data/file-not-readable", `The certificate ${file} of the cluster ${why}`, { file }, cause);
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    throw told("cannot be read", error);
  }
  if (isCertificate(text)) return text;
  throw told("is none: it should begin with -----BEGIN CERTIFICATE-----");
}

/** Of several, the first is looked at. */
function isCertificate(text: string): boolean {
  try {
    return new X509Certificate(text).raw.length > 0;
  } catch {
    return false;
  }
}

/** Rows and bytes that are put there at a time: over a long line each question takes as long as the way there and back. */
const [MOST_ROWS, MOST_ROW_BYTES] = [200, 8 << 20];

/** Rows that are not there yet. Gives how many were not. `into`: table (columns). */
export async function insertRows(
  session: Session,
  into: string,
  rows: Iterable<readonly unknown[]> | AsyncIterable<readonly unknown[]>,
): Promise<number> {
  let [held, bytes, inserted] = [new Array<readonly unknown[]>(), 0, 0];
  const insert = async (): Promise<void> => {
    if (held.length === 0) return;
    let place = 0;
    const values = held.map((row) => `(${row.map(() => `$${(place += 1)}`).join(", ")})`).join(", ");
    const { rowCount } = await session.query(
      `INSERT INTO ${into} VALUES ${values} ON CONFLICT DO NOTHING`,
      held.flat(),
    );
    [held, bytes, inserted] = [[], 0, inserted + (rowCount ?? 0)];
  };
  for await (const row of rows) {
    held.push(row);
    for (const field of row) if (Buffer.isBuffer(field)) bytes += field.length;
    if (held.length >= MOST_ROWS || bytes >= MOST_ROW_BYTES) await insert();
  }
  await insert();
  return inserted;
}

async function within<T>(pool: Pool, work: (session: Session) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let failure: Error | undefined;
  try {
    await client.query("BEGIN");
    const done = await work(client);
    await client.query("COMMIT");
    return done;
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error));
    await client.query("ROLLBACK").catch(() => undefined);
    throw error;
  } finally {
    client.release(failure); // after a failure the line is not used again
  }
}
