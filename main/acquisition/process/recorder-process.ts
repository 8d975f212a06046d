import { statfs } from "node:fs/promises";
import { uptime } from "node:os";
import { dirname } from "node:path";
import { z } from "zod";
import type { DeviceFound, DeviceList, ProtocolInfo } from "../../../preload/contract/acquisition.ts";
import { AppError, reportOf } from "../../../preload/contract/errors.ts";
import { mainLine } from "../../calls/main-line.ts";
import { serve } from "../../calls/serve.ts";
import type { Call } from "../../calls/signature.ts";
import { spawnLibrary, type SpawnedLibrary } from "../../storage/client.ts";
import { CaptureRun } from "../capture-run.ts";
import { askedOnly, ContactRun } from "../contact-run.ts";
import { systemPorts } from "../ports/access.ts";
import { listPorts } from "../ports/list.ts";
import { monotonicS } from "../ports/port.ts";
import { protocolOf, protocols } from "../protocols/registry.ts";
import { Recorder } from "../recorder.ts";
import type { AcquisitionCalls, OpenOrder } from "./messages.ts";

/**
 * The recorder's process: sensors are read here and nowhere else, so that no dialog, no training and no garbage collection
 * of main delays a read. It has a storage thread of its own: what main does, or whether it lives, does not matter to a
 * recording. When main is gone, what came is stored and the process ends.
 */
type Watch = Call<AcquisitionCalls["watch"]>;

let watch: Watch | undefined;
let opened: { readonly storage: SpawnedLibrary; readonly recorder: Recorder } | undefined;
let capture: CaptureRun | undefined;
let contact: ContactRun | undefined;

const ports = systemPorts();

function open({ libraryPath, storageWorker, readOnly, isSpare }: OpenOrder): void {
  const storage = spawnLibrary(libraryPath, storageWorker, { readOnly });
  const { library } = storage;
  const failed = (where: string, error: unknown): void =>
    watch?.tell("failed", { where, error: reportOf(error) });
  const recorder = new Recorder({
    ...{ library, libraryPath, ports, nowS: monotonicS, wallMs: Date.now, uptimeS: uptime },
    freeBytes: async () => {
      const { bavail, bsize } = await statfs(dirname(libraryPath));
      return bavail * bsize;
    },
    listener: {
      changed: (state) => watch?.tell("changed", state),
      began: (begun) => watch?.tell("began", begun),
      samples: (samples) => watch?.tell("samples", samples),
      heard: (heard) => watch?.tell("heard", heard),
      grew: (recordingId, sampleCounts) => watch?.tell("grew", { recordingId, sampleCounts }),
      annotated: (recordingId) => watch?.tell("annotated", recordingId),
      failed,
    },
  });
  opened = { storage, recorder };
  if (!readOnly && !isSpare) void recorder.recover();
}

function recorder(): Recorder {
  if (opened === undefined) throw new AppError("device/no-library", "The recorder has no library yet");
  return opened.recorder;
}

async function close(): Promise<void> {
  await Promise.all([capture?.stop(), contact?.stop()]);
  await opened?.recorder.stop();
  await opened?.storage.close();
  setImmediate(() => process.exit(0)); // after the answer has left
}

async function devices(): Promise<DeviceList> {
  const { ports: found, problems } = await listPorts();
  const simulated = Object.keys(protocols).map((kind) => ({
    ...{ path: `simulated:${kind}`, id: `simulated:${kind}`, kind: "simulated" as const },
  }));
  const remembered = (await opened?.storage.library.listRemembered()) ?? [];
  return { ports: [...found, ...simulated], protocols: protocolInfos(), remembered, problems };
}

const protocolInfos = (): ProtocolInfo[] =>
  Object.values(protocols).map((protocol) => {
    const { kind, records, verified, lines, setup, contact } = protocol;
    const usual = z.record(z.string(), z.unknown()).parse(setup.parse({}));
    return {
      ...{ kind, records, verified, onDevice: false, lines: [...lines] },
      form: z.toJSONSchema(setup, { io: "input", unrepresentable: "any" }),
      usual,
      counts: protocol.streams(usual).some(({ counterSamples }) => counterSamples !== undefined),
      measuresContact: contact !== undefined,
    };
  });

/** Opens, asks, closes. While a session is under way its ports answer to it alone. */
async function identify(choice: AcquisitionCalls["identify"]["ask"]): Promise<DeviceFound> {
  const device = askedOnly(choice, ports);
  try {
    const identity = await device.link.connect();
    const line = device.link.line ?? protocolOf(choice.protocol).lines[0];
    if (line === undefined) throw new AppError("device/no-line", "There is no line setting");
    return { line, identity: { ...identity, facts: { ...identity.facts } }, channels: device.headers };
  } finally {
    await device.close();
  }
}

/** One at a time, and none while a session is under way: a test current is no signal of anybody. */
function measureContact(choice: AcquisitionCalls["contact"]["ask"]): AcquisitionCalls["contact"]["answer"] {
  refuseMeasuring();
  if (recorder().phase !== "idle")
    throw new AppError("device/busy-recording", "A session is under way; it has to be ended first");
  contact = new ContactRun(choice, ports, (state) => watch?.tell("contact", state));
  const state = contact.start();
  watch?.tell("contact", state);
  return state;
}

function refuseMeasuring(): void {
  if (contact?.state.isRunning === true)
    throw new AppError(
      "device/measuring-contact",
      `The contact of the electrodes at ${contact.state.port} is being measured; that has to be stopped first`,
      { path: contact.state.port },
    );
}

const line = mainLine();
serve<AcquisitionCalls>(line, {
  open,
  close,
  watch: (_, call) => {
    watch = call;
    return new Promise<undefined>(() => undefined);
  },
  devices,
  identify,
  arm: (setup) => {
    refuseMeasuring();
    return recorder().arm(setup);
  },
  headers: () => recorder().headers,
  record: () => recorder().record(),
  continued: (underway) => recorder().continued(underway),
  stop: () => recorder().stop(),
  mark: ({ mark, isAgain }) => recorder().mark(mark, isAgain),
  begun: ({ marks, zeroS }) => recorder().begun(marks, zeroS),
  guide: (step) => recorder().guide(step),
  capture: async (order) => {
    if (capture?.state.isRunning === true)
      throw new AppError("device/capturing", "A line is being captured already");
    capture = new CaptureRun(order, (state) => watch?.tell("captured", state));
    return capture.start(ports);
  },
  stopCapture: async () => {
    if (capture === undefined) throw new AppError("device/no-capture", "Nothing is being captured");
    return capture.stop();
  },
  contact: measureContact,
  stopContact: async () => {
    if (contact === undefined)
      throw new AppError("device/no-contact-check", "The contact of no electrodes is being measured");
    return contact.stop();
  },
});
line.onLost(() => void close());

// A failure anywhere else in this process must not end a recording.
process.on("uncaughtException", (error) =>
  watch?.tell("failed", {
    where: "recorder",
    error: { ...reportOf(error), message: error.stack ?? error.message },
  }),
);
process.on("unhandledRejection", (error) =>
  watch?.tell("failed", { where: "recorder", error: reportOf(error) }),
);
// The terminal's Ctrl-C reaches the whole group: the recording is ended by who was asked, not from under it.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);
