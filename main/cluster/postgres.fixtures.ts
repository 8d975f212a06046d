import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { appendFile, chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Folder of Debian's programs, the newest version; undefined where there is no server to start. */
export function postgresFolder(): string | undefined {
  const root = "/usr/lib/postgresql";
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  return versions.map((version) => join(root, version, "bin")).find((bin) => existsSync(join(bin, "initdb")));
}

/** A file system of so many MB, which can grow; undefined where none may be mounted. */
export interface TinyDisk {
  readonly folder: string;
  grow(megabytes: number): Promise<void>;
  remove(): Promise<void>;
}

export async function tinyDisk(folder: string, megabytes: number): Promise<TinyDisk | undefined> {
  await mkdir(folder, { recursive: true });
  const user = await ordinaryUser();
  const size = (of: number): string => `size=${of}m`;
  try {
    await run("mount", ["-t", "tmpfs", "-o", size(megabytes), "tmpfs", folder]);
  } catch {
    return undefined;
  }
  if (user !== undefined) await chown(folder, user.uid, user.gid); // the server's, where it lies there
  return {
    folder,
    grow: async (to) => {
      await run("mount", ["-o", `remount,${size(to)}`, folder]);
    },
    remove: async () => {
      await run("umount", ["-l", folder]);
    },
  };
}

export interface TestServer {
  readonly folder: string;
  readonly port: number;
  readonly certificate: string; // file of the authority
  address(
    user?: { readonly name: string; readonly password: string },
    change?: Readonly<Record<string, string>>,
  ): string;
  sql(text: string): Promise<string>;
  kill(): Promise<void>; // at once
  /** As a machine that loses its power: none of its processes does anything any more. */
  loseMachine(): Promise<void>;
  start(): Promise<void>;
  /** With another certificate of the same authority, valid for so many days. */
  certify(days: number): Promise<void>;
  /** Another server that follows what is written here, by another port. */
  standby(): Promise<Standby>;
  remove(): Promise<void>;
}

export interface Standby extends TestServer {
  /** Follows no longer: what is written there from now on is not here. */
  stopFollowing(): Promise<void>;
  promote(): Promise<void>;
}

const PASSWORD = "heartbeat";
/** Of a standby, as the other server knows it. */
export const STANDBY = "kodo_standby";

export interface Reached {
  readonly address: string; // beside 127.0.0.1
  readonly net: string; // whose machines are let in
}

/** A new server on loopback that speaks TLS only, run by an ordinary user. */
export async function startPostgres(bin: string, reached?: Reached): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), "kodo-postgres-"));
  const user = await ordinaryUser();
  const own = async (path: string): Promise<void> =>
    user === undefined ? undefined : chown(path, user.uid, user.gid);
  await own(folder);
  const data = join(folder, "data");
  await writeFile(join(folder, "password"), PASSWORD);
  await own(join(folder, "password"));
  await run(
    join(bin, "initdb"),
    [
      "-D",
      data,
      "-U",
      "owner",
      "-A",
      "scram-sha-256",
      `--pwfile=${join(folder, "password")}`,
      "--data-checksums",
      "--no-sync",
      "-E",
      "UTF8",
      "--locale=C",
    ],
    { ...user, cwd: folder },
  );
  const certificate = await authority(folder);
  const certify = async (days: number): Promise<void> => {
    await certifyServer(folder, data, { days, address: reached?.address });
    for (const name of ["server.key", "server.crt"]) await own(join(data, name));
  };
  await certify(30);
  const port = await freePort();
  const listens = ["127.0.0.1", ...(reached === undefined ? [] : [reached.address])].join(",");
  await writeFile(
    join(data, "postgresql.auto.conf"),
    `listen_addresses = '${listens}'\nport = ${port}\nssl = on\nunix_socket_directories = ''\nfsync = off\nmax_connections = 40\nlogging_collector = off\nshared_buffers = 32MB\n`,
  );
  const nets = ["127.0.0.1/32", ...(reached === undefined ? [] : [reached.net])];
  await writeFile(
    join(data, "pg_hba.conf"),
    [
      ...nets.map((net) => `hostssl all all ${net} scram-sha-256`),
      "hostssl replication owner 127.0.0.1/32 scram-sha-256\n",
    ].join("\n"),
  );
  const server = serverIn({ ...{ bin, folder, data, port, certificate, certify } }, user);
  await server.start();
  return server;
}

interface Place {
  readonly bin: string;
  readonly folder: string;
  readonly data: string;
  readonly port: number;
  readonly certificate: string;
  readonly certify: (days: number) => Promise<void>;
}

type User = Awaited<ReturnType<typeof ordinaryUser>>;

function serverIn(place: Place, user: User): TestServer {
  const { bin, folder, data, port, certificate, certify } = place;
  let server: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    server = spawn(join(bin, "postgres"), ["-D", data], {
      ...user,
      cwd: folder,
      env: homeIn(folder),
      stdio: ["ignore", "ignore", "pipe"],
    });
    server.stderr?.resume();
    for (let i = 0; i < 200; i += 1) {
      const { code } = await run(join(bin, "pg_isready"), ["-h", "127.0.0.1", "-p", String(port)]).then(
        () => ({ code: 0 }),
        () => ({ code: 1 }),
      );
      if (code === 0) return;
      await delay(50);
    }
    throw new Error("PostgreSQL did not start");
  };
  const ended = async (end: (running: ChildProcess) => void): Promise<void> => {
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return; // ended by itself
    const running = server;
    const exit = new Promise((resolve) => running.once("exit", resolve));
    end(running);
    await exit;
  };
  const kill = (): Promise<void> => ended((running) => running.kill("SIGQUIT")); // as a crash: nothing is written any more
  const sql = async (text: string): Promise<string> => {
    const url = `postgresql://owner@localhost:${port}/postgres?sslmode=verify-full&sslrootcert=${certificate}`;
    const { stdout } = await run(
      join(bin, "psql"),
      ["-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", text, url],
      {
        env: { ...process.env, PGPASSWORD: PASSWORD },
        maxBuffer: 1 << 28,
      },
    );
    return stdout.trim();
  };
  return {
    ...{ folder, port, certificate, start, kill, certify, sql },
    loseMachine: () =>
      ended((running) => {
        const pids = childrenOf(running.pid ?? 0);
        running.kill("SIGKILL");
        for (const pid of pids) process.kill(pid, "SIGKILL");
      }),
    address: ({ name, password } = { name: "owner", password: PASSWORD }, change = {}) => {
      const query = new URLSearchParams({ sslmode: "verify-full", sslrootcert: certificate, ...change });
      return `postgresql://${name}:${password}@localhost:${port}/postgres?${query.toString()}`;
    },
    standby: () => standbyOf(place, user),
    remove: async () => {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Where it looks for a certificate of its own: root's may not be looked at. */
const homeIn = (folder: string): NodeJS.ProcessEnv => ({ ...process.env, HOME: folder });

async function standbyOf(place: Place, user: User): Promise<Standby> {
  const port = await freePort();
  const data = join(place.folder, `standby-${port}`);
  const from = `host=localhost port=${place.port} user=owner password=${PASSWORD} sslmode=require application_name=${STANDBY}`;
  const flags = ["-R", "-X", "stream", "-c", "fast", "--no-sync"];
  await run(join(place.bin, "pg_basebackup"), ["-D", data, "-d", from, ...flags], {
    ...user,
    cwd: place.folder,
    env: homeIn(place.folder),
  });
  await appendFile(join(data, "postgresql.auto.conf"), `port = ${port}\n`); // the last one counts
  const server = serverIn({ ...place, data, port }, user);
  await server.start();
  return {
    ...server,
    stopFollowing: async () => {
      await server.sql("ALTER SYSTEM SET primary_conninfo = ''");
      await server.sql("SELECT pg_reload_conf()");
      await untilSo(server, "SELECT NOT EXISTS (SELECT 1 FROM pg_stat_wal_receiver)");
    },
    promote: async () => {
      await server.sql("SELECT pg_promote(true, 60)");
    },
    remove: () => server.kill(), // it lies in the folder of the other
  };
}

/** Until the server answers yes. */
export async function untilSo(server: Pick<TestServer, "sql">, question: string): Promise<void> {
  for (let i = 0; i < 200; i += 1) {
    if ((await server.sql(question)) === "t") return;
    await delay(50);
  }
  throw new Error(`Never so: ${question}`);
}

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
  return text
    .split(" ")
    .filter((one) => one !== "")
    .map(Number);
}

/** PostgreSQL refuses to be run by root. */
async function ordinaryUser(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const line = (await readFile("/etc/passwd", "utf8"))
    .split("\n")
    .find((one) => /^(postgres|nobody):/.test(one));
  const [, , uid, gid] = line?.split(":") ?? [];
  return { uid: Number(uid), gid: Number(gid) };
}

async function authority(folder: string): Promise<string> {
  const file = join(folder, "ca.pem");
  await run("openssl", [
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-days",
    "30",
    "-subj",
    "/CN=Kodo test authority",
    "-keyout",
    join(folder, "ca.key"),
    "-out",
    file,
  ]);
  await chmod(file, 0o644);
  await chmod(folder, 0o755);
  return file;
}

async function certifyServer(
  folder: string,
  data: string,
  { days, address }: { readonly days: number; readonly address: string | undefined },
): Promise<void> {
  const [key, request] = [join(data, "server.key"), join(folder, "server.csr")];
  await run("openssl", [
    "req",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-subj",
    "/CN=localhost",
    "-keyout",
    key,
    "-out",
    request,
  ]);
  const names = ["DNS:localhost", ...(address === undefined ? [] : [`IP:${address}`])];
  await writeFile(join(folder, "san"), `subjectAltName=${names.join()}\n`);
  const when =
    days >= 0 ? ["-days", String(days)] : ["-not_before", "20200101000000Z", "-not_after", "20200102000000Z"];
  const sign = [
    "x509",
    "-req",
    "-in",
    request,
    "-CA",
    join(folder, "ca.pem"),
    "-CAkey",
    join(folder, "ca.key"),
    "-CAcreateserial",
    "-extfile",
    join(folder, "san"),
  ];
  const out = ["-out", join(data, "server.crt")];
  // OpenSSL 3.0 knows no dates before today here: it takes a negative number of days instead.
  await run("openssl", [...sign, ...when, ...out]).catch(() =>
    run("openssl", [...sign, "-days", String(days), ...out]),
  );
  await chmod(key, 0o600);
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
