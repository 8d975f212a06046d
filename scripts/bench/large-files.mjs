import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureBuilt } from "../runtime/build.mjs";
import { say } from "../runtime/say.mjs";
import { costOf, kodo } from "./small-records.mjs";

const ROUNDS = 3;
const CHANNELS = 16;
const RATE = 1000;
const RECORDS = 15_625; // of a second: 500 MB
const LABELS = 100_000;
const HOURS = 8;
const GOALS = { cpu: 5, wall: 5, memory: 300 };

/**
 * 500 MB of EDF into a new library, checksums, overview and syncing to disk included, beside Python's edfio, which reads
 * all of its signals into memory; both with their start. The least of three rounds, in turn.
 */
export function largeEdf() {
  const python = process.env.KODO_PYTHON;
  if (python === undefined || spawnSync(python, ["-c", "import edfio, resource"]).status !== 0) {
    say(
      `SKIPPED: a large EDF was not measured; ${python === undefined ? "KODO_PYTHON names no Python" : `${python} lacks edfio`}`,
    );
    return [];
  }
  return inFolder((folder) => {
    const file = join(folder, "large.edf");
    writeEdf(file);
    const [ours, theirs] = [[], []];
    for (let round = 0; round < ROUNDS; round += 1) {
      const library = join(folder, `${round}.kodo`);
      theirs.push(costOf(python, file));
      ours.push(costOf(python, file, ...kodo("import", file, "--library", library, "--quiet")));
      rmSync(library);
    }
    return rows(
      "import: 500 MB of EDF into a library, command line",
      ours,
      "edfio (Python) reads it",
      theirs,
    );
  });
}

/**
 * A table of 100,000 annotations, each of a text of its own, added to a recording of eight hours; the same table again, of
 * which nothing is added; and one of a dozen texts. With the start of each.
 */
export function manyAnnotations() {
  const python = process.env.KODO_PYTHON;
  if (python === undefined) {
    say("SKIPPED: 100,000 annotations were not measured; KODO_PYTHON names no Python");
    return [];
  }
  return inFolder((folder) => {
    const recording = join(folder, "long.csv");
    const times = Array.from({ length: HOURS * 3600 }, (_, s) => `${s},${140 + (s % 7)},${10 + (s % 40)}`);
    writeFileSync(recording, `time_s,FHR (bpm),UC (mmHg)\n${times.join("\n")}\n`);
    const table = (name, rowOf) => {
      const rows = Array.from(
        { length: LABELS },
        (_, i) => `long,${rowOf(i)[0]},${(i * 0.28).toFixed(2)},0.2,${rowOf(i)[1]}`,
      );
      const path = join(folder, name);
      writeFileSync(path, `recording,label,onset_s,duration_s,note\n${rows.join("\n")}\n`);
      return path;
    };
    const many = table("many.csv", (i) => [`event ${i}`, `note ${i}`]);
    const few = table("few.csv", (i) => [`event ${i % 12}`, ""]);
    const costs = { first: [], again: [], few: [] };
    for (let round = 0; round < ROUNDS; round += 1) {
      const into = (name) => {
        const library = ["--library", join(folder, `${name}-${round}.kodo`), "--quiet"];
        costOf(python, recording, ...kodo("import", recording, ...library));
        return (path) =>
          costOf(python, path, ...kodo("annotations", "import", path, "--recording", "long", ...library));
      };
      const add = into("many");
      costs.first.push(add(many));
      costs.again.push(add(many));
      costs.few.push(into("few")(few));
    }
    return [
      ...rows("import: 100,000 annotations of as many texts, command line", costs.first, "goal", [GOALS]),
      ...rows("import: the same again, of which nothing is added", costs.again, "goal", [GOALS]),
      ...rows("import: 100,000 annotations of a dozen texts", costs.few, "goal", [GOALS]),
    ];
  });
}

const units = { cpu: "s of CPU", wall: "s", memory: "MB" };

const rows = (name, ours, peer, theirs) =>
  Object.entries(units).map(([of, unit]) => {
    const [value, peerValue] = [ours, theirs].map((costs) => Math.min(...costs.map((one) => one[of])));
    return { name, value, unit, peer, peerValue, ratio: peerValue / value };
  });

function inFolder(work) {
  ensureBuilt();
  const folder = mkdtempSync(join(tmpdir(), "kodo-bench-"));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function writeEdf(file) {
  const field = (value, width) => String(value).padEnd(width);
  const each = (width, valueOf) =>
    Array.from({ length: CHANNELS }, (_, i) => field(valueOf(i), width)).join("");
  const header = [
    ...[
      field("0", 8),
      field("X X X X", 80),
      field("Startdate 01-JAN-2024 X X X", 80),
      "01.01.24",
      "00.00.00",
    ],
    ...[field(256 * (CHANNELS + 1), 8), field("", 44), field(RECORDS, 8), field(1, 8), field(CHANNELS, 4)],
    ...[each(16, (i) => `EMG ${i + 1}`), each(80, () => ""), each(8, () => "uV")],
    ...[each(8, () => -8192), each(8, () => 8191.75), each(8, () => -32_768), each(8, () => 32_767)],
    ...[each(80, () => ""), each(8, () => RATE), each(32, () => "")],
  ].join("");
  const second = (n) =>
    Int16Array.from({ length: CHANNELS * RATE }, (_, i) =>
      Math.round(8000 * Math.sin((i + 977 * n) / 7) * Math.sin(i / 1311)),
    );
  const some = Buffer.concat(Array.from({ length: 125 }, (_, n) => Buffer.from(second(n).buffer)));
  const to = openSync(file, "w");
  writeSync(to, header);
  for (let written = 0; written < RECORDS; written += 125) writeSync(to, some);
  closeSync(to);
}
