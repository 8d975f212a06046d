// npm run peers: what Kodo writes, read by the field's own programs (MNE, edfio, pyedflib, wfdb), which must accept it and
// see the same samples, gaps and texts.
//   KODO_PYTHON=/path/to/python npm run peers -- [--count 30] [--seed 1] [--keep FOLDER] [--json]
// Without a Python that has them it compares nothing, and says so.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportSource, memoryFolder } from "../main/formats/memory.ts";
import { writers } from "../main/formats/registry.ts";
import { recordingOf } from "./peers/recordings.mjs";

const options = parseArguments(process.argv.slice(2));
const python = process.env.KODO_PYTHON;
const probe =
  python === undefined ? undefined : spawnSync(python, ["-c", "import mne, edfio, pyedflib, wfdb"]);
if (probe?.status !== 0) {
  const why =
    python === undefined ? "KODO_PYTHON names no Python" : `${python} lacks mne, edfio, pyedflib or wfdb`;
  if (options.json) console.log(JSON.stringify({ skipped: why }));
  else console.log(`SKIPPED: nothing was compared; ${why}`);
  process.exit(0);
}

const folder = options.keep ?? mkdtempSync(join(tmpdir(), "kodo-peers-"));
mkdirSync(folder, { recursive: true });
try {
  let files = 0;
  for (let index = 0; index < options.count; index++)
    files += await write(recordingOf(index, options.seed), folder);
  const compared = spawnSync(python, [join(import.meta.dirname, "peers", "compare.py"), folder], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  if (compared.status !== 0) throw new Error(compared.stderr);
  report(JSON.parse(compared.stdout).results, files);
} finally {
  if (options.keep === undefined) rmSync(folder, { recursive: true, force: true });
}

/** One recording in every format, and what is true of it. Returns how many files were written. */
async function write(content, into) {
  const { name } = content.header;
  let files = 0;
  for (const writer of writers) {
    const memory = memoryFolder();
    await writer.write(
      exportSource(content),
      memory.open,
      { baseName: name, withAnnotations: true, withMask: true },
      () => undefined,
    );
    for (const [file, bytes] of memory.files) writeFileSync(join(into, file), bytes);
    files += memory.files.size;
  }
  content.channels.forEach(({ samples, reason }, i) => {
    const { gain, offset } = content.header.channels[i];
    const values = Float64Array.from(samples, (value, k) => (reason[k] === 0 ? value * gain + offset : NaN));
    writeFileSync(join(into, `${name}.${i}.f64`), new Uint8Array(values.buffer));
  });
  const { channels, ...header } = content.header;
  writeFileSync(
    join(into, `${name}.truth`),
    JSON.stringify({ ...header, channels, annotations: content.annotations }),
  );
  return files;
}

function report(results, files) {
  const failed = results.filter(({ ok }) => !ok);
  const peers = {};
  for (const { peer, ok } of results) {
    peers[peer] ??= { compared: 0, failed: 0 };
    peers[peer].compared++;
    if (!ok) peers[peer].failed++;
  }
  const { count: recordings, seed } = options;
  if (options.json) console.log(JSON.stringify({ recordings, seed, files, peers, failed }));
  else {
    console.log(`${recordings} recordings, ${files} files, seed ${seed}`);
    for (const [peer, { compared, failed: wrong }] of Object.entries(peers))
      console.log(`  ${peer.padEnd(9)} ${String(compared).padStart(5)} compared, ${wrong} differ`);
    for (const { peer, recording, what, detail } of failed)
      console.log(`DIFFERS ${peer} ${recording}: ${what}: ${detail}`);
  }
  process.exitCode = failed.length === 0 ? 0 : 1;
}

function parseArguments(words) {
  const found = { count: 30, seed: 1, keep: undefined, json: false };
  for (let at = 0; at < words.length; at++) {
    const [word, value = words[at + 1]] = words[at].split("=");
    if (word === "--json") {
      found.json = true;
      continue;
    }
    const isNumber = (word === "--count" || word === "--seed") && /^\d+$/.test(value ?? "");
    if (!isNumber && !(word === "--keep" && value !== undefined)) {
      console.error(
        `peers: "${words[at]}" is not understood; allowed: --count N, --seed N, --keep FOLDER, --json`,
      );
      process.exit(2);
    }
    found[word.slice(2)] = isNumber ? Number(value) : value;
    if (!words[at].includes("=")) at++;
  }
  return found;
}
