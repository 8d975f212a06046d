import { settle, type Outcome } from "../../preload/contract/errors.ts";
import type { Library, LibraryMethod } from "./api.ts";

/** One call to the storage thread, and its answer. */
export interface LibraryCall {
  readonly kind: "call";
  readonly id: number;
  readonly method: LibraryMethod;
  readonly args: readonly unknown[];
}
export interface LibraryAnswer {
  readonly kind: "answer";
  readonly id: number;
  readonly outcome: Outcome<unknown>;
}

/** Every method, once; the type fails when one is forgotten. */
const methodTable: Readonly<Record<LibraryMethod, true>> = {
  info: true,
  listRecordings: true,
  listSources: true,
  getRecording: true,
  findRecording: true,
  changeRecording: true,
  removeRecording: true,
  restoreRecording: true,
  listBin: true,
  purgeRecording: true,
  purgeRecordings: true,
  createRecording: true,
  addRecordings: true,
  appendBlocks: true,
  closeRecording: true,
  checksum: true,
  tiles: true,
  samples: true,
  digitalBlock: true,
  listMasks: true,
  addMask: true,
  removeMask: true,
  layRules: true,
  liftRules: true,
  listAnnotations: true,
  addAnnotations: true,
  changeAnnotation: true,
  removeAnnotation: true,
  listReadings: true,
  addReading: true,
  removeReading: true,
  undo: true,
  redo: true,
  history: true,
  listLabelSets: true,
  getLabelSet: true,
  labelUsage: true,
  saveLabelSet: true,
  listRuns: true,
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
  pseudonymKey: true,
  verifyStep: true,
  backUp: true,
  otherProcesses: true,
  getSettings: true,
  changeSettings: true,
  log: true,
  readLog: true,
};

/** Samples on their way into the library are the library's: their memory is handed over, not copied. */
const takesSamples: ReadonlySet<string> = new Set<LibraryMethod>(["addRecordings", "appendBlocks"]);
export const handedOver = (method: string, args: readonly unknown[]): ArrayBuffer[] =>
  takesSamples.has(method) ? args.flatMap((one) => transferable(one)) : [];

export const libraryMethods = Object.keys(methodTable) as LibraryMethod[];

type AnyCall = (...args: readonly unknown[]) => unknown;

export const answer = async (library: () => Library, call: LibraryCall): Promise<LibraryAnswer> => ({
  kind: "answer",
  id: call.id,
  outcome: await settle(() => (library()[call.method] as AnyCall)(...call.args)),
});

/** The memory of typed arrays in an answer, to be handed over instead of copied. Only arrays that own all of theirs. */
export function transferable(value: unknown, found = new Set<ArrayBuffer>()): ArrayBuffer[] {
  if (ArrayBuffer.isView(value)) {
    if (value.buffer instanceof ArrayBuffer && value.byteLength === value.buffer.byteLength)
      found.add(value.buffer);
  } else if (Array.isArray(value)) {
    if (typeof value[0] === "object") for (const item of value) transferable(item, found);
  } else if (typeof value === "object" && value !== null) {
    for (const item of Object.values(value)) transferable(item, found);
  }
  return [...found];
}

/** Typed arrays that show only a part of their memory, cut down to it: a message carries the whole otherwise. */
export function compact(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) {
    if (value instanceof DataView || value.byteLength === value.buffer.byteLength) return value;
    const memory = value.buffer.slice(value.byteOffset, value.byteOffset + value.byteLength);
    if (value instanceof Uint8Array) return new Uint8Array(memory); // a Buffer's own slice would copy nothing
    return new (value.constructor as new (memory: ArrayBufferLike) => ArrayBufferView)(memory);
  }
  if (Array.isArray(value)) return typeof value[0] === "object" ? value.map(compact) : value;
  if (typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, compact(item)]));
  }
  return value;
}
