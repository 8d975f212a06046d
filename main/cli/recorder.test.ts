import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { outputs } from "./schemas.ts";

const cli = process.env.KODO_CLI ?? resolve(import.meta.dirname, "../../out/main/cli.js");
const built = test.skipIf(!existsSync(cli));
if (!existsSync(cli)) console.warn(`SKIPPED: recording from the command line needs a build: no ${cli}`);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kodo-cli-record-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Asks it to stop after so many milliseconds, where given. */
function kodo(args: readonly string[], stopMs?: number, signal: NodeJS.Signals = "SIGINT"): Promise<Ended> {
  const child = spawn(process.execPath, [cli, ...args], {
    cwd: folder,
    env: { ...process.env, KODO_LIBRARY: join(folder, "library.kodo") },
  });
  let [out, err] = ["", ""];
  let isTold = stopMs === undefined;
  child.stdout.on("data", (piece: Buffer) => (out += piece.toString()));
  child.stderr.on("data", (piece: Buffer) => {
    err += piece.toString();
    if (isTold || !/recording [1-9]/.test(err)) return; // a busy machine skips a second
    isTold = true;
    setTimeout(() => child.kill(signal), stopMs);
  });
  return new Promise((done) => child.on("close", (code) => done({ code, out, err })));
}
const of = (kind: string): string[] => ["--device", kind, "--port", `simulated:${kind}`, "--subject", "S1"];

built(
  "a device is recorded for a time; the same line, captured, plays into the same recorder",
  async () => {
    const { code, out, err } = await kodo(["record", ...of("cobs"), "--seconds", "2", "--json", "--quiet"]);
    expect([code, err]).toEqual([0, ""]);
    const recorded = outputs.record.parse(JSON.parse(out));
    expect(recorded.state).toBe("complete");
    expect(recorded.durationS).toBeGreaterThan(1.8);
    expect(recorded.channels.every(({ sampleCount, observedCount }) => sampleCount === observedCount)).toBe(
      true,
    );
    const nothing = await kodo([
      "capture",
      "--port",
      "simulated:cobs",
      "--out",
      "line.kodocap",
      "--seconds",
      "1",
    ]);
    expect(nothing.code).toBe(0);
    const replay = await kodo([
      "replay",
      "line.kodocap",
      "--device",
      "cobs",
      "--subject",
      "S1",
      "--json",
      "--quiet",
    ]);
    expect(replay.err).toContain("device/nothing-came"); // a device that nobody starts sends nothing
    const list = outputs.list.parse(JSON.parse((await kodo(["list", "--json"])).out));
    expect(list.recordings).toHaveLength(1);
  },
  60_000,
);

built.each(["SIGINT", "SIGTERM"] as const)(
  "%s ends a recording whole",
  async (signal) => {
    const { code, err } = await kodo(["record", ...of("series50")], 500, signal);
    expect(code, err).toBe(0);
    const { out } = await kodo(["list", "--json"]);
    const [recording] = outputs.list.parse(JSON.parse(out)).recordings;
    expect(recording).toMatchObject({ state: "complete", kind: "ctg", synthetic: true });
  },
  60_000,
);

built(
  "what cannot be recorded is one sentence, and nothing is stored",
  async () => {
    const wrong = await kodo([
      "record",
      "--device",
      "cyton",
      "--port",
      "/dev/no-such-port",
      "--subject",
      "S1",
    ]);
    expect([wrong.code, wrong.err]).toEqual([1, "error device/not-found: No device on /dev/no-such-port\n"]);
    const other = await kodo([
      "record",
      "--device",
      "cyton",
      "--port",
      "simulated:bitalino",
      "--subject",
      "S1",
    ]);
    expect(other.code).toBe(1);
    expect(other.err).toMatch(/^error device\/[\w-]+: [^\n]+\n$/);
    for (const senseless of [
      ["record", "--device", "eeg"],
      ["record", ...of("cobs"), "--seconds", "soon"],
      ["record", ...of("cobs"), "--seconds", "1", "--adaptation", "causal"],
      ["record", "--session", "session.json", "--subject", "S2", "--seconds", "1"],
      ["replay", "line.kodocap", "--device", "cobs", "--speed", "0"],
      ["capture", "--port", "simulated:cobs", "--out", "line.kodocap", "--seconds", "0"],
      ["devices", "--device", "cobs"],
    ])
      expect((await kodo(senseless)).code, senseless.join(" ")).toBe(2);
    expect(existsSync(join(folder, "line.kodocap"))).toBe(false);
    expect((await kodo(["record", "--session", "nowhere.json"])).err).toMatch(/^error data\//);
    const list = outputs.list.parse(JSON.parse((await kodo(["list", "--json"])).out));
    expect(list.recordings).toEqual([]);
  },
  60_000,
);
