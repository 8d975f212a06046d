import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { checkFile, fetchWheel, unpackWheel } from "./fetch.ts";
import { offerOf, wheelsOf } from "./packages.ts";
import type { Wheel } from "./packages.ts";
import { ProgramError, reasonIn, runProgram } from "./program.ts";

const { signal } = new AbortController();
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kodo-fetch-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("a program that is run", () => {
  test("answers what it printed", async () => {
    expect(await runProgram(process.execPath, ["-e", "console.log(6 * 7)"], { signal })).toBe("42\n");
  });

  test("says that it is missing, or its last word of error", async () => {
    const missing = await runProgram("kodo-has-no-such-program", [], { signal }).catch(
      (error: unknown) => error,
    );
    expect(missing).toBeInstanceOf(ProgramError);
    expect(missing).toMatchObject({ isMissing: true });
    const script = 'console.error("ERROR: no disk\\nbye"); process.exit(3)';
    await expect(runProgram(process.execPath, ["-e", script], { signal })).rejects.toThrow("no disk");
  });

  test("ends, with what it started, when it is cancelled", async () => {
    const stop = new AbortController();
    const file = join(folder, "late");
    const late = `setTimeout(() => require("fs").writeFileSync(${JSON.stringify(file)}, ""), 700)`;
    const script = `require("child_process").spawn(process.execPath, ["-e", ${JSON.stringify(late)}], { stdio: "inherit" }); setInterval(() => {}, 1000)`;
    const ended = runProgram(process.execPath, ["-e", script], { signal: stop.signal });
    setTimeout(() => stop.abort(), 300);
    await expect(ended).rejects.toMatchObject({ code: "cancelled/by-user" });
    await new Promise((done) => setTimeout(done, 900));
    expect(existsSync(file)).toBe(false);
  });

  test("reads the reason out of what pip and npm say", () => {
    expect(
      reasonIn("WARNING: Retrying: Failed to establish a new connection\nERROR: No matching distribution"),
    ).toBe("it cannot be reached");
    expect(
      reasonIn("npm error code E404\nnpm error 404 Not Found\nnpm error A complete log of this run"),
    ).toBe("404 Not Found");
    expect(reasonIn("\n")).toBe("");
  });
});

describe("what is offered", () => {
  test("adds up over its wheels, each pinned by a checksum of its own", () => {
    for (const variant of ["cpu", "cuda"] as const) {
      const wheels = wheelsOf(variant);
      expect(new Set(wheels.map(({ sha256 }) => sha256)).size).toBe(wheels.length);
      for (const { sha256 } of wheels) expect(sha256).toMatch(/^[0-9a-f]{64}$/);
      const { downloadBytes, diskBytes } = offerOf(variant);
      if (downloadBytes === undefined) continue; // not from PyPI on this machine
      expect(downloadBytes).toBe(wheels.reduce((total, { bytes }) => total + bytes, 0));
      expect(diskBytes).toBeGreaterThan(downloadBytes);
    }
  });
});

const PYTHON = "python3";
const hasPip = spawnSync(PYTHON, ["-m", "pip", "--version"], { stdio: "ignore" }).status === 0;
if (!hasPip) console.warn("SKIPPED fetching a wheel: there is no python3 with pip here");

/** A wheel as a folder index serves it: enough for pip, no network. */
const MAKE = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as z:
    z.writestr("kodo_probe/lib/inner.so", "library")
    z.writestr("kodo_probe/other.txt", "not taken")
    z.writestr("kodo_probe-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: kodo-probe\\nVersion: 1.0\\n")
    z.writestr("kodo_probe-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    z.writestr("kodo_probe-1.0.dist-info/RECORD", "")
`;

describe.skipIf(!hasPip)("a wheel", () => {
  let index: string;
  let wheel: Wheel;
  beforeAll(() => {
    index = mkdtempSync(join(tmpdir(), "kodo-index-"));
    const file = join(index, "kodo_probe-1.0-py3-none-any.whl");
    expect(spawnSync(PYTHON, ["-c", MAKE, file]).status).toBe(0);
    const bytes = readFileSync(file);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    wheel = { name: "kodo-probe", version: "1.0", sha256, bytes: bytes.length, take: ["kodo_probe/lib/"] };
    vi.stubEnv("PIP_NO_INDEX", "1");
    vi.stubEnv("PIP_FIND_LINKS", index);
  });
  afterAll(() => {
    vi.unstubAllEnvs();
    rmSync(index, { recursive: true, force: true });
  });

  test("comes with its checksum, and only what is wanted is unpacked", async () => {
    const file = await fetchWheel(PYTHON, wheel, folder, { signal, onProgress: () => undefined });
    await checkFile(file, "sha256", "hex", wheel.sha256);
    const target = join(folder, "library");
    await unpackWheel(PYTHON, file, wheel, target, signal);
    expect(readFileSync(join(target, "kodo_probe", "lib", "inner.so"), "utf8")).toBe("library");
    expect(existsSync(join(target, "kodo_probe", "other.txt"))).toBe(false);
  });

  test("that is another than the pinned one is refused, by pip and by the check after it", async () => {
    const pinned = { ...wheel, sha256: "0".repeat(64) };
    const fetched = fetchWheel(PYTHON, pinned, folder, { signal, onProgress: () => undefined });
    await expect(fetched).rejects.toMatchObject({ code: "model/engine-install" });
    const file = join(folder, "other.whl");
    writeFileSync(file, "something else");
    await expect(checkFile(file, "sha256", "hex", wheel.sha256)).rejects.toThrow(
      `not the pinned ${wheel.sha256}; nothing was installed`,
    );
  });
});
