import type { MessagePort } from "node:worker_threads";
import { memoryOf } from "../calls/transfer.ts";
import type { Library, LibraryMethod } from "./api.ts";

/** What a port to the storage thread answers: the library's methods, each with the list of its parameters. */
export type LibraryCalls = {
  readonly [M in LibraryMethod]: {
    readonly ask: Parameters<Library[M]>;
    readonly answer: Awaited<ReturnType<Library[M]>>;
  };
};

/** What the thread itself is told by who started it. */
export interface StorageThreadCalls {
  /** Answers the library's methods over this port, too. */
  connect: { ask: MessagePort; answer: undefined };
  /** Closes the file and ends the thread. */
  close: { ask: undefined; answer: undefined };
}

/** What a process that only reads is told by who started it. */
export interface ReaderCalls {
  /** Which library; before everything else. */
  open: { ask: string; answer: undefined };
  /** Closes the file and ends the process. */
  close: { ask: undefined; answer: undefined };
}

/** Every method, once; the type fails when one is forgotten. */
const methodTable: Readonly<Record<LibraryMethod, true>> = {
  info: true,
  listRecordings: true,
  listPage: true,
  outlineStep: true,
  selectionStep: true,
  firstOf: true,
  libraryCounts: true,
  roster: true,
  someRecordings: true,
  namesOf: true,
  binRecordings: true,
  restoreBinned: true,
  listSources: true,
  getRecording: true,
  findRecording: true,
  changeRecording: true,
  removeRecording: true,
  restoreRecording: true,
  binPage: true,
  binIds: true,
  stillBinned: true,
  restoreThese: true,
  recordingsNamed: true,
  purgeRecording: true,
  beginPurge: true,
  purgeSome: true,
  endPurge: true,
  createRecording: true,
  addRecordings: true,
  appendBlocks: true,
  listArrivals: true,
  listClockFits: true,
  reopenRecording: true,
  closeRecording: true,
  papersOf: true,
  storedBlocks: true,
  closeWithPapers: true,
  mergePapers: true,
  checksum: true,
  tiles: true,
  samples: true,
  digitalBlock: true,
  listMasks: true,
  observedBy: true,
  addMask: true,
  removeMask: true,
  layRules: true,
  liftRules: true,
  ruleStep: true,
  takeRules: true,
  listAnnotations: true,
  annotationPage: true,
  addAnnotations: true,
  changeAnnotation: true,
  removeAnnotation: true,
  listReadings: true,
  addReading: true,
  removeReading: true,
  getCtgContext: true,
  setCtgContext: true,
  basisOf: true,
  undo: true,
  redo: true,
  history: true,
  listLabelSets: true,
  getLabelSet: true,
  labelUsage: true,
  takeLabelSet: true,
  saveLabelSet: true,
  listJobs: true,
  findJob: true,
  queueJob: true,
  changeJob: true,
  forgetJob: true,
  studyAsked: true,
  passAsked: true,
  keepStudyWork: true,
  takeStudies: true,
  studyFit: true,
  trainingSums: true,
  takeWaitingRuns: true,
  listRuns: true,
  summariseRuns: true,
  runReads: true,
  getRun: true,
  saveRun: true,
  changeRun: true,
  removeRun: true,
  restoreRun: true,
  listRunBin: true,
  purgeRuns: true,
  addTrainedRun: true,
  saveModel: true,
  loadModel: true,
  savePrediction: true,
  listPredictions: true,
  saveFinding: true,
  saveFindings: true,
  outdateFindings: true,
  removeFindings: true,
  listFindings: true,
  getFinding: true,
  pseudonymKey: true,
  verifyStep: true,
  backUp: true,
  otherProcesses: true,
  listTemplates: true,
  saveTemplate: true,
  removeTemplate: true,
  listRemembered: true,
  rememberDevices: true,
  keepBegun: true,
  getSettings: true,
  changeSettings: true,
  log: true,
  readLog: true,
};

/** Samples on their way into the library are the library's: their memory is handed over, not copied. */
const takesSamples: ReadonlySet<string> = new Set<LibraryMethod>(["addRecordings", "appendBlocks"]);
export const handedOver = (args: unknown, method: string): ArrayBuffer[] =>
  takesSamples.has(method) && Array.isArray(args) ? args.flatMap((one) => memoryOf(one)) : [];

export const libraryMethods = Object.keys(methodTable) as LibraryMethod[];
