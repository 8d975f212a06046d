// Feeds mutated files to every format reader, and to those of annotation tables and model files: no crash, no hang,
// named errors only. Ten times as many mutated byte streams go to the drivers of sensors.
//   npm run fuzz -- [--count 100000] [--seed 1] [--first 0] [--json]
// The readers run in a thread of their own, so that an endless loop is seen and named instead of waited for.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { gunzipSync } from "node:zlib";
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";
import { bundleForNode } from "./runtime/bundle.mjs";

const HANG_MS = 20_000;
const extraFiles = [
  ["formats/edf/SC4001EC-Hypnogram.edf", 4620],
  ["formats/edf/duplicate_channel_labels.edf", 3072],
  ["formats/edf/test_uneven_samp.edf", 3072],
  ["formats/bdf/test_generator_datarec_generator_2.bdf", 4096],
  ["ctg-fhrma-ma/signals/train01.fhr.gz", 1204],
  ["ctg-fhrma-fs/DopMHRTrain/DopMHRTrain0001.fhrm.gz", 1604],
  ["formats/openbci/OpenBCI_GUI-v6-blinks-jawClench-alpha.txt.gz", 3000],
  ["formats/opensignals/SampleECG.txt", 3000],
  ["formats/biosppy/emg.txt", 1500],
];
const wfdbRecords = [
  "formats/wfdb/100.hea",
  "formats/wfdb/a103l.hea",
  "ctg-ctu-uhb/records/1001.hea",
  "formats/wfdb/3000003_0003.hea",
];

if (isMainThread) await main();
else await work();

async function main() {
  const options = parseArguments(process.argv.slice(2));
  const progress = new Int32Array(new SharedArrayBuffer(8)); // [inputs begun, done]
  const started = performance.now();
  // Models need TensorFlow.js, which Node loads only bundled.
  const bundle = await bundleForNode({ "model-files": "scripts/bench/fuzz-model-files.ts" }, "fuzz");
  const modelFiles = pathToFileURL(join(bundle, "model-files.js")).href;
  process.env.ORT_DISABLE_TELEMETRY = "1"; // before the thread that loads ONNX Runtime begins
  const worker = new Worker(new URL(import.meta.url), { workerData: { ...options, progress, modelFiles } });
  let seen = -1;
  let seenAt = performance.now();
  const watch = setInterval(() => {
    const now = Atomics.load(progress, 0);
    if (now !== seen) [seen, seenAt] = [now, performance.now()];
    else if (seen > 0 && performance.now() - seenAt > HANG_MS) {
      clearInterval(watch);
      void worker.terminate();
      finish(
        {
          inputs: seen,
          perReader: {},
          errors: {},
          crashes: [
            {
              input: options.first + seen - 1,
              reader: "?",
              file: "?",
              mutations: [],
              broken: [`hung for more than ${HANG_MS} ms`],
            },
          ],
          slowestMs: HANG_MS,
        },
        options,
        started,
      );
    }
  }, 500);
  worker.on("error", (error) => {
    console.error(error);
    process.exit(2);
  });
  worker.on("message", (report) => {
    clearInterval(watch);
    finish(report, options, started);
  });
}

function finish(report, options, started) {
  const seconds = (performance.now() - started) / 1000;
  const whole = { ...report, seed: options.seed, seconds: Math.round(seconds * 10) / 10 };
  if (options.json) console.log(JSON.stringify(whole));
  else {
    console.log(
      `${report.inputs} inputs in ${seconds.toFixed(1)} s, seed ${options.seed}; slowest ${report.slowestMs.toFixed(0)} ms`,
    );
    for (const [reader, count] of Object.entries(report.perReader))
      console.log(`  ${reader.padEnd(12)} ${count}`);
    for (const [code, count] of Object.entries(report.errors).sort((a, b) => b[1] - a[1]))
      console.log(`  ${code.padEnd(32)} ${count}`);
    for (const crash of report.crashes) {
      console.log(
        `CRASH input ${crash.input} (${crash.reader}, ${crash.mutations.join(", ")}): ${crash.broken.join(" | ")}`,
      );
    }
    console.log(report.crashes.length === 0 ? "no crash, no hang" : `${report.crashes.length} crashes`);
  }
  process.exit(report.crashes.length === 0 ? 0 : 1);
}

/**
 * Of every 100 inputs 80 go to the readers of recordings, 15 to that of annotation tables, 5 to that of model files; a
 * thousand short streams to the drivers, which take some microseconds each.
 */
async function work() {
  const { count, seed, first, progress } = workerData;
  const { annotationTables, fuzzBytes, fuzzReaders } = await import("./bench/fuzz-formats.ts");
  const { fuzzProtocols } = await import("./bench/fuzz-protocols.ts");
  const { modelFiles } = await import(workerData.modelFiles);
  const options = {
    seed,
    first,
    // memoryUsage costs some 5 microseconds; blocks are few in files this small.
    meters: { now: () => performance.now(), bufferBytes: () => process.memoryUsage().arrayBuffers },
    progress: () => Atomics.add(progress, 0, 1),
  };
  const share = (percent) => Math.ceil((count * percent) / 100);
  const reports = [
    await fuzzReaders({ ...options, count: share(80), extra: realFiles() }),
    await fuzzBytes(annotationTables, { ...options, count: share(15) }),
    await fuzzBytes(await modelFiles(), { ...options, count: share(5) }),
    fuzzProtocols({ ...options, count: share(1000) }),
  ];
  const sum = (tables) => {
    const whole = {};
    for (const table of tables)
      for (const [key, n] of Object.entries(table)) whole[key] = (whole[key] ?? 0) + n;
    return whole;
  };
  parentPort.postMessage({
    inputs: reports.reduce((total, { inputs }) => total + inputs, 0),
    perReader: sum(reports.map(({ perReader }) => perReader)),
    errors: sum(reports.map(({ errors }) => errors)),
    crashes: reports.flatMap(({ crashes }) => crashes),
    slowestMs: Math.max(...reports.map(({ slowestMs }) => slowestMs)),
  });
}

/** The first few KiB of real recordings, where they lie beside the project. */
function realFiles() {
  const folder = sharedData();
  if (folder === undefined) return [];
  const sets = [];
  for (const [path, bytes] of extraFiles) {
    const file = join(folder, path);
    if (!existsSync(file)) continue;
    const raw = readFileSync(file);
    const name = path.split("/").at(-1).replace(/\.gz$/, "");
    const content = path.endsWith(".gz") ? gunzipSync(raw) : raw;
    sets.push({ main: name, files: new Map([[name, new Uint8Array(content.subarray(0, bytes))]]) });
  }
  for (const path of wfdbRecords) {
    const stem = join(folder, path).replace(/\.hea$/, "");
    const files = new Map();
    for (const extension of [".hea", ".dat", ".atr", ".mat"]) {
      if (existsSync(stem + extension))
        files.set(
          path
            .split("/")
            .at(-1)
            .replace(/\.hea$/, extension),
          new Uint8Array(readFileSync(stem + extension).subarray(0, 2048)),
        );
    }
    if (files.size > 0) sets.push({ main: path.split("/").at(-1), files });
  }
  return sets;
}

function sharedData() {
  if (process.env.KODO_SHARED !== undefined)
    return [join(process.env.KODO_SHARED, "data"), process.env.KODO_SHARED].find((path) => existsSync(path));
  for (let folder = resolve(import.meta.dirname); ; folder = dirname(folder)) {
    const found = join(folder, "shared", "data");
    if (existsSync(found)) return found;
    if (dirname(folder) === folder) return undefined;
  }
}

function parseArguments(words) {
  const options = { count: 100_000, seed: 1, first: 0, json: false };
  for (let at = 0; at < words.length; at++) {
    const [word, value = words[at + 1]] = words[at].split("=");
    if (word === "--json") options.json = true;
    else if (["--count", "--seed", "--first"].includes(word) && /^\d+$/.test(value ?? "")) {
      options[word.slice(2)] = Number(value);
      if (!words[at].includes("=")) at++;
    } else {
      console.error(
        `fuzz: "${words[at]}" is not understood; allowed: --count N, --seed N, --first N, --json`,
      );
      process.exit(2);
    }
  }
  return options;
}
