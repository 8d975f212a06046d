import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { say } from "./say.mjs";

const has = (program) => spawnSync("sh", ["-c", `command -v ${program}`], { stdio: "ignore" }).status === 0;
const isRoot = () => process.getuid?.() === 0;

/** Each entry: the same library under the names Debian 13 and Debian 12 give it. */
const electronLibraries = [
  ["libgtk-3-0t64", "libgtk-3-0"],
  ["libnss3"],
  ["libasound2t64", "libasound2"],
  ["libgbm1"],
  ["libatk-bridge2.0-0t64", "libatk-bridge2.0-0"],
  ["libxss1"],
  ["libxtst6"],
];

const known = (name) => {
  const policy = spawnSync("apt-cache", ["policy", name], { encoding: "utf8" }).stdout ?? "";
  return /Candidate: (?!\(none\))/.test(policy);
};

/** Installs Debian packages where that is allowed, else throws with the exact line to run. `groups`: alternatives each. */
function installPackages(groups, why) {
  const elevate = isRoot()
    ? []
    : spawnSync("sudo", ["-n", "true"], { stdio: "ignore" }).status === 0
      ? ["sudo", "-n"]
      : undefined;
  const line = `apt-get update && apt-get install -y --no-install-recommends ${groups.map((names) => names[0]).join(" ")}`;
  if (!has("apt-get") || elevate === undefined) {
    throw new Error(
      `${why} is missing. Run as root:\n  ${line}\n(on Debian 12 the names ending in t64 have no t64)`,
    );
  }
  const run = (...args) =>
    spawnSync([...elevate, ...args][0], [...elevate, ...args].slice(1), {
      stdio: ["ignore", "ignore", "inherit"],
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    }).status === 0;
  say(`installing ${why} through apt`);
  run("apt-get", "update", "-qq");
  const names = groups.map((alternatives) => alternatives.find(known) ?? alternatives[0]);
  if (!run("apt-get", "install", "-y", "-qq", "--no-install-recommends", ...names)) {
    throw new Error(`apt could not install ${why}. Run as root:\n  ${line}`);
  }
}

/** @param {{ program: string, packages: string[] }[]} wanted */
export async function ensurePrograms(wanted) {
  const missing = wanted.filter(({ program }) => !has(program));
  if (missing.length > 0)
    installPackages(
      missing.map(({ packages }) => packages),
      missing.map(({ program }) => program).join(", "),
    );
}

/** Virtual serial ports, for tests and simulated devices: they are skipped, and say so, where it cannot be installed. */
export async function ensureVirtualPorts() {
  if (process.platform !== "linux" || has("socat")) return;
  try {
    await ensurePrograms([{ program: "socat", packages: ["socat"] }]);
  } catch (error) {
    say(`no virtual serial ports: ${error.message}`);
  }
}

/** A database server on loopback, for the tests of the archive: they are skipped, and say so, where it cannot be installed. */
export async function ensureDatabaseServer() {
  if (process.platform !== "linux" || existsSync("/usr/lib/postgresql")) return;
  try {
    await ensurePrograms([
      { program: "initdb", packages: ["postgresql"] },
      { program: "openssl", packages: ["openssl"] },
    ]);
  } catch (error) {
    say(`no database server: ${error.message}`);
  }
}

export const hasDisplay = () =>
  process.platform !== "linux" || Boolean(process.env.DISPLAY) || Boolean(process.env.WAYLAND_DISPLAY);

/** System libraries of Electron, and a virtual display where there is none. Linux only; elsewhere nothing is needed. */
export async function ensureSystem(electronPath) {
  if (process.platform !== "linux") return;
  const linked = spawnSync("ldd", [electronPath], { encoding: "utf8" }).stdout ?? "";
  if (linked.includes("not found")) installPackages(electronLibraries, "system libraries of Electron");
  if (!hasDisplay())
    await ensurePrograms([
      { program: "Xvfb", packages: ["xvfb"] },
      { program: "xauth", packages: ["xauth"] },
    ]);
}

/** Command and arguments that give a program a display: unchanged where there is one, else under a virtual one. */
export function withDisplay(command, args) {
  if (hasDisplay()) return [command, args];
  return ["xvfb-run", ["-a", "-s", "-screen 0 1680x1050x24", command, ...args]];
}

/** Chromium's own sandbox needs an unprivileged user; as root it refuses to start. */
export function sandboxFlags() {
  if (process.platform === "linux" && isRoot()) return ["--no-sandbox"];
  return [];
}
