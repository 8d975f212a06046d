import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir, uptime } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type RecorderState, SessionSetup } from "../../preload/contract/acquisition.ts";
import { spawnLibrary, type SpawnedLibrary } from "../storage/client.ts";
import { systemPorts } from "./ports/access.ts";
import { monotonicS } from "./ports/port.ts";
import { Recorder } from "./recorder.ts";

let folder: string;
let storage: SpawnedLibrary;
let states: RecorderState[];
let samples: number;
let failures: string[];
let recorder: Recorder;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kodo-recorder-"));
  const libraryPath = join(folder, "library.kodo");
  storage = spawnLibrary(libraryPath, new URL("../storage/worker.ts", import.meta.url));
  states = [];
  samples = 0;
  failures = [];
  recorder = new Recorder({
    ...{ library: storage.library, libraryPath, ports: systemPorts(), nowS: monotonicS },
    ...{ wallMs: Date.now, uptimeS: uptime, freeBytes: () => Promise.resolve(1e12) },
    listener: {
      changed: (state) => states.push(state),
      began: () => undefined,
      samples: ({ channels }) => (samples += channels.reduce((sum, { values }) => sum + values.length, 0)),
      grew: () => undefined,
      annotated: () => undefined,
      failed: (where, error) => failures.push(`${where}: ${String(error)}`),
    },
  });
});
afterEach(async () => {
  await recorder.stop();
  await storage.close();
  rmSync(folder, { recursive: true, force: true });
});

const wait = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
const setup = (more: object) => SessionSetup.parse({ subject: "S1", kind: "emg", ...more });

test("two simulated devices are recorded into one session, every sample there, and marks where they were made", async () => {
  const armed = await recorder.arm(
    setup({
      devices: [
        { protocol: "cyton", port: "simulated:cyton" },
        { protocol: "series50", port: "simulated:series50" },
      ],
    }),
  );
  expect(armed.phase).toBe("armed");
  const { recordingId } = await recorder.record();
  await wait(2500);
  const mark = await recorder.mark({ labelSet: "ctg-events", label: "note", note: "now", author: "a" });
  expect(mark.onsetS).toBeGreaterThan(2);
  await wait(500);
  const before = recorder.state();
  expect(before.durableS).toBeGreaterThan(before.elapsedS - 1);
  expect(await recorder.stop()).toEqual({ recordingId });
  const { channels, state, facts } = await storage.library.getRecording(recordingId);
  expect(state).toBe("complete");
  expect(facts["device.1.protocol"]).toBe("cyton");
  const emg = channels.findIndex(({ role }) => role === "emg");
  const { reasons } = await storage.library.samples(recordingId, emg, 0, channels[emg]!.sampleCount);
  expect(channels[emg]!.sampleCount).toBeGreaterThan(650);
  expect([...reasons].filter((one) => one !== 0)).toEqual([]);
  expect(channels.find(({ role }) => role === "fhr")!.sampleCount).toBeGreaterThan(6);
  expect(samples).toBeGreaterThan(1000);
  expect(failures).toEqual([]);
  expect(states.at(-1)!.phase).toBe("idle");
}, 20_000);

test("a device that does not answer ends the arming with one sentence, and all are let go", async () => {
  const wrong = setup({
    devices: [
      { protocol: "cyton", port: "simulated:cyton" },
      { protocol: "cobs", port: "/dev/no-such" },
    ],
  });
  await expect(recorder.arm(wrong)).rejects.toMatchObject({ code: "device/not-found" });
  expect(recorder.phase).toBe("idle");
  await expect(recorder.record()).rejects.toMatchObject({ code: "device/not-armed" });
  expect(await storage.library.listRecordings()).toEqual([]);
}, 20_000);

test("a guided recording writes a label for each cue that was held, without its ends", async () => {
  await recorder.arm(
    setup({
      devices: [{ protocol: "cyton", port: "simulated:cyton" }],
      guided: {
        ...{ labelSet: "emg-gestures", restS: 0.2, gestures: ["neutral", "hand-close"], repetitions: 1 },
        ...{ holdS: 0.6, changeS: 0.2, trimS: 0.1 },
      },
    }),
  );
  const { recordingId } = await recorder.record();
  await wait(2200);
  expect(recorder.state().cue?.what).toBe("done");
  await recorder.stop();
  const annotations = await storage.library.listAnnotations(recordingId);
  expect(
    annotations.map(({ label, onsetS, durationS }) => [label, onsetS.toFixed(2), durationS.toFixed(2)]),
  ).toEqual([
    ["neutral", "0.50", "0.40"],
    ["hand-close", "1.30", "0.40"],
  ]);
}, 20_000);
