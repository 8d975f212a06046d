import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { outputs } from "./schemas.ts";

// As it is shipped: `npm test` builds first. KODO_CLI names another build.
const cli = process.env.KODO_CLI ?? resolve(import.meta.dirname, "../../out/main/cli.js");
const built = test.skipIf(!existsSync(cli));
if (!existsSync(cli))
  console.warn(`SKIPPED: the command line end to end needs a build (npm run build): no ${cli}`);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kodo-cli-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

function start(args: readonly string[]): {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<Ended>;
} {
  const child = spawn(process.execPath, [cli, ...args], {
    cwd: folder,
    env: { ...process.env, KODO_LIBRARY: join(folder, "library.kodo") },
  });
  let [out, err] = ["", ""];
  child.stdout.on("data", (piece: Buffer) => (out += piece.toString()));
  child.stderr.on("data", (piece: Buffer) => (err += piece.toString()));
  const ended = new Promise<Ended>((done) =>
    child.on("close", (code, signal) => done({ code, signal, out, err })),
  );
  return { child, ended };
}
const kodo = (...args: string[]): Promise<Ended> => start(args).ended;

/** Runs a command that must succeed and gives its document, checked against the schema it documents. */
async function document<N extends keyof typeof outputs>(
  name: N,
  ...args: string[]
): Promise<z.output<(typeof outputs)[N]>> {
  const { code, out, err } = await kodo(...args, "--json", "--quiet");
  expect([code, err]).toEqual([0, expect.any(String)]);
  return outputs[name].parse(JSON.parse(out)) as z.output<(typeof outputs)[N]>;
}

const put = (name: string, content: string | Uint8Array): string => {
  writeFileSync(join(folder, name), content);
  return name;
};

const table = (rows: number): string =>
  [
    "time_s,EMG 1 (uV),EMG 2 (uV)",
    ...Array.from(
      { length: rows },
      (_, i) => `${(i / 100).toFixed(2)},${(i * 7919) % 997},${(i * 104729) % 499}`,
    ),
  ].join("\n");

/** Waits until an import has written this much. */
async function libraryHolds(bytes: number): Promise<void> {
  while (bytesHeld() < bytes) await new Promise((done) => setTimeout(done, 5));
}

function bytesHeld(): number {
  const size = (name: string): number => statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0;
  return size("library.kodo") + size("library.kodo-wal");
}

let armLibrary: Uint8Array | undefined;

/** arm.csv, and a library that has it: made once, then copied. */
async function putLibraryWithArm(): Promise<void> {
  put("arm.csv", table(100));
  if (armLibrary === undefined) {
    expect((await kodo("import", "arm.csv")).code).toBe(0);
    armLibrary = readFileSync(join(folder, "library.kodo")); // whole: its log was merged when it was closed
  } else {
    put("library.kodo", armLibrary);
  }
}

/** A WFDB record of `channels` x `samples`, format 16: sample i of channel c is (i * 31 + c) mod 30000. */
function putRecord(name: string, channels: number, samples: number): void {
  const data = new Int16Array(channels * samples);
  for (let i = 0; i < samples; i++)
    for (let c = 0; c < channels; c++) data[i * channels + c] = (i * 31 + c) % 30_000;
  const lines = [
    `${name} ${channels} 1000 ${samples}`,
    ...Array.from({ length: channels }, (_, c) => `${name}.dat 16 100/uV 16 0 0 0 0 EMG ${c + 1}`),
  ];
  put(`${name}.hea`, `${lines.join("\n")}\n`);
  put(`${name}.dat`, new Uint8Array(data.buffer));
}

built("what a file is called and what stands in it never reaches the terminal as a command", async () => {
  const hostile = "\u001b]0;owned\u0007\u202e\u009b2J";
  put(`a${hostile}.csv`, table(60));
  put(`b${hostile}.edf`, "no recording");
  const obeyed = /(?![\n\t])[\p{Cc}\p{Bidi_Control}]/u;
  const imported = await kodo("import", `a${hostile}.csv`, "--subject", hostile, "--study", hostile);
  const failed = await kodo("import", `b${hostile}.edf`);
  const list = await kodo("list");
  const unknown = await kodo("describe", hostile);
  const log = await kodo("log");
  expect([imported.code, failed.code, list.code, unknown.code]).toEqual([0, 1, 0, 1]);
  for (const { out, err } of [
    imported,
    failed,
    list,
    unknown,
    log,
    await kodo(hostile),
    await kodo("list", "--json"),
  ])
    expect(out + err).not.toMatch(obeyed);
  expect(unknown.err).toContain("\\u001b]0;owned\\u0007\\u202e\\u009b2J");
});

built("a table goes in, is listed, described, annotated and comes out again", async () => {
  put("arm.csv", table(600));
  put("events.csv", "recording,label,onset_s,duration_s\narm,Hand close,1,2\narm,Neutral,3,1\n");
  const imported = await document(
    "import",
    "import",
    "arm.csv",
    "--study",
    "pilot",
    "--subject",
    "S01",
    "--kind",
    "emg",
  );
  expect(imported.recordings.map(({ name, study, subject, kind }) => [name, study, subject, kind])).toEqual([
    ["arm", "pilot", "S01", "emg"],
  ]);
  const annotated = await document("annotations import", "annotations", "import", "events.csv");
  expect(annotated.files[0]?.annotations).toBe(2);
  const { recordings } = await document("list", "list");
  expect(recordings[0]).toMatchObject({ annotationCount: 2, labelledS: 3 });
  const detail = await document("describe recording", "describe", "arm");
  expect(detail.source).toMatchObject({ format: "csv", file: "arm.csv" });
  const events = await document("annotations export", "annotations", "export");
  expect(events.rows).toEqual([
    { recording: "arm", label: "Hand close", code: "hand-close", onset_s: 1, duration_s: 2 },
    { recording: "arm", label: "Neutral", code: "neutral", onset_s: 3, duration_s: 1 },
  ]);
  const exported = await document(
    "export",
    "export",
    "arm",
    "--out",
    "new/folder",
    "--format",
    "edf",
    "--annotations",
  );
  const file = join(folder, "new", "folder", "arm.edf");
  expect(exported.files[0]).toMatchObject({ state: "done", file, annotations: 2 });
  expect(readFileSync(file, "latin1").slice(192, 197)).toMatch(/^EDF\+/);
});

built("a rule is laid on recordings that are here, of a study or all, lifted, and taken back", async () => {
  const rows = Array.from({ length: 480 }, (_, i) => {
    const uc = i < 300 ? 12 : 12 + ((i * 7919) % 40);
    return `${(i / 4).toFixed(2)},${140 + (i % 9)},${uc}`;
  });
  put("ward.csv", ["time_s,FHR (bpm),UC", ...rows].join("\n"));
  put("arm.csv", table(100));
  await document("import", "import", "ward.csv", "arm.csv", "--study", "ward");
  const one = { recordings: 1, spans: 1, seconds: 75 };
  const dry = await document("masks", "masks", "lift", "--all", "--dry-run");
  expect(dry).toMatchObject({ ...one, what: "lift", dryRun: true, pass: null, looked: 2, noChannel: 1 });
  expect(await document("masks", "masks", "lift", "ward")).toMatchObject({ ...one, dryRun: false });
  const laid = await document("masks", "masks", "lay", "--study", "ward", "--rule", "flat-uc");
  expect(laid).toMatchObject({ ...one, what: "lay", looked: 2, noChannel: 1 });
  const undone = await document("masks", "masks", "undo", laid.pass ?? "");
  expect(undone).toMatchObject({ ...one, what: "undo" });
  const unknown = await kodo("masks", "undo", laid.pass ?? "");
  expect([unknown.code, unknown.err]).toEqual([1, expect.stringContaining("error data/pass-unknown")]);
  expect((await kodo("masks", "lay", "--study", "nobody")).err).toMatch(/study nobody .*it has 2/);
  const refused = await kodo("masks", "lay", "--all", "--read-only");
  expect([refused.code, refused.err]).toEqual([1, expect.stringContaining("can only be read here")]);
});

built("a recording is declared read completely, a stretch of it too, and no longer", async () => {
  await putLibraryWithArm();
  const complete = ["annotations", "complete", "arm", "--label-set", "emg-gestures"];
  const refusal = await kodo(...complete, "--reader", "Mori", "--from", "0.2", "--to", "60");
  expect([refusal.code, refusal.err]).toEqual([
    1,
    expect.stringMatching(/data\/bad-stretch: From 0\.2 to 60 s .* 0 to 1 s/),
  ]);
  put("events.csv", "recording,label,onset_s,duration_s\narm,Hand close,0.25,0.5\n");
  await document("annotations import", "annotations", "import", "events.csv", "--read-complete");
  expect((await kodo(...complete, "--undo")).err).toMatch(
    /data\/other-reader: events\.csv declared arm read/,
  );
  const imported = await document("annotations complete", ...complete, "--undo", "--reader", "events.csv");
  expect(imported.readings).toMatchObject([{ author: "events.csv", onsetS: 0, durationS: 1 }]);
  const whole = await document("annotations complete", ...complete, "--reader", "Mori");
  expect(whole.readings).toMatchObject([
    { author: "Mori", labelSet: "emg-gestures", onsetS: 0, durationS: 1 },
  ]);
  await document("annotations complete", ...complete, "--reader", "Sato", "--from", "0.25", "--to", "0.5");
  const undone = await document("annotations complete", ...complete, "--undo", "--reader", "Mori");
  expect(undone).toMatchObject({ isUndone: true, readings: [{ author: "Mori" }] });
  const left = JSON.parse(
    (await kodo("request", "readings.list", JSON.stringify({ recordingId: whole.readings[0]!.recordingId })))
      .out,
  ) as unknown;
  expect(left).toMatchObject([{ author: "Sato", onsetS: 0.25, durationS: 0.25 }]);
  expect((await kodo(...complete, "--undo", "--reader", "Mori")).err).toMatch(/data\/not-read: .*by Mori/);
});

built("or read completely for one group of its labels", async () => {
  await putLibraryWithArm();
  const complete = ["annotations", "complete", "arm", "--label-set", "emg-gestures"];
  const group = ["--reader", "Abe", "--to", "0.5", "--group"];
  expect((await kodo(...complete, ...group, "none")).err).toMatch(/data\/label-unknown: .*no group none/);
  const sets = (await document("label-sets", "label-sets")).labelSets;
  const code = sets.find(({ id }) => id === "emg-gestures")?.groups[0]?.code ?? "";
  const part = await document("annotations complete", ...complete, ...group, code);
  expect(part.readings).toMatchObject([{ author: "Abe", group: code, onsetS: 0, durationS: 0.5 }]);
  const others = [...complete, "--undo", "--reader", "Sato", "--group", code];
  expect((await kodo(...others)).err, "Sato's is for all of the set").toMatch(/data\/not-read/);
  const taken = await document("annotations complete", ...complete, "--undo", ...group, code);
  expect(taken.readings).toMatchObject([{ author: "Abe", group: code }]);
});

built("annotations alone go out as EDF+ and into another library's copy of the recording, once", async () => {
  await putLibraryWithArm();
  put(
    "events.csv",
    "recording,label,onset_s,duration_s,channel\narm,Hand close,0.2,0.5,EMG 2\narm,Neutral,0.8,0,\n",
  );
  await document("annotations import", "annotations", "import", "events.csv");
  const written = await document("annotations export", "annotations", "export", "arm", "--out", "scores.edf");
  expect(written).toEqual({ file: join(folder, "scores.edf"), annotations: 2 });
  const elsewhere = ["--library", join(folder, "elsewhere.kodo")];
  await document("import", "import", "arm.csv", ...elsewhere);
  const alone = await kodo("annotations", "import", "scores.edf", ...elsewhere);
  expect([alone.code, alone.err]).toEqual([1, expect.stringMatching(/data\/annotations-alone: scores\.edf/)]);
  const come = ["annotations", "import", "scores.edf", "--recording", "arm", ...elsewhere];
  expect((await document("annotations import", ...come)).files[0]?.annotations).toBe(2);
  const again = await document("annotations import", ...come);
  expect(again.files[0]).toMatchObject({ annotations: 0, repairs: [{ code: "ANNOTATIONS_KNOWN" }] });
  const { rows } = await document("annotations export", "annotations", "export", ...elsewhere);
  expect(rows).toEqual([
    {
      recording: "arm",
      label: "Hand close",
      code: "hand-close",
      onset_s: 0.2,
      duration_s: 0.5,
      channel: "EMG 2",
    },
    { recording: "arm", label: "Neutral", code: "neutral", onset_s: 0.8, duration_s: 0 },
  ]);
});

built("a library is checked, copied, found damaged, put back, looked at and emptied for good", async () => {
  await putLibraryWithArm();
  expect(await document("verify", "verify")).toMatchObject({ count: 0, problems: [] });
  const backup = await document("backup", "backup", "copy.kodo");
  const { size } = statSync(join(folder, "copy.kodo"));
  expect(backup).toEqual({ path: join(folder, "copy.kodo"), bytes: size, problems: 0 });
  expect((await kodo("backup", "copy.kodo")).err).toMatch(/^error data\/file-exists/m);

  const sound = readFileSync(join(folder, "library.kodo"), "latin1");
  put("library.kodo", Buffer.from(sound.replaceAll("arm.csv", "arn.csv"), "latin1"));
  const damaged = await kodo("verify");
  expect([damaged.code, damaged.out]).toEqual([1, expect.stringContaining("is not what was written")]);
  const [marked] = (await document("list", "list")).recordings;
  expect(marked?.fault).toMatch(/Its row/);

  const { aside, problems } = await document("restore", "restore", "copy.kodo");
  expect([aside, problems]).toEqual([expect.stringContaining("library.kodo.replaced-"), 0]);
  expect((await kodo("verify")).code).toBe(0);

  const refused = await kodo("purge", "arm", "--read-only");
  expect([refused.code, refused.err]).toEqual([1, expect.stringMatching(/^error storage\/read-only/m)]);
  expect((await document("list", "list", "--read-only")).recordings).toHaveLength(1);

  const { id } = (await document("list", "list")).recordings[0]!;
  expect((await kodo("request", "recordings.remove", JSON.stringify({ id }))).code).toBe(0);
  expect((await document("list", "list")).recordings).toEqual([]);
  expect((await document("list bin", "list", "--bin")).recordings).toMatchObject([{ id, name: "arm" }]);
  expect((await kodo("list", "--bin")).out).toMatch(/^arm, .*in the bin since 2/);
  expect(await document("purge", "purge", "arm")).toMatchObject({
    count: 1,
    copies: [basename(aside ?? "")],
  });
  expect((await document("list", "list")).recordings).toEqual([]);
  expect(readFileSync(join(folder, "library.kodo"), "latin1")).not.toContain("arm.csv");
});

built("a repair is told with its file, and a file that failed gives one line", async () => {
  put("r.hea", "r 2 100 3\nr.dat 16 1(0)/uV 16 0 1 6 0 EMG\n");
  put("r.dat", Uint8Array.of(1, 0, 2, 0, 3, 0));
  put("lost.hea", "lost 1 100 3\nnone.dat 16 1(0)/uV 16 0 1 6 0 EMG\n");
  const { code, err } = await kodo("import", "r.hea", "lost.hea", "--quiet");
  expect(code).toBe(1);
  expect(err.trim().split("\n")).toEqual([
    "warning WFDB_SIGNAL_COUNT: r.hea declares 2 lines of signals or segments and lists 1; those listed are read",
    "error data/no-signal-file: lost.hea: none of its signal files is beside it",
  ]);
});

built.each([
  [["bogus"], 2, /^usage: no command "bogus"/],
  [["import"], 2, /^usage: import PATH/],
  [["import", "x.csv", "--kind", "eeg"], 2, /^usage: --kind/],
  [["list", "--nonsense"], 2, /^usage: .*--nonsense/],
  [["export", "arm", "--out", ".", "--format", "xls"], 2, /^usage: --format xls/],
  [["report", "arm"], 2, /^usage: report RECORDING/],
  [["report", "arm", "--pdf", ".", "--speed", "4"], 2, /^usage: --speed 4: there is 1, 2, 3$/m],
  [["report", "arm", "--pdf", ".", "--scale", "25"], 2, /^usage: --scale 25: there is 20, 30$/m],
  [["report", "arm", "--pdf", ".", "--plain", "--annotations"], 2, /^usage: --plain is the strip alone/],
  [["report", "arm", "--pdf", "arm.pdf"], 1, /^error data\/not-a-ctg: arm is no cardiotocogram/m],
  [["train"], 2, /^usage: train needs --label-set; the library has .*emg-gestures/m],
  [
    ["train", "--label-set", "emg-gestures", "--window", "soon", "--stride", "1"],
    2,
    /^usage: --window takes a number, not "soon"/m,
  ],
  [["predict", "run"], 2, /^usage: predict RUN RECORDING/],
  [["request", "settings.get", "{"], 1, /^error data\/bad-config/],
  [["request", "shell.run"], 2, /^usage: no request "shell.run"/],
  [["request", "recordings.get", '{"id":7}'], 1, /^error contract\/bad-params: id/],
  [["import", "missing.edf"], 1, /^error data\/file-missing: missing\.edf is not there/m],
  [["import", "noise.edf"], 1, /^error data\/[a-z-]+: noise\.edf/m],
  [["annotations", "remove", "arm"], 2, /^usage: annotations import FILE/],
  [["annotations", "import", "arm.csv", "--recording", "nobody"], 1, /^error data\/recording-unknown/],
  [["annotations", "export", "--out", "no/such.csv"], 1, /^error data\/file-missing: no is not there/m],
  [
    ["import", "arm.csv", "--table", "missing.json"],
    1,
    /^error data\/file-missing: missing.json is not there/,
  ],
  [["import", "arm.csv", "--table", "bad.json"], 2, /^usage: how to read the table: Unrecognized key/],
  [["import", "arm.csv", "--sample-rate=-5"], 2, /^usage: how to read the table: sampleRate: /],
  [["annotations", "import", "arm.csv"], 1, /^error data\/not-annotations: arm\.csv/m],
  [
    ["describe", "nobody"],
    1,
    /^error data\/recording-unknown: No recording nobody in the library \(it has 1\)/m,
  ],
  [["models", "export", "run"], 2, /^usage: models export RUN --to FILE.onnx/],
  [["models", "delete", "run"], 2, /^usage: models export RUN/],
  [["models", "export", "nothing", "--to", "a.onnx"], 1, /^error data\/run-unknown/],
  [
    ["models", "import", "noise.edf"],
    1,
    /^error data\/(not-onnx|foreign-model): noise.edf .*expected a model exported by Kodo/m,
  ],
  [["models", "import", "missing.onnx"], 1, /^error data\/file-missing: missing.onnx is not there/m],
  [["evaluate", "nothing"], 1, /^error data\/run-unknown/],
  [["export", "arm", "--out", "arm.csv/folder"], 1, /^error data\/[a-z-]+: /m],
  [["label-sets", "none"], 1, /^error [a-z]+\/[a-z-]+:/],
  [["label-sets", "save", "bad.json"], 1, /^error data\/bad-label-set: bad\.json: /],
  [["label-sets", "save", "missing.json"], 1, /^error data\/file-missing: missing\.json is not there/],
  [["list", "--library", "no/such/library.kodo"], 1, /^error storage\/cannot-open/],
  [["list", "--library", "arm.csv"], 1, /^error storage\/[a-z-]+: /],
  [
    ["train", "--label-set", "nope", "--window", "1", "--stride", "1"],
    1,
    /^error data\/label-set-unknown: No label set "nope"; there is .*emg-gestures/m,
  ],
  [
    ["train", "--label-set", "emg-gestures", "--window=-1", "--stride", "1"],
    1,
    /^error data\/bad-config: data\.windows\.windowS/m,
  ],
] as const)("%j exits with %i, one clear line, and one document", async (args, code, line) => {
  await putLibraryWithArm();
  put(
    "noise.edf",
    Uint8Array.from({ length: 5000 }, (_, i) => (i * 7919) & 255),
  );
  put("bad.json", '{"id":"Not An Id","labels":[]}');
  const ended = await kodo(...args, "--json");
  expect(ended.err).toMatch(line);
  expect(ended.code).toBe(code);
  const document: unknown = JSON.parse(ended.out); // one, whatever failed
  const isItsOwn = ["import", "annotations", "export", "report"].includes(args[0]) && code === 1;
  if (!isItsOwn || z.object({ error: z.unknown() }).safeParse(document).success)
    expect(ended.err).toContain(outputs.error.parse(document).error.code);
  expect(ended.err).not.toMatch(/\n[ \t]+at /); // no stack
});

built(
  "a long import that is interrupted by Ctrl-C leaves an empty library",
  async () => {
    putRecord("long", 16, 4_000_000); // 128 MB
    const { child, ended } = start(["import", "long.hea"]);
    await libraryHolds(8_000_000);
    child.kill("SIGINT");
    const { code, err } = await ended;
    expect([code, err]).toEqual([130, expect.stringContaining("error cancelled/by-user")]);
    expect((await document("list", "list")).recordings).toEqual([]);
  },
  120_000,
);

built(
  "an import killed at any moment leaves a recording that opens with everything that was acknowledged, and the file can be imported again",
  async () => {
    const samples = 4_000_000;
    putRecord("long", 8, samples); // 64 MB
    let held = 0;
    for (const more of [1, 4_000_000 * Math.random(), 24_000_000 * Math.random()]) {
      const { child, ended } = start(["import", "long.hea"]);
      await libraryHolds(held + 500_000 + more);
      child.kill("SIGKILL");
      expect((await ended).signal).toBe("SIGKILL");
      const { recordings } = await document("list", "list");
      expect(recordings.map(({ state }) => state)).not.toContain("importing");
      for (const cut of recordings) await expectSound(cut);
      held = bytesHeld();
    }
    const again = await document("import", "import", "long.hea");
    expect(again.files[0]?.repairs.map(({ code }) => code)).toContain("INTERRUPTED_TWIN");
    expect(again.recordings[0]).toMatchObject({ state: "complete", durationS: samples / 1000 });
    await expectSound(again.recordings[0]!);
  },
  180_000,
);

/** The last samples of each channel of putRecord's recording are what was in the file, and no block is damaged. */
async function expectSound({
  id,
  name,
  channels,
}: z.output<typeof outputs.import>["recordings"][number]): Promise<void> {
  expect(name).toMatch(/^long/);
  for (const { position, sampleCount } of channels) {
    const tail = Math.max(0, sampleCount - 1000);
    const span = JSON.stringify({ recordingId: id, channel: position, first: tail, count: 1000 });
    const { out } = await kodo("request", "trace.samples", span);
    const { values, reasons } = z
      .object({ values: z.array(z.number().nullable()), reasons: z.array(z.number()) })
      .parse(JSON.parse(out));
    expect(values.filter((_, i) => reasons[i] === 0)).toHaveLength(Math.min(1000, sampleCount));
    values.forEach(
      (value, i) =>
        reasons[i] === 0 && expect(value).toBeCloseTo((((tail + i) * 31 + position) % 30_000) / 100, 3),
    );
  }
  const checked = await kodo("request", "recordings.checksum", JSON.stringify({ id }));
  expect(JSON.parse(checked.out)).toMatchObject({ damagedBlocks: 0 });
}

interface SaidRow {
  readonly onsetS: number;
  readonly assessable: boolean;
  readonly probabilities: readonly (number | null)[];
}

/** What the run said of the windows, as it was and after it was adapted, as a table and as JSON beside the samples. */
async function findingsGoOut(rows: readonly SaidRow[]): Promise<void> {
  await document("predict", "predict", "first", "synthetic-emg-07", "--adaptation", "transductive-balanced");
  mkdirSync(join(folder, "said"));
  const to = ["--format", "csv", "--out", "said", "--findings"];
  expect((await kodo("export", "synthetic-emg-07", ...to)).code).toBe(0);
  const read = (ending: string): string =>
    readFileSync(join(folder, "said", `synthetic-emg-07.findings.${ending}`), "utf8");
  const { findings } = z
    .object({
      findings: z.array(
        z.object({
          ...{ saidBy: z.literal("model"), by: z.literal("first"), scheme: z.literal("emg-gestures") },
          adaptation: z.string(),
          rows: z.array(
            z.object({
              ...{ what: z.string(), startS: z.number(), endS: z.number(), code: z.string().nullable() },
              ...{ probability: z.number().optional(), low: z.number().optional() },
              high: z.number().optional(),
              details: z.object({ probabilities: z.record(z.string(), z.number()).optional() }),
            }),
          ),
        }),
      ),
    })
    .parse(JSON.parse(read("json")));
  expect(findings.map(({ adaptation }) => adaptation).sort()).toEqual(["none", "transductive-balanced"]);
  const plain = findings.find(({ adaptation }) => adaptation === "none")?.rows ?? [];
  expect(plain.map(({ startS }) => startS)).toEqual(rows.map(({ onsetS }) => onsetS));
  for (const [i, { what, code, probability = 0, low = 0, high = 0, details }] of plain.entries()) {
    const said = rows[i]!;
    expect(what).toBe(said.assessable ? "class" : "not-assessable");
    if (!said.assessable) expect([code, details]).toEqual([null, {}]);
    else {
      const most = Math.max(...said.probabilities.map((one) => one ?? 0));
      expect(probability).toBeCloseTo(most, 5);
      expect(details.probabilities?.[code ?? ""]).toBe(probability);
      expect(Object.values(details.probabilities ?? {}).reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 4);
      expect(low).toBeLessThanOrEqual(probability);
      expect(high).toBeGreaterThanOrEqual(probability);
    }
  }
  const [head, ...table] = read("csv").trim().split("\n");
  expect(head).toMatch(/^said_by,by,version,adaptation,scheme,what,start_s,/);
  expect(table).toHaveLength(findings.reduce((sum, { rows: own }) => sum + own.length, 0));
  expect(new Set(table.map((line) => line.split(",")[3]))).toEqual(
    new Set(["none", "transductive-balanced"]),
  );
}

const trainArguments = [
  "--label-set",
  "emg-gestures",
  "--window",
  "0.25",
  "--stride",
  "0.25",
  "--test-subjects",
  "SYN-09",
  "--validation-subjects",
  "SYN-08",
  "--members",
  "1",
  "--seed",
  "7",
];

built(
  "the sample study is trained, scored, and predicts; the same seed gives the same result",
  async () => {
    await document("sample", "sample");
    const run = await document("train", "train", ...trainArguments, "--epochs", "2", "--name", "first");
    expect(run).toMatchObject({
      phase: "done",
      config: { seed: 7, model: { epochs: 2 } },
      codeVersion: expect.stringMatching(/^\d+\.\d+\.\d+\+[0-9a-f]{12}$/) as string,
    });
    const { recordings } = await document("list", "list");
    expect(run.data).toHaveLength(recordings.filter(({ kind }) => kind === "emg").length);
    const { metrics, classes } = await document("evaluate", "evaluate", "first");
    expect(metrics?.test.subjects).toBe(1);
    expect(metrics?.paired?.against.lda).toMatchObject({ groups: 1, interval: null, verdict: "too-few" });
    const { out: scores } = await kodo("evaluate", "first");
    expect(scores).toMatch(/of each person against LDA: .* points \(of 1, .*too few people for an interval/);
    expect(metrics?.test.accuracy).toBeGreaterThan(1.5 / classes.length); // it learned something
    const { predictions } = await document(
      "predict",
      "predict",
      "first",
      "synthetic-emg-07",
      "synthetic-emg-08",
    );
    for (const { rows } of predictions) {
      expect(rows.length).toBeGreaterThan(400);
      for (const { assessable, probabilities } of rows) {
        if (!assessable) continue;
        expect(probabilities.reduce<number>((sum, one) => sum + (one ?? Number.NaN), 0)).toBeCloseTo(1, 4);
      }
    }
    const exported = await document("models export", "models", "export", "first", "--to", "first.onnx");
    expect(exported.check.largestDifference).toBeLessThan(1e-5);
    expect(exported.file).toBe(join(folder, "first.onnx"));
    expect(exported.card).toMatchObject({
      calibration: { subjects: [expect.stringMatching(/^S-[0-9a-f]{12}$/)] },
    });
    const elsewhere = ["--library", join(folder, "elsewhere.kodo")];
    await document("sample", "sample", ...elsewhere);
    const imported = await document("models import", "models", "import", "first.onnx", ...elsewhere);
    expect(imported.run).toMatchObject({
      id: run.id,
      imported: { file: "first.onnx" },
      metrics: { test: { accuracy: run.metrics?.test.accuracy, nll: run.metrics?.test.nll, perSubject: [] } },
    });
    const there = await document("predict", "predict", "first", "synthetic-emg-07", ...elsewhere);
    expect(there.predictions[0]?.rows).toEqual(predictions[0]?.rows);
    expect(await kodo("models", "import", "first.onnx", ...elsewhere)).toMatchObject({
      code: 1,
      err: expect.stringContaining("error data/model-known: This model is in the library already") as string,
    });
    const csv = await kodo("predict", "first", "synthetic-emg-07", "--out", "rows.csv");
    expect([csv.code, csv.out]).toEqual([0, ""]);
    const lines = readFileSync(join(folder, "rows.csv"), "utf8").trim().split("\n");
    expect(lines[0]).toMatch(/^recording,onset_s,duration_s,p_neutral,low_neutral,high_neutral,/);
    expect(lines).toHaveLength(predictions[0]!.rows.length + 1);
    expect(await kodo("predict", "first", "synthetic-emg-07", "--out", "rows.csv")).toMatchObject({
      code: 1,
      err: expect.stringContaining("data/file-exists") as string,
    });
    await findingsGoOut(predictions[0]!.rows);
    const again = await document("train", "train", ...trainArguments, "--epochs", "2", "--name", "second");
    expect(again.metrics?.test).toEqual(run.metrics?.test);
  },
  300_000,
);

built(
  "Ctrl-C ends a training cleanly, and it goes on from its checkpoint; kill -9 leaves a run that says so",
  async () => {
    await document("sample", "sample");
    const long = start(["train", ...trainArguments, "--epochs", "300", "--name", "long"]);
    await new Promise<void>((seen) =>
      long.child.stderr.on("data", (piece: Buffer) => /epoch [1-9]/.test(piece.toString()) && seen()),
    );
    long.child.kill("SIGINT");
    const ended = await long.ended;
    expect([ended.code, ended.err]).toEqual([130, expect.stringContaining("error cancelled/by-user")]);
    const [run] = (await document("list", "list")).runs;
    expect(run).toMatchObject({ phase: "cancelled", hasCheckpoint: true });
    const resumed = start(["train", "--resume", "long"]);
    await new Promise<void>((seen) =>
      resumed.child.stderr.on("data", (piece: Buffer) => /epoch [1-9]/.test(piece.toString()) && seen()),
    );
    resumed.child.kill("SIGKILL");
    expect((await resumed.ended).signal).toBe("SIGKILL");
    const [left] = (await document("list", "list")).runs;
    expect(left).toMatchObject({
      phase: "failed",
      hasCheckpoint: true,
      error: { code: "internal/interrupted" },
    });
  },
  180_000,
);

built(
  "a training killed at any moment goes on from its checkpoint and ends where an undisturbed one does",
  async () => {
    await document("sample", "sample");
    const arguments_ = ["train", ...trainArguments, "--epochs", "14", "--name"];
    const whole = await document("train", ...arguments_, "whole");
    let next = [...arguments_, "cut"];
    // Stopped by Ctrl-C it leaves a checkpoint at once; running it leaves one every few seconds.
    for (const [signal, delayMs] of [
      ["SIGINT", 0],
      ["SIGKILL", 0],
      ["SIGKILL", 600 * Math.random()],
    ] as const) {
      const resumes = next.includes("--resume");
      const { child, ended } = start(next);
      const first = await new Promise<number>((seen) => {
        child.stderr.on("data", (piece: Buffer) => {
          const [, phase, epoch] =
            /(training|supervised-only) .*?epoch ([1-9]\d*)/.exec(piece.toString()) ?? [];
          if (phase === "supervised-only")
            seen(Infinity); // the model itself is through; its twin counts anew
          else if (epoch !== undefined && (resumes || Number(epoch) > 1)) seen(Number(epoch));
        });
        void ended.then(() => seen(Infinity)); // too quick to be seen
      });
      expect(first).toBeGreaterThan(1); // resumed, it goes on where it was
      await new Promise((done) => setTimeout(done, delayMs));
      child.kill(signal);
      await ended;
      const { runs } = await document("list", "list");
      const cut = runs.find(({ config }) => config.name === "cut");
      if (cut?.phase === "done") break; // it was quicker
      expect(cut).toMatchObject({ phase: signal === "SIGINT" ? "cancelled" : "failed", hasCheckpoint: true });
      next = ["train", "--resume", "cut"];
    }
    const { code } = await kodo(...next);
    expect([0, 1]).toContain(code); // 1: it was done by then, and a finished run is not resumed
    const { runs } = await document("list", "list");
    const cut = runs.find(({ config }) => config.name === "cut");
    expect(cut).toMatchObject({ phase: "done" });
    expect(cut?.metrics?.test).toEqual(whole.metrics?.test);
    expect(cut?.curve.map(({ epoch }) => epoch)).toEqual(whole.curve.map(({ epoch }) => epoch));
  },
  240_000,
);

built("a folder with good and bad files says which is which, and fails", async () => {
  put("a.csv", table(50));
  put("b.edf", "not an edf");
  const { code, out, err } = await kodo("import", "a.csv", "b.edf", "--json");
  expect(code).toBe(1);
  expect(err).toMatch(/^error data\/.*b\.edf/m);
  const result = outputs.import.parse(JSON.parse(out));
  expect(result.files.map(({ state }) => state)).toEqual(["done", "failed"]);
  expect(result.recordings).toHaveLength(1);
});

built("the schemas it prints are JSON Schema of everything it prints", async () => {
  const { code, out } = await kodo("describe", "schemas");
  expect(code).toBe(0);
  const { outputs: printed } = z
    .object({ outputs: z.record(z.string(), z.object({ $schema: z.string(), type: z.string() })) })
    .parse(JSON.parse(out));
  expect(Object.keys(printed).sort()).toEqual(Object.keys(outputs).sort());
  expect(readdirSync(folder)).toEqual([]); // and no library was made for it
});

built("help is printed on request, and without a command with exit code 2", async () => {
  expect(await kodo("--help")).toMatchObject({
    code: 0,
    out: expect.stringContaining("kodo <command>") as string,
  });
  expect((await kodo()).code).toBe(2);
});

built("says which engines there are without opening a library", { timeout: 120_000 }, async () => {
  const found = await document("engines", "engines");
  expect(found.engines.map(({ name }) => name)).toEqual([
    "onnxruntime",
    "libtensorflow",
    "onnxruntime-webgpu",
    "onnxruntime-directml",
    "reference",
  ]);
  expect(found.engines[0]).toMatchObject({ state: "ready", device: "cpu" });
  expect(found.engines[0]!.selfTest!.largestError).toBeLessThan(found.engines[0]!.selfTest!.tolerance);
  expect(existsSync(join(folder, "library.kodo"))).toBe(false);
  expect((await kodo("engines", "improve")).code).toBe(2);
});

/** Half an hour of a WFDB record as CTU-UHB has them: a calm heart rate and contractions, at 4 Hz. */
function putCardiotocogram(name: string): void {
  const samples = 30 * 60 * 4;
  const data = new Int16Array(2 * samples);
  for (let i = 0; i < samples; i++) {
    const s = i / 4;
    data[2 * i] = 100 * (140 + 3 * Math.sin(s / 1.7) + 2 * Math.sin(s / 0.9 + 1) + 1.5 * Math.sin(s / 4.3));
    data[2 * i + 1] = 100 * (10 + (s % 7) / 7 + 50 * Math.exp(-((((s % 180) - 90) / 25) ** 2)));
  }
  put(
    `${name}.hea`,
    `${name} 2 4 ${samples}\n${name}.dat 16 100(0)/bpm 12 0 0 0 0 FHR\n${name}.dat 16 100/nd 12 0 0 0 0 UC\n#Gest. weeks  40\n`,
  );
  put(`${name}.dat`, new Uint8Array(data.buffer));
}

built(
  "cardiotocograms are read by rule, all in one call; one that cannot be read hides none of the others",
  async () => {
    putCardiotocogram("1001");
    put("arm.csv", table(100));
    expect((await kodo("import", "1001.hea", "arm.csv")).code).toBe(0);
    const { recordings } = await document("analyse", "analyse", "--all", "--draws", "20");
    expect(recordings.map(({ recording, error }) => [recording, error])).toEqual([["1001", undefined]]);
    const [read] = recordings;
    expect(read?.classes.map(({ scheme }) => scheme)).toEqual([
      ...["variability", "figo-2015", "nichd-2008", "jsog-2010", "antepartum"],
    ]);
    expect(read?.classes[1]).toMatchObject({ minutes: { normal: 21, suspicious: 0 }, notAssessable: 9 });
    expect(read?.classes[1]?.verdicts.at(-1)).toMatchObject({ code: "normal", reasons: [] });
    expect(read?.numbers?.baseline.nichd.value).toBe(140);
    const mixed = await kodo(
      "analyse",
      "nobody",
      "arm",
      "1001",
      "--rules",
      "figo",
      "--draws",
      "0",
      "--quiet",
    );
    expect(mixed.code).toBe(1);
    expect(mixed.out.split("\n").map((line) => line.split(/ {2,}/)[0])).toEqual([
      ...["recording", "nobody", "arm", "1001", ""],
    ]);
    expect(mixed.out).toContain("normal 21, - 9");
    expect(mixed.err).toContain("nobody: error data/recording-unknown");
    expect(mixed.err).toContain("arm: error data/no-cardiotocogram");
    const csv = await kodo("analyse", "1001", "--rules", "jsog", "--csv", "--quiet");
    const lines = csv.out.trimEnd().split("\n");
    expect(lines).toHaveLength(1 + 2 * 30); // of variability and of one engine
    expect(lines.at(-1)).toMatch(/^1001,1740,60,jsog-2010,1,[01][.\d]*,,1$/);
    put("table.csv", "# source: made up\nweek,p1_ms,p10_ms\n40,30,38\n");
    const byTable = await document("analyse", "analyse", "1001", "--draws", "0", "--reference", "table.csv");
    expect(byTable.settings.antepartumReference).toMatchObject({ name: "table.csv", source: "made up" });
    put("table.csv", "week,p1_ms,p10_ms\n46,30,38\n");
    const refused = await kodo("analyse", "1001", "--reference", "table.csv");
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('line 2: week is "46"')]);
    expect((await kodo("analyse")).code).toBe(2);
    expect((await kodo("analyse", "1001", "--rules", "weather")).code).toBe(2);
  },
);
