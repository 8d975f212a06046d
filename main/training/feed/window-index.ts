import { AppError } from "../../../preload/contract/errors.ts";
import type { RunConfig } from "../../../preload/contract/run.ts";
import type { SignalSource } from "../../models/fronts/front.ts";
import { windowOnsetS, type WindowGrid } from "../../signal/window.ts";
import {
  classesOf,
  keepLabels,
  scan,
  signalSource,
  type DatasetRecording,
  type ReadLibrary,
} from "../dataset.ts";
import { splitSubjects, type Part } from "../split.ts";

/** Seconds of signal read at a time: at 1 kHz about one stored block a channel. */
const STRETCH_S = 32;

/** Windows that lie side by side in one recording and are read together. */
export interface Stretch {
  readonly recording: number;
  readonly from: number; // windows of the recording's grid
  readonly to: number;
}

/** The assessable windows of a run's training people: where each lies and what it is called. Not a sample of them. */
export interface WindowIndex {
  readonly sources: readonly SignalSource[]; // by recording
  readonly grids: readonly WindowGrid[];
  readonly stretches: readonly Stretch[];
  readonly sampleRate: number; // Hz, of every channel
  readonly columns: number; // samples of a window in a channel
  readonly rows: number; // channels
  readonly classes: number;
  readonly count: number;
  readonly window: Int32Array; // [n] number in its recording's grid
  readonly stretch: Int32Array; // [n]
  readonly label: Int16Array; // [n] class, or UNLABELLED
  readonly person: Int32Array; // [n]
}

export function indexWindows(config: RunConfig, library: ReadLibrary): WindowIndex {
  const details = config.recordingIds.map((id) => library.getRecording(id));
  const parts = splitSubjects(
    config,
    details.map(({ subject }) => subject),
  );
  const training = details.filter(({ subject }) => parts.get(subject) === "train");
  const people = [...new Set(training.map(({ subject }) => subject))].sort();
  const sources = training.map((detail) => signalSource(config, library, detail));
  const sampleRate = commonRate(sources);
  const scanned = training.map(({ id }) => scan(config, library, id));
  const perStretch = Math.max(1, Math.round(STRETCH_S / config.strideS));

  const count = scanned.reduce((sum, { isAssessable }) => sum + isAssessable.reduce((a, b) => a + b, 0), 0);
  const rows = {
    window: new Int32Array(count),
    stretch: new Int32Array(count),
    label: new Int16Array(count),
    segment: new Int32Array(count),
    recording: new Int32Array(count),
    person: new Int32Array(count),
  };
  const recordings: DatasetRecording[] = [];
  const stretches: Stretch[] = [];
  let at = 0;
  let segments = 0;
  scanned.forEach(({ detail, grid, isAssessable, labels }, recording) => {
    const first = stretches.length;
    const begun = at;
    for (let from = 0; from < grid.count; from += perStretch)
      stretches.push({ recording, from, to: Math.min(grid.count, from + perStretch) });
    for (let window = 0; window < grid.count; window += 1) {
      if (isAssessable[window] !== 1) continue;
      const segment = labels.segment[window] as number;
      rows.window[at] = window;
      rows.stretch[at] = first + Math.floor(window / perStretch);
      rows.label[at] = labels.label[window] as number;
      rows.segment[at] = segment < 0 ? -1 : segment + segments;
      rows.recording[at] = recording;
      rows.person[at] = people.indexOf(detail.subject);
      at += 1;
    }
    segments += labels.segments;
    const { id, name, subject, kind } = detail;
    const part: Part = "train";
    const unassessable = grid.count - (at - begun);
    recordings.push({ id, name, subject, kind, part, from: begun, to: at, unassessable });
  });
  return {
    sources,
    grids: scanned.map(({ grid }) => grid),
    stretches,
    sampleRate,
    columns: Math.round(config.windowS * sampleRate),
    rows: config.channels.length,
    classes: classesOf(config).length,
    count,
    window: rows.window,
    stretch: rows.stretch,
    label: keepLabels({ ...rows, recordings }, config).label,
    person: rows.person,
  };
}

function commonRate(sources: readonly SignalSource[]): number {
  const rates = [...new Set(sources.flatMap(({ channels }) => channels.map(({ sampleRate }) => sampleRate)))];
  if (rates.length === 1) return rates[0] as number;
  throw new AppError(
    "data/rate-mismatch",
    `Windows of samples need one sample rate; these channels have ${rates.join(", ")} Hz`,
    { rates: rates.join(", ") },
  );
}

/** Seconds from the start of a stretch's first window to the end of its last. */
export const spanOf = ({ from, to }: Stretch, grid: WindowGrid): readonly [number, number] => [
  windowOnsetS(grid, from),
  windowOnsetS(grid, to - 1) + grid.windowS,
];
