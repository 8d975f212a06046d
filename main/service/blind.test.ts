import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Params, RequestName } from "../../preload/contract/channels.ts";
import { requests } from "../../preload/contract/channels.ts";
import { CtgSettings } from "../../preload/contract/ctg.ts";
import { reportOf } from "../../preload/contract/errors.ts";
import { Run, RunConfig, type PackedPreview } from "../../preload/contract/run.ts";
import { defaultSettings } from "../../preload/contract/settings.ts";
import type { Trainer } from "../training/process/host-api.ts";
import { createTrainer } from "../training/process/host.ts";
import { Blind } from "./blind.ts";
import { blindRules } from "./blind-rules.ts";
import { calm, record, withService, type World } from "./ctg.fixtures.ts";
import type { ServiceHandlers } from "./service.ts";

/** Stands in everything that another reader said, and in what their labels lead to. */
const OTHER = "Dr. Other";
const READER = "Dr. Reader";
const settings = CtgSettings.parse({});

const preview: PackedPreview = {
  ...{ model: { kind: "identity-coupled" }, unit: "windows", classes: ["acceleration"], perClass: [4] },
  ...{ windows: { labelled: 4, unlabelled: 0, unassessable: 0 }, people: "[]", problems: [], advice: [] },
  readers: [{ name: OTHER, recordings: 1, labels: 3, teaches: 1 }],
};

/** Says of everything it is asked about what the other reader would have wanted. */
function tellingTrainer(libraryPath: string): Trainer {
  const ranked = { onsetS: 0, windowS: 1, epistemic: 1, leading: OTHER, probability: 1, typicality: 1 };
  return {
    ...createTrainer({ libraryPath, workerFile: "never-started" }),
    ...{ preview: () => Promise.resolve(preview), models: () => Promise.resolve([]) },
    pictures: () => Promise.resolve([]),
    rank: () => Promise.resolve([{ ...ranked, recordingId: theOne, recording: "made" }]),
    dispose: () => Promise.resolve(),
  };
}
let theOne = ""; // the recording that is read blind

const config = (recordingIds: readonly string[]): RunConfig =>
  RunConfig.parse({
    ...{ name: "one", recordingIds, labelSet: "ctg-events", labels: ["acceleration"], channels: ["FHR"] },
    ...{ windowS: 10, strideS: 10, testSubjects: [], validationSubjects: [] },
  });

interface Read extends World {
  readonly recordingId: string;
  readonly derived: number; // position of a channel that a rule drew
  readonly findingId: string;
  readonly annotationId: string; // of the other reader
  readonly readingId: string;
}

/** Three labels, a mask, a reading, an anchor and a run of another's, one label of the reader's own, and what rules say. */
async function prepared(world: World): Promise<Read> {
  const { library, service } = world;
  const recordingId = await record(library, 900, [calm]);
  theOne = recordingId;
  const set = { labelSet: "ctg-events", labelSetVersion: (await library.getLabelSet("ctg-events")).version };
  const label = { recordingId, ...set, label: "acceleration", durationS: 20, source: "person" as const };
  const added = await library.addAnnotations([
    ...[100, 200, 300].map((onsetS) => ({ ...label, onsetS, author: OTHER, note: OTHER })),
    { ...label, onsetS: 500, author: READER, note: "" },
  ]);
  const reading = await library.addReading({ recordingId, ...set, author: OTHER, onsetS: 0, durationS: 900 });
  await library.addMask({
    ...{ recordingId, layer: "person", reason: 7, onsetS: 700, durationS: 10, author: OTHER },
  });
  await library.setCtgContext(recordingId, { anchors: [{ atS: 61, bpm: 139.25 }] });
  const [baseline] = await service.handlers["ctg.read"]({ recordingId, settings, rules: ["ctg/baseline"] });
  if (baseline?.content.kind !== "curves") throw new Error("no baseline");
  const scored = { subject: "S1", windows: 3, accuracy: 1, nll: 0, ece: 0 };
  const test = { ...madeUpReport, perSubject: [scored] };
  await library.saveRun(
    Run.parse({
      ...{ id: "run", config: config([recordingId]), classes: ["acceleration"], phase: "done", curve: [] },
      ...{ createdAt: "2026", codeVersion: "1", hasCheckpoint: false, note: "" },
      data: [{ recordingId, subject: "S1", checksum: "" }],
      windows: { labelled: 4, unlabelled: 0, unassessable: 0 },
      metrics: {
        ...{ test, lda: test, distanceFromIdentity: [] },
        calibration: { temperature: 1, subjects: [], windows: 0, eceBefore: 0, eceAfter: 0 },
      },
    }),
  );
  return {
    ...{ ...world, recordingId, findingId: baseline.id, readingId: reading.id },
    derived: baseline.content.series[0]?.value ?? 0,
    annotationId: added[0]?.id ?? "",
  };
}

const madeUpReport = {
  ...{ windows: 3, subjects: 1, accuracy: 1, subjectAccuracy: 1, balancedAccuracy: 1, macroF1: 1, nll: 0 },
  ...{ brier: 0, ece: 0, auroc: [], classEce: [], confusion: [[3]], reliability: [], riskCoverage: [] },
};

/** Every request that the rule answers otherwise, asked about the recording that is read blind. */
const guarded = (
  { recordingId, derived, findingId, annotationId, readingId }: Read,
  directory: string,
): { readonly [N in RequestName]?: Params<N> } => {
  const one = { recordingId };
  const selection = { kind: "these" as const, ids: [recordingId] };
  const tile = { ...one, samplesPerBucket: 16, firstTile: 0, tileCount: 1 };
  const asked = { recordingIds: [recordingId], directory, deidentify: false };
  const labelSet = "ctg-events";
  const onPaper = { paperSpeed: 1, fhrRange: "50-210", language: "en" } as const;
  const { name, seed, data, split, model, engine } = config([recordingId]);
  const run = { runId: "run", recordingId };
  return {
    "recordings.page": {},
    "recordings.some": { ids: [recordingId] },
    "recordings.selected": { selection, filter: {} },
    "recordings.roster": {},
    "recordings.get": { id: recordingId },
    "recordings.change": { id: recordingId, note: "" },
    "recordings.restore": { id: recordingId },
    "recordings.bin": {},
    "trace.tiles": { ...tile, channel: derived },
    "trace.samples": { ...one, channel: derived, first: 0, count: 10 },
    "masks.list": one,
    "annotations.list": one,
    "annotations.change": { id: annotationId, note: "", evenOfOthers: true },
    "annotations.remove": { id: annotationId, evenOfOthers: true },
    "annotations.undo": { ...one, evenOfOthers: true },
    "annotations.redo": { ...one, evenOfOthers: true },
    "annotations.history": one,
    "readings.list": one,
    "readings.remove": { id: readingId, evenOfOthers: true },
    "agreement.report": { recordingIds: [recordingId] },
    "agreement.decide": {
      ...{ ...one, labelSet, choice: { kind: "verdict", verdict: "cannot-tell" } },
      place: { group: "heart-rate", onsetS: 100, durationS: 20, opinions: [] },
    },
    "agreement.keep": {
      ...{ ...one, labelSet, readers: [OTHER] },
      events: [{ ...one, group: "g", label: "acceleration", onsetS: 100, durationS: 20, isKept: false }],
    },
    "ctg.context": one,
    "ctg.setContext": { ...one, context: { isLabour: true } },
    "ctg.read": { ...one, settings },
    "ctg.measure": { ...one, settings, fromS: 0, toS: 600 },
    "labelSets.usage": { id: labelSet },
    "comparisons.start": { name, seed, data, split, engine, models: [model, model] },
    "comparisons.report": { runIds: ["run", "other"] },
    "runs.estimate": config([recordingId]).data,
    "runs.preview": config([recordingId]),
    "runs.start": config([recordingId]),
    "runs.startThere": config([recordingId]),
    "runs.resume": { id: "run" },
    "runs.change": { id: "run", note: "" },
    "runs.restore": { id: "run" },
    "runs.bin": {},
    "runs.list": {},
    "runs.get": { id: "run" },
    "models.export": { runId: "run", directory },
    "predictions.make": { ...run, adaptation: "none" },
    "predictions.list": one,
    "findings.list": one,
    "findings.lists": { recordingIds: [recordingId] },
    "findings.make": run,
    "findings.fill": run,
    "findings.get": { id: findingId },
    "forecasts.at": { ...run, atS: 0 },
    "layers.get": { ...run, timeS: 0 },
    "windows.next": { runId: "run", limit: 5 },
    "app.log": { limit: 100 },
    "export.start": { ...asked, format: "csv", withAnnotations: true, withMask: false },
    "report.start": { ...asked, ...onPaper, files: ["csv"], withOverlays: false, withAnnotations: true },
  };
};

/** Answered as the window would be: the answer as text, or the code of the refusal. */
async function said(handlers: ServiceHandlers, name: string, params: unknown): Promise<string> {
  const entry = Object.entries(requests).find(([one]) => one === name)?.[1];
  const handler = (handlers as unknown as Record<string, (asked: unknown) => unknown>)[name];
  if (entry === undefined || handler === undefined) throw new Error(`no request ${name}`);
  try {
    const answer = await handler(entry.params.parse(params));
    return JSON.stringify(answer, (_, value: unknown) => (ArrayBuffer.isView(value) ? "…" : value)) ?? "";
  } catch (error) {
    return `refused ${reportOf(error).code} ${reportOf(error).message}`;
  }
}

/** Traces of the other reader, or of a rule, in an answer. */
const leaks = (text: string): string[] =>
  [
    ...[OTHER, "139.25", '"annotationCount":4', '"perSubject":[{', '"labelled":4', '"ctg/baseline"'],
    ...['"observedCount":3560', '"undo":4', '"annotations":4', '"confusion":[[3]]', '"marked":1'],
  ].filter((one) => text.includes(one));

test("what is read blind tells of no other reader, rule or model, whatever is asked; and does again afterwards", () =>
  withService(async (world) => {
    const read = await prepared(world);
    const { service, library, recordingId } = read;
    const folder = mkdtempSync(join(tmpdir(), "kodo-blind-"));
    const asked = guarded(read, folder);
    const rules = Object.entries(blindRules).filter(([, rule]) => rule !== "open");
    expect(Object.keys(asked).sort()).toEqual(rules.map(([name]) => name).sort());

    await library.changeSettings({ author: READER, blind: [{ recordingId, reader: READER }] });
    const blindly: Record<string, string> = {};
    for (const [name, params] of Object.entries(asked))
      blindly[name] = await said(service.handlers, name, params);
    expect(
      Object.entries(blindly).flatMap(([name, text]) => leaks(text).map((leak) => [name, leak])),
    ).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);

    const mine = await said(service.handlers, "annotations.list", { recordingId });
    expect(mine).toContain(READER);
    expect(blindly["recordings.get"]).toContain('"annotationCount":1,"labelledS":20');
    expect(blindly["recordings.get"]).toContain('"observedCount":3600}],"missingShare":0,');
    expect(blindly["recordings.page"]).toContain('"observedCount":3600}],"missingShare":0,');
    expect(blindly["runs.preview"]).toContain("READ_BLIND");
    expect(await library.listAnnotations(recordingId)).toHaveLength(4); // nothing of the other's was touched
    expect((await library.getCtgContext(recordingId))?.anchors).toEqual([{ atS: 61, bpm: 139.25 }]);

    await library.changeSettings({ blind: [] });
    const seeing = await Promise.all(
      Object.entries(asked)
        .filter(([name]) => /(list|get|page|some|context|measure|usage|history|preview|next|log)$/.test(name))
        .map(async ([name, params]) => [name, leaks(await said(service.handlers, name, params)).length > 0]),
    );
    expect(Object.fromEntries(seeing)).toMatchObject({
      ...{ "annotations.list": true, "masks.list": true, "readings.list": true, "recordings.get": true },
      ...{ "ctg.context": true, "findings.list": true, "runs.preview": true, "runs.get": true },
      ...{ "windows.next": true, "app.log": true, "labelSets.usage": true, "recordings.page": true },
    });
    rmSync(folder, { recursive: true, force: true });
  }, tellingTrainer));

test("of another recording, which is read openly, another's label is changed by whoever has been asked", () =>
  withService(async (world) => {
    const { service, library, recordingId, annotationId } = await prepared(world);
    const elsewhere = await record(library, 60, [calm]);
    await library.changeSettings({ author: READER, blind: [{ recordingId: elsewhere, reader: READER }] });
    const remove = (evenOfOthers: boolean) =>
      service.handlers["annotations.remove"]({ id: annotationId, evenOfOthers });
    await expect(remove(false)).rejects.toMatchObject({ code: "data/other-reader" });
    await remove(true);
    expect(await library.listAnnotations(recordingId)).toHaveLength(3);
  }, tellingTrainer));

test("what the rule lets pass tells nothing of the other reader either", () =>
  withService(async (world) => {
    const { service, library, recordingId } = await prepared(world);
    await library.changeSettings({ author: READER, blind: [{ recordingId, reader: READER }] });
    const open = Object.entries(blindRules).filter(
      ([name, rule]) => rule === "open" && name in service.handlers,
    );
    const reading = open
      .map(([name]) => name)
      .filter((name) =>
        /\.(list|get|counts|names|ids|outline|reads|bin|info|state|transfer|learned|templates|checksum|progress)$/.test(
          name,
        ),
      );
    expect(reading.length).toBeGreaterThan(10);
    const any = { id: recordingId, recordingId, runId: "run", ids: [recordingId], view: {}, text: "" };
    const selection = { kind: "these", ids: [recordingId] };
    for (const name of reading)
      expect([name, leaks(await said(service.handlers, name, { ...any, selection }))]).toEqual([name, []]);
  }, tellingTrainer));

test("the parts beside the requests keep the rule: lists, the log, tables of labels, runs and sweeps", () =>
  withService(async (world) => {
    const { service, library, recordingId } = await prepared(world);
    await library.changeSettings({ author: READER, blind: [{ recordingId, reader: READER }] });
    const refusal = { code: "data/read-blind", detail: { reader: READER, recording: "made" } };
    const asked = { recordingIds: [recordingId], file: undefined, deidentify: false };
    await expect(service.annotationTable(asked)).rejects.toMatchObject(refusal);
    await expect(service.runs.start(config([recordingId]))).rejects.toMatchObject(refusal);
    const configurations = [{ label: "a", values: {}, config: config([recordingId]) }];
    await expect(service.startSweep({ name: "s", configurations, seeds: [0] })).rejects.toMatchObject(
      refusal,
    );
    await expect(service.sweepReport([{ label: "a", values: {}, runIds: ["run"] }])).rejects.toMatchObject(
      refusal,
    );
    const told = [
      ...[await service.library.listRecordings(), await service.library.getRecording(recordingId)],
      ...[await service.library.listReadings(recordingId), await service.library.listRuns()],
      ...[await service.library.getRun("run"), await service.library.readLog(100)],
      ...[(await service.handlers["recordings.bin"]({ limit: 100 })).rows],
    ];
    expect(leaks(JSON.stringify(told))).toEqual([]);
  }, tellingTrainer));

/** A run that was judged on some, learned from the rest, and its scores as they are told while r1 is read blind. */
function runOf(judged: readonly string[], change: Partial<Run> = {}): { run: Run; told: Run } {
  const blind = new Blind(undefined as never, {
    ...{ ...defaultSettings, author: READER },
    blind: [{ recordingId: "r1", reader: READER }],
  });
  const row = (subject: string) => ({ subject, windows: 3, accuracy: 1, nll: 0, ece: 0 });
  const report = { ...madeUpReport, perSubject: judged.map(row) };
  const run = Run.parse({
    ...{ id: "run", config: config(["r1", "r2", "r3", "r4"]), classes: ["a"], phase: "done" },
    ...{ createdAt: "2026", codeVersion: "1", hasCheckpoint: false },
    curve: [{ epoch: 1, loss: 1, validationNll: 1, validationEce: 0 }],
    windows: { labelled: 4, unlabelled: 0, unassessable: 0 },
    data: [1, 2, 3, 4].map((i) => ({ recordingId: `r${i}`, subject: `S${i}`, checksum: "" })),
    metrics: {
      ...{ test: report, lda: report, distanceFromIdentity: [] },
      calibration: { temperature: 1, subjects: [], windows: 0, eceBefore: 0, eceAfter: 0 },
    },
    ...change,
  });
  return { run, told: blind.run(run) };
}

test("of a run that was judged on somebody who is read blind no pooled score is told: those of the others could be taken off it", () => {
  const { told } = runOf(["S1", "S2", "S3"]);
  expect(told).toMatchObject({ isUntold: true, curve: [] });
  expect([told.metrics, told.windows]).toEqual([undefined, undefined]);
});

test("whoever only set a temperature, or stopped a training, was judged too", () => {
  const { run } = runOf(["S2", "S3"]);
  const calibrated = { ...run.metrics, calibration: { ...run.metrics?.calibration, subjects: ["S1"] } };
  expect(runOf(["S2", "S3"], { metrics: calibrated as Run["metrics"] }).told.isUntold).toBe(true);
  const split = { ...run.config.split, validationSubjects: ["S1"] };
  expect(runOf(["S2", "S3"], { config: { ...run.config, split } }).told.isUntold).toBe(true);
});

test("what was learned from somebody who is read blind tells no counts; scores of others stay, and runs without labels are whole", () => {
  const { run, told } = runOf(["S2", "S3"]);
  expect(told.isUntold).toBeUndefined();
  expect(told.windows).toBeUndefined();
  expect(told.metrics).toEqual(run.metrics);
  const plain = { ...run.config, data: { ...run.config.data, labels: [] } };
  expect(runOf(["S1", "S2"], { config: plain }).told.windows).toEqual(run.windows);
  const others = runOf(["S1"], { data: run.data.slice(1) });
  expect(others.told).toBe(others.run);
});

test("a trace and a file of what is read blind hide what their reader masked, and nothing that others did", () =>
  withService(async (world) => {
    const { service, library, recordingId } = await prepared(world);
    const own = { recordingId, layer: "person" as const, reason: 6, onsetS: 720, durationS: 10 };
    await library.addMask({ ...own, author: READER });
    const asked = { recordingId, channel: 0 };
    const reasons = async (): Promise<readonly number[][]> => {
      const span = { ...asked, first: 2800, count: 160 }; // of 700 to 740 s
      const { reasons: samples } = await service.handlers["trace.samples"](span);
      const tile = { ...asked, samplesPerBucket: 16, firstTile: 0, tileCount: 4 };
      const tiles = await service.handlers["trace.tiles"](tile);
      return [[...new Set(samples)].sort(), [...new Set(tiles.flatMap(({ reason }) => [...reason]))].sort()];
    };
    const files = async (): Promise<string> => {
      const directory = mkdtempSync(join(tmpdir(), "kodo-blind-files-"));
      await service.handlers["export.start"]({
        ...{ recordingIds: [recordingId], directory, deidentify: false },
        ...{ format: "json", withAnnotations: false, withMask: true },
      });
      await expect
        .poll(() => readdirSync(directory).filter((name) => name.endsWith(".json")), { timeout: 30_000 })
        .toHaveLength(1);
      const text = readFileSync(join(directory, readdirSync(directory)[0] ?? ""), "utf8");
      rmSync(directory, { recursive: true, force: true });
      return text;
    };
    await library.changeSettings({ author: READER, blind: [{ recordingId, reader: READER }] });
    expect(await reasons()).toEqual([
      [0, 6],
      [0, 6],
    ]);
    const blindly = await files();
    await library.changeSettings({ blind: [] });
    expect(await reasons()).toEqual([
      [0, 6, 7],
      [0, 6, 7],
    ]);
    const openly = await files();
    expect(blindly).toContain("[2880,40,6]");
    expect([blindly, openly].map((text) => text.includes("[2800,40,7]"))).toEqual([false, true]);
  }, tellingTrainer));
