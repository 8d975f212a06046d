import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { EventPayload } from "../../preload/contract/channels.ts";
import { AppError } from "../../preload/contract/errors.ts";
import type { JobProgress } from "../../preload/contract/exchange.ts";
import type { FindingSummary } from "../../preload/contract/finding.ts";
import type { StudyOutcome } from "../../preload/contract/study.ts";
import { spawnLibrary, type SpawnedLibrary } from "../storage/client.ts";
import { block, channelHeader, newPrediction, newRun, newWhole, ramp } from "../storage/testing.ts";
import type { Trainer } from "../training/process/host-api.ts";
import type { ClusterLink, StudyThere, StudyWatch } from "./cluster-link.ts";
import { ServiceEvents } from "./events.ts";
import { Studies } from "./studies.ts";

let folder: string;
let storage: SpawnedLibrary;
let ids: string[];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "kodo-studies-"));
  storage = spawnLibrary(join(folder, "library.kodo"), new URL("../storage/worker.ts", import.meta.url));
  const wholes = ["a", "b", "c"].map((name) => {
    const whole = newWhole([channelHeader()], [block(0, 0, ramp(40))]);
    return { ...whole, header: { ...whole.header, name } };
  });
  ids = wholes.map(({ id }) => id);
  await storage.library.addRecordings(wholes);
  const run = newRun("run");
  const data = { ...run.config.data, recordingIds: ids };
  await storage.library.saveRun({ ...run, config: { ...run.config, data } });
});
afterEach(async () => {
  await storage.close();
  rmSync(folder, { recursive: true, force: true });
});

const order = { kind: "predict", runId: "run", adaptation: "none" } as const;
const ask = (where: "here" | "there" = "here") => ({
  ...{ order, where, again: false },
  selection: { kind: "these" as const, ids },
});
const outcome: StudyOutcome = {
  ...{ recordings: 3, taken: 2, known: 0, elsewhere: 0 },
  ...{ differ: ["c"], failures: [] },
};

/** A window whose model predicts when it is told to, and whose cluster ends a study when it is told to. */
function studiesOf({
  fails = new Map<string, AppError["code"]>(),
  isPaced = false,
  library = storage.library,
  read = (): readonly FindingSummary[] => [],
} = {}) {
  const asked: string[] = [];
  const told: JobProgress[] = [];
  const gates: (() => void)[] = [];
  const there: {
    given: StudyThere;
    watch: StudyWatch;
    end: (result: StudyOutcome) => void;
    fail: (error: AppError) => void;
  }[] = [];
  const trainer = {
    models: () => Promise.resolve([]),
    predict: async ({ recordingId }: { recordingId: string }) => {
      asked.push(recordingId);
      if (isPaced) await new Promise<void>((go) => gates.push(go));
      const code = fails.get(recordingId);
      if (code !== undefined) throw new AppError(code, "It cannot be said");
      return { ...newPrediction("run", recordingId), createdAt: new Date().toISOString() };
    },
  } as unknown as Trainer;
  const link: Pick<ClusterLink, "agreed" | "refuseUnnamed" | "judge"> = {
    agreed: () => "db/kodo",
    refuseUnnamed: () => Promise.resolve(),
    judge: (given, watch) =>
      new Promise((end, fail) => {
        there.push({ given, watch, end, fail });
        watch.signal.addEventListener("abort", () => fail(new AppError("cancelled/by-user", "Cancelled")));
      }),
  };
  const readings = { "ctg.read": () => [...read()], "ctg.cancel": () => undefined };
  const events = new ServiceEvents();
  const spoken: string[][] = []; // recordings, as the window is told of them
  events.on((name, payload) => {
    if (name === "findings.changed") spoken.push((payload as EventPayload<"findings.changed">).ids);
  });
  const studies = new Studies({
    ...{ library, trainer, readings, link, events },
    failed: () => undefined,
  });
  studies.onProgress((progress) => told.push(progress));
  const ended = async (jobId: string): Promise<JobProgress> => {
    const now = () => studies.jobs().find((one) => one.jobId === jobId);
    await expect.poll(() => now()?.state).toMatch(/done|failed|cancelled/);
    return now()!;
  };
  return { studies, asked, told, gates, there, ended, spoken };
}

test("each recording is asked about once; one that fails is told by name, and asked again only that is done", async () => {
  const first = studiesOf({ fails: new Map([[ids[1]!, "model/too-short"]]) });
  expect(await first.studies.handlers["studies.preview"](ask())).toEqual({ fitting: 3, known: 0, unfit: [] });
  const { jobId } = await first.studies.handlers["studies.start"](ask());
  expect(await first.ended(jobId)).toMatchObject({
    ...{ state: "done", done: 1, kind: "predict" },
    files: [{ file: "b", state: "failed", error: { code: "model/too-short" } }],
    study: { name: "run", place: null, of: 3, done: 3, failed: 1, known: 0 },
  });
  const second = studiesOf();
  expect(await second.studies.handlers["studies.preview"](ask())).toMatchObject({ fitting: 1, known: 2 });
  await second.ended((await second.studies.handlers["studies.start"](ask())).jobId);
  expect(second.asked).toEqual([ids[1]]);
  await expect(second.studies.handlers["studies.start"](ask())).rejects.toMatchObject({
    code: "data/nothing-to-ask",
  });
});

test("cancelled, it stops at once and keeps what was said; the same asked twice is one", async () => {
  const { studies, gates, ended, asked } = studiesOf({ isPaced: true });
  const { jobId } = await studies.handlers["studies.start"](ask());
  await expect.poll(() => gates.length).toBe(1);
  expect(await studies.handlers["studies.start"](ask())).toEqual({ jobId });
  gates[0]!();
  await expect.poll(() => gates.length).toBe(2);
  expect(studies.cancel("nobody")).toBe(false);
  expect(studies.cancel(jobId)).toBe(true);
  expect(await ended(jobId)).toMatchObject({ state: "cancelled", study: { done: 1 } });
  gates[1]!(); // what is said afterwards is not kept
  expect(await storage.library.listPredictions(ids[0]!)).toHaveLength(1);
  expect(await storage.library.listPredictions(ids[1]!)).toEqual([]);
  expect(asked).toHaveLength(2);
});

test("one that is cancelled while it waits for its turn ends at once, and may be asked for once more", async () => {
  const { studies, gates, ended, asked } = studiesOf({ isPaced: true });
  const first = await studies.handlers["studies.start"](ask());
  await expect.poll(() => gates.length).toBe(1);
  const again = { ...ask(), again: true };
  const { jobId } = await studies.handlers["studies.start"](again);
  studies.cancel(jobId);
  expect(await ended(jobId)).toMatchObject({ state: "cancelled", study: { done: 0 } });
  const other = await studies.handlers["studies.start"](again);
  expect(other.jobId).not.toBe(jobId);
  studies.cancel(first.jobId);
  await expect.poll(() => gates.length).toBe(2); // its turn has come
  expect(asked).toEqual([ids[0], ids[0]]);
  studies.cancel(other.jobId);
  await ended(other.jobId);
});

test("a full disk ends it with one sentence, and it goes on from there", async () => {
  const first = studiesOf({ fails: new Map([[ids[1]!, "storage/disk-full"]]) });
  const { jobId } = await first.studies.handlers["studies.start"](ask());
  expect(await first.ended(jobId)).toMatchObject({
    ...{ state: "failed", study: { done: 1, failed: 0 } },
    files: [{ file: "", error: { code: "storage/disk-full" } }],
  });
  await storage.library.changeJob(jobId, { state: "failed", progress: 1 / 3 });
  const second = studiesOf();
  await second.studies.handlers["studies.goOn"]({ jobId });
  expect(await second.ended(jobId)).toMatchObject({ state: "done", study: { of: 2, known: 1 } });
  expect(second.asked).toEqual(ids.slice(1));
  await expect(second.studies.handlers["studies.goOn"]({ jobId: "x" })).rejects.toMatchObject({
    code: "data/job-unknown",
  });
});

test("closed, what is done here is told to the next process, and what others do is followed by it", async () => {
  const first = studiesOf({ isPaced: true });
  const here = await first.studies.handlers["studies.start"](ask());
  const there = await first.studies.handlers["studies.start"](ask("there"));
  await expect.poll(() => first.there.length).toBe(1);
  await first.there[0]!.given.keepWork("w");
  await expect.poll(() => first.gates.length).toBe(1);
  expect(await first.studies.close()).toEqual([{ id: here.jobId, progress: 0 }]);
  expect(first.there[0]!.watch.signal.reason).toBe("left"); // and not cancelled there

  const second = studiesOf();
  await second.studies.takeUp();
  await expect.poll(() => second.there.length).toBe(1);
  const [one] = second.there;
  expect(one!.given).toMatchObject({ place: "db/kodo", asked: { work: "w", ids } });
  one!.watch.onSaid({ done: 0, of: 1 }, { waiting: 1, active: 0 });
  expect(second.told.at(-1)).toMatchObject({ state: "waiting", study: { place: "db/kodo" } });
  one!.end(outcome);
  expect(await second.ended(there.jobId)).toMatchObject({
    ...{ state: "done", study: { done: 3, failed: 1 } },
    files: [{ file: "c", error: { code: "data/study-differs" } }],
  });
  await second.studies.takeUp();
  expect(second.there).toHaveLength(1); // it is known
  expect(second.spoken).toEqual([ids]); // together
});

test("what cannot be asked is refused before anything is queued", async () => {
  const { studies } = studiesOf();
  const run = await storage.library.getRun("run");
  await storage.library.saveRun({ ...run, phase: "failed" });
  await expect(studies.handlers["studies.start"](ask())).rejects.toMatchObject({ code: "model/not-trained" });
  const settings = { ...(await storage.library.getSettings()).ctg, baseline: "run" as const };
  const read = { ...ask(), order: { kind: "analyse" as const, settings, rules: ["ctg/baseline" as const] } };
  await expect(studies.handlers["studies.start"](read)).rejects.toMatchObject({
    code: "model/no-run-chosen",
  });
  expect((await storage.library.listJobs()).filter(({ kind }) => kind !== "run")).toEqual([]);
});

test("masks that come while a recording is asked about are told of, and what was said without them is not kept", async () => {
  const { studies, gates, ended, asked } = studiesOf({ isPaced: true });
  const { jobId } = await studies.handlers["studies.start"](ask());
  await expect.poll(() => gates.length).toBe(1);
  const mask = { recordingId: ids[0]!, layer: "person", reason: 7, onsetS: 0, durationS: 1 } as const;
  await storage.library.addMask({ ...mask, author: "Ito" });
  gates[0]!();
  await expect.poll(() => gates.length).toBe(2);
  gates[1]!();
  await expect.poll(() => gates.length).toBe(3);
  gates[2]!();
  expect(await ended(jobId)).toMatchObject({
    ...{ state: "done", study: { done: 3, failed: 1 } },
    files: [{ file: "a", error: { code: "data/study-differs" } }],
  });
  expect(asked).toEqual(ids);
  expect(await storage.library.listPredictions(ids[0]!)).toEqual([]);

  const { ctg: settings } = await storage.library.getSettings();
  const said: FindingSummary = {
    ...{ id: "f", recordingId: ids[0]!, createdAt: "", isOutdated: true },
    origin: { kind: "rule", rule: "ctg/baseline", version: "1", config: {} },
    content: { kind: "curves", series: [], forecasts: 0 },
  };
  const readings = studiesOf({ read: () => [said] });
  const order = { kind: "analyse" as const, settings, rules: ["ctg/baseline" as const] };
  const reading = await readings.studies.handlers["studies.start"]({ ...ask(), order });
  expect(await readings.ended(reading.jobId)).toMatchObject({
    state: "failed",
    study: { done: 3, failed: 3 },
  });
});

test("gone on with twice, what is done again is not done a third time; the same asked twice at once is one", async () => {
  const fails = new Map([[ids[1]!, "storage/disk-full" as const]]);
  const library = { ...storage.library };
  library.changeJob = () => Promise.reject(new AppError("storage/disk-full", "No space"));
  const { studies, ended, asked } = studiesOf({ fails, library });
  const again = { ...ask(), again: true };
  const [one, other] = await Promise.all([
    studies.handlers["studies.start"](again),
    studies.handlers["studies.start"](again),
  ]);
  expect(other).toEqual(one);
  const { jobId } = one;
  await ended(jobId);
  await expect(studies.handlers["studies.goOn"]({ jobId })).rejects.toMatchObject({
    code: "storage/disk-full",
  });
  library.changeJob = storage.library.changeJob; // there is room again
  fails.set(ids[2]!, "storage/disk-full");
  fails.delete(ids[1]!);
  await studies.handlers["studies.goOn"]({ jobId });
  expect(await ended(jobId)).toMatchObject({ state: "failed", study: { of: 2, done: 1 } });
  fails.clear();
  await studies.handlers["studies.goOn"]({ jobId });
  expect(await ended(jobId)).toMatchObject({ state: "done", study: { of: 1, done: 1 } });
  expect(asked).toEqual([ids[0], ids[1], ids[1], ids[2], ids[2]]);
});

test("a study that failed at the cluster is told to it once more, where it goes on", async () => {
  const { studies, there, ended } = studiesOf();
  const { jobId } = await studies.handlers["studies.start"](ask("there"));
  await expect.poll(() => there.length).toBe(1);
  await there[0]!.given.keepWork("w");
  there[0]!.fail(new AppError("data/job-unknown", "No work w on the cluster"));
  expect(await ended(jobId)).toMatchObject({ state: "failed" });
  await studies.handlers["studies.goOn"]({ jobId });
  await expect.poll(() => there.length).toBe(2);
  expect(there[1]!.given.asked.work).toBeUndefined();
  expect(there[1]!.given.asked.ids).toEqual(ids);
  there[1]!.end({ ...outcome, recordings: 2, differ: [] });
  expect(await ended(jobId)).toMatchObject({ state: "done", study: { of: 3, done: 2 } });
});

test("looks at what fits are taken one after the other, and of the same that wait there is one", async () => {
  let [now, most, looks] = [0, 0, 0];
  const studyFit: typeof storage.library.studyFit = async (order, which) => {
    most = Math.max(most, (now += 1));
    looks += 1;
    const fit = await storage.library.studyFit(order, which);
    now -= 1;
    return fit;
  };
  const { studies } = studiesOf({ library: { ...storage.library, studyFit } });
  const preview = studies.handlers["studies.preview"];
  const first = preview(ask());
  await expect.poll(() => looks).toBe(1);
  const rest = await Promise.all([first, preview(ask()), preview(ask()), preview({ ...ask(), again: true })]);
  expect(rest.map(({ fitting }) => fitting)).toEqual([3, 3, 3, 3]);
  expect([most, looks]).toEqual([1, 3]);
});
