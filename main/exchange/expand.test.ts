import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execFileSync } from "node:child_process";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readers } from "../formats/registry.ts";
import { expandPaths } from "./expand.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "kodo-expand-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function lay(files: Readonly<Record<string, string>>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), content);
  }
}
async function found(...paths: readonly string[]) {
  const { candidates, leftOut } = await expandPaths(paths.length === 0 ? [root] : paths, readers);
  return {
    files: candidates.map(({ path }) => path.slice(root.length + 1)),
    unknown: leftOut.flatMap(({ names }) => names),
    count: leftOut.reduce((sum, { count }) => sum + count, 0),
  };
}

test("what a header names or what shares its name comes with it, whatever it is called", async () => {
  lay({
    "a.hea": "a 2 100 4\nsignals.dat 16\nother.MAT 16\n",
    "Signals.DAT": "",
    "other.mat": "",
    "a.atr": "",
    "b.hea": "b/2 1 100 4\nb_1 2\nb_2 2\n",
    "b_1.hea": "b_1 1 100 2\nb_1.dat 16\n",
    "b_2.hea": "b_2 1 100 2\nshared.dat 16\n",
    "b_1.dat": "",
    "shared.dat": "",
    "t.csv": "",
    "t.meta.json": "",
  });
  expect(await found()).toEqual({ files: ["a.hea", "b.hea", "t.csv"], unknown: [], count: 0 });
  expect((await found(join(root, "Signals.DAT"))).files).toEqual(["a.hea"]);
});

test("what describes a BIDS data set stands back behind its recordings", async () => {
  const stem = "sub-1/emg/sub-1_task-a";
  lay({
    "dataset_description.json": "{}",
    "participants.tsv": "",
    "participants.json": "",
    "task-a_emg.json": "",
    README: "",
    "sub-1/sub-1_scans.tsv": "",
    [`${stem}_emg.edf`]: "",
    [`${stem}_emg.json`]: "",
    [`${stem}_channels.tsv`]: "",
    [`${stem}_events.tsv`]: "",
    [`${stem}_physio.tsv.gz`]: "",
  });
  expect(await found()).toEqual({
    files: [`${stem}_emg.edf`],
    unknown: ["README", `${stem}_physio.tsv.gz`],
    count: 2,
  });
});

test("a signal file without a header is no error in a folder, and one when a person names it", async () => {
  lay({ "lost.dat": "", "lost.mat": "", "lost.qrs": "" });
  expect(await found()).toEqual({ files: [], unknown: ["lost.dat", "lost.mat", "lost.qrs"], count: 3 });
  expect((await found(join(root, "lost.dat"))).files).toEqual(["lost.dat"]);
});

test("unknown files are counted and the first named; hidden ones are nobody's business", async () => {
  lay(Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`deep/er/photo${i}.jpg`, ""])));
  lay({ ".DS_Store": "", ".git/x.edf": "", "x.edf": "" });
  const { files, unknown, count } = await found();
  expect([files, count, unknown.length, unknown[0]]).toEqual([
    ["x.edf"],
    30,
    8,
    join("deep", "er", "photo0.jpg"),
  ]);
});

test("the order is natural and does not depend on the folder's own", async () => {
  lay({
    "s10/1.edf": "",
    "s9/10.edf": "",
    "s9/9.edf": "",
    "S9.edf": "",
    "s9.edf": "",
    "é.edf": "",
    "e\u0301.edf": "",
  });
  const first = await found();
  expect(first.files.slice(0, 5)).toEqual([
    "e\u0301.edf",
    "é.edf",
    join("s9", "9.edf"),
    join("s9", "10.edf"),
    "s9.edf",
  ]);
  expect(await found()).toEqual(first);
});

test.skipIf(process.platform === "win32")(
  "links are followed once: to files elsewhere, never round in a circle, never to the same file again",
  async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), "kodo-elsewhere-"));
    writeFileSync(join(elsewhere, "annexed.edf"), "");
    lay({ "a/real.edf": "", "a/b/c.edf": "" });
    symlinkSync(root, join(root, "a", "b", "up"));
    symlinkSync("self", join(root, "self"));
    symlinkSync(join(root, "a"), join(root, "twin"));
    symlinkSync(join(root, "a", "real.edf"), join(root, "again.edf"));
    symlinkSync(join(elsewhere, "annexed.edf"), join(root, "link.edf"));
    symlinkSync(join(elsewhere, "gone.edf"), join(root, "gone.edf"));
    symlinkSync("/dev/zero", join(root, "zero.edf"));
    execFileSync("mkfifo", [join(root, "pipe.edf")]);
    const { files, unknown } = await found();
    expect(files.toSorted()).toEqual([join("a", "b", "c.edf"), join("a", "real.edf"), "link.edf"]);
    expect(unknown.toSorted()).toEqual(["gone.edf", "pipe.edf", "self", "zero.edf"]);
    rmSync(elsewhere, { recursive: true });
  },
);
