// npm run coverage [-- --update]: every branch of the files below is taken by a test beside them.
// What is not yet so is counted a file in coverage-debts.json; a count may only fall (--update lowers it).
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { projectFolder } from "./runtime/build.mjs";

const folders = ["main/signal", "main/formats", "main/storage"];
/** Tests and their helpers, and what runs in a thread or process of its own, where nothing counts it. */
const isLeftOut = (file) =>
  /\.test\.ts$|test-support\.ts$|\/(testing|laws|fault-child|worker|reader-process)\.ts$/.test(file);

const update = process.argv.includes("--update");
const report = join(projectFolder, "coverage");
const debtsFile = join(import.meta.dirname, "coverage-debts.json");
rmSync(report, { recursive: true, force: true });

const { status } = spawnSync(
  join(projectFolder, "node_modules", ".bin", "vitest"),
  [
    "run",
    "--config",
    "scripts/vitest.config.ts",
    ...folders,
    "--coverage.enabled",
    "--coverage.provider=v8",
    "--coverage.reporter=json",
    ...folders.map((folder) => `--coverage.include=${folder}/**/*.ts`),
  ],
  {
    cwd: projectFolder,
    stdio: "inherit",
    shell: process.platform === "win32",
    // The same inputs on every machine: generated ones from one seed, and no recordings from beside the project.
    env: { ...process.env, KODO_PROPERTY_SEED: "1", KODO_SHARED: join(projectFolder, "no-recordings") },
  },
);
if (status !== 0) {
  console.error("coverage: a test failed");
  process.exit(1);
}

/** Branches no test took, as "line" texts, a file. */
const missed = new Map();
for (const [path, { b, branchMap }] of Object.entries(
  JSON.parse(readFileSync(join(report, "coverage-final.json"), "utf8")),
)) {
  const file = relative(projectFolder, path).replaceAll("\\", "/");
  if (isLeftOut(file)) continue;
  const lines = Object.entries(b).flatMap(([id, hits]) =>
    hits.flatMap((count, at) =>
      count > 0 ? [] : [branchMap[id].locations[at]?.start.line ?? branchMap[id].loc.start.line],
    ),
  );
  missed.set(file, lines);
}

const debts = JSON.parse(readFileSync(debtsFile, "utf8"));
const worse = [...missed].filter(([file, lines]) => lines.length > (debts[file] ?? 0));
const better = Object.entries(debts).filter(([file, count]) => (missed.get(file)?.length ?? 0) < count);
for (const [file, lines] of worse)
  console.error(
    `coverage: ${file} has ${lines.length} branches without a test (${debts[file] ?? 0} allowed): lines ${lines.join(", ")}`,
  );
if (update) {
  const kept = Object.entries(debts).map(([file, count]) => [
    file,
    Math.min(count, missed.get(file)?.length ?? 0),
  ]);
  const lowered = Object.fromEntries(kept.filter(([, count]) => count > 0));
  writeFileSync(debtsFile, `${JSON.stringify(lowered, null, 2)}\n`);
} else if (better.length > 0)
  console.log(
    `coverage: ${better.map(([file]) => file).join(", ")} got better; npm run coverage -- --update notes it`,
  );
const without = [...missed.values()].filter((lines) => lines.length === 0).length;
console.log(`coverage: ${without} of ${missed.size} files have every branch tested`);
process.exit(worse.length > 0 ? 1 : 0);
