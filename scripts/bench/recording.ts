import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { virtualEnd } from "../../main/acquisition/simulation/device-end.ts";
import { Scenario } from "../../main/acquisition/simulation/scenario.ts";
import { simulate } from "../../main/acquisition/simulation/simulate.ts";
import { spawnLibrary } from "../../main/storage/client.ts";
import { SessionSetup } from "../../preload/contract/acquisition.ts";
import { startMain, type StandIn } from "../faults/stand-in.ts";
import type { Row } from "./import.ts";

/** 8 channels of 16 bits at 5300 Hz in frames of 10: 92 kB/s, all that a line of 921,600 baud carries. */
const setup = { channels: 8, rate: 5300 };
const SAMPLE_BYTES = 17.4; // of all channels, with its share of the frame
const SECONDS = Number(process.env["KODO_BENCH_SECONDS"] ?? 30);
const CPU_LIMIT = 15; // % of a core
const LOOP_LIMIT_MS = 50;
const TICKS_A_SECOND = 100; // of /proc/PID/stat

interface Files {
  readonly main: string;
  readonly recorder: string;
  readonly storageWorker: string;
  readonly hook: string;
}

/** A full line recorded through a virtual port while another process takes a whole core, as a training does. */
export async function benchRecording(files: Files): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "kodo-bench-"));
  const [port, libraryPath, pidFile] = ["port", "library.kodo", "recorder.pid"].map((name) =>
    join(folder, name),
  );
  if (port === undefined || libraryPath === undefined || pidFile === undefined) return [];
  const stop = new AbortController();
  let ready: () => void = () => undefined;
  const isThere = new Promise<void>((resolve) => (ready = resolve));
  const device = simulate({
    ...{
      kind: "cobs",
      setup,
      scenario: Scenario.parse({ ppm: 40 }),
      end: virtualEnd(port),
      stop: stop.signal,
    },
    signal: (_, channel, sample) => ((sample + 37 * channel) % 60_000) - 30_000,
    begun: () => ready(),
  });
  const trainer = spawn(process.execPath, ["-e", "for (;;) Math.sqrt(Math.random());"], { stdio: "ignore" });
  const devices = [{ protocol: "cobs" as const, port, setup }];
  const session = SessionSetup.parse({ subject: "S1", kind: "emg", devices });
  try {
    await isThere;
    const main = startMain(files.main, { ...files, libraryPath, isInside: false, setup: session }, pidFile);
    const measured = await measure(main, pidFile);
    stop.abort();
    await device;
    const missing = await missingIn(libraryPath, files.storageWorker, measured.recordingId);
    return rowsOf({ ...measured, lostBytes: Math.round(missing * SAMPLE_BYTES) });
  } finally {
    stop.abort();
    trainer.kill("SIGKILL");
    await device.catch(() => undefined);
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Measured {
  readonly recordingId: string;
  readonly cpuShare: number;
  readonly loopMsP99: number;
}

async function measure(main: StandIn, pidFile: string): Promise<Measured> {
  const { recordingId, error } = await main.ask({ kind: "record" });
  if (recordingId === undefined) throw new Error(`it did not begin: ${error ?? ""}`);
  await pause(2000);
  const pid = readFileSync(pidFile, "utf8");
  const [before, beganMs] = [processorS(pid), performance.now()];
  await pause(SECONDS * 1000);
  const cpuShare = (processorS(pid) - before) / ((performance.now() - beganMs) / 1000);
  const { loopMsP99 = NaN } = await main.ask({ kind: "stop" });
  await main.ask({ kind: "dispose" });
  await main.gone();
  return { recordingId, cpuShare, loopMsP99 };
}

/** Of all threads of a process, in user and system. */
function processorS(pid: string): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}

/** Samples of the recording that are masked. */
async function missingIn(libraryPath: string, storageWorker: string, id: string): Promise<number> {
  const storage = spawnLibrary(libraryPath, storageWorker);
  const { channels } = await storage.library.getRecording(id);
  await storage.close();
  return Math.max(...channels.map(({ sampleCount, observedCount }) => sampleCount - observedCount));
}

function rowsOf({ cpuShare, loopMsP99, lostBytes }: Measured & { readonly lostBytes: number }): Row[] {
  const row = (name: string, value: number, unit: string, peerValue: number): Row => ({
    ...{ name: `recording at 92 kB/s for ${SECONDS} s beside a busy core: ${name}`, value, unit },
    ...{ peer: "at most", peerValue, ratio: peerValue === 0 ? 1 : value / peerValue },
  });
  return [
    row("lost bytes", lostBytes, "bytes", 0),
    row("processor time of the recorder's process", 100 * cpuShare, "% of a core", CPU_LIMIT),
    row("main's event loop, p99", loopMsP99, "ms", LOOP_LIMIT_MS),
  ];
}
