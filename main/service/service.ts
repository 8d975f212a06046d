import type { Travelled } from "../../preload/contract/annotation.ts";
import type { Handlers } from "../../preload/contract/channels.ts";
import type { Acquisition } from "../acquisition/process/host-api.ts";
import type { CtgThread } from "../ctg/host.ts";
import type { Exchange } from "../exchange/host.ts";
import type { FindingSummary } from "../../preload/contract/finding.ts";
import { maskReasons } from "../../preload/contract/mask.ts";
import type { Run } from "../../preload/contract/run.ts";
import type { PurgeOutcome } from "../../preload/contract/recording.ts";
import { AppError } from "../../preload/contract/errors.ts";
import type { AsyncLibrary } from "../storage/api.ts";
import type { LibraryReader } from "../storage/client.ts";
import type { Trainer } from "../training/process/host-api.ts";
import type { EngineHost } from "../training/process/engines.ts";
export type { EngineHost } from "../training/process/engines.ts";
import { agreementHandlers } from "./agreement.ts";
import { archiveOf } from "./archive.ts";
import { Blind, toldByTraining } from "./blind.ts";
import { keptBlind } from "./blind-rules.ts";
import { Care } from "./care.ts";
import type { ClusterThread } from "../cluster/process/host.ts";
import { ClusterLink } from "./cluster-link.ts";
import { studyOnCluster } from "./cluster-study.ts";
import { CtgReadings } from "./ctg.ts";
import { estimateOf } from "../training/data/estimate.ts";
import { ServiceEvents } from "./events.ts";
import type { EventListener } from "./events.ts";
import { exportModelFile, importModelFile } from "./model-files.ts";
import type { ModelFilesOptions } from "./model-files.ts";
import { Jobs } from "./jobs.ts";
import { Passes } from "./passes.ts";
import { type Place, thisMachine } from "./place.ts";
import { recorderHandlers, tellRecorder } from "./recorder.ts";
import { purgeInSlices } from "./purging.ts";
import { idsOf, listHandlers } from "./recordings.ts";
import { reportHandlers } from "./report.ts";
import { Studies } from "./studies.ts";
import { type SweepOrder, startSweep } from "./sweeps.ts";
import type { SweepConfiguration } from "../../preload/contract/sweep.ts";
import { Runs } from "./runs.ts";

/** Requests only a window can answer: its dialogs, and what it was started with. */
export type WindowRequest =
  | "app.info"
  | "library.backup"
  | "import.choose"
  | "export.chooseDirectory"
  | "models.choose"
  | "ctg.chooseReference"
  | "runs.saveRecord"
  | "comparisons.saveTable"
  | "recorder.silence"
  | "capture.start"
  | `cluster.${"state" | "chooseCertificate" | "test" | "connect" | "forget" | "agree"}`;
export type ServiceHandlers = Omit<Handlers, WindowRequest>;

export interface ServiceParts {
  readonly library: AsyncLibrary;
  readonly exchange: Exchange;
  readonly trainer: Trainer;
  readonly engines: EngineHost;
  readonly acquisition: Acquisition;
  readonly ctg: CtgThread;
  /** A second thread with a reading connection to the library. */
  readonly openReader: () => LibraryReader;
  readonly codeVersion: string;
  /** Where runs are trained; absent: on this machine. */
  readonly elsewhere?: Pick<Place, "train" | "atOnce"> & { readonly isAt: (place: string) => boolean };
  readonly cluster: ClusterThread;
  /** Failures nobody waits for, for the log. */
  readonly failed: (where: string, error: unknown) => void;
}

/**
 * What may be read of a library outside its service, which keeps the rule of blind reading: neither labels nor findings, and
 * of rows, runs and the log what may be told.
 */
export type ToldLibrary = Pick<
  AsyncLibrary,
  | ToldMethod
  | "info"
  | "findRecording"
  | "recordingsNamed"
  | "namesOf"
  | "binIds"
  | "listLabelSets"
  | "getLabelSet"
  | "getSettings"
  | "changeSettings"
  | "beginPurge"
  | "purgeSome"
  | "endPurge"
>;
type ToldMethod = "listRecordings" | "getRecording" | "listReadings" | "listRuns" | "getRun" | "readLog";

/** A function of a library, once it has one. */
type Without<F> = F extends (library: AsyncLibrary, ...rest: infer R) => infer T ? (...rest: R) => T : never;

/** Everything that is done to a library, the same for the window and for the command line. */
export interface Service {
  readonly handlers: ServiceHandlers;
  readonly library: ToldLibrary;
  readonly codeVersion: string;
  readonly exchange: Pick<
    Exchange,
    "startImport" | "startAnnotationImport" | "startSample" | "cancel" | "finished" | "onProgress"
  >;
  /** A table of labels, where none of the recordings is read blind. */
  readonly annotationTable: Exchange["annotationTable"];
  readonly runs: Pick<Runs, "start" | "resume" | "cancel" | "finished" | "takeUp">;
  readonly studies: Studies;
  readonly passes: Pick<Passes, "look" | "run" | "takeBack">;
  readonly care: Care;
  readonly acquisition: Acquisition;
  /** Puts configurations in line as runs; one that was asked before goes on where it is. */
  startSweep(order: SweepOrder): Promise<SweepConfiguration[]>;
  sweepReport: Trainer["sweep"];
  beginTrainer: Trainer["begin"];
  /** The archive of a department at an address, for this library. */
  openArchive(address: string | undefined): ReturnType<typeof archiveOf>;
  /** What workers of a cluster say of recordings of its archive, into this library. */
  askStudy: Without<typeof studyOnCluster>;
  readonly cluster: ClusterLink;
  on(listener: EventListener): () => void;
  /** Cancels what is under way and lets it clean up. The library stays open: its owner closes it after this. */
  close(): Promise<void>;
}

export function createService(parts: ServiceParts): Service {
  const { library, exchange, trainer, engines, acquisition } = parts;
  const events = new ServiceEvents();
  const here = thisMachine({ trainer, exchange, engines });
  const place = { ...here, ...parts.elsewhere };
  const { codeVersion, failed, elsewhere } = parts;
  const cluster = new ClusterLink({ library, thread: parts.cluster, trainer, events, codeVersion });
  const there = {
    train: elsewhere?.train ?? cluster.train,
    agreed: () => cluster.agreed(),
    isKnown: (place: string) => elsewhere?.isAt(place) ?? cluster.name !== undefined,
  };
  const runs = new Runs({ library, trainer, place, there, events, codeVersion, failed });
  const find = (ask: RunOnRecording): Promise<FindingSummary[]> => found(parts, events, ask);
  const ctg = new CtgReadings({ library, thread: parts.ctg, find, events });
  const studies = new Studies({
    ...{ library, trainer, events, failed },
    ...{ readings: ctg.quietly, link: cluster },
  });
  const passes = new Passes({ library, events, failed });
  const jobs = new Jobs({ library, exchange, studies, passes, engines, place, failed });
  const care = new Care(parts.openReader, (progress) => events.emit("library.verifying", progress));
  const stops = [
    exchange.onProgress((progress) => events.emit("jobs.progress", progress)),
    studies.onProgress((progress) => events.emit("jobs.progress", progress)),
    passes.onProgress((progress) => events.emit("jobs.progress", progress)),
    exchange.onChange((change) => {
      switch (change.kind) {
        case "recordings":
          events.emit("recordings.changed", { ids: [...change.ids] });
          break;
        case "annotations":
          events.emit("annotations.changed", { recordingId: change.recordingId });
          break;
        case "label-sets":
          events.emit("labelSets.changed", {});
          break;
      }
    }),
    engines.onProgress((progress) => events.emit("engines.progress", progress)),
    tellRecorder(acquisition, events),
  ];
  const blindNow = async (): Promise<Blind> => new Blind(library, await library.getSettings());
  const handlers: ServiceHandlers = keptBlind<keyof ServiceHandlers>(
    {
      ...libraryHandlers(library, events),
      ...listHandlers(library, events),
      ...annotationHandlers(library, events),
      ...ctg.handlers,
      ...agreementHandlers(library, events),
      ...exchangeHandlers(library, exchange, jobs),
      ...studies.handlers,
      ...passes.handlers,
      ...reportHandlers(library, jobs, ctg.handlers["ctg.read"]),
      ...modelHandlers(library, trainer, runs, events),
      "findings.make": find,
      ...modelFileHandlers({ library, trainer }, events),
      "library.verify": () => care.verify(),
      "library.cancelVerify": () => care.cancel(),
      ...recorderHandlers(library, acquisition),
      ...cluster.handlers,
      ...engineHandlers(engines, jobs, events, parts.failed),
    },
    blindNow,
  );
  return {
    handlers,
    library: toldLibrary(library, blindNow),
    codeVersion: parts.codeVersion,
    exchange,
    annotationTable: async (ask) => {
      await (await blindNow()).refuse(ask.recordingIds);
      return exchange.annotationTable(ask);
    },
    runs: toldRuns(runs, blindNow),
    studies,
    passes,
    care,
    acquisition,
    startSweep: async (order) => {
      const blind = await blindNow();
      for (const { config } of order.configurations) await blind.refuse(toldByTraining(config));
      const listed = new Set((await library.summariseRuns()).map(({ id }) => id));
      return startSweep({ runs, listed, codeVersion: parts.codeVersion }, order);
    },
    beginTrainer: () => trainer.begin(),
    sweepReport: async (configurations) => {
      await (await blindNow()).refuseUntold(configurations.flatMap(({ runIds }) => runIds));
      return trainer.sweep(configurations);
    },
    openArchive: (address) => archiveOf(library, address),
    askStudy: (...asked) => studyOnCluster(library, ...asked),
    cluster,
    on: (listener) => events.on(listener),
    close: async () => {
      await acquisition.dispose(); // what is being recorded comes first
      await Promise.all([studies.close(), passes.close()]); // what reads by rule is told to stop before it is ended
      await Promise.all([exchange.close(), runs.close(), engines.dispose(), care.close(), parts.ctg.close()]);
      await cluster.close();
      for (const stop of stops) stop();
      await Promise.all([jobs.close(), trainer.dispose()]);
    },
  };
}

function toldLibrary(library: AsyncLibrary, blindNow: () => Promise<Blind>): ToldLibrary {
  return {
    ...library,
    listRecordings: async () => (await blindNow()).summaries(await library.listRecordings()),
    getRecording: async (id) => (await blindNow()).summary(await library.getRecording(id)),
    listReadings: async (id) => {
      const [blind, all] = [await blindNow(), await library.listReadings(id)];
      return blind.has(id) ? all.filter(({ author }) => author === blind.reader) : all;
    },
    listRuns: async () => {
      const blind = await blindNow();
      return (await library.listRuns()).map((run) => blind.run(run));
    },
    getRun: async (id) => (await blindNow()).run(await library.getRun(id)),
    readLog: async (limit) => (await blindNow()).log(limit),
  };
}

function toldRuns(runs: Runs, blindNow: () => Promise<Blind>): Service["runs"] {
  const told = async (run: Run): Promise<Run> => (await blindNow()).run(run);
  return {
    start: async (config, ...how) => {
      await (await blindNow()).refuse(toldByTraining(config));
      return runs.start(config, ...how);
    },
    resume: async (...asked) => told(await runs.resume(...asked)),
    cancel: (id) => runs.cancel(id),
    finished: async (id) => told(await runs.finished(id)),
    takeUp: () => runs.takeUp(),
  };
}

type Some<N extends keyof ServiceHandlers> = Pick<ServiceHandlers, N>;

function libraryHandlers(
  library: AsyncLibrary,
  events: ServiceEvents,
): Some<
  | "app.log"
  | "settings.get"
  | "settings.set"
  | `recordings.${"get" | "change" | "remove" | "restore" | "bin" | "binIds" | "restoreThese" | "purge" | "checksum"}`
  | "trace.tiles"
  | "trace.samples"
  | "labelSets.list"
  | "labelSets.get"
  | "labelSets.usage"
  | "labelSets.save"
> {
  const changed = (id: string): void => events.emit("recordings.changed", { ids: [id] });
  const purge = async (ids: readonly string[]): Promise<PurgeOutcome> => {
    try {
      return await purgeInSlices(library, ids);
    } finally {
      events.emit("recordings.changed", { ids: [...ids] }); // deleted, also where their bytes wait to be overwritten
    }
  };
  const damageTold = new Map<string, number>();
  /** Reading is what finds a damaged block: the recording's facts are no longer what they were. Told once for each. */
  const tellDamage = async (id: string, reasons: readonly Uint8Array[]): Promise<void> => {
    if (!reasons.some((one) => one.includes(maskReasons.damagedBlock))) return;
    const { length } = (await library.getRecording(id)).damaged;
    if (damageTold.get(id) === length) return;
    damageTold.set(id, length);
    changed(id);
  };
  return {
    "app.log": ({ limit }) => library.readLog(limit),
    "settings.get": () => library.getSettings(),
    "settings.set": async (change) => {
      const settings = await library.changeSettings(defined(change));
      events.emit("settings.changed", settings);
      return settings;
    },
    "recordings.get": async ({ id }) => {
      const detail = await library.getRecording(id);
      if ((await library.findRecording(id)) === id) return detail;
      throw new AppError(
        "storage/in-bin",
        `Recording "${detail.name}" is in the bin; brought back, it can be opened again`,
        { recording: detail.name },
      );
    },
    "recordings.change": async ({ id, ...change }) => {
      const detail = await library.changeRecording(id, defined(change));
      changed(id);
      return detail;
    },
    "recordings.remove": async ({ id }) => {
      await library.removeRecording(id);
      changed(id);
    },
    "recordings.restore": async ({ id }) => {
      const detail = await library.restoreRecording(id);
      changed(id);
      return detail;
    },
    "recordings.bin": (request) => library.binPage(request),
    "recordings.binIds": ({ after }) => library.binIds(after),
    "recordings.restoreThese": async ({ ids }) => {
      const restored = await library.restoreThese(ids);
      if (restored.length > 0) events.emit("recordings.changed", { ids: restored });
      return { ids: restored };
    },
    "recordings.purge": async ({ ids }) => purge(await library.stillBinned(ids)),
    "recordings.checksum": ({ id }) => library.checksum(id),
    "trace.tiles": async ({ recordingId, channel, samplesPerBucket, firstTile, tileCount }) => {
      const tiles = await library.tiles(recordingId, channel, samplesPerBucket, firstTile, tileCount, true);
      await tellDamage(
        recordingId,
        tiles.map((tile) => tile.reason),
      );
      return tiles;
    },
    "trace.samples": async ({ recordingId, channel, first, count }) => {
      const span = await library.samples(recordingId, channel, first, count, true);
      await tellDamage(recordingId, [span.reasons]);
      return span;
    },
    "labelSets.list": () => library.listLabelSets(),
    "labelSets.get": ({ id, version }) => library.getLabelSet(id, version),
    "labelSets.usage": ({ id }) => library.labelUsage(id),
    "labelSets.save": async (set) => {
      const saved = await library.saveLabelSet(set);
      events.emit("labelSets.changed", {});
      return saved;
    },
  };
}

function annotationHandlers(
  library: AsyncLibrary,
  events: ServiceEvents,
): Some<
  | `${"masks" | "readings"}.${"list" | "add" | "remove"}`
  | `masks.${"layRules" | "liftRules"}`
  | `annotations.${"list" | "add" | "change" | "remove" | "undo" | "redo" | "history"}`
> {
  /** What rules say of it rests upon other facts now. */
  const outdated = (recordingId: string): void => events.emit("findings.changed", { ids: [recordingId] });
  /** A label may be one that rules rest upon. */
  const annotated = async (recordingId: string): Promise<void> => {
    events.emit("annotations.changed", { recordingId });
    const found = await library.listFindings(recordingId);
    if (found.some(({ origin, isOutdated }) => isOutdated && origin.kind === "rule")) outdated(recordingId);
  };
  const masked = (id: string): void => {
    events.emit("recordings.changed", { ids: [id] });
    outdated(id);
  };
  const travelled = async (recordingId: string, result: Travelled): Promise<Travelled> => {
    const kind = result.step?.kind;
    if (kind === "mask") masked(recordingId);
    else if (kind !== undefined) await annotated(recordingId);
    return result;
  };
  return {
    "masks.list": ({ recordingId }) => library.listMasks(recordingId),
    "masks.add": async (span) => {
      const added = await library.addMask(span);
      masked(added.recordingId);
      return added;
    },
    "masks.remove": async ({ id }) => masked(await library.removeMask(id)),
    "readings.list": ({ recordingId }) => library.listReadings(recordingId),
    "readings.add": async (reading) => {
      const added = await library.addReading(reading);
      await annotated(added.recordingId);
      return added;
    },
    "readings.remove": async ({ id, evenOfOthers }) =>
      annotated(await library.removeReading(id, ownOnly(evenOfOthers))),
    "masks.layRules": async ({ recordingId }) => {
      const laid = await library.layRules(recordingId);
      masked(recordingId);
      return laid;
    },
    "masks.liftRules": async ({ recordingId }) => {
      await library.liftRules(recordingId);
      masked(recordingId);
    },
    "annotations.list": ({ recordingId }) => library.listAnnotations(recordingId),
    "annotations.add": async (annotation) => {
      const [added] = await library.addAnnotations([annotation]);
      if (added === undefined) throw new Error("the library added no annotation");
      await annotated(added.recordingId);
      return added;
    },
    "annotations.change": async ({ evenOfOthers, ...change }) => {
      const changed = await library.changeAnnotation(change, ownOnly(evenOfOthers));
      await annotated(changed.recordingId);
      return changed;
    },
    "annotations.remove": async ({ id, evenOfOthers }) =>
      annotated(await library.removeAnnotation(id, ownOnly(evenOfOthers))),
    "annotations.undo": async ({ recordingId, evenOfOthers }) =>
      travelled(recordingId, await library.undo(recordingId, ownOnly(evenOfOthers))),
    "annotations.redo": async ({ recordingId, evenOfOthers }) =>
      travelled(recordingId, await library.redo(recordingId, ownOnly(evenOfOthers))),
    "annotations.history": ({ recordingId }) => library.history(recordingId),
  };
}

/** Nobody touches what another reader did without being asked. */
const ownOnly = (evenOfOthers: boolean | undefined): { readonly isOwnOnly: boolean } => ({
  isOwnOnly: evenOfOthers !== true,
});

function exchangeHandlers(
  library: AsyncLibrary,
  exchange: Exchange,
  jobs: Jobs,
): Some<
  "import.preview" | "import.start" | "sample.open" | "export.start" | `jobs.${"list" | "cancel" | "dismiss"}`
> {
  return {
    "import.preview": ({ path, table }) => exchange.preview(path, table),
    "import.start": ({ paths, options, idempotencyKey }) =>
      jobs.exchange({ kind: "import", paths, options, only: undefined }, idempotencyKey),
    "sample.open": () => jobs.exchange({ kind: "sample" }),
    "export.start": async ({ idempotencyKey, selection, ...given }) => {
      const recordingIds = selection === undefined ? given.recordingIds : await idsOf(library, selection);
      return jobs.exchange({ kind: "export", request: { ...given, recordingIds } }, idempotencyKey);
    },
    "jobs.list": () => jobs.list(),
    "jobs.dismiss": ({ jobId }) => jobs.dismiss(jobId),
    "jobs.cancel": ({ jobId }) => jobs.cancel(jobId),
  };
}

/** Counts one training at a time: what is asked next is about what is chosen now. */
function countingHandlers(
  trainer: Trainer,
  events: ServiceEvents,
): Some<"runs.preview" | "runs.stopCounting"> {
  let counting = new AbortController();
  return {
    "runs.preview": (config) => {
      counting.abort();
      counting = new AbortController();
      return trainer.preview(config, {
        signal: counting.signal,
        onCounted: (counted) => events.emit("runs.counted", counted),
      });
    },
    "runs.stopCounting": () => counting.abort(),
  };
}

function modelHandlers(
  library: AsyncLibrary,
  trainer: Trainer,
  runs: Runs,
  events: ServiceEvents,
): Some<
  | "models.list"
  | `runs.${"estimate" | "preview" | "stopCounting" | "start" | "startThere" | "cancel" | "pause" | "resume" | "list" | "get" | "reads" | "progress"}`
  | `runs.${"change" | "remove" | "restore" | "bin" | "purge"}`
  | "predictions.make"
  | "predictions.list"
  | `findings.${"fill" | "remove" | "list" | "lists" | "get"}`
  | "forecasts.at"
  | "layers.get"
  | "windows.next"
  | "methods.learned"
  | `comparisons.${"start" | "report"}`
> {
  return {
    "models.list": () => trainer.models(),
    "runs.estimate": (data) => estimateOf(library, data),
    ...countingHandlers(trainer, events),
    "comparisons.start": (config) => runs.startComparison(config),
    "comparisons.report": ({ runIds }) => trainer.compare(runIds),
    "runs.start": (config) => runs.start(config),
    "runs.startThere": (config) => runs.startThere(config),
    "runs.cancel": ({ id }) => runs.cancel(id),
    "runs.pause": ({ id }) => runs.pause(id),
    "runs.resume": ({ id }) => runs.resume(id),
    "runs.change": async ({ id, ...change }) => {
      const run = await library.changeRun(id, defined(change));
      events.emit("runs.changed", { id });
      return run;
    },
    "runs.remove": ({ id }) => runs.remove(id),
    "runs.restore": async ({ id }) => {
      const run = await library.restoreRun(id);
      events.emit("runs.changed", { id });
      return run;
    },
    "runs.bin": () => library.listRunBin(),
    "runs.purge": ({ id }) => runs.purge(id),
    "runs.list": () => library.summariseRuns(),
    "runs.reads": () => library.runReads(),
    "runs.get": ({ id }) => library.getRun(id),
    "runs.progress": () => runs.progress(),
    "predictions.make": async (request) => {
      const prediction = await trainer.predict(request);
      await library.savePrediction(prediction);
      events.emit("findings.changed", { ids: [request.recordingId] });
      events.emit("runs.changed", { id: request.runId });
      return prediction;
    },
    "predictions.list": ({ recordingId }) => library.listPredictions(recordingId),
    "findings.fill": async ({ runId, recordingId }) => {
      const content = await trainer.fill({ runId, recordingId });
      const origin = { kind: "run", runId, adaptation: "none", step: "fill" } as const;
      const filled = await library.saveFinding({ recordingId, origin, content });
      events.emit("findings.changed", { ids: [recordingId] });
      return filled;
    },
    "findings.remove": async ({ ids }) => {
      const of = await library.removeFindings(ids);
      if (of.length > 0) events.emit("findings.changed", { ids: of });
    },
    "forecasts.at": (request) => trainer.forecast(request),
    "findings.lists": ({ recordingIds }) => Promise.all(recordingIds.map((id) => findingsIn(library, id))),
    "findings.list": ({ recordingId }) => library.listFindings(recordingId),
    "findings.get": ({ id, span }) => library.getFinding(id, span),
    "layers.get": (request) => trainer.layers(request),
    "methods.learned": ({ runId }) => trainer.pictures(runId),
    "windows.next": (request) => trainer.rank(request),
  };
}

/** Nothing of a recording that went while its row was still shown. */
const findingsIn = (library: AsyncLibrary, recordingId: string): Promise<FindingSummary[]> =>
  library.listFindings(recordingId).catch((error: unknown) => {
    if (error instanceof AppError && ["storage/in-bin", "storage/not-found"].includes(error.code)) return [];
    throw error;
  });

interface RunOnRecording {
  readonly runId: string;
  readonly recordingId: string;
}

/** What a model of whole recordings says of one, kept. */
async function found(
  { library, trainer }: Pick<ServiceParts, "library" | "trainer">,
  events: ServiceEvents,
  { runId, recordingId }: RunOnRecording,
): Promise<FindingSummary[]> {
  const said = await trainer.find({ runId, recordingId });
  const origin = { kind: "run", runId, adaptation: "none" } as const;
  const kept = await library.saveFindings(said.map((content) => ({ recordingId, origin, content })));
  events.emit("findings.changed", { ids: [recordingId] });
  return kept;
}

function modelFileHandlers(
  parts: ModelFilesOptions,
  events: ServiceEvents,
): Some<"models.export" | "models.import"> {
  return {
    "models.export": (request) => exportModelFile(parts, request),
    "models.import": async ({ file }) => {
      const imported = await importModelFile(parts, file);
      events.emit("runs.changed", { id: imported.run.id });
      events.emit("labelSets.changed", {});
      return imported;
    },
  };
}

function engineHandlers(
  engines: EngineHost,
  jobs: Jobs,
  events: ServiceEvents,
  failed: ServiceParts["failed"],
): Some<`engines.${"list" | "install" | "cancel" | "remove" | "progress"}`> {
  const changed = (): void => events.emit("engines.changed", {});
  return {
    "engines.list": ({ again }) => engines.list({ again }),
    "engines.install": async ({ variant }) => {
      const { ended } = await jobs.install(variant);
      // It takes minutes: its progress and its end are told as events.
      void ended.then(changed, (error: unknown) => {
        changed();
        failed("engines.install", error);
      });
    },
    "engines.cancel": () => engines.cancel(),
    "engines.remove": async () => {
      await engines.remove();
      changed();
    },
    "engines.progress": () => jobs.installation(),
  };
}

/** Without the keys whose value is undefined: absent is absent. */
function defined<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
