import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type LiveDecision, SessionSetup } from "../../preload/contract/acquisition.ts";
import { RunConfig } from "../../preload/contract/run.ts";
import { bundle, bundleFolder } from "../compute/bundle.fixtures.ts";
import type { AsyncLibrary } from "../storage/api.ts";
import { spawnLibrary } from "../storage/client.ts";
import { openService } from "./open.ts";
import type { Service } from "./service.ts";

/* The real processes, bundled as for the application: recorder, storage, trainer, and the one that judges. */
const built = bundleFolder("live-test");
const folder = mkdtempSync(join(tmpdir(), "kodo-live-"));
const RATE = 1000;
const CHANNELS = 8;
const GESTURES = ["neutral", "wrist-flexion", "wrist-extension"] as const;
const HOLD_S = 2;
const told = { form: "strict", channels: CHANNELS, rate: RATE };
const scenario = join(folder, "scenario.json");

let service: Service;
let runId: string;
const failures: string[] = [];

/** Much like muscle: uniform, of unit size, the same for a seed. */
function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return (2 * state) / 2_147_483_647 - 1;
  };
}

/** Eight electrodes as the simulated board names them; each gesture makes four of them loud. */
async function addPerson(library: AsyncLibrary, subject: string, seed: number): Promise<void> {
  const random = noise(seed);
  const count = 3 * GESTURES.length * HOLD_S * RATE;
  const channels = Array.from({ length: CHANNELS }, (_, i) => ({
    ...{ label: `EMG ${i + 1}`, unit: "mV", sampleRate: RATE, role: "emg" as const },
    ...{ sampleType: "float32" as const, gain: 1, offset: 0 },
  }));
  const header = { name: subject, kind: "emg" as const, subject, startedAt: undefined, facts: {}, channels };
  const source = { format: "test", file: "none", sha256: "" };
  const id = await library.createRecording({
    ...{ header, subject, study: "s", synthetic: true, source, state: "importing" as const },
  });
  const blocks = channels.map((_, channel) => ({
    ...{ channel, firstSample: 0, mask: [] },
    samples: Float32Array.from({ length: count }, (_v, i) => {
      const gesture = Math.floor(i / (HOLD_S * RATE)) % GESTURES.length;
      return random() * (gesture > 0 && channel >> 2 === gesture - 1 ? 0.5 : 0.05);
    }),
  }));
  await library.appendBlocks(id, blocks);
  await library.closeRecording(id, { state: "complete", repairs: [] });
  const { version } = await library.getLabelSet("emg-gestures");
  await library.addAnnotations(
    Array.from({ length: 3 * GESTURES.length }, (_, at) => ({
      ...{ recordingId: id, labelSet: "emg-gestures", labelSetVersion: version, note: "", author: "t" },
      ...{ label: GESTURES[at % GESTURES.length]!, onsetS: at * HOLD_S, durationS: HOLD_S },
      source: "import" as const,
    })),
  );
}

const config = async (): Promise<RunConfig> => {
  const recordingIds = (await service.library.listRecordings()).map(({ id }) => id);
  return RunConfig.parse({
    ...{ name: "live", recordingIds, labelSet: "emg-gestures", labels: [...GESTURES] },
    channels: Array.from({ length: CHANNELS }, (_, i) => `EMG ${i + 1}`),
    ...{ windowS: 0.2, strideS: 0.05, testSubjects: ["p4"], validationSubjects: ["p3"] },
    ...{ layers: 2, members: 2, epochs: 3, adaptation: "causal" },
  });
};

/** Waits for a run, as nobody else would have to: `expect.poll` is for tests alone. */
async function trained(id: string): Promise<void> {
  for (;;) {
    const { phase, error } = await service.library.getRun(id);
    if (phase === "done") return;
    if (phase === "failed") throw new Error(error?.message);
    await new Promise((later) => setTimeout(later, 300));
  }
}

beforeAll(async () => {
  const at = (path: string): string => join(import.meta.dirname, "..", path);
  await bundle(
    {
      "storage-worker": at("storage/worker.ts"),
      "exchange-worker": at("exchange/worker.ts"),
      "ctg-worker": at("ctg/worker.ts"),
      recorder: at("acquisition/process/recorder-process.ts"),
      trainer: at("training/process/trainer.ts"),
      "feed-worker": at("training/data/feed/worker.ts"),
    },
    built,
  );
  // Silent for a while again and again: arming takes its time on a busy machine.
  const stalls = Array.from({ length: 30 }, (_, i) => ({ atS: 2 + 4 * i, durationS: 0.4 }));
  writeFileSync(scenario, JSON.stringify({ frameLoss: 0.01, batchMs: 16, stalls }));
  const storage = spawnLibrary(join(folder, "library.kodo"), join(built, "storage-worker.js"));
  for (const [i, subject] of ["p1", "p2", "p3", "p4"].entries())
    await addPerson(storage.library, subject, i + 1);
  await storage.close();
  service = await openService({
    ...{ libraryPath: join(folder, "library.kodo"), folder: built },
    failed: (where, error) => failures.push(`${where}: ${String(error)}`),
  });
  const { id } = await service.handlers["runs.start"](await config());
  runId = id;
  await trained(id);
}, 300_000);
afterAll(async () => {
  await service.close();
  rmSync(folder, { recursive: true, force: true });
  rmSync(built, { recursive: true, force: true });
});

const sessionOf = (channels: number, live: object) =>
  SessionSetup.parse({
    ...{ subject: "new", kind: "emg", live },
    devices: [
      {
        protocol: "ascii",
        port: `simulated:ascii?scenario=${scenario}&setup=${JSON.stringify({ ...told, channels })}`,
        setup: { ...told, channels },
      },
    ],
  });

test.each(["none", "causal"] as const)(
  "what was decided while it was recorded is what is predicted of it once it is stored (%s)",
  async (adaptation) => {
    const decisions: LiveDecision[] = [];
    const off = service.on((name, payload) => {
      if (name === "recorder.decided") decisions.push(payload as LiveDecision);
    });
    await service.handlers["recorder.arm"](sessionOf(CHANNELS, { runId, adaptation }));
    const { recordingId } = await service.handlers["recorder.record"]({});
    await new Promise((done) => setTimeout(done, 8000));
    await service.handlers["recorder.stop"]({});
    off();
    const stored = await service.handlers["predictions.make"]({ runId, recordingId, adaptation });
    expect(failures).toEqual([]);
    const k = stored.classes.length;
    expect(decisions.length).toBeGreaterThan(120);
    expect(stored.onsetS.length - decisions.length).toBeLessThanOrEqual(1);
    expect(stored.assessable).toContain(0); // while it was silent
    expect(decisions.filter(({ classes }) => classes !== undefined).length).toBeGreaterThan(80);
    decisions.forEach(({ onsetS, classes, why }, n) => {
      expect(onsetS).toBe(stored.onsetS[n]);
      expect(classes !== undefined).toBe(stored.assessable[n] === 1);
      expect(why === "untypical").toBe(stored.typicality[n]! < 0.01);
      classes?.forEach(({ mean }, c) =>
        expect(Math.abs(mean - stored.probabilities[n * k + c]!)).toBeLessThan(1e-6),
      );
    });
    expect(decisions.at(-1)!.latencyMs.p50).toBeGreaterThan(0);
  },
  60_000,
);

test("a run that does not fit what is connected is refused before anything is recorded, and the devices are let go", async () => {
  await expect(service.handlers["recorder.arm"](sessionOf(4, { runId }))).rejects.toMatchObject({
    code: "model/wrong-channels",
  });
  expect((await service.handlers["recorder.state"]({})).phase).toBe("idle");
}, 60_000);
