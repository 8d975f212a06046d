// npm run hunt [-- --times N] [FILE...]: every property test looks at N times as many inputs (25 if not said), each time
// others; a test run looks at few. What it finds is a counterexample that belongs into the test as an example.
import { spawnSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { projectFolder } from "./runtime/build.mjs";

const { values, positionals } = parseArgs({
  options: { times: { type: "string", default: "25" } },
  allowPositionals: true,
});
if (!/^[1-9]\d{0,5}$/.test(values.times)) {
  console.error(`hunt: --times ${values.times} is no whole number from 1 to 999999`);
  process.exit(2);
}
const files = globSync("{main,preload,renderer,scripts}/**/*.test.{ts,tsx}", { cwd: projectFolder }).filter(
  (file) =>
    (positionals.length === 0 || positionals.some((part) => file.includes(part))) &&
    readFileSync(join(projectFolder, file), "utf8").includes('from "fast-check"'),
);
if (files.length === 0) {
  console.error(`hunt: no property test is named like ${positionals.join(", ")}`);
  process.exit(2);
}
const { status } = spawnSync(
  join(projectFolder, "node_modules", ".bin", "vitest"),
  ["run", "--config", "scripts/vitest.config.ts", ...files],
  {
    cwd: projectFolder,
    stdio: "inherit",
    shell: process.platform === "win32",
    env: { ...process.env, KODO_PROPERTY_TIMES: values.times },
  },
);
process.exit(status ?? 1);
