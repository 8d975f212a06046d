// Part of npm run bench: from bytes on the line to what is stored, drawn and decided, in the real application, of a simulated
// device in a process of its own at a virtual port. All times are of one clock: the device's process and the page's are set
// side by side before and after, and how far that may be off is a row.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { launch, projectFolder } from "../../e2e/fixtures/app.ts";
import { ask, goTo } from "../../e2e/pages/kodo.ts";

const LASTS_S = 30;
const WARM_S = 5;
const folder = mkdtempSync(join(tmpdir(), "kodo-bench-live-"));
const library = join(folder, "library.kodo");
const nowS = () => Number(process.hrtime.bigint()) / 1e9;

/** By the command line, in a library that the window opens afterwards. */
function kodo(...args) {
  const env = { ...process.env, KODO_LIBRARY: library };
  delete env.KODO_SQLITE_BINDING; // made for Electron; this is Node
  const cli = join(projectFolder, "out", "main", "cli.js");
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args, "--quiet"], {
    env,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`kodo ${args[0]}: ${stderr}`);
  return stdout;
}

/** Windows of 200 ms every 50 ms, of four channels of a Cyton. */
function trainedRun() {
  for (const person of [1, 2, 3])
    kodo(
      "record",
      "--device",
      "cyton",
      "--port",
      `simulated:cyton?seed=${person}`,
      "--subject",
      `S${person}`,
      "--seconds",
      "8",
    );
  const { recordings } = JSON.parse(kodo("list", "--json"));
  const rows = recordings.map(({ name }) => `${name},neutral,0,4\n${name},hand-close,4,4\n`);
  const labels = join(folder, "labels.csv");
  writeFileSync(labels, `recording,label,onset_s,duration_s\n${rows.join("")}`);
  kodo("annotations", "import", labels);
  kodo(
    ...["train", "--name", "live", "--label-set", "emg-gestures", "--labels", "neutral,hand-close"],
    ...["--channels", "EMG 1,EMG 2,EMG 3,EMG 4", "--window", "0.2", "--stride", "0.05", "--model", "lda"],
    ...["--test-subjects", "S3", "--validation-subjects", "S2"],
  );
}

/** What the page hears and draws from now on, by its own clock. A frame counts where the strip was drawn on in it. */
const watch = (window) =>
  window.evaluate(() => {
    const seen = { come: [], frames: [], grew: [], decided: [] };
    globalThis.kodoBench = seen;
    let newest = -1; // sample of the recording
    let isDrawn = false;
    const paper = CanvasRenderingContext2D.prototype;
    for (const name of ["fillRect", "clearRect", "stroke", "fill", "drawImage", "putImageData"]) {
      const draw = paper[name];
      paper[name] = function (...args) {
        if (this.canvas.closest?.('[data-testid="strip"]')) isDrawn = true;
        return draw.apply(this, args);
      };
    }
    const { api } = globalThis;
    api.on("recorder.samples", ({ recordingId, channels }) => {
      if (recordingId === undefined) return;
      const atMs = performance.now();
      const last = Math.max(...channels.map(({ channel }) => channel));
      for (const { channel, first, values } of channels) {
        if (channel !== last) continue;
        seen.come.push([atMs, first, values.length, values[0]]);
        newest = first + values.length - 1;
      }
    });
    api.on("recordings.grew", ({ sampleCounts }) => seen.grew.push([performance.now(), sampleCounts.at(-1)]));
    api.on("recorder.decided", ({ onsetS, durationS, latencyMs }) =>
      seen.decided.push([performance.now(), onsetS + durationS, latencyMs.last]),
    );
    const frame = () => {
      const drawn = newest; // whatever is drawn in this frame knows it
      const after = new MessageChannel(); // told once the frame was laid out and painted
      after.port1.onmessage = () => {
        if (isDrawn) seen.frames.push([performance.now(), drawn]);
        isDrawn = false;
      };
      after.port2.postMessage(0);
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });

/** What has to be added to the page's clock, and by how much that may be off: from the quickest of many questions. */
async function clockOf(window) {
  let best = { offsetS: NaN, errorS: Infinity };
  for (let i = 0; i < 200; i += 1) {
    const before = nowS();
    const page = await window.evaluate(() => performance.now());
    const errorS = (nowS() - before) / 2;
    if (errorS < best.errorS) best = { offsetS: before + errorS - page / 1000, errorS };
  }
  return best;
}

const shares = (values) => {
  const sorted = Float64Array.from(values).sort();
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? NaN;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), count: sorted.length };
};

/** One session, recorded in the window while its page is looked at. */
async function measure(window, { name, kind, setup, period, gain, live }) {
  const [port, file] = ["port", "times.json"].map((one) => join(folder, `${kind}-${one}`));
  const script = join(import.meta.dirname, "live-device.mjs");
  const device = spawn(process.execPath, [script, kind, port, file, JSON.stringify(setup), String(period)], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const ended = new Promise((done) => device.once("exit", done));
  while (!existsSync(port)) await pause(20);
  await goTo(window, "record");
  await ask(window, "recorder.arm", {
    ...{
      name,
      subject: "S1",
      kind: "emg",
      labelSet: "emg-gestures",
      devices: [{ protocol: kind, port, setup }],
    },
    ...(live === undefined ? {} : { live: { runId: live } }),
  });
  await window.getByTestId("strip").waitFor();
  await watch(window);
  await ask(window, "recorder.record", {});
  await pause(WARM_S * 1000);
  const clock = await clockOf(window);
  const load = loadavg()[0];
  const fromS = nowS();
  await pause(LASTS_S * 1000);
  const toS = nowS();
  const loads = [load, loadavg()[0]];
  const after = await clockOf(window);
  const seen = await window.evaluate(() => globalThis.kodoBench);
  await ask(window, "recorder.stop", {});
  device.kill("SIGTERM");
  await ended;
  const sent = JSON.parse(readFileSync(file, "utf8"));
  return rowsOf({ name, seen, sent, clock, after, fromS, toS, loads, period, gain });
}

function rowsOf({ name, seen, sent, clock, after, fromS, toS, loads, period, gain }) {
  const onClock = (pageMs) => pageMs / 1000 + clock.offsetS;
  const sentS = placed(seen, sent, { onClock, period, gain });
  const isWithin = (s) => s >= fromS && s < toS;
  const row = (what, value, unit) => ({
    name: `live, ${name}: ${what}`,
    value: Math.round(value * 100) / 100,
    unit,
  });
  const threeOf = (what, values, goal) => {
    if (Math.min(...values.slice(0, 100_000)) < -1)
      throw new Error(`${name}: ${what}: something came before it was sent`);
    const { p50, p95, p99, count } = shares(values);
    return [
      row(`${what}, p50 of ${count}`, p50, "ms"),
      {
        ...row(`${what}, p95`, p95, "ms"),
        ...(goal === undefined ? {} : { peer: "at most", peerValue: goal, ratio: goal / p95 }),
      },
      row(`${what}, p99`, p99, "ms"),
    ];
  };
  /** Of each sample sent within the time: when the first of `steps` [clock s, last sample] that has it came. */
  const until = (steps) => {
    const delays = [];
    let at = 0;
    for (const [index, s] of sentS) {
      while (at < steps.length && steps[at][1] < index) at += 1;
      if (at < steps.length && s !== null && isWithin(s)) delays.push((steps[at][0] - s) * 1000);
    }
    return delays;
  };
  const frames = seen.frames.map(([ms, sample]) => [onClock(ms), sample]);
  const drawn = frames.filter(([s]) => isWithin(s));
  const between = drawn.slice(1).map(([s], i) => (s - drawn[i][0]) * 1000);
  const decided = seen.decided.filter(([ms]) => isWithin(onClock(ms)));
  const rows = [
    ...threeOf("bytes to stored", until(seen.grew.map(([ms, count]) => [onClock(ms), count - 1]))),
    ...threeOf(
      "bytes to the page",
      until(seen.come.map(([ms, first, count]) => [onClock(ms), first + count - 1])),
    ),
    ...threeOf("bytes to pixels", until(frames)),
    row("frames a second of the strip (goal 30 to 60)", drawn.length / (toS - fromS), ""),
    ...threeOf("between two frames of the strip", between),
    ...(decided.length === 0
      ? []
      : threeOf(
          "arrival to decision",
          decided.map(([, , ms]) => ms),
          20,
        )),
    row("samples that the line did not take", sent.unread, ""),
    row(
      "the clocks of device and page may be off by",
      1000 * Math.max(clock.errorS, after.errorS, Math.abs(after.offsetS - clock.offsetS)),
      "ms",
    ),
    row(`load before, of ${cpus().length} processors`, loads[0], ""),
    row("load after", loads[1], ""),
  ];
  return rows;
}

/** [sample of the recording, when it was put on the line], by what the counting channel says. */
function placed(seen, { counts, times }, { onClock, period, gain }) {
  const [first] = seen.come;
  if (first === undefined) throw new Error("no samples came to the page");
  const [ms, index, , value] = first;
  const said = Math.round(value / gain);
  const cameS = onClock(ms);
  let at = times.findLastIndex((s) => s !== null && s <= cameS);
  for (let steps = 0; steps < period && counts[at] !== said; steps += 1) at -= 1;
  if (counts[at] !== said) throw new Error(`the sample ${said} that came first was never sent`);
  return times.slice(at).map((s, i) => [index + i, s]);
}

try {
  trainedRun();
  const started = await launch(library, [], {
    KODO_PORTS: "cyton-port:cobs-port"
      .split(":")
      .map((one) => join(folder, one))
      .join(":"),
  });
  const [run] = await ask(started.window, "runs.list", {});
  const rows = [
    ...(await measure(started.window, {
      ...{ name: "8 channels of 250 Hz, decided every 50 ms of 200 ms", kind: "cyton", setup: {} },
      ...{ period: 2 ** 22, gain: 4.5e6 / 24 / (2 ** 23 - 1), live: run.id },
    })),
    ...(await measure(started.window, {
      ...{ name: "8 channels of 5300 Hz, a full line", kind: "cobs", setup: { channels: 8, rate: 5300 } },
      ...{ period: 60_000, gain: 1, live: undefined },
    })),
  ];
  await started.app.close();
  console.log(JSON.stringify(rows));
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
