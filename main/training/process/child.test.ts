import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { forked } from "./child.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kodo-child-"));
  for (const name of ["TMPDIR", "TEMP", "TMP"]) vi.stubEnv(name, folder);
  vi.stubEnv("ORT_DISABLE_TELEMETRY", "0");
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** A process that writes a temporary file, says where and in what environment, and waits to be ended. */
const CHILD = `
const { mkdtempSync } = require("node:fs");
const { tmpdir } = require("node:os");
mkdtempSync(require("node:path").join(tmpdir(), "left-"));
process.send({ folder: tmpdir(), reports: process.env.ORT_DISABLE_TELEMETRY });
process.on("disconnect", () => process.exit());
setInterval(() => undefined, 1000);`;

test("a trainer process is quiet and keeps its temporary files in a folder of ours that goes with it", async () => {
  const dead = join(folder, "kodo-trainer-4194303-abc"); // no process can have this number by default
  const living = join(folder, `kodo-trainer-${process.pid}-abc`);
  mkdirSync(join(dead, "saved"), { recursive: true });
  mkdirSync(living);
  writeFileSync(join(folder, "child.cjs"), CHILD);
  const child = forked(join(folder, "child.cjs"));
  const said = await new Promise<{ folder: string; reports: string }>((resolve) =>
    child.receive((message) => resolve(message as never)),
  );
  expect([dirname(said.folder), said.reports]).toEqual([folder, "1"]);
  if (process.platform !== "win32") expect(statSync(said.folder).mode & 0o777).toBe(0o700);
  expect(readdirSync(said.folder)).toHaveLength(1);
  const ended = new Promise((resolve) => child.onLost(resolve));
  child.kill();
  await ended;
  expect(readdirSync(folder).sort()).toEqual(["child.cjs", `kodo-trainer-${process.pid}-abc`]);
});

test("a process that cannot be started is lost, and leaves no folder", async () => {
  const { execPath } = process;
  process.execPath = join(folder, "no-such-program");
  const child = forked(join(folder, "child.cjs"));
  process.execPath = execPath;
  expect(await new Promise((resolve) => child.onLost(resolve))).toContain("ENOENT");
  expect(readdirSync(folder)).toEqual([]);
});
