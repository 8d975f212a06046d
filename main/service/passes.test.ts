import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import type { EventName } from "../../preload/contract/channels.ts";
import { AppError } from "../../preload/contract/errors.ts";
import type { JobProgress } from "../../preload/contract/exchange.ts";
import { PassOrder } from "../../preload/contract/pass.ts";
import { sure } from "../../preload/contract/sure.ts";
import type { AsyncLibrary } from "../storage/api.ts";
import { spawnLibrary } from "../storage/client.ts";
import { calm, type MadeChannel, record } from "./ctg.fixtures.ts";
import { ServiceEvents } from "./events.ts";
import { old } from "./passes.fixtures.ts";
import { Passes } from "./passes.ts";

const READER = "Dr. Reader";

const moving: MadeChannel = { role: "uc", valueAt: (s) => 20 + 9 * Math.sin(s / 7) };

interface World {
  readonly library: AsyncLibrary;
  readonly passes: Passes;
  readonly told: JobProgress[];
  readonly heard: { readonly name: EventName; readonly payload: unknown }[];
}

const worker = new URL("../storage/worker.ts", import.meta.url);

async function withPasses(
  work: (world: World) => Promise<void>,
  changed = (library: AsyncLibrary): AsyncLibrary => library,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "kodo-passes-"));
  const path = join(folder, "library.kodo");
  const storage = spawnLibrary(path, worker);
  const library = changed(storage.library);
  const events = new ServiceEvents();
  const heard: { name: EventName; payload: unknown }[] = [];
  events.on((name, payload) => heard.push({ name, payload }));
  const passes = new Passes({ library, events, failed: () => undefined });
  const told: JobProgress[] = [];
  passes.onProgress((progress) => told.push(progress));
  try {
    await work({ library, passes, told, heard });
  } finally {
    await passes.close();
    await storage.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A library that changes one recording of those it is asked to. */
const oneAtATime = (library: AsyncLibrary): AsyncLibrary => ({
  ...library,
  takeRules: (asked) => library.takeRules({ ...asked, parts: asked.parts.slice(0, 1) }),
});

const order = (ids: readonly string[], what: "lay" | "lift" = "lay"): PassOrder =>
  PassOrder.parse({ what, selection: { kind: "these", ids } });

const ended = (told: readonly JobProgress[], jobId: string): Promise<JobProgress> =>
  vi.waitUntil(
    () => told.find((one) => one.jobId === jobId && /^(done|failed|cancelled)$/.test(one.state)),
    20_000,
  );

const laid = async (library: AsyncLibrary, ids: readonly string[]): Promise<number[]> =>
  Promise.all(ids.map(async (id) => (await library.listMasks(id)).length));

test("a pass says what it would change, changes it as one job, is taken back as one and done again", () =>
  withPasses(async ({ library, passes, told, heard }) => {
    const ids = await old(library, 3);
    const still = await record(library, 120, [calm, moving]);
    const emg = await record(library, 120, [{ ...calm, role: "emg" }], "emg");
    const all = [...ids, still, emg];
    const counts = {
      looked: 5,
      recordings: 3,
      spans: 3,
      seconds: 270,
      unchanged: 1,
      noChannel: 1,
      failed: 0,
    };
    expect(await passes.handlers["passes.look"](order(all))).toMatchObject(counts);
    expect(heard[0]).toMatchObject({ name: "passes.looked", payload: { of: 5 } });
    expect(await laid(library, ids)).toEqual([0, 0, 0]);

    const { jobId } = await passes.handlers["passes.start"](order(all));
    expect(await ended(told, jobId)).toMatchObject({ state: "done", done: 1, pass: counts });
    expect(await laid(library, ids)).toEqual([1, 1, 1]);
    const names = new Set(heard.map(({ name }) => name));
    expect(names).toEqual(new Set(["passes.looked", "recordings.changed", "findings.changed"]));

    const undone = await passes.handlers["passes.undo"]({ jobId });
    expect(await passes.handlers["passes.undo"]({ jobId })).toEqual(undone); // pressed twice
    expect(await ended(told, undone.jobId)).toMatchObject({
      state: "done",
      pass: { what: "undo", recordings: 3, seconds: 270, of: 3 },
    });
    expect(passes.jobs().map(({ pass }) => pass?.isUndone)).toEqual([true, false]);
    expect(await laid(library, ids)).toEqual([0, 0, 0]);
    const again = await passes.handlers["passes.undo"](undone);
    expect(await ended(told, again.jobId)).toMatchObject({ pass: { recordings: 3 } });
    expect(await laid(library, ids)).toEqual([1, 1, 1]);
    await expect(passes.handlers["passes.undo"]({ jobId: "none" })).rejects.toMatchObject({
      code: "data/job-unknown",
    });
  }));

test("all that a filter shows, and a selection of nothing", () =>
  withPasses(async ({ library, passes, told }) => {
    const ids = await old(library, 2);
    const filtered = PassOrder.parse({
      what: "lay",
      selection: { kind: "filtered", filter: {}, newest: 1_000, except: [ids[1]], also: [] },
    });
    const { jobId } = await passes.handlers["passes.start"](filtered);
    expect(await ended(told, jobId)).toMatchObject({ state: "done", pass: { of: 1, recordings: 1 } });
    const none = await passes.handlers["passes.start"](order([]));
    expect(await ended(told, none.jobId)).toMatchObject({ state: "done", pass: { of: 0, looked: 0 } });
    expect(await passes.handlers["passes.look"](order([]))).toMatchObject({ looked: 0, recordings: 0 });
  }));

test("the same asked twice at once is one pass; cancelled, what was done stands, can be taken back, and the next does the rest", () =>
  withPasses(async ({ library, passes, told }) => {
    const ids = await old(library, 8);
    const started = await Promise.all([1, 2].map(async () => passes.handlers["passes.start"](order(ids))));
    expect(new Set(started.map(({ jobId }) => jobId)).size).toBe(1);
    const { jobId } = sure(started[0]);
    await vi.waitUntil(() => (passes.jobs()[0]?.pass?.recordings ?? 0) > 0, 20_000);
    expect(passes.cancel(jobId)).toBe(true);
    expect(passes.cancel("none")).toBe(false);
    const { pass } = await ended(told, jobId).then((job) => ({ pass: sure(job.pass) }));
    const sum = (await laid(library, ids)).reduce((a, b) => a + b, 0);
    expect(sum).toBe(pass.recordings);
    const rest = await passes.handlers["passes.start"](order(ids));
    expect(await ended(told, rest.jobId)).toMatchObject({ pass: { recordings: 8 - sum, unchanged: sum } });
    const undone = await passes.handlers["passes.undo"]({ jobId });
    expect(await ended(told, undone.jobId)).toMatchObject({ pass: { recordings: sum } });
    expect((await laid(library, ids)).filter((count) => count === 1)).toHaveLength(8 - sum);
  }, oneAtATime));

test("another look ends the one before; told to stop, it ends", () =>
  withPasses(async ({ library, passes }) => {
    const ids = await old(library, 1);
    const first = Promise.resolve(passes.handlers["passes.look"](order(ids)));
    const second = passes.handlers["passes.look"](order(ids, "lift"));
    await expect(first).rejects.toMatchObject({ code: "cancelled/by-user" });
    expect(await second).toMatchObject({ looked: 1, recordings: 0, unchanged: 1 });
    const third = Promise.resolve(passes.handlers["passes.look"](order(ids)));
    await passes.handlers["passes.stopLooking"]({});
    await expect(third).rejects.toMatchObject({ code: "cancelled/by-user" });
  }));

test("what is under way, damaged or lifted by hand is left out and told; of what is read blind it is not told", () => {
  let broken = "";
  const failed = {
    state: "failed",
    error: { code: "storage/corrupt", message: "A step of the history is damaged", detail: {} },
  } as const;
  return withPasses(
    async ({ library, passes, told }) => {
      const [fine, damaged, lifted, blind] = await old(library, 4);
      const channel = {
        ...{ label: "UC", unit: "", role: "uc" as const, sampleRate: 4 },
        ...{ sampleType: "int16" as const, gain: 1, offset: 0 },
      };
      const live = await library.createRecording({
        header: {
          name: "live",
          kind: "ctg",
          subject: "S",
          startedAt: undefined,
          channels: [channel],
          facts: {},
        },
        ...{ subject: "S", study: "", synthetic: true, state: "recording" },
        source: { format: "test", file: "live", sha256: "" },
      });
      for (const id of [sure(lifted), sure(blind)]) {
        await library.layRules(id);
        await library.liftRules(id);
      }
      await library.changeSettings({ author: READER, blind: [{ recordingId: sure(blind), reader: READER }] });
      broken = sure(damaged);
      const ids = [fine, damaged, lifted, blind, live].map(sure);
      const counts = {
        ...{ looked: 5, recordings: 1, unchanged: 1, kept: 1, unfinished: 1, unfinishedNames: ["live"] },
        ...{ failed: 1, failures: [{ recording: "made", error: { code: "storage/corrupt" } }] },
      };
      expect(await passes.handlers["passes.look"](order(ids))).toMatchObject(counts);
      const { jobId } = await passes.handlers["passes.start"](order(ids));
      expect(await ended(told, jobId)).toMatchObject({ state: "done", pass: counts });
      expect((await library.listMasks(sure(fine)))[0]?.layer).toBe("rule");
      expect(await laid(library, [sure(lifted), sure(blind)])).toEqual([0, 0]);
    },
    (library) => ({
      ...library,
      ruleStep: async (asked) => {
        const step = await library.ruleStep(asked);
        return {
          ...step,
          looks: step.looks.map((look) => (look.id === broken ? { ...look, ...failed } : look)),
        };
      },
    }),
  );
});

test("what the library itself refuses ends the pass with its reason, and what was done can be taken back", () => {
  let calls = 0;
  const full = new AppError("storage/disk-full", "The disk is full");
  return withPasses(
    async ({ library, passes, told }) => {
      const ids = await old(library, 2);
      calls = 1;
      const { jobId } = await passes.handlers["passes.start"](order(ids));
      expect(await ended(told, jobId)).toMatchObject({
        state: "failed",
        files: [{ error: { code: "storage/disk-full" } }],
        pass: { recordings: 1 },
      });
      calls = -Infinity;
      const undone = await passes.handlers["passes.undo"]({ jobId });
      expect(await ended(told, undone.jobId)).toMatchObject({ state: "done", pass: { recordings: 1 } });
      expect(await laid(library, ids)).toEqual([0, 0]);
      calls = 2;
      const again = await passes.handlers["passes.undo"](undone);
      await ended(told, again.jobId);
      calls = -Infinity;
      const once = await passes.handlers["passes.undo"](undone); // it may be asked again, since it came to nothing
      expect(await ended(told, once.jobId)).toMatchObject({ state: "done", pass: { recordings: 1 } });
    },
    (library) => ({
      ...library,
      takeRules: (asked) => {
        if (calls++ === 2) return Promise.reject(full);
        return oneAtATime(library).takeRules(asked);
      },
    }),
  );
});

test("a library that can only be read is looked over and refused in words", async () => {
  const folder = mkdtempSync(join(tmpdir(), "kodo-passes-"));
  const path = join(folder, "library.kodo");
  const writing = spawnLibrary(path, worker);
  const ids = await old(writing.library, 1);
  await writing.close();
  const storage = spawnLibrary(path, worker, { readOnly: true });
  const passes = new Passes({
    library: storage.library,
    events: new ServiceEvents(),
    failed: () => undefined,
  });
  try {
    const watch = { signal: new AbortController().signal };
    expect(await passes.look(order(ids), watch)).toMatchObject({ recordings: 1, seconds: 90 });
    for (const refused of [
      passes.handlers["passes.start"](order(ids)),
      passes.handlers["passes.undo"]({ jobId: "any" }),
      passes.run("one", order(ids), watch),
      passes.takeBack({ pass: "two", undoes: "one" }, ids, watch),
    ])
      await expect(refused).rejects.toThrow("library.kodo can only be read here; nothing was changed");
    expect(passes.jobs()).toEqual([]);
  } finally {
    await storage.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

test("closing while a pass is under way leaves every recording whole", () =>
  withPasses(async ({ library, passes }) => {
    const ids = await old(library, 5);
    await passes.handlers["passes.start"](order(ids));
    await passes.close();
    expect(passes.jobs()[0]?.state).toBe("running"); // nobody stopped it: the next process is told
    expect(new Set(await laid(library, ids))).not.toContain(2);
  }, oneAtATime));
