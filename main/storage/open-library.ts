import { existsSync } from "node:fs";
import { basename, resolve } from "node:path";
import { AppError } from "../../preload/contract/errors.ts";
import { listArrivals, listClockFits } from "./samples/arrivals.ts";
import {
  listRemembered,
  listTemplates,
  rememberDevices,
  removeTemplate,
  saveTemplate,
} from "./labels/templates.ts";
import * as annotations from "./labels/annotations.ts";
import { endBegun, keepBegun, resumeBegun } from "./labels/begun.ts";
import { forgetBegun } from "./labels/begun-row.ts";
import type { Library } from "./api.ts";
import { backUp } from "./file/backup.ts";
import * as blocks from "./samples/blocks.ts";
import { type Context, createContext } from "./context.ts";
import { APPLICATION_ID, Database, isOpenElsewhere, readHeader } from "./file/database.ts";
import { getCtgContext, setCtgContext } from "./labels/ctg-context.ts";
import { history } from "./labels/edit-history.ts";
import { erase } from "./recordings/erase.ts";
import * as findings from "./runs/findings.ts";
import { type LogVerdict, readLog, verifyLog } from "./file/event-log.ts";
import {
  addBuiltInLabelSets,
  getLabelSet,
  labelUsage,
  listLabelSets,
  saveLabelSet,
  takeLabelSet,
} from "./labels/label-sets.ts";
import { Listing } from "./recordings/listing.ts";
import { addMask, listMasks, observedBy, recountMoved, removeMask, SeenLayers } from "./labels/masks.ts";
import { checkSchema, migrate, refuseNewer, SCHEMA } from "./migrations/index.ts";
import { basisOf, outdateFindings } from "./runs/outdated.ts";
import { closeWithPapers, mergePapers, papersOf, storedBlocks } from "./recordings/papers.ts";
import { addReading, listReadings, removeReading } from "./labels/readings.ts";
import { isAlive, otherOwners, type Owner, ownerFrom, ownerToken, thisProcess } from "./file/owner.ts";
import { tighten } from "./file/private-files.ts";
import * as purges from "./recordings/purge.ts";
import { reportDamage } from "./file/report-damage.ts";
import { binIds, binPage } from "./recordings/bin.ts";
import * as recordings from "./recordings/recordings.ts";
import { ruleStep, takeRules } from "./labels/rule-passes.ts";
import { layRules, layRulesAtClosing, liftRules } from "./labels/rules.ts";
import * as jobs from "./runs/jobs.ts";
import { runReads } from "./runs/run-reads.ts";
import { rosterOf } from "./recordings/roster.ts";
import { studyFit } from "./runs/study-fit.ts";
import { trainingSums } from "./recordings/training-sums.ts";
import * as runs from "./runs/runs.ts";
import { authorNow, changeSettings, getSettings, pseudonymKey } from "./settings.ts";
import { asAppError } from "./file/sqlite-errors.ts";
import { travel } from "./labels/undo.ts";
import { fileProblems, verifyStep } from "./file/verify.ts";
import { addRecordings } from "./recordings/whole-recordings.ts";
import { isWritable, privateCopy, toldOf } from "./file/viewing.ts";

export interface OpenOptions {
  readonly readOnly?: boolean;
  /** Where the library can only be read, open it for viewing instead of refusing it. */
  readonly mayView?: boolean;
  readonly now?: () => Date;
  /** Who holds the recordings that are opened here; this process unless said otherwise. */
  readonly owner?: Owner;
  /** Fails a write by throwing; see Database. For tests. */
  readonly beforeWrite?: (sql: string) => void;
  /** Largest size in pages of 16 KiB. For tests of a full disk. */
  readonly maxPages?: number;
  /** Of how many a search may find to be put in order by themselves. For tests. */
  readonly few?: number;
}

export interface OpenLibrary extends Library {
  close(): void;
  /** Recomputes the log's hash chain. */
  verifyLog(): LogVerdict;
  /** SQLite's own check of the whole file; empty when it is sound. */
  checkIntegrity(): string[];
}

/**
 * Opens a library, creating it where there is none. Every call is one transaction; what returned is durable. One that
 * can only be read is opened by way of a private copy where SQLite cannot read it in its place.
 */
export function openLibrary(path: string, options: OpenOptions = {}): OpenLibrary {
  const file = resolve(path);
  const isThere = existsSync(file);
  const { readOnly = false, mayView = false } = options;
  if (isThere && (readOnly || mayView) && !isWritable(file)) return view(file, options);
  try {
    return open(file, options);
  } catch (error) {
    if (mayView && isThere && needsCopy(error)) return view(file, options);
    throw error;
  }
}

/** An older schema is brought up to date in the copy: the library itself was to be read only. */
const needsCopy = (error: unknown): boolean =>
  error instanceof AppError && /^storage\/(read-only|cannot-open|older-schema)$/.test(error.code);

/** To look at and not to change. */
function view(file: string, options: OpenOptions): OpenLibrary {
  const header = readHeader(file, true);
  if (header === undefined || (header.schema === SCHEMA && !header.usesLog && !existsSync(`${file}-wal`)))
    return open(file, { ...options, readOnly: true });
  const copy = privateCopy(file);
  try {
    if (header.schema < SCHEMA) open(copy.path, {}).close(); // brings the copy up to date
    const library = open(copy.path, { ...options, readOnly: true });
    return {
      ...library,
      info: () => ({ ...library.info(), path: file }),
      close: () => {
        library.close();
        copy.remove();
      },
    };
  } catch (error) {
    copy.remove();
    throw toldOf(error, copy.path, file);
  }
}

function open(file: string, options: OpenOptions): OpenLibrary {
  const database = new Database(file, {
    ...options,
    checkHeader: ({ schema, applicationId }) => {
      if (applicationId === APPLICATION_ID) refuseNewer(basename(file), schema);
    },
  });
  try {
    checkSchema(database);
    return guarded(build(database, options), file);
  } catch (error) {
    database.close();
    throw asAppError(error, file);
  }
}

interface Hooks {
  /** Writes down the damage that the calls before it came across. */
  readonly settle: () => void;
  /** A call has failed: nothing may be remembered from the transaction it undid. */
  readonly afterFailure: () => void;
}
type Opened = OpenLibrary & { readonly hooks: Hooks };

function build(database: Database, options: OpenOptions): Opened {
  const owner = options.owner ?? thisProcess();
  const now = options.now ?? (() => new Date());
  if (!database.readOnly) prepare(database, owner, now, options);
  const context = createContext(database, now, owner);
  const listing = new Listing(context, options.few);
  const interrupted = database.readOnly ? [] : takeOver(context);
  if (!database.readOnly) listing.catchUp();
  return assemble(context, listing, interrupted);
}

function prepare(database: Database, owner: Owner, now: () => Date, options: OpenOptions): void {
  tighten(database.path);
  const refuse = refuseOlderKodo(database, ownerToken(owner));
  database.useWriteAheadLog();
  if (options.maxPages !== undefined) database.pragma(`max_page_count = ${options.maxPages}`);
  migrate(database, SCHEMA, { refuse });
  database.write(() =>
    database.run(
      "INSERT OR IGNORE INTO owner VALUES (?, ?, ?, ?, ?)",
      ownerToken(owner),
      owner.pid,
      owner.started,
      owner.host,
      now().toISOString(),
    ),
  );
}

/**
 * An earlier Kodo that has the library open would go on writing rows as it knows them, without their checksums: they
 * would be called damaged. Throws where one has, and returns what a migration asks again once it holds the lock. A copy
 * names processes that have only the original open: they are not in the way.
 */
function refuseOlderKodo(database: Database, own: string): () => void {
  const isOlder = (): boolean => {
    const schema = Number(database.pragma("user_version"));
    return schema > 0 && schema < SCHEMA;
  };
  const elsewhere = new Set<string>();
  const refuse = (): void => {
    if (!isOlder()) return; // new, or another process has brought it up to date
    const other = otherOwners(database, own).find((owner) => !elsewhere.has(ownerToken(owner)));
    if (other === undefined) return;
    throw new AppError(
      "storage/in-use",
      `${basename(database.path)} is open in an earlier Kodo (process ${other.pid}); close it there first, then it can be brought up to date here`,
      { file: basename(database.path), process: other.pid },
    );
  };
  if (isOlder()) {
    const others = otherOwners(database, own);
    if (others.length > 0 && !isOpenElsewhere(database))
      for (const other of others) elsewhere.add(ownerToken(other));
  }
  refuse();
  return refuse;
}

/** What earlier processes left unfinished. */
function takeOver(context: Context): string[] {
  addBuiltInLabelSets(context);
  const interrupted = recordings.closeInterrupted(context, (id) => endBegun(context, id));
  runs.failInterruptedRuns(context);
  jobs.interruptJobs(context);
  forgetGoneOwners(context);
  purges.finishPurges(context);
  context.emptyLog(); // of a process that was killed
  return interrupted;
}

/** Processes that are gone and left nothing that names them. */
function forgetGoneOwners({ database, owner }: Context): void {
  const gone = database
    .all(
      "SELECT token, pid, started, host FROM owner WHERE token NOT IN (SELECT owner FROM recording WHERE owner IS NOT NULL UNION SELECT owner FROM run WHERE owner IS NOT NULL UNION SELECT owner FROM job WHERE owner IS NOT NULL)",
    )
    .filter((row) => row["token"] !== owner && !isAlive(ownerFrom(row)));
  if (gone.length === 0) return;
  database.write(() => {
    for (const { token } of gone) database.run("DELETE FROM owner WHERE token = ?", String(token));
  });
}

/** Ids of the other processes on this machine that have the library open to write. */
const otherProcesses = ({ database, owner }: Context): number[] =>
  otherOwners(database, owner).map(({ pid }) => pid);

function assemble(context: Context, listing: Listing, interrupted: string[]): Opened {
  const { database } = context;
  const seen = new SeenLayers(context);
  const layers = seen.all;
  const growing = new blocks.Growing(context, layers);
  const lookForInterrupted = (): void => {
    if (!database.readOnly)
      interrupted.push(...recordings.closeInterrupted(context, (id) => endBegun(context, id)));
  };
  return {
    hooks: {
      settle: () => {
        context.damage.settle(context.now(), (channel, first, count) =>
          reportDamage(context, layers, channel, { first, count }),
        );
        context.emptyLogLater();
      },
      afterFailure: () => seen.forget(),
    },
    info: () => ({
      path: database.path,
      readFrom: database.path,
      schema: SCHEMA,
      interrupted,
      readOnly: database.readOnly,
    }),
    listRecordings: () => {
      lookForInterrupted();
      return database.read(() => recordings.listRecordings(context));
    },
    listPage: (request) => {
      lookForInterrupted();
      return database.read(() => listing.page(request));
    },
    outlineStep: (view, from, most) => {
      lookForInterrupted();
      return database.read(() => listing.outlineStep(view, from, most));
    },
    selectionStep: (selection, ask) => database.read(() => listing.selectionStep(selection, ask)),
    firstOf: (selection, most) => database.read(() => listing.firstOf(selection, most)),
    libraryCounts: () => database.read(() => listing.counts()),
    roster: (after) => database.read(() => rosterOf(context, after)),
    someRecordings: (ids) =>
      database.read(() => recordings.summariesOf(context, recordings.keysOf(context, ids))),
    namesOf: (ids) => recordings.namesOf(context, ids),
    binRecordings: (ids, at) => recordings.binRecordings(context, ids, at),
    restoreBinned: (at, most) => recordings.restoreBinned(context, at, most),
    listSources: () => {
      lookForInterrupted();
      return recordings.listSources(context);
    },
    getRecording: (id) => database.read(() => recordings.getRecording(context, id)),
    findRecording: (nameOrId) => recordings.findRecording(context, nameOrId),
    recordingsNamed: (nameOrId, where) => recordings.recordingsNamed(context, nameOrId, where),
    changeRecording: (id, change) => recordings.changeRecording(context, id, change),
    removeRecording: (id) => recordings.removeRecording(context, id),
    restoreRecording: (id) => recordings.restoreRecording(context, id),
    purgeRecording: (id) => {
      growing.forget(id);
      purges.purgeRecording(context, id);
    },
    binPage: (request) => database.read(() => binPage(context, request)),
    binIds: (after, most) => database.read(() => binIds(context, after, most)),
    stillBinned: (ids) => recordings.stillBinned(context, ids),
    restoreThese: (ids) => recordings.restoreThese(context, ids),
    beginPurge: (ids) => {
      for (const id of ids) growing.forget(id);
      purges.beginPurge(context, ids);
    },
    purgeSome: () => purges.purgeSome(context),
    endPurge: () => erase(context),
    createRecording: (recording) => recordings.createRecording(context, recording),
    addRecordings: (list) => addRecordings({ context, layers, growing }, list),
    appendBlocks: (id, list, times, how) => growing.append(id, list, times, how),
    listArrivals: (id) => listArrivals(context, id),
    listClockFits: (id) => listClockFits(context, id),
    reopenRecording: (id) => recordings.reopenRecording(context, id, (one) => resumeBegun(context, one)),
    closeRecording: (id, closing) => {
      database.refuseGone();
      growing.finish(id);
      return database.write(() => {
        layRulesAtClosing(context, layers, id);
        recountMoved(context, layers, id);
        (closing.state === "interrupted" ? endBegun : forgetBegun)(context, id);
        return recordings.closeRecording(context, id, closing);
      });
    },
    papersOf: (id) => database.read(() => papersOf(context, id)),
    storedBlocks: (id, channel, from) => database.read(() => storedBlocks(context, id, channel, from)),
    closeWithPapers: (id, papers) => {
      growing.finish(id);
      closeWithPapers(context, layers, id, papers);
    },
    mergePapers: (id, others) => mergePapers(context, layers, id, others),
    checksum: (id) => database.read(() => blocks.checksum(context, id)),

    tiles: (id, channel, samplesPerBucket, firstTile, tileCount, keepsBlind = false) =>
      database.read(() => {
        const range = { samplesPerBucket, firstTile, tileCount };
        return blocks.tiles(context, seen.of(id, keepsBlind), id, channel, range);
      }),
    samples: (id, channel, first, count, keepsBlind = false) =>
      database.read(() => blocks.samples(context, seen.of(id, keepsBlind), id, channel, { first, count })),
    digitalBlock: (id, channel, first, count, keepsBlind = false) =>
      database.read(() =>
        blocks.digitalBlock(context, seen.of(id, keepsBlind), id, channel, { first, count }),
      ),

    listMasks: (id) => listMasks(context, id),
    observedBy: (id, reader) => database.read(() => observedBy(context, id, reader)),
    addMask: (span) => addMask(context, layers, span),
    removeMask: (id) => removeMask(context, layers, id),
    layRules: (id) => layRules(context, layers, id),
    liftRules: (id) => liftRules(context, layers, id),
    ruleStep: (ask) => database.read(() => ruleStep(context, ask)),
    takeRules: (order) => takeRules(context, layers, order),

    listAnnotations: (id) => annotations.listAnnotations(context, id),
    annotationPage: (id, wanted) => annotations.annotationPage(context, id, wanted),
    addAnnotations: (list, how) => annotations.addAnnotations(context, list, how),
    changeAnnotation: (change, how) => annotations.changeAnnotation(context, change, how),
    removeAnnotation: (id, how) => annotations.removeAnnotation(context, id, how),
    listReadings: (id) => listReadings(context, id),
    addReading: (reading, how) => addReading(context, reading, how),
    removeReading: (id, how) => removeReading(context, id, how),
    getCtgContext: (id) => getCtgContext(context, id),
    setCtgContext: (id, said) => setCtgContext(context, id, said),
    basisOf: (id) => database.read(() => basisOf(context, id)),
    undo: (id, how) => travel(context, layers, id, "undo", how),
    redo: (id, how) => travel(context, layers, id, "redo", how),
    history: (id) => history(context, id),

    listLabelSets: () => listLabelSets(context),
    getLabelSet: (id, version) => getLabelSet(context, id, version),
    labelUsage: (id) => labelUsage(context, id),
    takeLabelSet: (set) => takeLabelSet(context, set),
    saveLabelSet: (set) => saveLabelSet(context, set, authorNow(context)),

    listJobs: () => jobs.listJobs(context),
    findJob: (key) => jobs.findJob(context, key),
    queueJob: (job) => jobs.queueJob(context, job),
    changeJob: (id, change) => jobs.changeJob(context, id, change),
    forgetJob: (id) => jobs.forgetJob(context, id),
    studyAsked: (id) => jobs.studyAsked(context, id),
    passAsked: (id) => jobs.passAsked(context, id),
    keepStudyWork: (id, work) => jobs.keepStudyWork(context, id, work),
    takeStudies: () => jobs.takeStudies(context),
    studyFit: (order, which) => database.read(() => studyFit(context, order, which)),
    trainingSums: (ask) => database.read(() => trainingSums(context, ask)),
    takeWaitingRuns: (only) => {
      runs.failInterruptedRuns(context); // of a process that ended since
      return jobs.takeWaitingRuns(context, only);
    },

    listRuns: () => runs.listRuns(context),
    summariseRuns: () => runs.summariseRuns(context),
    runReads: () => database.read(() => runReads(context)),
    getRun: (id) => runs.getRun(context, id),
    saveRun: (run, key) => runs.saveRun(context, run, key),
    changeRun: (id, change) => runs.changeRun(context, id, change),
    removeRun: (id) => runs.removeRun(context, id),
    restoreRun: (id) => runs.restoreRun(context, id),
    listRunBin: () => runs.listBin(context),
    purgeRuns: (ids) => runs.purgeRuns(context, ids),
    addTrainedRun: (trained) => runs.addTrainedRun(context, trained),
    saveModel: (id, kind, bytes) => runs.saveModel(context, id, kind, bytes),
    loadModel: (id, kind) => runs.loadModel(context, id, kind),
    savePrediction: (prediction) => runs.savePrediction(context, prediction),
    listPredictions: (id) => runs.listPredictions(context, id),
    saveFinding: (finding) => findings.saveFinding(context, finding),
    saveFindings: (list, how) => findings.saveFindings(context, list, how),
    outdateFindings: (maker) => database.write(() => outdateFindings(context, maker)),
    removeFindings: (ids) => findings.removeFindings(context, ids),
    listFindings: (id) => database.read(() => findings.listFindings(context, id)),
    getFinding: (id, span) => database.read(() => findings.getFinding({ context, layers }, id, span)),

    pseudonymKey: () => pseudonymKey(context),

    listTemplates: () => listTemplates(context),
    saveTemplate: (template) => saveTemplate(context, template),
    removeTemplate: (name) => removeTemplate(context, name),
    listRemembered: () => listRemembered(context),
    rememberDevices: (devices) => rememberDevices(context, devices),
    keepBegun: (id, marks) => keepBegun(context, id, marks),

    getSettings: () => getSettings(context),
    changeSettings: (change) => changeSettings(context, change),
    log: (entry) => {
      if (!database.readOnly) context.log(entry); // an export from a library that can only be read has nowhere to be noted
    },
    readLog: (limit) => readLog(database, limit),

    verifyStep: (cursor) => verifyStep(database, cursor),
    backUp: (to, how) =>
      backUp(database, to, how).catch((error: unknown) => {
        throw asAppError(error, to);
      }),
    otherProcesses: () => otherProcesses(context),

    verifyLog: () => database.read(() => verifyLog(database)),
    checkIntegrity: () => fileProblems(database),
    close: () => database.close(),
  };
}

type AnyCall = (...args: readonly unknown[]) => unknown;

/** At the library's edge SQLite's failures become AppErrors, and damage a call came across is written down. */
function guarded({ hooks, ...library }: Opened, path: string): OpenLibrary {
  const settle = (): void => {
    try {
      hooks.settle();
    } catch {
      hooks.afterFailure(); // what could be read was read; the note is made after a later call
    }
  };
  const guard =
    (call: AnyCall, mayNote: boolean): AnyCall =>
    (...args) => {
      try {
        const result = call(...args);
        if (mayNote) settle();
        return result;
      } catch (error) {
        hooks.afterFailure();
        throw asAppError(error, path);
      }
    };
  const entries = Object.entries(library) as [string, AnyCall][];
  return Object.fromEntries(
    entries.map(([name, call]) => [name, guard(call, name !== "close")]),
  ) as unknown as OpenLibrary;
}
