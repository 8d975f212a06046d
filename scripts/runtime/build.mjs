import { spawnSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { nodePath } from "./node.mjs";
import { say } from "./say.mjs";

export const projectFolder = resolve(import.meta.dirname, "..", "..");
const sources = [
  "main",
  "preload",
  "renderer",
  "resources",
  "electron.vite.config.ts",
  "package.json",
  "package-lock.json",
];

/** Newest change below a path, in ms. Tests do not count: they are not built. */
function newest(path) {
  const at = statSync(path, { throwIfNoEntry: false });
  if (!at) return 0;
  if (!at.isDirectory()) return path.includes(".test.") ? 0 : at.mtimeMs;
  return readdirSync(path).reduce((latest, name) => Math.max(latest, newest(join(path, name))), 0);
}

/** Builds out/ unless it is newer than every source. Quiet when there is nothing to do. */
export function ensureBuilt() {
  const built = ["main/index.js", "preload/index.cjs", "renderer/index.html"].map(
    (file) => statSync(join(projectFolder, "out", file), { throwIfNoEntry: false })?.mtimeMs ?? 0,
  );
  if (Math.min(...built) > Math.max(...sources.map((source) => newest(join(projectFolder, source))))) return;
  say("building");
  const vite = join(projectFolder, "node_modules", "electron-vite", "bin", "electron-vite.js");
  const result = spawnSync(nodePath(), [vite, "build", "--logLevel", "error"], {
    cwd: projectFolder,
    stdio: ["ignore", 2, 2], // standard output belongs to the command that asked
  });
  if (result.status !== 0) throw new Error("the build failed (see above)");
}
