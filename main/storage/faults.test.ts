import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { maskReasons } from "../../preload/contract/mask.ts";
import { bucketSizes } from "../../preload/contract/recording.ts";
import type { Library, WholeRecording } from "./api.ts";
import { RunConfig, type Run } from "../../preload/contract/run.ts";
import { openLibrary, type OpenLibrary } from "./open-library.ts";
import { block, channelHeader, inFolder, newRecording, newWhole, ramp } from "./testing.ts";

const child = fileURLToPath(new URL("./fault-child.ts", import.meta.url));

interface Said {
  recording: string;
  samples: number;
  annotations: string[];
  whole: { readonly id: string; readonly from: number }[];
  masks: number;
  failed: string | undefined;
}

/** Lets the child write until `stop` says so, then ends it at once. Returns what it acknowledged. */
function recordUntilKilled(
  command: string,
  args: string[],
  stop: { afterMs?: number; atFailure?: boolean; started?: () => void },
): Promise<Said> {
  return new Promise((resolve, reject) => {
    const process_ = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
    const said: Said = { recording: "", samples: 0, annotations: [], whole: [], masks: 0, failed: undefined };
    let rest = "";
    let isTimed = false;
    process_.stdout.on("data", (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split("\n");
      rest = lines.pop()!;
      for (const line of lines) {
        const entry = JSON.parse(line) as Omit<Partial<Said>, "whole"> & {
          annotation?: string;
          whole?: Said["whole"][number];
        };
        if (entry.annotation !== undefined) said.annotations.push(entry.annotation);
        else if (entry.whole !== undefined) said.whole.push(entry.whole);
        else Object.assign(said, entry);
      }
      if (said.samples + said.whole.length > 0 && !isTimed && stop.afterMs !== undefined) {
        isTimed = true;
        stop.started?.();
        setTimeout(() => process_.kill("SIGKILL"), stop.afterMs);
      }
    });
    process_.on("error", reject);
    process_.on("close", () => resolve(said));
  });
}

/** Everything acknowledged is there, everything there is right, and nothing is broken. */
function expectWhole(library: OpenLibrary, said: Said): void {
  expect(library.checkIntegrity()).toEqual([]);
  expect(library.verifyLog().brokenAt).toBeUndefined();
  const detail = library.getRecording(said.recording);
  const [first, second] = detail.channels;
  expect(first!.sampleCount).toBeGreaterThanOrEqual(said.samples);
  expect(second!.sampleCount).toBe(first!.sampleCount);
  expect(library.checksum(said.recording).damagedBlocks).toBe(0);
  const { samples } = library.digitalBlock(said.recording, 0, 0, first!.sampleCount);
  expect(samples).toEqual(ramp(first!.sampleCount));
  const span = library.samples(said.recording, 0, 0, first!.sampleCount);
  expect(span.reasons.filter((reason) => reason === 0)).toHaveLength(first!.observedCount);
  expect(span.reasons).not.toContain(maskReasons.notRecorded);
  const ids = library.listAnnotations(said.recording).map((annotation) => annotation.id);
  expect(ids).toEqual(expect.arrayContaining(said.annotations));
  const masks = library.listMasks(said.recording).length;
  expect(masks).toBeGreaterThanOrEqual(said.masks);
  expect(library.history(said.recording).undo).toBe(ids.length + masks);
  // The pyramid is the one the samples give.
  const copy = library.createRecording(
    newRecording([
      channelHeader({ sampleRate: 1000 }),
      channelHeader({ label: "UC", sampleRate: 1000, sampleType: "float32" }),
    ]),
  );
  library.appendBlocks(copy, [{ ...library.digitalBlock(said.recording, 0, 0, first!.sampleCount) }]);
  const seen = (id: string, size: number): unknown[] =>
    library.tiles(id, 0, size, 0, 4000).map((tile) => ({ ...tile, beneath: undefined })); // the copy has its masks as the source's own
  for (const size of bucketSizes) expect(seen(said.recording, size)).toEqual(seen(copy, size));
}

test.each([
  [20, 100],
  [60, 1000],
  [130, 100],
  [210, 5000],
  [340, 333],
  [Math.floor(500 * Math.random()), 700],
])(
  "a process killed %i ms into recording and annotating loses nothing it acknowledged (pieces of %i samples)",
  (afterMs, piece) =>
    inFolder(async (folder) => {
      const path = join(folder, "killed.kodo");
      let stateWhileAlive = "";
      const started = (): void => {
        const other = openLibrary(path); // the command line, say, while the application records
        stateWhileAlive = other.listRecordings()[0]!.state;
        other.close();
      };
      const said = await recordUntilKilled(process.execPath, [child, path, String(piece)], {
        afterMs,
        started,
      });
      expect(stateWhileAlive).toBe("recording");
      expect(said.samples).toBeGreaterThan(0);
      const library = openLibrary(path);
      expect(library.info().interrupted).toEqual([said.recording]);
      expect(library.getRecording(said.recording).state).toBe("interrupted");
      expectWhole(library, said);
      library.close();
    }),
);

test.each([15, 60, Math.floor(400 * Math.random())])(
  "a process killed %i ms into an import of small recordings has those it told of, and none in part",
  (afterMs) =>
    inFolder(async (folder) => {
      const path = join(folder, "killed.kodo");
      const said = await recordUntilKilled(process.execPath, [child, path, "2000", "whole"], { afterMs });
      expect(said.whole.length).toBeGreaterThan(0);
      const library = openLibrary(path);
      expect(library.info().interrupted).toEqual([]);
      const found = library.listRecordings();
      expect(found.map(({ id }) => id)).toEqual(expect.arrayContaining(said.whole.map(({ id }) => id)));
      expect(found.length % 3).toBe(0); // a group is there or it is not
      for (const { state, channels } of found)
        expect([state, channels[0]?.sampleCount]).toEqual(["complete", 2000]);
      for (const { id, from } of said.whole)
        expect(library.digitalBlock(id, 0, 0, 2000).samples).toEqual(ramp(2000, "int16", from));
      expect(library.checkIntegrity()).toEqual([]);
      expect(library.verifyLog().brokenAt).toBeUndefined();
      library.close();
    }),
);

test("files that may not grow any more end in storage/disk-full or storage/io, with everything acknowledged kept", () =>
  inFolder(async (folder) => {
    const path = join(folder, "limited.kodo");
    openLibrary(path).close();
    // The shell's limit is in blocks of 512 bytes (dash) or 1024 (bash).
    const said = await recordUntilKilled(
      "/bin/sh",
      ["-c", 'ulimit -f 6000; trap "" XFSZ; exec "$0" "$@"', process.execPath, child, path, "5000"],
      {},
    );
    expect(said.failed).toMatch(/^storage\/(disk-full|io)$/);
    expect(said.samples).toBeGreaterThan(0);
    const library = openLibrary(path);
    expectWhole(library, said);
    library.close();
  }));

test("a library that has reached its largest size says disk-full, stays whole and goes on when there is room", () =>
  inFolder((folder) => {
    const path = join(folder, "full.kodo");
    let library = openLibrary(path, { maxPages: 101 });
    const id = library.createRecording(newRecording());
    let at = 0;
    const grow = (): void => {
      for (; at < 2_000_000; at += 10_000)
        library.appendBlocks(id, [block(0, at, ramp(10_000, "int16", at))]);
    };
    expect(grow).toThrow(expect.objectContaining({ code: "storage/disk-full" }));
    expect(at).toBeGreaterThan(100_000);
    expect(library.getRecording(id).channels[0]?.sampleCount).toBe(at);
    expect(library.checkIntegrity()).toEqual([]);
    library.close();
    library = openLibrary(path);
    grow();
    library.closeRecording(id, { state: "complete", repairs: [] });
    expect(library.digitalBlock(id, 0, 0, 3_000_000).samples).toEqual(ramp(2_000_000));
    expect(library.checksum(id).damagedBlocks).toBe(0);
    library.close();
  }));

type Step = (library: Library, ids: string[]) => unknown;
const annotationOf = (recordingId: string, onsetS: number) =>
  ({
    recordingId,
    label: "acceleration",
    labelSet: "ctg-events",
    labelSetVersion: 1,
    onsetS,
    durationS: 1,
    author: "a",
    source: "person",
    note: "",
  }) as const;

const trainedRun: Run = {
  id: "theirs",
  classes: ["a", "b"],
  phase: "done",
  createdAt: "2026-11-24T00:00:00Z",
  codeVersion: "1",
  data: [],
  curve: [],
  hasCheckpoint: false,
  config: RunConfig.parse({
    name: "theirs",
    recordingIds: ["x"],
    labelSet: "theirs",
    labels: ["a", "b"],
    channels: ["c"],
    windowS: 1,
    strideS: 1,
    testSubjects: [],
    validationSubjects: [],
  }),
};

/** Two pieces of a channel of contractions that stay where they are for two minutes. */
const wholeOf = (name: string): WholeRecording => {
  const pieces = [block(0, 0, ramp(500)), block(0, 500, ramp(900).fill(4, 0, 480))];
  const one = newWhole([channelHeader({ role: "uc" })], pieces);
  return { ...one, header: { ...one.header, name } };
};

const session: readonly Step[] = [
  (library, ids) => ids.push(library.createRecording(newRecording())),
  (library, ids) => library.appendBlocks(ids[0]!, [block(0, 0, ramp(20_000))]),
  (library, ids) =>
    library.appendBlocks(ids[0]!, [
      block(0, 20_000, ramp(20_000, "int16", 20_000), [{ first: 5, count: 7, reason: 1 }]),
    ]),
  (library, ids) => library.appendBlocks(ids[0]!, [block(0, 50_000, ramp(10_000, "int16", 50_000))]),
  (library, ids) =>
    library.addMask({
      recordingId: ids[0]!,
      layer: "person",
      reason: 7,
      onsetS: 10,
      durationS: 30,
      author: "a",
    }),
  (library, ids) => library.addAnnotations([annotationOf(ids[0]!, 1), annotationOf(ids[0]!, 2)]),
  (library, ids) => library.undo(ids[0]!),
  (library, ids) => library.redo(ids[0]!),
  (library, ids) => library.removeAnnotation(library.listAnnotations(ids[0]!)[0]!.id),
  (library, ids) => library.closeRecording(ids[0]!, { state: "complete", repairs: [] }),
  (library) => library.addRecordings(["small 1", "small 2"].map(wholeOf)),
  (library) => library.changeSettings({ author: "a", theme: "dark" }),
  (library) => library.saveLabelSet({ ...library.getLabelSet("signal-quality"), kind: "ctg" }),
  (library) =>
    library.addTrainedRun({
      run: trainedRun,
      model: Uint8Array.of(1, 2, 3),
      labelSet: { ...library.getLabelSet("signal-quality"), id: "theirs" },
    }),
];

/** Everything the session can have changed, without what differs from one run to the next. */
function stateOf(library: OpenLibrary): unknown {
  return {
    settings: library.getSettings(),
    sets: library.listLabelSets(),
    models: library.listRuns().map(({ id }) => [id, library.loadModel(id, "model")]),
    log: library.readLog(100).map((entry) => entry.action),
    recordings: library.listRecordings().map(({ id, ...summary }) => ({
      ...summary,
      importedAt: "",
      checksum: library.checksum(id),
      tiles: library.tiles(id, 0, 64, 0, 100),
      masks: library.listMasks(id).map((span) => span.onsetS),
      annotations: library.listAnnotations(id).map((annotation) => annotation.onsetS),
      history: library.history(id),
    })),
  };
}

test(
  "whichever write fails, its call changes nothing, and made again it succeeds",
  () =>
    inFolder((folder) => {
      let writes = 0;
      let failAt = Infinity;
      const beforeWrite = (): void => {
        if (++writes === failAt)
          throw Object.assign(new Error("disk I/O error"), { code: "SQLITE_IOERR_WRITE" });
      };
      const run = (name: string): { state: unknown; failed: number; writes: number } => {
        writes = -Infinity;
        const library = openLibrary(join(folder, name), { beforeWrite });
        const ids: string[] = [];
        let failed = 0;
        writes = 0;
        for (const step of session) {
          const before = stateOf(library);
          try {
            step(library, ids);
          } catch (error) {
            failed++;
            expect(error).toMatchObject({ code: "storage/io" });
            expect(stateOf(library)).toEqual(before);
            step(library, ids);
          }
        }
        expect(library.checkIntegrity()).toEqual([]);
        const state = stateOf(library);
        library.close();
        return { state, failed, writes };
      };
      const sound = run("sound.kodo");
      expect(sound.failed).toBe(0);
      let failures = 0;
      for (failAt = 1; failAt <= sound.writes; failAt++) {
        const { state, failed } = run(`fails-${failAt}.kodo`);
        expect(state, `write ${failAt}`).toEqual(sound.state);
        failures += failed;
      }
      expect(failures).toBeGreaterThan(sound.writes * 0.8); // a joining that fails is put off, not reported
    }),
  300_000,
);

test("a copy taken while the library grows, its log cut anywhere, opens with a prefix of what was committed", () =>
  inFolder((folder) => {
    const path = join(folder, "growing.kodo");
    const library = openLibrary(path);
    const id = library.createRecording(newRecording(undefined, { state: "recording" }));
    let random = 7;
    const next = (limit: number): number => (random = (random * 48271) % 2147483647) % limit;
    const counts = new Set<number>();
    for (let trial = 0; trial < 25; trial++) {
      for (let i = 0; i < 3; i++) {
        const at = (trial * 3 + i) * 700;
        library.appendBlocks(id, [block(0, at, ramp(700, "int16", at))]);
      }
      const copy = join(folder, `copy-${trial}.kodo`);
      copyFileSync(path, copy);
      copyFileSync(`${path}-wal`, `${copy}-wal`);
      truncateSync(`${copy}-wal`, 512 * next(1 + Math.floor(statSync(`${copy}-wal`).size / 512)));
      const opened = openLibrary(copy, { owner: { pid: process.pid, started: "", host: "restored" } });
      expect(opened.checkIntegrity()).toEqual([]);
      expect(opened.verifyLog().brokenAt).toBeUndefined();
      const count = opened.listRecordings()[0]?.channels[0]?.sampleCount ?? 0;
      expect(count % 700).toBe(0);
      if (count > 0) expect(opened.digitalBlock(id, 0, 0, 1e6).samples).toEqual(ramp(count));
      counts.add(count);
      opened.close();
    }
    library.close();
    expect(counts.size).toBeGreaterThan(5);
    expect(existsSync(path)).toBe(true);
  }));

test("two processes write the same library at once and neither waits in vain", () =>
  inFolder(async (folder) => {
    const path = join(folder, "shared.kodo");
    const library = openLibrary(path);
    const id = library.createRecording(newRecording());
    let written = 0;
    const writing = setInterval(() => {
      library.appendBlocks(id, [block(0, written * 100, ramp(100, "int16", written * 100))]);
      library.addAnnotations([annotationOf(id, written++)]);
    }, 2);
    const said = await recordUntilKilled(process.execPath, [child, path, "500"], { afterMs: 300 });
    clearInterval(writing);
    expect(said.failed).toBeUndefined();
    expect(written).toBeGreaterThan(5);
    expect(library.digitalBlock(id, 0, 0, 1e6).samples).toEqual(ramp(written * 100));
    expect(library.history(id).undo).toBe(written);
    expect(library.listRecordings().find((recording) => recording.id === said.recording)?.state).toBe(
      "interrupted",
    );
    expectWhole(library, said);
    library.close();
  }));

test("whoever waits for a process that writes with hardly a pause comes in between, not seconds later", () =>
  inFolder(async (folder) => {
    const path = join(folder, "shared.kodo");
    const library = openLibrary(path);
    const greedy = new Worker(
      `const { workerData, parentPort } = require("node:worker_threads");
      const database = new (require("better-sqlite3"))(workerData);
      const pause = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
      for (;;) {
        database.exec("BEGIN IMMEDIATE");
        parentPort.postMessage("holds it");
        pause(60 + 60 * Math.random());
        database.exec("ROLLBACK");
        pause(3);
      }`,
      { eval: true, workerData: path },
    );
    await once(greedy, "message");
    const began = performance.now();
    for (let i = 0; i < 6; i++) {
      library.log({ actor: "a", action: "test", subject: "s", detail: {} });
      await new Promise((done) => setTimeout(done, 10)); // the other has the lock again
    }
    expect(performance.now() - began).toBeLessThan(3000);
    await greedy.terminate();
    library.close();
  }));
