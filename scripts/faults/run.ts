import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { monotonicS } from "../../main/acquisition/ports/port.ts";
import { protocolOf } from "../../main/acquisition/protocols/registry.ts";
import { virtualEnd, type DeviceEnd } from "../../main/acquisition/simulation/device-end.ts";
import { Scenario, type Truth } from "../../main/acquisition/simulation/scenario.ts";
import { simulate } from "../../main/acquisition/simulation/simulate.ts";
import { leftSpills } from "../../main/acquisition/spill.ts";
import { SessionSetup } from "../../preload/contract/acquisition.ts";
import { judge, type Happened, type Verdict } from "./judge.ts";
import type { PutTruth } from "./lateness.ts";
import { readLog, type Passed } from "./line-log.ts";
import type { MainOrder } from "./messages.ts";
import type { Fault, Plan } from "./plan.ts";
import { countingSignal } from "./signal.ts";
import { startMain, type StandIn } from "./stand-in.ts";
import { lockLibrary, smallDisk } from "./storage-trouble.ts";

/** What a run is made of, built or as it is written. */
export type RunFiles = Pick<MainOrder, "recorder" | "storageWorker" | "hook"> & { readonly main: string };

/** One recording with its faults, in real time, and what became of it. */
export async function runPlan(plan: Plan, files: RunFiles): Promise<Verdict> {
  const folder = mkdtempSync(join(tmpdir(), "kodo-faults-"));
  const disk = plan.faults.some(({ kind }) => kind === "disk-full")
    ? smallDisk(join(folder, "disk"))
    : undefined;
  const libraryPath = join(folder, disk === undefined ? "." : "disk", "library.kodo");
  const device = startDevice(plan, join(folder, "port"));
  const order: MainOrder = {
    ...{ libraryPath, ...files },
    isInside: plan.faults.some(({ kind }) => kind === "wall-jump"),
    setup: SessionSetup.parse({
      ...{ subject: "S1", kind: protocolOf(plan.protocol).records },
      devices: [{ protocol: plan.protocol, port: join(folder, "port"), setup: plan.setup }],
    }),
  };
  const main = startMain(files.main, order, join(folder, "recorder.pid"));
  try {
    const seen = await record(plan, main, { device, libraryPath, fill: disk?.fill });
    const happened = { ...seen, reads: readLog(join(folder, "recorder.pid.read")) };
    if (leftSpills(libraryPath).length > 0) await recover(files.main, order, folder);
    return await judge(plan, happened, { libraryPath, storageWorker: files.storageWorker });
  } finally {
    await main.gone();
    await device.end();
    disk?.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Device {
  readonly truth: readonly PutTruth[];
  readonly puts: readonly Passed[];
  readonly plugs: readonly { readonly atS: number; readonly isPlugged: boolean }[];
  readonly isThere: Promise<void>;
  readonly beganS: () => number; // monotonic
  /** The recording has begun: what is planned happens from now on. */
  readonly happens: (atS: number) => void;
  readonly end: () => Promise<unknown>;
}

function startDevice({ protocol, setup, scenario, later }: Plan, path: string): Device {
  const truth: PutTruth[] = [];
  const puts: Passed[] = [];
  const plugs: { atS: number; isPlugged: boolean }[] = [];
  const inner = virtualEnd(path);
  let beganS = 0;
  let happens: Device["happens"] = () => undefined;
  let ready: () => void = () => undefined;
  const isThere = new Promise<void>((resolve) => (ready = resolve));
  const note = (isPlugged: boolean): void => void plugs.push({ atS: monotonicS(), isPlugged });
  const end: DeviceEnd = {
    ...inner,
    write: (bytes) => {
      const taken = inner.write(bytes);
      if (taken > 0) puts.push({ atS: monotonicS(), bytes: bytes.slice(0, taken) });
      return taken;
    },
    plug: async () => {
      await inner.plug();
      note(true);
    },
    unplug: () => {
      note(false);
      inner.unplug();
    },
  };
  const stop = new AbortController();
  const done = simulate({
    ...{ kind: protocol, setup, scenario: Scenario.parse(scenario), end, stop: stop.signal },
    signal: countingSignal(protocol),
    truth: (row) => {
      if ("fate" in row) {
        truth.push({ ...(row as Truth), putS: monotonicS() - beganS, put: puts.length - 1 });
      }
    },
    begun: (line, atS) => {
      beganS = atS;
      const moved = <S extends { readonly atS: number }>(spans: readonly S[], byS: number): S[] =>
        spans.map((span) => ({ ...span, atS: span.atS + byS }));
      happens = (nowS) =>
        line.happens({ unplugs: moved(later.unplugs, nowS - atS), stalls: moved(later.stalls, nowS - atS) });
      ready();
    },
  });
  return {
    ...{ truth, puts, plugs, isThere, beganS: () => beganS, happens: (atS) => happens(atS) },
    end: () => {
      stop.abort();
      return done;
    },
  };
}

interface Surroundings {
  readonly device: Device;
  readonly libraryPath: string;
  readonly fill: (() => () => void) | undefined;
}

/** Records until the end of the plan. */
async function record(plan: Plan, main: StandIn, around: Surroundings): Promise<Omit<Happened, "reads">> {
  const { device, fill } = around;
  await device.isThere;
  const delay = monitorEventLoopDelay({ resolution: LOOP_MS });
  delay.enable();
  const problems: string[] = [];
  const orderedS = monotonicS();
  const { recordingId, error } = await main.ask({ kind: "record" });
  if (error !== undefined) problems.push(`it did not begin: ${error}`);
  const times: { kind: Fault["kind"]; fromS: number; toS: number }[] = [];
  const recordedS = monotonicS();
  if (recordingId !== undefined) device.happens(recordedS);
  const until = (atS: number): Promise<void> => pause(Math.max(0, (recordedS + atS - monotonicS()) * 1000));
  const under = recordingId === undefined ? [] : plan.faults;
  await Promise.all(
    under.map(async (fault) => {
      await until(fault.atS);
      if (ofRecorder.includes(fault.kind)) await main.recorderLives();
      const fromS = monotonicS();
      await bringAbout(fault, main, around);
      times.push({ kind: fault.kind, fromS, toS: monotonicS() });
    }),
  );
  if (recordingId !== undefined) await until(plan.endS);
  const isOver = plan.faults.some(({ kind }) => kind === "main-killed" || kind === "all-killed");
  const askedS = monotonicS();
  if (!isOver && recordingId !== undefined) {
    const stopped = await main.ask({ kind: "stop" });
    if (stopped.recordingId !== recordingId)
      problems.push(`it was not stopped: ${stopped.error ?? "nothing stayed"}`);
  }
  const stoppedS = monotonicS();
  const { seen, counts, failures } = main;
  if (!isOver) await main.ask({ kind: "dispose" });
  if (!(await main.gone())) problems.push("a process did not end");
  await device.end();
  delay.disable();
  return {
    loopS: Math.max(0, delay.max / 1e9 - LOOP_MS / 1e3),
    beginningS: recordedS - orderedS,
    notDone: fill === undefined && plan.faults.some(({ kind }) => kind === "disk-full") ? ["disk-full"] : [],
    ...{
      recordingId,
      problems,
      times,
      plugs: device.plugs,
      truth: device.truth,
      puts: device.puts,
      beganS: device.beganS(),
    },
    recordedS,
    ...{ askedS, stoppedS, seen, counts, failures },
  };
}

/** How often the event loop of a run is looked at. */
const LOOP_MS = 5;
const ofRecorder: readonly Fault["kind"][] = ["host-stall", "recorder-killed", "storage-killed"];

/** Resolves when it is over. */
async function bringAbout(fault: Fault, main: StandIn, { libraryPath, fill }: Surroundings): Promise<void> {
  const last = (): Promise<void> => pause(fault.durationS * 1000);
  switch (fault.kind) {
    case "host-stall":
      main.signalRecorder("SIGSTOP");
      await last();
      main.signalRecorder("SIGCONT");
      return;
    case "recorder-killed":
      main.signalRecorder("SIGKILL");
      return;
    case "main-killed":
      main.kill();
      return;
    case "all-killed":
      main.signalRecorder("SIGKILL");
      main.kill();
      return;
    case "storage-killed":
      main.signalRecorder("SIGUSR2");
      return;
    case "locked": {
      const unlock = lockLibrary(libraryPath);
      await last();
      unlock();
      return;
    }
    case "locked-at-stop":
      setTimeout(lockLibrary(libraryPath), LOCKED_AT_STOP_MS);
      return;
    case "disk-full": {
      const empty = fill?.();
      await last();
      empty?.();
      return;
    }
    case "wall-jump":
      await main.ask({ kind: "wall", byMs: WALL_JUMP_MS });
      return;
    case "unplug":
    case "device-stall":
    case "noise": // the device and its line do it by themselves
  }
}

/** Longer than the recorder waits for the library when it is stopped. */
const LOCKED_AT_STOP_MS = 8000;
const WALL_JUMP_MS = -3_600_000;
const RECOVER_MS = 60_000;

/** What was left in a spill file is put in by the next start. */
async function recover(file: string, order: MainOrder, folder: string): Promise<void> {
  const main = startMain(file, { ...order, isInside: false }, join(folder, "recovering.pid"));
  const untilMs = performance.now() + RECOVER_MS;
  while (leftSpills(order.libraryPath).length > 0 && performance.now() < untilMs) await pause(50);
  await main.ask({ kind: "dispose" });
  await main.gone();
}
