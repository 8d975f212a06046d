import { predictionFindingId } from "../../preload/contract/finding.ts";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { changed } from "../../preload/contract/run.fixtures.ts";
import {
  requests,
  type Api,
  type Params,
  type RequestName,
  type Result,
} from "../../preload/contract/channels.ts";
import { unwrap } from "../../preload/contract/errors.ts";
import type { JobProgress } from "../../preload/contract/exchange.ts";
import { BUCKETS_PER_TILE } from "../../preload/contract/recording.ts";
import { createFakeApi } from "./fake.ts";

let api: Api;
beforeEach(() => {
  vi.useFakeTimers();
  api = createFakeApi(7, { cluster: "connected" });
});
afterEach(() => vi.useRealTimers());

async function ask<N extends RequestName>(name: N, params: Params<N>): Promise<Result<N>> {
  const outcome = api.request(name, params);
  await vi.advanceTimersByTimeAsync(1);
  return unwrap(await outcome);
}

const firstRun = async () => (await ask("runs.list", {}))[0]!;

test("every request of the contract is answered in the contract's shape", async () => {
  const run = await firstRun();
  const annotation = {
    recordingId: "ctg-01",
    label: "deceleration",
    labelSet: "ctg-events",
    labelSetVersion: 1,
    onsetS: 10,
    durationS: 20,
    author: "a",
    source: "person" as const,
    note: "",
  };
  const { id: annotationId } = await ask("annotations.add", annotation);
  const mask = {
    recordingId: "ctg-01",
    layer: "person" as const,
    reason: 7,
    onsetS: 1,
    durationS: 2,
    author: "a",
  };
  const { id: maskId } = await ask("masks.add", mask);
  const reading = {
    ...{ recordingId: "ctg-01", labelSet: "ctg-events", labelSetVersion: 1 },
    ...{ author: "a", onsetS: 0, durationS: 60 },
  };
  const { id: readingId } = await ask("readings.add", reading);
  const [set] = await ask("labelSets.list", {});
  await ask("cluster.agree", { name: "db.example.org/kodo" });
  const { jobId } = await ask("sample.open", {});
  const { run: spare } = await ask("models.import", { file: "/x/spare.onnx" });
  const order = { kind: "predict", runId: spare.id, adaptation: "none" } as const;
  const all = { kind: "filtered" as const, filter: {}, newest: 1000, except: [], also: [] };
  const { jobId: passed } = await ask("passes.start", { what: "lift", selection: all });
  const asked: { [N in RequestName]: Params<N> } = {
    "app.info": {},
    "app.log": { limit: 50 },
    "library.verify": {},
    "library.cancelVerify": {},
    "library.backup": {},
    "settings.get": {},
    "settings.set": { theme: "dark" },
    "recordings.page": { view: { query: "ctg" }, limit: 3 },
    "recordings.outline": { view: {}, find: "ctg-02" },
    "recordings.counts": {},
    "recordings.some": { ids: ["ctg-01", "gone"] },
    "recordings.names": { ids: ["ctg-01"] },
    "recordings.selected": {
      selection: { kind: "filtered", filter: { kind: "ctg" }, newest: 3, except: ["ctg-01"], also: [] },
      filter: {},
    },
    "recordings.ids": { selection: { kind: "these", ids: ["ctg-01"] } },
    "recordings.roster": {},
    "recordings.removeAll": { selection: { kind: "these", ids: ["ctg-03"] } },
    "recordings.restoreAll": { at: "2026-11-24T10:00:00Z" },
    "recordings.get": { id: "ctg-01" },
    "recordings.change": { id: "ctg-01", note: "seen" },
    "recordings.remove": { id: "ctg-02" },
    "recordings.restore": { id: "ctg-02" },
    "recordings.bin": {},
    "recordings.binIds": {},
    "recordings.restoreThese": { ids: ["ctg-02"] },
    "recordings.purge": { ids: ["ctg-03"] },
    "recordings.checksum": { id: "ctg-01" },
    "trace.tiles": { recordingId: "ctg-01", channel: 0, samplesPerBucket: 16, firstTile: 0, tileCount: 4 },
    "trace.samples": { recordingId: "ctg-01", channel: 0, first: 0, count: 100 },
    "masks.list": { recordingId: "ctg-01" },
    "masks.add": mask,
    "masks.remove": { id: maskId },
    "agreement.report": { recordingIds: ["ctg-01"] },
    "agreement.decide": {
      ...{ recordingId: "ctg-01", labelSet: "ctg-events" },
      place: { group: "heart-rate-events", onsetS: 10, durationS: 20, opinions: [] },
      choice: { kind: "verdict", verdict: "cannot-tell" },
    },
    "agreement.keep": {
      ...{ recordingId: "ctg-01", labelSet: "ctg-events", readers: ["a", "b"] },
      events: [
        {
          ...{ recordingId: "ctg-01", group: "heart-rate-events", label: "acceleration" },
          ...{ onsetS: 10, durationS: 20, isKept: false },
        },
      ],
    },
    "readings.list": { recordingId: "ctg-01" },
    "readings.add": reading,
    "readings.remove": { id: readingId },
    "masks.layRules": { recordingId: "ctg-01" },
    "masks.liftRules": { recordingId: "ctg-01" },
    "passes.look": { what: "lay", selection: all },
    "passes.stopLooking": {},
    "passes.start": { what: "lift", selection: all },
    "passes.undo": { jobId: passed },
    "annotations.list": { recordingId: "ctg-01" },
    "annotations.add": annotation,
    "annotations.change": { id: annotationId, durationS: 5 },
    "annotations.remove": { id: annotationId },
    "annotations.undo": { recordingId: "ctg-01" },
    "annotations.redo": { recordingId: "ctg-01" },
    "annotations.history": { recordingId: "ctg-01" },
    "ctg.context": { recordingId: "ctg-01" },
    "ctg.setContext": { recordingId: "ctg-01", context: { isLabour: true } },
    "ctg.read": { recordingId: "ctg-01", settings: {} },
    "ctg.measure": { recordingId: "ctg-01", fromS: 60, toS: 600, settings: {} },
    "ctg.cancel": { recordingId: "ctg-01" },
    "labelSets.list": {},
    "labelSets.get": { id: "ctg-events", version: 1 },
    "labelSets.usage": { id: "ctg-events" },
    "labelSets.save": set!,
    "import.choose": {},
    "import.preview": { path: "a.csv" },
    "import.start": { paths: ["a.csv"], options: {} },
    "sample.open": {},
    "export.chooseDirectory": {},
    "export.start": {
      recordingIds: ["ctg-01"],
      format: "edf",
      directory: "/x",
      withAnnotations: true,
      withMask: true,
      deidentify: true,
    },
    "report.start": {
      recordingIds: ["ctg-01"],
      directory: "/x",
      files: ["pdf"],
      paperSpeed: 1,
      fhrRange: "50-210",
      withOverlays: true,
      withAnnotations: false,
      language: "en",
      deidentify: false,
    },
    "studies.preview": { order, selection: all },
    "studies.start": { order, selection: all, where: "here" },
    "studies.goOn": { jobId },
    "jobs.list": {},
    "jobs.cancel": { jobId },
    "jobs.dismiss": { jobId },
    "devices.list": {},
    "devices.identify": { protocol: "series50", port: "/dev/ttyUSB0" },
    "recorder.state": {},
    "recorder.arm": {
      subject: "S1",
      kind: "ctg",
      devices: [{ protocol: "series50", port: "simulated:series50" }],
    },
    "recorder.record": {},
    "recorder.mark": { labelSet: "ctg-events", label: "note", author: "a" },
    "recorder.begun": { marks: [] },
    "recorder.silence": {},
    "recorder.guide": { step: "pause" },
    "recorder.stop": {},
    "recorder.templates": {},
    "recorder.saveTemplate": {
      name: "usual",
      setup: { subject: "S1", kind: "ctg", devices: [{ protocol: "series50", port: "COM3" }] },
    },
    "recorder.removeTemplate": { name: "usual" },
    "capture.start": { port: "COM3", line: { baudRate: 9600 } },
    "capture.stop": {},
    "capture.state": {},
    "contact.start": { protocol: "cyton", port: "/dev/ttyUSB1" },
    "contact.stop": {},
    "contact.state": {},
    "comparisons.start": {
      ...{ name: "both", seed: 0, data: run.config.data, split: run.config.split },
      models: [{ kind: "lda" }, { kind: "identity-coupled" }],
    },
    "comparisons.report": { runIds: [run.id, spare.id] },
    "comparisons.saveTable": { runIds: [run.id, spare.id] },
    "methods.learned": { runId: run.id },
    "models.list": {},
    "runs.estimate": run.config.data,
    "runs.stopCounting": {},
    "runs.preview": run.config,
    "runs.start": changed(run.config, { epochs: 2 }),
    "runs.cancel": { id: run.id },
    "runs.resume": { id: run.id },
    "runs.pause": { id: run.id },
    "runs.change": { id: run.id, note: "n" },
    "runs.remove": { id: run.id },
    "runs.restore": { id: run.id },
    "runs.bin": {},
    "runs.purge": { id: spare.id }, // not in the bin: it stays
    "runs.saveRecord": { id: run.id },
    "runs.list": {},
    "runs.reads": {},
    "runs.get": { id: run.id },
    "runs.progress": {},
    "engines.list": {},
    "engines.install": { variant: "cpu" },
    "engines.cancel": {},
    "engines.remove": {},
    "engines.progress": {},
    "models.export": { runId: run.id, directory: "/x" },
    "models.choose": {},
    "ctg.chooseReference": {},
    "models.import": { file: "/x/model.onnx" },
    "predictions.make": { runId: run.id, recordingId: "emg-01", adaptation: "none" },
    "predictions.list": { recordingId: "emg-01" },
    "findings.list": { recordingId: "emg-01" },
    "findings.lists": { recordingIds: ["emg-01", "ctg-02"] },
    "findings.make": { runId: run.id, recordingId: "ctg-01" },
    "findings.fill": { runId: run.id, recordingId: "ctg-01" },
    "findings.remove": { ids: ["finding-1"] },
    "forecasts.at": { runId: run.id, recordingId: "ctg-01", atS: 600 },
    "findings.get": {
      id: predictionFindingId({ runId: run.id, recordingId: "emg-01", adaptation: "none" }),
    },
    "layers.get": { runId: run.id, recordingId: "emg-01", timeS: 9 },
    "windows.next": { runId: run.id, limit: 20 },
    "cluster.state": {},
    "cluster.chooseCertificate": {},
    "cluster.test": { address: "postgresql://sato@db.example.org/kodo", file: null, password: "x" },
    "cluster.agree": { name: "db.example.org/kodo" },
    "cluster.standing": {},
    "archive.list": { text: "CTG" },
    "archive.push": { ids: ["ctg-01"] },
    "archive.pull": { recordings: [{ id: "archived-9", name: "CTG 0010" }] },
    "archive.cancel": {},
    "archive.transfer": {},
    "runs.startThere": { ...run.config, split: { folds: 2, testSubjects: [], validationSubjects: [] } },
    "cluster.connect": { address: "postgresql://sato@db.example.org/kodo", file: null, password: "x" },
    "cluster.forget": {},
  };
  for (const name of Object.keys(requests) as RequestName[]) {
    const asking = ask(name, asked[name]);
    const isLong = name === "library.verify" || name === "ctg.read";
    if (isLong) await vi.advanceTimersByTimeAsync(5000); // they take their time
    const answer = await asking;
    expect(requests[name].result.safeParse(answer).success, name).toBe(true);
  }
});

test("the same seed gives the same study", async () => {
  const samples = { recordingId: "emg-03", channel: 2, first: 100, count: 50 };
  const here = await ask("trace.samples", samples);
  api = createFakeApi(7, { cluster: "connected" });
  expect(await ask("trace.samples", samples)).toEqual(here);
  api = createFakeApi(8);
  expect((await ask("trace.samples", samples)).values).not.toEqual(here.values);
});

test("a tile holds the extremes of the observed samples beneath it, and NaN where none is", async () => {
  const [tile] = await ask("trace.tiles", {
    recordingId: "ctg-01",
    channel: 0,
    samplesPerBucket: 4,
    firstTile: 1,
    tileCount: 1,
  });
  const { values, reasons } = await ask("trace.samples", {
    recordingId: "ctg-01",
    channel: 0,
    first: BUCKETS_PER_TILE * 4,
    count: BUCKETS_PER_TILE * 4,
  });
  for (let b = 0; b < BUCKETS_PER_TILE; b++) {
    const seen = [0, 1, 2, 3]
      .map((i) => 4 * b + i)
      .filter((i) => reasons[i] === 0)
      .map((i) => values[i]!);
    expect(tile!.min[b]).toBe(seen.length === 0 ? Number.NaN : Math.min(...seen));
    expect(tile!.max[b]).toBe(seen.length === 0 ? Number.NaN : Math.max(...seen));
  }
});

test("a stretch taken out by a person lies above the samples and comes off again", async () => {
  const samples = { recordingId: "ctg-01", channel: 0, first: 400, count: 40 };
  const before = await ask("trace.samples", samples);
  const { id } = await ask("masks.add", {
    recordingId: "ctg-01",
    channel: 0,
    layer: "person",
    reason: 7,
    onsetS: 100,
    durationS: 5,
    author: "a",
  });
  const masked = await ask("trace.samples", samples);
  expect([...masked.reasons.subarray(0, 20)].every((reason) => reason !== 0)).toBe(true);
  expect(masked.values).toEqual(before.values);
  await ask("masks.remove", { id });
  expect(await ask("trace.samples", samples)).toEqual(before);
});

test("what a rule took out is taken back and laid again in one step each", async () => {
  const of = { recordingId: "ctg-02" };
  const laid = await ask("masks.list", of);
  expect(laid).toMatchObject([{ layer: "rule", reason: 10, onsetS: 600, durationS: 240, channel: 1 }]);
  await ask("masks.liftRules", of);
  expect(await ask("masks.list", of)).toEqual([]);
  await ask("annotations.undo", of);
  expect(await ask("masks.list", of)).toEqual(laid);
  expect(await ask("masks.layRules", of)).toEqual([]);
});

test("undo then redo of every kind of change leaves the annotations as they were", async () => {
  const before = await ask("annotations.list", { recordingId: "ctg-01" });
  await ask("annotations.change", { id: before[0]!.id, label: "note" });
  await ask("annotations.remove", { id: before[1]!.id });
  const after = await ask("annotations.list", { recordingId: "ctg-01" });
  await ask("annotations.undo", { recordingId: "ctg-01" });
  await ask("annotations.undo", { recordingId: "ctg-01" });
  expect(await ask("annotations.list", { recordingId: "ctg-01" })).toEqual(before);
  await ask("annotations.redo", { recordingId: "ctg-01" });
  await ask("annotations.redo", { recordingId: "ctg-01" });
  expect(await ask("annotations.list", { recordingId: "ctg-01" })).toEqual(after);
});

test("an import tells its progress, names the file it cannot read, and ends", async () => {
  const seen: JobProgress[] = [];
  api.on("jobs.progress", (job) => seen.push(job));
  await ask("import.start", { paths: ["/a/ward.csv", "/a/scan.pdf"], options: { study: "S" } });
  await vi.advanceTimersByTimeAsync(5000);
  const last = seen.at(-1)!;
  expect(last.state).toBe("done");
  expect(last.files.map((one) => one.state)).toEqual(["done", "failed"]);
  expect(last.files[1]!.error!.message).toContain("/a/scan.pdf");
  expect(seen.every((job, i) => i === 0 || job.done >= seen[i - 1]!.done)).toBe(true);
});

test("a run goes from start to done, and a cancelled one can be resumed", async () => {
  const { config } = await firstRun();
  const run = await ask("runs.start", changed(config, { epochs: 6 }));
  await vi.advanceTimersByTimeAsync(250);
  await ask("runs.cancel", { id: run.id });
  await vi.advanceTimersByTimeAsync(200);
  const stopped = await ask("runs.get", { id: run.id });
  expect(stopped.phase).toBe("cancelled");
  expect(stopped.hasCheckpoint).toBe(true);
  await ask("runs.resume", { id: run.id });
  await vi.advanceTimersByTimeAsync(2000);
  const done = await ask("runs.get", { id: run.id });
  expect(done.phase).toBe("done");
  expect(done.curve).toHaveLength(6);
});

test("the evidence of all layers adds up to the difference of the logits", async () => {
  const { id } = await firstRun();
  const report = await ask("layers.get", { runId: id, recordingId: "emg-02", timeS: 21 });
  const last = report.layers.at(-1)!.likelihood;
  expect(Math.log(last[report.leading]! / last[report.runnerUp]!)).toBeCloseTo(report.evidenceSum, 4);
  const columns = report.columnOnsetS.length;
  const own = report.columnOnsetS.indexOf(report.onsetS);
  const said = report.layers.flatMap(({ relevance }) =>
    report.rows.map((_, row) => relevance[row * columns + own]!),
  );
  expect(said.reduce((sum, one) => sum + one, 0)).toBeCloseTo(report.evidenceSum, 3);
});

test("a request with a wrong parameter is refused with the contract's code", async () => {
  const outcome = api.request("recordings.get", { id: 7 } as never);
  await vi.advanceTimersByTimeAsync(1);
  expect(await outcome).toMatchObject({ ok: false, error: { code: "contract/bad-params" } });
});

test("a table of ten thousand recordings is listed", async () => {
  api = createFakeApi(1, { rows: 10_000 });
  expect((await ask("recordings.counts", {})).recordings).toBeGreaterThan(10_000);
});
