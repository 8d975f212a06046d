import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { virtualEnd } from "../../main/acquisition/simulation/device-end.ts";
import { Scenario, type Truth } from "../../main/acquisition/simulation/scenario.ts";
import { simulate } from "../../main/acquisition/simulation/simulate.ts";
import { spawnLibrary } from "../../main/storage/client.ts";
import { SessionSetup } from "../../preload/contract/acquisition.ts";
import { startMain, type StandIn } from "../faults/stand-in.ts";
import type { Row } from "./storage.ts";

/** 8 channels of 16 bits at 5300 Hz in frames of 10: 92 kB/s, all that a line of 921,600 baud carries. */
const setup = { channels: 8, rate: 5300 };
const SAMPLE_BYTES = 17.4; // of all channels, with its share of the frame
const BYTES_A_MS = 92.2;
const CPU_LIMIT = 15; // % of a core
const LOOP_LIMIT_MS = 50;
const TICKS_A_SECOND = 100; // of /proc/PID/stat

/** Nothing is there to compare it with. */
type Plain = Pick<Row, "name" | "value" | "unit">;

/** A device with a memory: what the line does not take at once is sent later, and is not what a reader lost. */
interface Kept {
  isRecorded: boolean;
  notSent: number; // samples, of all that were due while it was recorded
  waitingMost: number; // bytes
}

interface Files {
  readonly main: string;
  readonly recorder: string;
  readonly storageWorker: string;
  readonly hook: string;
  readonly cli: string;
}

/** A full line recorded through a virtual port for so long, while a run is trained on the sample study again and again. */
export async function benchRecording({ cli, ...files }: Files, seconds: number): Promise<(Row | Plain)[]> {
  const folder = mkdtempSync(join(tmpdir(), "kodo-bench-"));
  const [port, libraryPath, pidFile] = ["port", "library.kodo", "recorder.pid"].map((name) =>
    join(folder, name),
  );
  if (port === undefined || libraryPath === undefined || pidFile === undefined) return [];
  const training = trainAgainAndAgain(cli, join(folder, "trained.kodo"));
  const stop = new AbortController();
  const line: Kept = { isRecorded: false, notSent: 0, waitingMost: 0 };
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
    truth: (row) => {
      const { fate, values } = row as Partial<Truth>;
      if (line.isRecorded && fate !== undefined && fate !== "sent") line.notSent += values?.length ?? 0;
    },
    keeps: (bytes) => {
      if (line.isRecorded) line.waitingMost = Math.max(line.waitingMost, bytes);
    },
    begun: () => ready(),
  });
  const devices = [{ protocol: "cobs" as const, port, setup }];
  const session = SessionSetup.parse({ subject: "S1", kind: "emg", devices });
  try {
    await isThere;
    const main = startMain(files.main, { ...files, libraryPath, isInside: false, setup: session }, pidFile);
    const during = (isRecorded: boolean): void => void (line.isRecorded = isRecorded);
    const measured = await measure(main, pidFile, { seconds, during });
    stop.abort();
    await device;
    training.end();
    const missing = await missingIn(libraryPath, files.storageWorker, measured.recordingId);
    return rowsOf({ ...measured, ...line, missing: Math.max(0, missing - line.notSent) }, seconds);
  } finally {
    stop.abort();
    training.kill();
    await device.catch(() => undefined);
    rmSync(folder, { recursive: true, force: true });
  }
}

const emg = Array.from({ length: 6 }, (_, i) => `synthetic-emg-0${i + 1}`);
const order = [
  ...["train", ...emg, "--label-set", "emg-gestures", "--labels", "hand-open,hand-close,neutral"],
  ...["--window", "0.2", "--stride", "0.05", "--test-subjects", "SYN-04"],
  ...["--members", "2", "--epochs", "300", "--patience", "300", "--quiet"],
];

interface Trained {
  readonly kill: () => void;
  /** Throws where it was not training all the time. */
  readonly end: () => void;
}

/** As the command line trains, in a library of its own. */
function trainAgainAndAgain(cli: string, libraryPath: string): Trained {
  const env = { ...process.env, KODO_LIBRARY: libraryPath };
  spawnSync(process.execPath, [cli, "sample", "--quiet"], { env, stdio: ["ignore", "ignore", "inherit"] });
  let failed: string | undefined;
  let trainer: ChildProcess | undefined;
  const begin = (): void => {
    trainer = spawn(process.execPath, [cli, ...order], { env, stdio: ["ignore", "ignore", "inherit"] });
    trainer.once("exit", (code, signal) => {
      if (code === 0) begin();
      else failed = String(code ?? signal);
    });
  };
  begin();
  const kill = (): void => {
    trainer?.removeAllListeners("exit");
    trainer?.kill("SIGKILL"); // its own processes end with it
  };
  return {
    kill,
    end: () => {
      kill();
      if (failed !== undefined) throw new Error(`the training ended with ${failed}`);
    },
  };
}

interface Measured {
  readonly recordingId: string;
  readonly cpuShare: number;
  readonly waitedShare: number; // of the time, in which the thread that reads could have run, and another program did
  readonly loopMsP99: number;
}

async function measure(
  main: StandIn,
  pidFile: string,
  { seconds, during }: { readonly seconds: number; readonly during: (isRecorded: boolean) => void },
): Promise<Measured> {
  const { recordingId, error } = await main.ask({ kind: "record" });
  during(true);
  if (recordingId === undefined) throw new Error(`it did not begin: ${error ?? ""}`);
  await pause(2000);
  const pid = readFileSync(pidFile, "utf8");
  const [before, waited, beganMs] = [processorS(pid), waitedS(pid), performance.now()];
  await pause(seconds * 1000);
  const lastedS = (performance.now() - beganMs) / 1000;
  const cpuShare = (processorS(pid) - before) / lastedS;
  const waitedShare = (waitedS(pid) - waited) / lastedS;
  during(false); // from here on nobody reads the line: what it does not take is missing nowhere
  const { loopMsP99 = NaN } = await main.ask({ kind: "stop" });
  await main.ask({ kind: "dispose" });
  await main.gone();
  return { recordingId, cpuShare, waitedShare, loopMsP99 };
}

/** Of all threads of a process, in user and system. */
function processorS(pid: string): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}

/** For which its main thread, which reads, was ready and did not run. */
const waitedS = (pid: string): number =>
  Number(readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ")[1]) / 1e9;

/** Samples of the recording that are masked. */
async function missingIn(libraryPath: string, storageWorker: string, id: string): Promise<number> {
  const storage = spawnLibrary(libraryPath, storageWorker);
  const { channels } = await storage.library.getRecording(id);
  await storage.close();
  return Math.max(...channels.map(({ sampleCount, observedCount }) => sampleCount - observedCount));
}

function rowsOf(
  { cpuShare, waitedShare, loopMsP99, missing, ...line }: Measured & Kept & { readonly missing: number },
  seconds: number,
): (Row | Plain)[] {
  const row = (name: string, value: number, unit: string, peerValue: number): Row => ({
    ...{ name: `recording at 92 kB/s for ${seconds} s beside a training: ${name}`, value, unit },
    ...{ peer: "at most", peerValue, ratio: peerValue === 0 ? 1 : value / peerValue },
  });
  const bytes = (samples: number): number => Math.round(samples * SAMPLE_BYTES);
  const plain = (name: string, value: number, unit: string): Plain => ({
    name: `recording at 92 kB/s for ${seconds} s: ${name}`,
    ...{ value, unit },
  });
  return [
    row("lost bytes, of those the line took", bytes(missing), "bytes", 0),
    plain("not sent by the device, whose memory was full", bytes(line.notSent), "bytes"),
    plain("waited in the device for the line at most", Math.round(line.waitingMost / BYTES_A_MS), "ms"),
    plain("the thread that reads waited for a processor", Math.round(100 * waitedShare), "% of the time"),
    row("processor time of the recorder's process", 100 * cpuShare, "% of a core", CPU_LIMIT),
    row("main's event loop, p99", loopMsP99, "ms", LOOP_LIMIT_MS),
  ];
}
