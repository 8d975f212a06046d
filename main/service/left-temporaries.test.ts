import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { machineMark, removeLeftTemporaries } from "./left-temporaries.ts";

test("private copies of libraries go when their process is gone, and nothing else goes", () => {
  const folder = mkdtempSync(join(tmpdir(), "kodo-left-"));
  const gone = spawnSync(process.execPath, ["-e", ""]).pid;
  const kept = [
    `kodo-view-${process.pid}-a`,
    `kodo-sample-${process.ppid}-a`,
    `other-${gone}-a`,
    "kodo-view-a",
    `kodo-worker-${gone}-0123abcd-a`, // of another machine, where it may be at work
    `kodo-worker-${process.pid}-${machineMark()}-a`,
  ];
  const left = [
    ...[`kodo-view-${gone}-a`, `kodo-sample-${gone}-a`, `kodo-worker-${gone}-a`],
    `kodo-worker-${gone}-${machineMark()}-a`,
  ];
  for (const name of [...kept, ...left]) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, "library.kodo"), "");
  }
  removeLeftTemporaries(folder);
  expect(readdirSync(folder).sort()).toEqual(kept.sort());
  rmSync(folder, { recursive: true });
  removeLeftTemporaries(folder); // nothing to look through: a library opens all the same
});
