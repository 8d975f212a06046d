import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { cacheFolder } from "./cache.mjs";
import { say } from "./say.mjs";
import { ensurePrograms } from "./system.mjs";

const require = createRequire(import.meta.url);
/** First Electron whose Node-API level the prebuilt addon was made for; on older ones it crashes at load. */
const FIRST_ELECTRON_WITH_PREBUILD = 36;

async function sqliteDefines(folder) {
  const text = await readFile(join(folder, "deps", "defines.gypi"), "utf8");
  return [...text.matchAll(/'([A-Z0-9_]+(?:=[^']*)?)'/g)].map(([, define]) => `-D${define}`);
}

function run(command, args) {
  const result = spawnSync(command, args, { encoding: "utf8" });
  if (result.status !== 0)
    throw new Error(`${command} failed while building better-sqlite3:\n${result.stderr}`);
}

/**
 * The addon file to load in this Electron, or undefined where the package's own prebuild serves.
 * Older Electrons need it compiled from the package's sources for Node-API 9: about a minute, once, kept in the cache.
 * (The experimental level, which also allows what the sources need, aborts in finalizers that touch the heap.)
 */
export async function sqliteBinding(electronVersion) {
  if (Number.parseInt(electronVersion, 10) >= FIRST_ELECTRON_WITH_PREBUILD) return undefined;
  const folder = dirname(require.resolve("better-sqlite3/package.json"));
  const { version } = require("better-sqlite3/package.json");
  const target = join(
    cacheFolder("sqlite"),
    `better_sqlite3-${version}-${process.platform}-${process.arch}-napi9.node`,
  );
  if (existsSync(target)) return target;

  await ensurePrograms([{ program: "g++", packages: ["g++"] }]);
  say(`building better-sqlite3 ${version} for Electron ${electronVersion} (about a minute, once)`);
  const work = await mkdtemp(join(cacheFolder("sqlite"), "new-"));
  try {
    const object = join(work, "sqlite3.o");
    const addon = join(work, "addon.node");
    const headers = require("node-api-headers").include_dir;
    const cpp = require("node-addon-api").include.replaceAll('"', "");
    run("gcc", [
      "-c",
      "-O2",
      "-fPIC",
      "-std=c99",
      "-w",
      "-DNDEBUG",
      ...(await sqliteDefines(folder)),
      join(folder, "deps/sqlite3/sqlite3.c"),
      "-o",
      object,
    ]);
    run("g++", [
      "-shared",
      "-O2",
      "-fPIC",
      "-std=c++20",
      "-w",
      "-fvisibility=hidden",
      "-DNDEBUG",
      "-DNAPI_DISABLE_CPP_EXCEPTIONS",
      "-DNODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS",
      "-DNAPI_VERSION=9",
      "-include",
      join(import.meta.dirname, "references-for-node-api-9.h"),
      "-I",
      headers,
      "-I",
      cpp,
      "-I",
      join(folder, "deps/sqlite3"),
      join(folder, "src/better_sqlite3.cpp"),
      object,
      "-Wl,-Bsymbolic",
      "-Wl,--exclude-libs,ALL",
      "-ldl",
      "-lpthread",
      "-o",
      addon,
    ]);
    await rename(addon, target);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return target;
}
