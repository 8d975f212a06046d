import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
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
  readonly certificate: string; // file of the authority
  address(
    user?: { readonly name: string; readonly password: string },
    change?: Readonly<Record<string, string>>,
  ): string;
  sql(text: string): Promise<string>;
  kill(): Promise<void>; // at once
  start(): Promise<void>;
  /** With another certificate of the same authority, valid for so many days. */
  certify(days: number): Promise<void>;
  remove(): Promise<void>;
}

const PASSWORD = "heartbeat";

/** A new server on loopback that speaks TLS only, run by an ordinary user. */
export async function startPostgres(bin: string): Promise<TestServer> {
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
    await certifyServer(folder, data, days);
    for (const name of ["server.key", "server.crt"]) await own(join(data, name));
  };
  await certify(30);
  const port = await freePort();
  await writeFile(
    join(data, "postgresql.auto.conf"),
    `listen_addresses = '127.0.0.1'\nport = ${port}\nssl = on\nunix_socket_directories = ''\nfsync = off\nmax_connections = 40\nlogging_collector = off\nshared_buffers = 32MB\n`,
  );
  await writeFile(join(data, "pg_hba.conf"), "hostssl all all 127.0.0.1/32 scram-sha-256\n");
  let server: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    server = spawn(join(bin, "postgres"), ["-D", data], {
      ...user,
      cwd: folder,
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
  const kill = async (): Promise<void> => {
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return; // ended by itself
    const running = server;
    const ended = new Promise((resolve) => running.once("exit", resolve));
    running.kill("SIGQUIT"); // as a crash: nothing is written any more
    await ended;
  };
  await start();
  return {
    ...{ folder, certificate, start, kill, certify },
    address: ({ name, password } = { name: "owner", password: PASSWORD }, change = {}) => {
      const query = new URLSearchParams({ sslmode: "verify-full", sslrootcert: certificate, ...change });
      return `postgresql://${name}:${password}@localhost:${port}/postgres?${query.toString()}`;
    },
    sql: async (text) => {
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
    },
    remove: async () => {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
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

async function certifyServer(folder: string, data: string, days: number): Promise<void> {
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
  await writeFile(join(folder, "san"), "subjectAltName=DNS:localhost\n");
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
