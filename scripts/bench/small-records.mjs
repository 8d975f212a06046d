import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ensureBuilt, projectFolder } from "../runtime/build.mjs";
import { nodePath } from "../runtime/node.mjs";
import { say } from "../runtime/say.mjs";

const ROUNDS = 3;

/**
 * The CTU-UHB recordings (WFDB, an hour of two channels each) into a new library, checksums, overview and syncing to disk
 * included, beside Python's wfdb, which reads them into memory; both with their start. The least of three rounds.
 */
export function smallRecords() {
  const skip = (why) => {
    say(`SKIPPED: a folder of small records was not measured; ${why}`);
    return [];
  };
  const python = process.env.KODO_PYTHON;
  if (python === undefined) return skip("KODO_PYTHON names no Python");
  if (spawnSync(python, ["-c", "import wfdb, resource"]).status !== 0) return skip(`${python} lacks wfdb`);
  const records = recordsFolder();
  if (records === undefined) return skip("shared/data/ctg-ctu-uhb/records is not here");
  const count = readdirSync(records).filter((name) => name.endsWith(".hea")).length;
  ensureBuilt();
  const folder = mkdtempSync(join(tmpdir(), "kodo-bench-"));
  try {
    const [ours, theirs] = [[], []];
    for (let round = 0; round < ROUNDS; round += 1) {
      const library = join(folder, `${round}.kodo`);
      ours.push(costOf(python, records, ...kodo("import", records, "--library", library, "--quiet")));
      theirs.push(costOf(python, records));
    }
    const least = (costs, of) => Math.min(...costs.map((one) => one[of]));
    return [
      ["cpu", "s of CPU"],
      ["wall", "s"],
    ].map(([of, unit]) => ({
      name: `import: ${count} CTU-UHB records into a library, command line`,
      value: least(ours, of),
      unit,
      peer: "wfdb (Python) reads them",
      peerValue: least(theirs, of),
      ratio: least(theirs, of) / least(ours, of),
    }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The command line with these arguments. */
export const kodo = (...given) => [nodePath(), join(projectFolder, "out", "main", "cli.js"), ...given];

/** What a command costs that reads this, or the field's own program where there is none. */
export function costOf(python, path, ...command) {
  const script = join(import.meta.dirname, "records.py");
  const { status, stdout } = spawnSync(python, [script, path, ...command], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (status !== 0) throw new Error(`${command[0] ?? "the other program"} failed on ${path}`);
  return JSON.parse(stdout);
}

function recordsFolder() {
  const inData = ["data", "ctg-ctu-uhb", "records"];
  if (process.env.KODO_SHARED !== undefined) {
    const given = join(process.env.KODO_SHARED, ...inData);
    return existsSync(given) ? given : undefined;
  }
  for (let at = projectFolder; ; at = dirname(at)) {
    const candidate = join(at, "shared", ...inData);
    if (existsSync(candidate)) return candidate;
    if (at === dirname(at)) return undefined;
  }
}
