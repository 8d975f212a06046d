import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** Where runtimes are kept between checkouts: outside node_modules, so that a second start takes seconds. */
export function cacheFolder(...parts) {
  const base =
    process.env.KODO_CACHE ??
    (process.platform === "win32" && process.env.LOCALAPPDATA
      ? join(process.env.LOCALAPPDATA, "kodo", "cache")
      : join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "kodo"));
  const folder = join(base, ...parts);
  mkdirSync(folder, { recursive: true });
  return folder;
}
