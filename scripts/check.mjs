// npm run check [-- --static]: everything a change must pass, cheapest first, stopping at the first failure.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { projectFolder } from "./runtime/build.mjs";

const unknown = process.argv.slice(2).filter((argument) => argument !== "--static");
if (unknown.length > 0) {
  console.error(`check: "${unknown[0]}" is not understood; allowed: --static`);
  process.exit(2);
}

const bin = (name) => join(projectFolder, "node_modules", ".bin", name);
const steps = [
  [
    "format",
    bin("prettier"),
    ["--check", "--log-level", "warn", "main", "preload", "renderer", "e2e", "scripts"],
  ],
  ["types, node side", bin("tsc"), ["-p", "tsconfig.json"]],
  ["types, web side", bin("tsc"), ["-p", "renderer/tsconfig.json"]],
  ["types, end-to-end tests", bin("tsc"), ["-p", "e2e/tsconfig.json"]],
  [
    "lint",
    bin("eslint"),
    [
      "-c",
      "scripts/eslint.config.mjs",
      "--max-warnings",
      "0",
      "main",
      "preload",
      "renderer",
      "e2e",
      "scripts",
    ],
  ],
  [
    "boundaries",
    bin("depcruise"),
    ["--config", ".dependency-cruiser.cjs", "--output-type", "err", "main", "preload", "renderer"],
  ],
  ["casts", process.execPath, [join(projectFolder, "scripts", "casts.mjs")]],
  ["unused", bin("knip"), ["--config", "scripts/knip.json", "--no-progress"]],
];
if (!process.argv.includes("--static")) {
  steps.push(["branches tested", process.execPath, [join(projectFolder, "scripts", "coverage.mjs")]]);
  steps.push(["unit, property and laws", bin("vitest"), ["run", "--config", "scripts/vitest.config.ts"]]);
  steps.push([
    "build and e2e smoke",
    process.execPath,
    [join(projectFolder, "scripts", "e2e.mjs"), "--grep", "@smoke"],
  ]);
}
for (const [name, command, args] of steps) {
  const start = performance.now();
  const { status } = spawnSync(command, args, {
    cwd: projectFolder,
    stdio: "inherit",
    shell: process.platform === "win32",
  });
  if (status !== 0) {
    console.error(`check: ${name} failed`);
    process.exit(1);
  }
  console.log(`check: ${name} ok (${((performance.now() - start) / 1000).toFixed(1)} s)`);
}
