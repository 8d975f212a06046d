// npm test: unit, property and law tests, then stories in the real Electron. Closes with one line over all runners.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ensureBuilt, projectFolder } from "./runtime/build.mjs";
import { nodePath } from "./runtime/node.mjs";
import { ensureDatabaseServer, ensureVirtualPorts } from "./runtime/system.mjs";

delete process.env.KODO_SQLITE_BINDING; // unit tests run on the bundled Node, with the prebuilt addon
const results = join(projectFolder, "test-results");
rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });

const modules = join(projectFolder, "node_modules");
const run = (script, args) =>
  spawnSync(nodePath(), [script, ...args], { cwd: projectFolder, stdio: "inherit" }).status ?? 1;

/** Reads a runner's own report; a runner that left none has failed as a whole. */
function count(file, read) {
  try {
    return read(JSON.parse(readFileSync(join(results, file), "utf8")));
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

await ensureVirtualPorts();
await ensureDatabaseServer();
// The command line and the worker threads are tested as they are shipped, so the build comes first.
ensureBuilt();

const unitStatus = run(join(modules, "vitest", "vitest.mjs"), [
  "run",
  "--config",
  "scripts/vitest.config.ts",
  "--reporter=default",
  "--reporter=json",
  "--outputFile.json=test-results/unit.json",
]);
const unit = count("unit.json", (report) => ({
  passed: report.numPassedTests,
  failed: report.numFailedTests + (report.numFailedTests === 0 && !report.success ? 1 : 0),
  skipped: report.numPendingTests + report.numTodoTests,
}));

const e2eStatus = run(join(projectFolder, "scripts", "e2e.mjs"), []);
const e2e = count("e2e.json", ({ stats }) => ({
  passed: stats.expected,
  failed: stats.unexpected + stats.flaky,
  skipped: stats.skipped,
}));

const total = (key) => unit[key] + e2e[key];
const skipped = total("skipped");
if (skipped > 0)
  console.log(`${skipped} skipped: each names what it needs above (real recordings, a device or a peer)`);
const failed = total("failed");
console.log(`${total("passed")} passed, ${failed} failed`);
process.exitCode = unitStatus !== 0 || e2eStatus !== 0 || failed > 0 || total("passed") === 0 ? 1 : 0;
