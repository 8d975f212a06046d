import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { JobProgress } from "../../preload/contract/exchange.ts";
import type { SpawnedLibrary } from "../storage/client.ts";
import { spawnLibrary } from "../storage/client.ts";
import type { Exchange } from "./host.ts";
import { createExchange } from "./host.ts";
import type { LibraryChange } from "./protocol.ts";
import { emgTable } from "./testing.ts";

interface Threads {
  readonly folder: string;
  readonly storage: SpawnedLibrary;
  readonly exchange: Exchange;
  readonly put: (name: string, content: string) => string;
}

/** Both real threads: storage and exchange, as the service starts them. */
async function withThreads(
  work: (threads: Threads) => Promise<void>,
  workerFile = new URL("./worker.ts", import.meta.url),
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "kodo-host-"));
  const storage = spawnLibrary(
    join(folder, "library.kodo"),
    new URL("../storage/worker.ts", import.meta.url),
  );
  const exchange = createExchange({
    library: storage.library,
    openLibraryPort: () => storage.port(),
    fontFolder: "",
    workerFile,
  });
  try {
    const put = (name: string, content: string): string => {
      writeFileSync(join(folder, name), content);
      return join(folder, name);
    };
    await work({ folder, storage, exchange, put });
  } finally {
    await exchange.close();
    await storage.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

test("a job runs in the other thread and tells what it changed", () =>
  withThreads(async ({ exchange, storage, put }) => {
    const changes: LibraryChange[] = [];
    const states: JobProgress["state"][] = [];
    exchange.onChange((change) => changes.push(change));
    exchange.onProgress(({ state }) => states.push(state));
    const jobId = exchange.startImport([put("arm.csv", emgTable(300))], {});
    const job = await exchange.finished(jobId);
    expect(job).toMatchObject({ jobId, kind: "import", state: "done", files: [{ state: "done" }] });
    expect([states[0], states.at(-1)]).toEqual(["waiting", "done"]);
    expect(changes).toContainEqual({ kind: "recordings", ids: job.files[0]!.recordingIds });
    expect((await storage.library.listRecordings())[0]?.name).toBe("arm");
    expect(exchange.jobs().map((one) => one.jobId)).toEqual([jobId]);
  }));

test("a question has an answer, and a bad one a named error", () =>
  withThreads(async ({ exchange, put }) => {
    const preview = await exchange.preview(put("arm.csv", emgTable(300)), undefined);
    expect(preview.options).toMatchObject({ separator: ",", decimal: ".", timeColumn: 0, sampleRate: 100 });
    expect(preview.rows).toHaveLength(20);
    await expect(exchange.preview("/no/such/file.csv", undefined)).rejects.toMatchObject({
      code: "data/file-missing",
    });
  }));

test("closing cancels what is under way and waits until nothing is left of it", () =>
  withThreads(async ({ exchange, storage, put }) => {
    const jobId = exchange.startImport([put("long.csv", emgTable(400_000))], {});
    const ended = exchange.finished(jobId);
    await new Promise<void>((seen) => exchange.onProgress(({ done }) => done > 0 && seen()));
    await exchange.close();
    expect((await ended).state).toBe("cancelled");
    expect(await storage.library.listRecordings()).toEqual([]);
    expect(() => exchange.startSample()).toThrow(/closed/);
  }));

/** A thread that begins a recording, says that it holds it, and dies. */
const dying = `
  import { workerData } from "node:worker_threads";
  import { serve } from "${new URL("../calls/serve.ts", import.meta.url).href}";
  import { parentLine } from "${new URL("../calls/lines.ts", import.meta.url).href}";
  import { connectLibrary } from "${new URL("../storage/client.ts", import.meta.url).href}";
  const library = connectLibrary(workerData.libraryPort);
  serve(parentLine(), { job: async ({ jobId }, { tell }) => {
    const channel = { label: "EMG", unit: "uV", sampleRate: 1000, role: "emg", sampleType: "int16", gain: 1, offset: 0 };
    const header = { name: "half", kind: "emg", startedAt: undefined, subject: undefined, facts: {}, channels: [channel] };
    const recordingId = await library.createRecording({ header, subject: "s", study: "", synthetic: false, source: { format: "t", file: "f", sha256: "" }, state: "importing" });
    tell("progress", { jobId, kind: "import", state: "running", file: "half", done: 0.5, bytesPerSecond: 1, files: [] });
    tell("holding", { recordingId, held: true });
    setTimeout(() => { throw new Error("native memory is gone"); }, 20);
    return new Promise(() => undefined);
  } });
`;

test("when the thread dies its job fails, what it had begun is purged, and the next job finds a new thread", async () => {
  const folder = mkdtempSync(join(tmpdir(), "kodo-dying-"));
  try {
    writeFileSync(join(folder, "dying.mjs"), dying);
    await withThreads(
      async ({ exchange, storage }) => {
        for (const attempt of [1, 2]) {
          const job = await exchange.finished(exchange.startImport(["x"], {}));
          expect([attempt, job.state, job.files[0]?.error?.code]).toEqual([
            attempt,
            "failed",
            "internal/exchange-lost",
          ]);
          expect(await storage.library.listRecordings()).toEqual([]);
        }
      },
      new URL(`file://${join(folder, "dying.mjs")}`),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("when the storage thread dies under an import the job fails, and the next one finds both threads anew", () =>
  withThreads(async ({ exchange, storage, put }) => {
    const jobId = exchange.startImport([put("long.csv", emgTable(400_000))], {});
    await new Promise<void>((seen) => exchange.onProgress(({ done }) => done > 0.1 && seen()));
    storage.port().postMessage(null); // no call at all: a bug there ends the thread
    const job = await exchange.finished(jobId);
    expect([job.state, job.files[0]?.error?.code]).toEqual(["failed", "storage/worker-lost"]);
    const again = await exchange.finished(exchange.startImport([put("arm.csv", emgTable(100))], {}));
    expect(again.state).toBe("done");
    expect((await storage.library.listRecordings()).map(({ name }) => name)).toEqual(["arm"]);
    expect(exchange.jobs().map(({ files }) => files[0]?.error?.code)).toEqual([
      "storage/worker-lost",
      undefined,
    ]);
  }));

/** A thread that is done at once, or spins, as a pattern does that tries every way to match. */
const deaf = `
  import { workerData } from "node:worker_threads";
  import { serve } from "${new URL("../calls/serve.ts", import.meta.url).href}";
  import { parentLine } from "${new URL("../calls/lines.ts", import.meta.url).href}";
  import { connectLibrary } from "${new URL("../storage/client.ts", import.meta.url).href}";
  const library = connectLibrary(workerData.libraryPort);
  const progress = (jobId, state, file) => ({ jobId, kind: "import", state, file, done: state === "done" ? 1 : 0.5, bytesPerSecond: 1, files: [] });
  serve(parentLine(), { preview: () => undefined, job: async ({ jobId, order }, { tell }) => {
    const [path] = order.paths;
    tell("progress", progress(jobId, "running", path));
    if (path !== "spins") return progress(jobId, "done", path);
    const channel = { label: "EMG", unit: "uV", sampleRate: 1000, role: "emg", sampleType: "int16", gain: 1, offset: 0 };
    const header = { name: "half", kind: "emg", startedAt: undefined, subject: undefined, facts: {}, channels: [channel] };
    const recordingId = await library.createRecording({ header, subject: "s", study: "", synthetic: false, source: { format: "t", file: "f", sha256: "" }, state: "importing" });
    tell("holding", { recordingId, held: true });
    tell("progress", progress(jobId, "running", "half"));
    /^(a+)+$/.test("a".repeat(64) + "!");
  } });
`;

async function withDeafThread(work: (threads: Threads) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "kodo-deaf-"));
  try {
    writeFileSync(join(folder, "deaf.mjs"), deaf);
    await withThreads(work, new URL(`file://${join(folder, "deaf.mjs")}`));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A job of which a recording is half written when its thread begins to spin. */
async function spinning({ exchange }: Threads): Promise<string> {
  const seen = new Promise<void>((resolve) =>
    exchange.onProgress(({ file }) => file === "half" && resolve()),
  );
  const jobId = exchange.startImport(["spins"], {});
  await seen;
  return jobId;
}

test("a job that hears no cancel is ended with its thread and said to be cancelled; what waited behind it is done by a new one", () =>
  withDeafThread(async (threads) => {
    const { exchange, storage } = threads;
    const deafJob = await spinning(threads);
    const behind = exchange.startImport(["plain"], {});
    exchange.cancel(deafJob);
    exchange.cancel(deafJob); // a person who sees nothing happen presses again
    expect(await exchange.finished(deafJob)).toMatchObject({
      state: "cancelled",
      files: [{ state: "cancelled", error: { code: "cancelled/by-user" } }],
    });
    expect((await exchange.finished(behind)).state).toBe("done");
    expect(await storage.library.listRecordings()).toEqual([]);
    expect((await exchange.finished(exchange.startImport(["plain"], {}))).state).toBe("done");
  }));

test("a job that waits behind one that hears nothing is cancelled, and the other is left alone", () =>
  withDeafThread(async (threads) => {
    const { exchange } = threads;
    const deafJob = await spinning(threads);
    const behind = exchange.startImport(["plain"], {});
    exchange.cancel(behind);
    expect((await exchange.finished(behind)).state).toBe("cancelled");
    expect(exchange.jobs().find(({ jobId }) => jobId === deafJob)?.state).toBe("running");
  }));

test("closing ends a thread that hears nothing and leaves nothing half written", () =>
  withDeafThread(async (threads) => {
    const { exchange, storage } = threads;
    const ended = exchange.finished(await spinning(threads));
    const asked = exchange.preview("any", undefined);
    asked.catch(() => undefined);
    await exchange.close();
    expect((await ended).state).toBe("cancelled");
    await expect(asked).rejects.toMatchObject({ code: "internal/exchange-lost" });
    expect(await storage.library.listRecordings()).toEqual([]);
  }));
