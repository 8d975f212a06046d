import { spawn, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { sure } from "../../preload/contract/sure.ts";
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
function kodo(
  args: readonly string[],
  stopMs?: number,
  { signal = "SIGINT", once = /recording [1-9]/ }: { signal?: NodeJS.Signals; once?: RegExp } = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [cli, ...args], {
    cwd: folder,
    env: { ...process.env, KODO_LIBRARY: join(folder, "library.kodo") },
  });
  let [out, err] = ["", ""];
  let isTold = stopMs === undefined;
  child.stdout.on("data", (piece: Buffer) => (out += piece.toString()));
  child.stderr.on("data", (piece: Buffer) => {
    err += piece.toString();
    if (isTold || !once.test(err)) return; // a busy machine skips a second
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
    const { code, err } = await kodo(["record", ...of("series50")], 500, { signal });
    expect(code, err).toBe(0);
    const { out } = await kodo(["list", "--json"]);
    const [recording] = outputs.list.parse(JSON.parse(out)).recordings;
    expect(recording).toMatchObject({ state: "complete", kind: "ctg", synthetic: true });
  },
  60_000,
);

built(
  "Ctrl-C while a device is awaited calls it off at once, and stores nothing",
  async () => {
    const args = ["record", "--device", "cyton", "--port", "simulated:series50", "--subject", "S1"];
    const { code, err } = await kodo(args, 100, { once: /connecting/ });
    expect([code, err.split("\n").filter((line) => line.startsWith("error"))]).toEqual([
      130,
      ["error cancelled/by-user: Cancelled"],
    ]);
    const { out } = await kodo(["list", "--json"]);
    expect(outputs.list.parse(JSON.parse(out)).recordings).toEqual([]);
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
      "--quiet",
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
      "--quiet",
    ]);
    expect(other.code).toBe(1);
    expect(other.err).toMatch(/^error device\/[\w-]+: [^\n]+\n$/);
    for (const senseless of [
      ["record", "--device", "eeg"],
      ["record", ...of("cobs"), "--seconds", "soon"],
      ["record", ...of("cobs"), "--seconds", "1", "--adaptation", "causal"],
      ["record", "--session", "session.json", "--subject", "S2", "--seconds", "1"],
      ["record", "--device", "cobs", "--port", "simulated:cobs", "--subject", "  ", "--seconds", "1"],
      ["record", ...of("cobs"), "--name", "left", "arm", "--seconds", "1"],
      ["replay", "line.kodocap", "another.kodocap", "--device", "cobs"],
      ["capture", "line.kodocap", "--port", "simulated:cobs", "--out", "line.kodocap", "--seconds", "1"],
      ["devices", "cobs"],
      ["replay", "line.kodocap", "--device", "cobs", "--speed", "0"],
      ["capture", "--port", "simulated:cobs", "--out", "line.kodocap", "--seconds", "0"],
      ["devices", "--device", "cobs"],
      ["record", ...of("cobs"), "--name", "n".repeat(201), "--seconds", "1"],
    ])
      expect((await kodo(senseless)).code, senseless.join(" ")).toBe(2);
    expect(existsSync(join(folder, "line.kodocap"))).toBe(false);
    const misspelt = await kodo(["record", ...of("cobs"), "--setup", '{"chanels":2}', "--seconds", "1"]);
    expect([misspelt.code, misspelt.err]).toEqual([
      1,
      "error contract/bad-params: cobs: chanels: there is no such setting\n",
    ]);
    const devices = [{ protocol: "cobs", port: "simulated:cobs" }];
    const session = { subject: "S1", kind: "emg", devices, gided: {} };
    writeFileSync(join(folder, "gided.json"), JSON.stringify(session));
    expect((await kodo(["record", "--session", "gided.json"])).err).toMatch(
      /gided: a session has no such field/,
    );
    expect((await kodo(["record", "--session", "nowhere.json"])).err).toMatch(/^error data\//);
    const list = outputs.list.parse(JSON.parse((await kodo(["list", "--json"])).out));
    expect(list.recordings).toEqual([]);
  },
  60_000,
);

const hasSocat = spawnSync("socat", ["-V"]).error === undefined;
if (!hasSocat) console.warn("SKIPPED: contact from the command line needs the program socat");

test.skipIf(!existsSync(cli) || !hasSocat)(
  "how electrodes lie is measured over a virtual port, told as a table and as JSON; Ctrl-C leaves the settings as they were",
  async () => {
    const port = join(folder, "port");
    const scenario = join(folder, "scenario.json");
    const lie = {
      electrodes: [{ channel: 0, input: "N", kOhm: 900 }],
      electrodeOff: [{ atS: 0, durationS: 1e6, channel: 1 }],
    };
    writeFileSync(scenario, JSON.stringify(lie));
    const simulate = resolve(import.meta.dirname, "../../scripts/simulate.mjs");
    const device = spawn(process.execPath, [simulate, "cyton", "--pty", port, "--scenario", scenario]);
    const done = new Promise((ended) => device.once("exit", ended));
    try {
      await expect.poll(() => existsSync(port), { timeout: 20_000 }).toBe(true);
      const asked = ["devices", "--impedance", "--device", "cyton", "--port", port];
      const set = ["--setup", '{"off":[3,4,5,6,7,8]}', "--quiet"];
      const { code, out, err } = await kodo([...asked, ...set, "--json"]);
      expect([code, err]).toEqual([0, ""]);
      const { electrodes, areSettingsBack } = outputs["devices impedance"].parse(JSON.parse(out));
      expect(areSettingsBack).toBe(true);
      expect(electrodes.map(({ word }) => word)).toEqual(["good", "poor", "open", "open"]);
      expect(Math.abs(sure(electrodes[1]?.kOhm) - 900)).toBeLessThan(20);
      const table = await kodo([...asked, "--setup", '{"off":[2,3,4,5,6,7,8]}', "--quiet"]);
      expect(table.out).toMatch(
        /^EMG 1 +P +[\d.]+ kOhm +good\nEMG 1 +N +\d+ kOhm +poor\n.*750.*2500.*Not yet/,
      );
      const off = await kodo(asked, 100, { once: /[1-9] of 16 electrodes/ });
      expect([off.code, off.err.split("\n").filter((line) => line.startsWith("error"))]).toEqual([
        130,
        ["error cancelled/by-user: Cancelled; its settings are as they were"],
      ]);
    } finally {
      device.kill("SIGINT");
      await done;
    }
    const gone = await kodo(["devices", "--impedance", "--device", "cyton", "--port", port, "--quiet"]);
    expect([gone.code, gone.err]).toEqual([1, `error device/not-found: No device on ${port}\n`]);
    const other = await kodo(["devices", "--impedance", ...of("cobs").slice(0, 4), "--quiet"]);
    expect([other.code, other.err]).toEqual([
      1,
      expect.stringMatching(/^error device\/no-contact: [^\n]+\n$/),
    ]);
    expect((await kodo(["devices", "--impedance"])).code).toBe(2);
  },
  60_000,
);

built(
  "two at once into one library are both whole; into one that is only looked at none begins, and no device is set up for it",
  async () => {
    const both = await Promise.all(
      ["cobs", "cyton"].map((kind) => kodo(["record", ...of(kind), "--seconds", "2", "--json", "--quiet"])),
    );
    for (const { code, out, err } of both) {
      expect([code, err]).toEqual([0, ""]);
      const { channels, devices } = outputs.record.parse(JSON.parse(out));
      expect(channels.every(({ sampleCount, observedCount }) => sampleCount === observedCount)).toBe(true);
      expect(devices[0]?.received, "counted to the end").toBeGreaterThanOrEqual(channels[0]!.sampleCount);
    }
    const looked = await kodo(["record", ...of("cobs"), "--seconds", "1", "--read-only"]);
    expect([looked.code, looked.err]).toEqual([
      1,
      "error storage/read-only: library.kodo can only be read here; nothing can be recorded into it\n",
    ]);
    const list = outputs.list.parse(JSON.parse((await kodo(["list", "--json"])).out));
    expect(list.recordings.map(({ state }) => state)).toEqual(["complete", "complete"]);
  },
  60_000,
);

built(
  "what leaves without names says nothing that was typed for a recording, and nothing of the machines it came from",
  async () => {
    const typed = (field: string): string => `Tq7${field}`;
    const write = (name: string, content: object): void =>
      writeFileSync(join(folder, name), JSON.stringify(content));
    const labels = [typed("left"), "EMG 1"];
    const scenario = `${typed("port")}.json`;
    write(scenario, {});
    const told = { channels: 2, labels, unit: typed("unit") };
    const second = new URLSearchParams({ scenario });
    write("session.json", {
      ...{ name: typed("name"), subject: typed("subject"), study: typed("study"), note: typed("note") },
      kind: "emg",
      devices: [
        {
          protocol: "cobs",
          port: "simulated:cobs",
          setup: told,
          sites: [typed("site"), typed("other site")],
        },
        { protocol: "cobs", port: `simulated:cobs?${second.toString()}`, setup: told },
      ],
    });
    const { code, err } = await kodo(["record", "--session", "session.json", "--seconds", "1", "--quiet"]);
    expect(code, err).toBe(0);
    const recording = typed("name");
    writeFileSync(
      join(folder, "labels.csv"),
      `recording,label,onset_s,duration_s,note\n${recording},rest,0.1,0.3,${typed("annotation")}\n`,
    );
    expect((await kodo(["annotations", "import", "labels.csv"])).code).toBe(0);
    const seen: Record<string, string> = {};
    for (const names of ["with", "without"]) {
      const without = names === "without" ? ["--deidentify"] : [];
      mkdirSync(join(folder, names));
      for (const format of ["edf", "wfdb", "csv", "json"]) {
        const told = await kodo([
          ...["export", recording, "--out", names, "--format", format, "--annotations", "--mask", "--quiet"],
          ...without,
        ]);
        expect(told.code, told.err).toBe(0);
      }
      const files = readdirSync(join(folder, names));
      expect(files.length).toBeGreaterThan(4);
      seen[names] = files
        .map((file) => `${file}\n${readFileSync(join(folder, names, file), "latin1")}`)
        .join("\n");
    }
    for (const known of ["left", "unit", "name", "subject", "port", "site", "annotation"])
      expect(seen.with, known).toContain(typed(known)); // the search can find what is there
    expect(seen.with).toContain("SIM1");
    expect(seen.without).not.toMatch(/Tq7|SIM1|simulated|device\.1|\.site|zone/i);
    for (const label of ["EMG 1", "EMG 1 (2)", "EMG 2", "EMG 3"]) expect(seen.without).toContain(label);
  },
  120_000,
);

built(
  "a trained run decides while a device is recorded, every window once; on other channels nothing is recorded",
  async () => {
    const cyton = (person: number, ...more: string[]): string[] => [
      ...["record", "--device", "cyton", "--port", `simulated:cyton?seed=${person}`],
      ...["--subject", `S${person}`, "--json", "--quiet", ...more],
    ];
    await kodo(["list"]); // the library is there
    await Promise.all([1, 2, 3].map((person) => kodo(cyton(person, "--seconds", "4"))));
    const { recordings } = outputs.list.parse(JSON.parse((await kodo(["list", "--json"])).out));
    const rows = recordings.map(({ name }) => `${name},neutral,0,2\n${name},hand-close,2,2\n`);
    writeFileSync(join(folder, "labels.csv"), `recording,label,onset_s,duration_s\n${rows.join("")}`);
    await kodo(["annotations", "import", "labels.csv"]);
    const trained = await kodo([
      ...["train", "--name", "two", "--label-set", "emg-gestures", "--labels", "neutral,hand-close"],
      ...["--window", "0.25", "--stride", "0.1", "--model", "lda", "--quiet"],
      ...["--test-subjects", "S3", "--validation-subjects", "S2"],
    ]);
    expect(trained.code, trained.err).toBe(0);
    const { code, out, err } = await kodo(cyton(1, "--seconds", "2", "--live", "two"));
    expect(code, err).toBe(0);
    const { live, durationS } = outputs.record.parse(JSON.parse(out));
    expect(Math.abs((live?.windows ?? 0) - (durationS - 0.25) / 0.1)).toBeLessThan(1.5);
    const { decisions = {}, unknown = {}, latencyMs } = live ?? {};
    const total = (counts: Readonly<Record<string, number>>): number =>
      Object.values(counts).reduce((sum, one) => sum + one, 0);
    expect(total(decisions) + total(unknown)).toBe(live?.windows);
    expect(total(decisions)).toBeGreaterThan(2); // this muscle it was trained on
    expect(["neutral", "hand-close"]).toEqual(expect.arrayContaining(Object.keys(decisions)));
    expect(latencyMs?.p95).toBeGreaterThan(0);
    const other = await kodo(["record", ...of("bitalino"), "--seconds", "1", "--live", "two", "--quiet"]);
    expect([other.code, other.err]).toEqual([1, expect.stringMatching(/^error model\/wrong-channels: /)]);
    const kept = outputs.list.parse(JSON.parse((await kodo(["list", "--json"])).out));
    expect(kept.recordings).toHaveLength(4);
  },
  120_000,
);
