import { uptime } from "node:os";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { systemPorts } from "../../main/acquisition/ports/access.ts";
import { monotonicS } from "../../main/acquisition/ports/port.ts";
import { createAcquisition } from "../../main/acquisition/process/host.ts";
import { Recorder } from "../../main/acquisition/recorder.ts";
import { forkedChild } from "../../main/calls/child.ts";
import { spawnLibrary } from "../../main/storage/client.ts";
import type { RecorderState } from "../../preload/contract/acquisition.ts";
import type { Command, MainOrder, Report } from "./messages.ts";

/** Stands for main: records as the window and the command line do, tells what it sees, and can be killed. */
interface Held {
  readonly record: () => Promise<{ recordingId: string }>;
  readonly stop: () => Promise<{ recordingId: string } | null>;
  readonly dispose: () => Promise<void>;
}

const order = JSON.parse(process.argv[2] ?? "{}") as MainOrder;
let wallByMs = 0;
const LOOP_MS = 10;
const loop = monitorEventLoopDelay({ resolution: LOOP_MS });
loop.enable();

const tell = (report: Report): void => void process.send?.(report);
const failed = (where: string, error: unknown): void =>
  tell({ kind: "failed", message: `${where}: ${error instanceof Error ? error.message : String(error)}` });
const listener = {
  changed: ({ phase, devices, alarms, durableS, elapsedS }: RecorderState): void =>
    tell({
      ...{ kind: "state", atS: monotonicS(), phase, link: devices[0]?.link, durableS, elapsedS },
      alarms: alarms.map(({ kind }) => kind),
    }),
  samples: () => undefined,
  grew: (_: string, counts: readonly number[]): void => tell({ kind: "grew", counts }),
  annotated: () => undefined,
  captured: () => undefined,
  decided: () => undefined,
  contact: () => undefined,
  heard: () => undefined,
};

function inProcess({ libraryPath, recorder, storageWorker, hook, setup }: MainOrder): Held {
  const acquisition = createAcquisition({
    ...{ libraryPath, workerFile: recorder, storageWorker, failed },
    spawn: (file) => forkedChild(file, { environment: process.env, execArgv: ["--import", hook] }),
  });
  acquisition.on(listener);
  return {
    record: async () => {
      await acquisition.arm(setup);
      return acquisition.record();
    },
    stop: () => acquisition.stop(),
    dispose: () => acquisition.dispose(),
  };
}

function inside({ libraryPath, storageWorker, setup }: MainOrder): Held {
  const storage = spawnLibrary(libraryPath, storageWorker);
  const recorder = new Recorder({
    ...{ library: storage.library, libraryPath, ports: systemPorts(), nowS: monotonicS, uptimeS: uptime },
    ...{ wallMs: () => Date.now() + wallByMs, freeBytes: () => Promise.resolve(undefined) },
    listener: { ...listener, began: () => undefined, failed },
  });
  return {
    record: async () => {
      await recorder.arm(setup);
      return recorder.record();
    },
    stop: () => recorder.stop(),
    dispose: async () => {
      await recorder.stop();
      await storage.close();
    },
  };
}

const held = order.isInside ? inside(order) : inProcess(order);

async function carryOut(command: Command): Promise<string | undefined> {
  switch (command.kind) {
    case "record":
      return (await held.record()).recordingId;
    case "stop":
      return (await held.stop())?.recordingId;
    case "dispose":
      await held.dispose();
      return undefined;
    case "wall":
      wallByMs += command.byMs;
      return undefined;
  }
}

process.on("message", (message) => {
  const command = message as Command;
  carryOut(command)
    .then(
      (recordingId) =>
        tell({
          ...{ kind: "done", command: command.kind, loopMsP99: loop.percentile(99) / 1e6 - LOOP_MS },
          ...(recordingId === undefined ? {} : { recordingId }),
        }),
      (error: unknown) => tell({ kind: "done", command: command.kind, error: String(error) }),
    )
    .finally(() => {
      if (command.kind === "dispose") process.disconnect();
    });
});
process.once("disconnect", () => process.exit());
