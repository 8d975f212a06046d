import { pause } from "../../compute/pause.ts";
import { frontNameOf, modelOf } from "../../models/registry.ts";
import { AppError, throwIfCancelled } from "../../../preload/contract/errors.ts";
import {
  matchChannels,
  wantedChannels,
  type WantedChannel,
} from "../../../preload/contract/match-channels.ts";
import {
  labelsAbout,
  labelsApart,
  needsOf,
  type ChannelNeeds,
} from "../../../preload/contract/channel-needs.ts";
import type {
  Channel,
  ChannelHeader,
  ChannelRole,
  RecordingDetail,
  RecordingKind,
} from "../../../preload/contract/recording.ts";
import {
  problemOf,
  type Problem,
  type Run,
  type RunConfig,
  type RunPreview,
  type DataSelection,
} from "../../../preload/contract/run.ts";
import { sure } from "../../../preload/contract/sure.ts";
import { chooseFront } from "../../models/fronts/registry.ts";
import {
  heardBy,
  type FeatureTable,
  type Front,
  type FrontLayout,
  type SignalSource,
} from "../../models/fronts/front.ts";
import { seededRandom, shuffle } from "../../models/random.ts";
import { coveredS, windowGrid, windowOnsetS, type Interval, type WindowGrid } from "../../signal/window.ts";
import type { Library } from "../../storage/api.ts";
import type { z } from "zod";
import { assess, type Assessed } from "./assess.ts";
import { splitSubjects, type Part } from "./split.ts";
import { type Teaching, teachingOf } from "./teaching.ts";
import { inPlaces } from "../../../preload/contract/in-places.ts";

/** The few reads that learning needs. */
export type ReadLibrary = Pick<
  Library,
  | "getRecording"
  | "samples"
  | "listAnnotations"
  | "listMasks"
  | "listReadings"
  | "listLabelSets"
  | "getLabelSet"
  | "checksum"
>;

export const UNLABELLED = -1;
/** The class a window without an annotation belongs to, where the run has one. */
export const BACKGROUND = "none";
/** Background stretches are dealt out like annotations, in pieces of this length. */
const BACKGROUND_PIECE_S = 60;

export interface DatasetRecording {
  readonly id: string;
  readonly name: string;
  readonly subject: string;
  readonly kind: RecordingKind;
  readonly part: Part;
  readonly from: number; // its windows are rows [from, to) of the table
  readonly to: number;
  readonly unassessable: number; // windows left out because too little of them is observed
}

/**
 * Windows of all recordings, features only; the samples are gone. Only assessable windows are rows. The inputs are
 * shared memory, so that threads need no copy of them.
 */
export interface Dataset {
  readonly front: Front;
  readonly layout: FrontLayout;
  readonly classes: readonly string[];
  readonly recordings: readonly DatasetRecording[];
  readonly count: number;
  readonly x: Float32Array; // [n x width], 0 where unobserved
  readonly observed: Uint8Array; // [n x width]
  readonly label: Int16Array; // [n] class index, or UNLABELLED
  readonly segment: Int32Array; // [n] the annotation behind the label, -1 without
  readonly recording: Int32Array; // [n] index into recordings
  readonly onsetS: Float64Array; // [n]
}

/** What a run's labels need of its channels before a window can be judged. */
export const needsOfRun = (
  { labelSet, labels }: Pick<DataSelection, "labelSet" | "labels">,
  library: Pick<ReadLibrary, "listLabelSets">,
  front: Front,
  channels: readonly ChannelHeader[],
): ChannelNeeds => {
  const set = library.listLabelSets().find(({ id }) => id === labelSet);
  return needsOf(labelsAbout(set, labels), heardBy(front, channels));
};

export const classesOf = (config: RunConfig): readonly string[] =>
  config.data.background === "never" ? config.data.labels : [BACKGROUND, ...config.data.labels];

/** The front a run uses, by its recordings' kinds. */
export function frontOf(config: RunConfig, library: ReadLibrary): Front {
  return chooseFront(
    frontNameOf(config.model),
    config.data.recordingIds.map((id) => library.getRecording(id).kind),
  );
}

/** What a run asks for, as far as its recordings are in the library. */
export const wantedOf = (
  run: RunChannels,
  library: Pick<ReadLibrary, "getRecording">,
): readonly WantedChannel[] => wantedChannels(run, (id) => recordingOf(library, id)?.channels);

/** A run's configuration; for one from another library with the channels it brought along. */
export interface RunChannels {
  readonly config: {
    readonly data: Pick<RunConfig["data"], "channels" | "recordingIds">;
    readonly model?: { readonly kind: string };
  };
  readonly imported?: Run["imported"];
}

/** Undefined where it has been purged since. */
export function recordingOf(
  library: Pick<ReadLibrary, "getRecording">,
  id: string,
): RecordingDetail | undefined {
  try {
    return library.getRecording(id);
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

/**
 * A recording with all its labels, masks and readings as they were written. Where some are damaged they are left out, and
 * what was masked or labelled would count as neither: nothing is learned from it, and nothing judged.
 */
export function soundRecording(
  library: Pick<ReadLibrary, "getRecording" | "listAnnotations" | "listMasks" | "listReadings">,
  id: string,
): RecordingDetail {
  library.listAnnotations(id); // reading them is what finds damage
  library.listMasks(id);
  library.listReadings(id);
  const detail = library.getRecording(id);
  if (detail.fault === undefined) return detail;
  throw new AppError(
    "storage/corrupt",
    `${detail.name} is damaged, so no model learns from it or judges it: ${detail.fault}`,
    { recording: detail.name, fault: detail.fault },
  );
}

/** Roles of channels that a recording of the run may do without. */
export function mayLack({ config: { model } }: RunChannels): readonly ChannelRole[] {
  const own = model === undefined ? undefined : modelOf(model.kind);
  return own?.over === "sequences" ? (own.mayLack ?? []) : [];
}

/** The recording's channels that the run means, under the names and roles it knows them by. */
export function channelsOf<C extends ChannelHeader>(
  run: RunChannels,
  library: Pick<ReadLibrary, "getRecording">,
  recording: { readonly name: string; readonly channels: readonly C[] },
): readonly C[] {
  return matchChannels(wantedOf(run, library), recording.channels).flatMap(({ wanted, channel }) => {
    if (channel) return [{ ...channel, label: wanted.label, role: wanted.role ?? channel.role }];
    if (wanted.role !== undefined && mayLack(run).includes(wanted.role)) return [];
    const there = recording.channels.map((candidate) => candidate.label).join(", ");
    const role = wanted.role === undefined || wanted.role === "other" ? "" : ` (${wanted.role})`;
    throw new AppError(
      "model/wrong-channels",
      `${recording.name} has no channel ${wanted.label}${role}; it has ${there}`,
      { recording: recording.name, channel: wanted.label, channels: there },
    );
  });
}

export function signalSource(run: RunChannels, library: ReadLibrary, detail: RecordingDetail): SignalSource {
  const channels = channelsOf(run, library, inPlaces(detail));
  return {
    channels,
    durationS: detail.durationS,
    read(index, first, count) {
      const channel = channels[index] as Channel;
      const wanted = Math.max(0, Math.min(count, channel.sampleCount - first));
      if (wanted === 0) return { values: new Float32Array(0), observed: new Uint8Array(0) };
      const span = library.samples(detail.id, channel.position, first, wanted);
      const observed = new Uint8Array(span.reasons.length);
      for (let i = 0; i < observed.length; i += 1) observed[i] = span.reasons[i] === 0 ? 1 : 0;
      return { values: span.values, observed };
    },
  };
}

interface WindowLabels {
  readonly label: Int16Array;
  readonly segment: Int32Array; // counted from 0 within the recording
  readonly segments: number;
}

/** What teaches of a recording. */
export interface Marks extends Pick<Teaching, "annotations" | "read"> {
  readonly unclear?: readonly Interval[]; // neither a label nor none
  readonly apart?: ReadonlySet<string>; // labels of the set that say nothing about the run's: a contraction under a heart rate
}

export const marksOf = (
  config: Pick<DataSelection, "labelSet" | "labels" | "readers">,
  library: Pick<
    ReadLibrary,
    "getRecording" | "listAnnotations" | "listReadings" | "getLabelSet" | "listLabelSets"
  >,
  id: string,
): Marks & Teaching => ({
  ...teachingOf(config, library, id),
  apart: labelsApart(
    library.listLabelSets().find((set) => set.id === config.labelSet),
    config.labels,
  ),
});

/**
 * The label of each window: the one that covers most of the judged part, if it covers enough. A judged part without one
 * is background only where it was read completely: nobody looked elsewhere, for all that is known. Where a reader marked
 * something else of the same channels, such as a late deceleration or "not analysable", it is neither: not labelled.
 */
export function labelWindows(
  config: RunConfig,
  { annotations: own, read, unclear = [], apart }: Marks,
  grid: WindowGrid,
): WindowLabels {
  const offset = config.data.background === "never" ? 0 : 1;
  const byClass = config.data.labels.map((code) =>
    own
      .map((one, index) => ({ ...one, index }))
      .filter((one) => one.label === code && one.durationS > 0)
      .sort((a, b) => a.onsetS - b.onsetS),
  );
  const others: readonly Interval[] = [
    ...own.filter(({ label }) => !config.data.labels.includes(label) && apart?.has(label) !== true),
    ...unclear,
  ]
    .filter(({ durationS }) => durationS > 0)
    .sort((a, b) => a.onsetS - b.onsetS);
  let firstOther = 0;
  let firstRead = 0;
  const isBackgroundKnown = (from: number, to: number): boolean => {
    if (config.data.background === "annotated-recordings") return own.length > 0;
    if (config.data.background === "never") return false;
    firstOther = skipPast(others, firstOther, from);
    firstRead = skipPast(read, firstRead, from);
    return (
      coveredS(others, from, to, firstOther) === 0 && coveredS(read, from, to, firstRead) >= to - from - 1e-9
    );
  };
  const judgedS = Math.min(
    config.data.windows.centreS ?? config.data.windows.windowS,
    config.data.windows.windowS,
  );
  const label = new Int16Array(grid.count).fill(UNLABELLED);
  const segment = new Int32Array(grid.count).fill(-1);
  const begin = byClass.map(() => 0);
  let pieces = 0;
  let pieceStartS = -Infinity;
  let isInPiece = false;
  for (let window = 0; window < grid.count; window += 1) {
    const from = windowOnsetS(grid, window) + (grid.windowS - judgedS) / 2;
    const to = from + judgedS;
    let best = 0;
    byClass.forEach((intervals, c) => {
      begin[c] = skipPast(intervals, sure(begin[c]), from);
      const share = coveredS(intervals, from, to, begin[c]) / judgedS;
      if (share <= best) return;
      best = share;
      if (share < config.data.windows.minOverlap - 1e-9) return;
      label[window] = c + offset;
      segment[window] = mostCovering(intervals, begin[c], from, to);
    });
    const isBackground = label[window] === UNLABELLED && isBackgroundKnown(from, to);
    if (isBackground) {
      if (!isInPiece || from - pieceStartS >= BACKGROUND_PIECE_S) {
        pieces += 1;
        pieceStartS = from;
      }
      label[window] = 0;
      segment[window] = own.length + pieces - 1;
    }
    isInPiece = isBackground;
  }
  return { label, segment, segments: own.length + pieces };
}

/** First interval at or after `first` that could still reach beyond `fromS`; windows advance, so this does too. */
function skipPast(intervals: readonly Interval[], first: number, fromS: number): number {
  let at = first;
  for (let next = intervals[at]; next && next.onsetS + next.durationS <= fromS; next = intervals[at]) at += 1;
  return at;
}

function mostCovering(
  intervals: readonly (Interval & { index: number })[],
  first: number,
  fromS: number,
  toS: number,
): number {
  let found = -1;
  let most = 0;
  for (let i = first; i < intervals.length; i += 1) {
    const interval = intervals[i] as Interval & { index: number };
    if (interval.onsetS >= toS) break;
    const here = Math.min(toS, interval.onsetS + interval.durationS) - Math.max(fromS, interval.onsetS);
    if (here <= most) continue;
    most = here;
    found = interval.index;
  }
  return found;
}

export interface ScannedRecording extends Assessed {
  readonly detail: RecordingDetail;
  readonly grid: WindowGrid;
  readonly labels: WindowLabels;
  readonly teaching: Teaching;
}

/** What decides about a recording's windows: a run, or one that is to be. */
export interface ScannedRun extends RunChannels {
  readonly config: RunConfig;
}

/** Which windows of a recording can be assessed, and their labels: masks and annotations only. */
export function scan(run: ScannedRun, library: ReadLibrary, front: Front, id: string): ScannedRecording {
  const { config } = run;
  const detail = soundRecording(library, id);
  const source = signalSource(run, library, detail);
  const grid = windowGrid(detail.durationS, config.data.windows.windowS, config.data.windows.strideS);
  const teaching = marksOf(config.data, library, id);
  return {
    detail,
    grid,
    teaching,
    ...assess(source, grid, {
      ...config.data.windows,
      needs: needsOfRun(config.data, library, front, source.channels),
    }),
    labels: labelWindows(config, teaching, grid),
  };
}

/** All windows of one recording with their inputs, assessable or not: what prediction needs. */
export interface RecordingWindows {
  readonly detail: RecordingDetail;
  readonly grid: WindowGrid;
  readonly isAssessable: Uint8Array;
  readonly table: FeatureTable;
  readonly labels: WindowLabels;
}

export interface ReadHooks {
  readonly onProgress?: (done: number) => void; // 0..1
  /** Reads a recording elsewhere; the next one is asked for while the last is put in its place. */
  readonly read?: ((front: string, id: string) => Promise<RecordingWindows>) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export async function readRecording(
  run: ScannedRun,
  library: ReadLibrary,
  front: Front,
  id: string,
  signal?: AbortSignal,
): Promise<RecordingWindows> {
  const { detail, grid, isAssessable, labels } = scan(run, library, front, id);
  const source = signalSource(run, library, detail);
  return { detail, grid, isAssessable, labels, table: await extracted(front, source, grid, signal) };
}

/** The inputs of all windows of a source, with pauses in which a cancel can be heard. */
export async function extracted(
  front: Front,
  source: SignalSource,
  grid: WindowGrid,
  signal?: AbortSignal,
): Promise<FeatureTable> {
  const extraction = front.extract(source, grid);
  for (;;) {
    const step = extraction.next();
    if (step.done) return step.value;
    await pause(signal);
  }
}

/** A run's dataset, split as it says. */
export async function readDataset(
  config: RunConfig,
  library: ReadLibrary,
  hooks: ReadHooks = {},
): Promise<Dataset> {
  return splitDataset(await readUnsplit(config, library, hooks), config);
}

/**
 * Reads every recording of a run in turn; keeps inputs and labels of assessable windows, drops the samples. Nothing is
 * held back yet: every label is there.
 */
export async function readUnsplit(
  config: RunConfig,
  library: ReadLibrary,
  hooks: ReadHooks = {},
): Promise<Dataset> {
  const front = frontOf(config, library);
  const layout = front.layout(config.data.channels, config.data.windows.windowS);
  const parts = splitSubjects(
    config,
    config.data.recordingIds.map((id) => library.getRecording(id).subject),
  );
  const recordings: DatasetRecording[] = [];
  const pieces: { windows: RecordingWindows; kept: number[]; firstSegment: number }[] = [];
  let rows = 0;
  let segments = 0;
  const read = (id: string): Promise<RecordingWindows> =>
    hooks.read?.(front.name, id) ?? readRecording({ config }, library, front, id, hooks.signal);
  for await (const [index, windows] of inTurn(config.data.recordingIds, hooks.read ? 2 : 1, read)) {
    throwIfCancelled(hooks.signal);
    const { id } = windows.detail;
    const kept = [...windows.isAssessable.keys()].filter((window) => windows.isAssessable[window] === 1);
    const { subject, kind, name } = windows.detail;
    recordings.push({
      id,
      name,
      subject,
      kind,
      part: parts.get(subject) as Part,
      from: rows,
      to: rows + kept.length,
      unassessable: windows.grid.count - kept.length,
    });
    pieces.push({
      windows: { ...windows, table: keepRows(windows.table, kept, layout.width) },
      kept,
      firstSegment: segments,
    });
    rows += kept.length;
    segments += windows.labels.segments;
    hooks.onProgress?.((index + 1) / config.data.recordingIds.length);
    await pause();
  }
  const dataset: Dataset = {
    front,
    layout,
    recordings,
    classes: classesOf(config),
    count: rows,
    x: new Float32Array(new SharedArrayBuffer(4 * rows * layout.width)),
    observed: new Uint8Array(new SharedArrayBuffer(rows * layout.width)),
    label: new Int16Array(rows),
    segment: new Int32Array(rows),
    recording: new Int32Array(rows),
    onsetS: new Float64Array(rows),
  };
  pieces.forEach(({ windows, kept, firstSegment }, index) => {
    const { from } = recordings[index] as DatasetRecording;
    dataset.x.set(windows.table.x, from * layout.width);
    dataset.observed.set(windows.table.observed, from * layout.width);
    kept.forEach((window, i) => {
      dataset.label[from + i] = sure(windows.labels.label[window]);
      const segment = sure(windows.labels.segment[window]);
      dataset.segment[from + i] = segment < 0 ? -1 : segment + firstSegment;
      dataset.recording[from + i] = index;
      dataset.onsetS[from + i] = windowOnsetS(windows.grid, window);
    });
  });
  return dataset;
}

/** The same windows with the parts that a split gives its people, and the labels it keeps of those it trains on. */
export function splitDataset<T extends Labelled>(dataset: T, config: RunConfig): T {
  const parts = splitSubjects(
    config,
    dataset.recordings.map(({ subject }) => subject),
  );
  const recordings = dataset.recordings.map((one) => ({ ...one, part: parts.get(one.subject) as Part }));
  return { ...dataset, recordings, ...keepLabels({ ...dataset, recordings }, config) };
}

/** People with a labelled window. */
export function labelledPeople({ recordings, label }: Pick<Dataset, "recordings" | "label">): string[] {
  const some = recordings.filter(({ from, to }) => label.subarray(from, to).some((c) => c !== UNLABELLED));
  return [...new Set(some.map(({ subject }) => subject))];
}

/** One result after the other, with `depth` asked for at a time. */
export async function* inTurn<Item, T>(
  items: readonly Item[],
  depth: number,
  read: (item: Item) => Promise<T>,
): AsyncGenerator<readonly [number, T]> {
  const asked: Promise<T>[] = [];
  for (let index = 0; index < items.length; index += 1) {
    for (const item of items.slice(index + asked.length, index + depth)) {
      const result = read(item);
      result.catch(() => undefined); // heard when its turn comes, if it does
      asked.push(result);
    }
    yield [index, await (asked.shift() as Promise<T>)];
  }
}

/** Some rows of a table, in the order given. */
export function keepRows(table: FeatureTable, kept: ArrayLike<number>, width: number): FeatureTable {
  const x = new Float32Array(kept.length * width);
  const observed = new Uint8Array(kept.length * width);
  for (let i = 0; i < kept.length; i += 1) {
    const row = sure(kept[i]);
    x.set(table.x.subarray(row * width, (row + 1) * width), i * width);
    observed.set(table.observed.subarray(row * width, (row + 1) * width), i * width);
  }
  return { x, observed };
}

type Labelled = Pick<Dataset, "label" | "segment" | "recording" | "recordings">;

/**
 * Keeps a share of the annotations of the training people, drawn by seed within each class (at least one a class); the
 * windows of the others become unlabelled. Validation and test labels stay.
 */
export function keepLabels(dataset: Labelled, config: RunConfig): Pick<Dataset, "label" | "segment"> {
  const label = dataset.label.slice();
  const segment = dataset.segment.slice();
  if (config.data.labelledShare >= 1) return { label, segment };
  const isTraining = (row: number): boolean =>
    dataset.recordings[sure(dataset.recording[row])]?.part === "train";
  const byClass = new Map<number, Set<number>>();
  label.forEach((c, row) => {
    if (c === UNLABELLED || !isTraining(row)) return;
    const seen = byClass.get(c) ?? new Set<number>();
    byClass.set(c, seen.add(sure(segment[row])));
  });
  const kept = new Set<number>();
  for (const [c, found] of [...byClass].sort(([a], [b]) => a - b)) {
    const order = shuffle(Int32Array.from(found).sort(), seededRandom(config.seed, 200 + c));
    const wanted = Math.max(1, Math.round(config.data.labelledShare * order.length));
    order.subarray(0, wanted).forEach((one) => kept.add(one));
  }
  label.forEach((c, row) => {
    if (c === UNLABELLED || !isTraining(row) || kept.has(sure(segment[row]))) return;
    label[row] = UNLABELLED;
    segment[row] = -1;
  });
  return { label, segment };
}

type Counted = Pick<Dataset, "recordings" | "classes" | "label">;

/** Windows by kind, by class and by subject. */
export function summarise(
  dataset: Counted,
): Pick<z.infer<typeof RunPreview>, "windows" | "perClass" | "subjects"> {
  const perClass = dataset.classes.map(() => 0);
  const bySubject = new Map<string, z.infer<typeof RunPreview>["subjects"][number]>();
  const windows = { labelled: 0, unlabelled: 0, unassessable: 0 };
  for (const { subject, part, from, to, unassessable } of dataset.recordings) {
    const row = bySubject.get(subject) ?? {
      subject,
      recordings: 0,
      part,
      labelled: 0,
      unlabelled: 0,
      unassessable: 0,
    };
    bySubject.set(subject, row);
    row.recordings += 1;
    row.unassessable += unassessable;
    windows.unassessable += unassessable;
    for (const c of dataset.label.subarray(from, to)) {
      const key = c === UNLABELLED ? "unlabelled" : "labelled";
      row[key] += 1;
      windows[key] += 1;
      if (c !== UNLABELLED) perClass[c] = sure(perClass[c]) + 1;
    }
  }
  return {
    windows,
    perClass,
    subjects: [...bySubject.values()].sort((a, b) => (a.subject < b.subject ? -1 : 1)),
  };
}

/** Fewer labelled training windows of a class than this teach nothing about it. */
const MIN_CLASS_WINDOWS = 2;

/** What the labels of a split are too few for: to learn from, to calibrate on, to test on. */
export function classProblems(
  { recordings, label, classes }: Counted,
  { members, isTested = true }: { readonly members: number; readonly isTested?: boolean },
): Problem[] {
  const count = (part: Part): number[] => {
    const counts = classes.map(() => 0);
    for (const { from, to } of recordings.filter((recording) => recording.part === part)) {
      for (const c of label.subarray(from, to)) if (c !== UNLABELLED) counts[c] = sure(counts[c]) + 1;
    }
    return counts;
  };
  const problems = count("train").flatMap((n, c) =>
    n >= MIN_CLASS_WINDOWS
      ? []
      : [problemOf("TOO_FEW_WINDOWS", { count: n, label: classes[c] as string, needed: MIN_CLASS_WINDOWS })],
  );
  const isEmpty = (part: Part): boolean => count(part).every((n) => n === 0);
  const training = recordings.filter(({ part }) => part === "train");
  if (recordings.some(({ part }) => part === "validation")) {
    if (isEmpty("validation")) problems.push(problemOf("NO_LABELLED_VALIDATION", {}));
  } else if (members < 2 || labelledPeople({ recordings: training, label }).length < 2) {
    problems.push(problemOf("NO_VALIDATION_SUBJECT", {}));
  }
  if (isTested && isEmpty("test")) problems.push(problemOf("NO_LABELLED_TEST", {}));
  return problems;
}

/** Brings inputs to the network's range: z = (x − mean) · scale, 0 where unobserved. */
export interface Standardisation {
  readonly mean: Float32Array;
  readonly scale: Float32Array;
}

/** Standard deviations of the inputs after scaling: small enough that hard tanh leaves most of them as they are. */
const INPUT_SD = 0.4;
/** Fronts that scale their rows themselves give values up to about 2. */
const OWN_SCALE = 0.5;

/** From the observed inputs of the training people only. */
export function fitStandardisation(
  dataset: Pick<Dataset, "layout" | "x" | "observed"> & {
    readonly recordings: readonly Pick<DatasetRecording, "part" | "from" | "to">[];
  },
): Standardisation {
  const { width, scaling } = dataset.layout;
  const mean = new Float32Array(width);
  const scale = new Float32Array(width).fill(OWN_SCALE);
  if (scaling === "none") return { mean, scale };
  const count = new Float64Array(width);
  const sum = new Float64Array(width);
  const squares = new Float64Array(width);
  for (const { part, from, to } of dataset.recordings) {
    if (part !== "train") continue;
    for (let at = from * width; at < to * width; at += 1) {
      if (dataset.observed[at] !== 1) continue;
      const i = at % width;
      const value = sure(dataset.x[at]);
      count[i] = sure(count[i]) + 1;
      sum[i] = sure(sum[i]) + value;
      squares[i] = sure(squares[i]) + value * value;
    }
  }
  const variance = new Float64Array(width);
  for (let i = 0; i < width; i += 1) {
    const n = Math.max(1, sure(count[i]));
    mean[i] = sure(sum[i]) / n;
    variance[i] = Math.max(0, sure(squares[i]) / n - (sure(sum[i]) / n) ** 2);
  }
  const { ring } = dataset.layout;
  if (ring) poolAround(ring.electrodes, mean, variance);
  const common = variance.reduce((a, b) => a + b, 0) / width;
  const floors = floorsOf(dataset.layout, { mean, variance, common });
  for (let i = 0; i < width; i += 1) {
    const own = scaling === "shared" ? common : sure(variance[i]);
    scale[i] = INPUT_SD / Math.sqrt(Math.max(sure(floors[i]), own));
  }
  return { mean, scale };
}

/** Of the variance of inputs that are measured alike: what moves less is taken to stand still. */
const STILL = 1e-6;
const LEAST_VARIANCE = 1e-12;
/** Variance beside the square of the mean, below which it is the rounding of float32 samples. */
const ROUNDING = 1e-12;
const LEAST_NUMBER = 1e-70; // a variance below has no scale in float32

/**
 * The least variance of each input. The parts of a channel are measured alike: one that counts in thousandths is not
 * taken to stand still beside one that counts in thousands. Where a row is one input, all inputs are.
 */
function floorsOf(
  { width, columns }: Pick<FrontLayout, "width" | "columns">,
  { mean, variance, common }: { mean: Float32Array; variance: Float64Array; common: number },
): Float64Array {
  const floors = new Float64Array(width).fill(STILL * Math.max(common, LEAST_VARIANCE));
  if (columns === 1) return floors;
  for (let from = 0; from < width; from += columns) {
    let [moved, level] = [0, 0];
    for (let i = from; i < from + columns; i += 1) {
      moved += sure(variance[i]) / columns;
      level += sure(mean[i]) ** 2 / columns;
    }
    if (moved > Math.max(LEAST_NUMBER, ROUNDING * level)) floors.fill(STILL * moved, from, from + columns);
  }
  return floors;
}

/** One mean and variance around a bracelet, in place: standardised inputs turn as the bracelet is turned. */
function poolAround(electrodes: number, mean: Float32Array, variance: Float64Array): void {
  for (let from = 0; from < mean.length; from += electrodes) {
    const own = mean.slice(from, from + electrodes);
    const level = own.reduce((a, b) => a + b, 0) / electrodes;
    const within = variance.subarray(from, from + electrodes).reduce((a, b) => a + b, 0) / electrodes;
    const between = own.reduce((sum, value) => sum + (value - level) ** 2, 0) / electrodes;
    mean.fill(level, from, from + electrodes);
    variance.fill(within + between, from, from + electrodes);
  }
}

export function standardise(
  x: Float32Array,
  observed: Uint8Array,
  { mean, scale }: Standardisation,
): Float32Array {
  const width = mean.length;
  return x.map((value, at) => {
    const i = at % width;
    return observed[at] === 1 ? (value - sure(mean[i])) * sure(scale[i]) : 0;
  });
}
