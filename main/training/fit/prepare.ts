import type { Run } from "../../../preload/contract/run.ts";
import { sure } from "../../../preload/contract/sure.ts";
import {
  fitTemplate,
  symmetriesOf,
  wornAs,
  type LabelledRows,
  type RecordingRows,
  type TemplateFit,
} from "../../models/adaptation/adaptation.ts";
import { pickedInputs } from "../../models/window-rows.ts";
import { windowSettings } from "../../models/windows/settings.ts";
import type { TrainingWindows } from "../data/batches.ts";
import {
  fitStandardisation,
  labelledPeople,
  standardise,
  UNLABELLED,
  type Dataset,
  type DatasetRecording,
  type Standardisation,
} from "../data/dataset.ts";
import { leaveOutGroups, type Part } from "../data/split.ts";
import type { Inputs, Origin, Taught } from "../data/variation.ts";
import type { AlignedInputs } from "./aligned.ts";
import { recordingRows } from "./causal.ts";
import type { HeldOut } from "./ensemble.ts";

/** What is known of how training people wore a bracelet: their windows as if all had worn it alike. */
interface Worn {
  readonly orientations: ReadonlyMap<string, number>;
  readonly symmetries: readonly Int32Array[];
}

export interface Prepared {
  readonly dataset: Dataset;
  readonly standardisation: Standardisation;
  readonly x: Float32Array; // standardised
  readonly template: TemplateFit | undefined;
  readonly groups: ReadonlyMap<string, number>; // training people by the member that leaves them out
  readonly taught: Taught; // windows of the training people, labelled and unlabelled
}

/** Reads what the run names and brings it into the form the network learns from. */
export function prepare(dataset: Dataset, config: Run["config"], canAdapt: boolean): Prepared {
  const standardisation = fitStandardisation(dataset);
  const x = standardise(dataset.x, dataset.observed, standardisation);
  const width = dataset.layout.width;
  const classes = dataset.classes.length;
  const training = dataset.recordings.filter(({ part }) => part === "train");
  const rows = training.map((one): LabelledRows => ({
    ...recordingRows(dataset, x, one),
    subject: one.subject,
    labels: hardLabels(dataset, one),
  }));
  const template =
    canAdapt && dataset.layout.isAdaptable
      ? fitTemplate(rows, width, classes, symmetriesOf(width, dataset.layout.ring))
      : undefined;
  // A person who is labelled in part or not at all gets posteriors in place of missing labels where the front allows a
  // person to be oriented and adapted; elsewhere such windows stay unlabelled and teach through the density alone.
  const labels = template ? template.softLabels : rows.map((row) => row.labels);
  const worn = template && { orientations: template.orientations, symmetries: template.template.symmetries };
  const orders = rows.map(({ subject }) => orderOf(subject, worn));
  const groups = groupsOf(dataset, config);
  return {
    dataset,
    standardisation,
    x,
    template,
    groups,
    taught: {
      windows: {
        ...joinWindows(inOrder(rows, orders), labels, width, classes),
        group: groupOf(rows, groups),
        person: personOf(rows),
      },
      origins: training.map(({ id, from, to }, i) => ({
        recordingId: id,
        rows: Int32Array.from({ length: to - from }, (_, n) => from + n),
        order: orders[i],
      })),
    },
  };
}

function groupsOf({ recordings, label }: Dataset, config: Run["config"]): ReadonlyMap<string, number> {
  const training = recordings.filter(({ part }) => part === "train");
  const people = training.map(({ subject }) => subject);
  return leaveOutGroups(people, labelledPeople({ recordings: training, label }), {
    members: windowSettings(config.model).members,
    seed: config.seed,
  });
}

/**
 * Only training people are turned; whom the network judges is met as they come. It then learns one way of wearing and,
 * by augmentation, its neighbours and mirror images. Learning from bracelets as they happened to sit was no better on
 * people never seen (20 people, five folds, paired): -1.6 points [-4.4, +1.7] with strong augmentation, -1.0
 * [-3.8, +1.6] with mild, and what adapts beside it lost 0.1 and 0.6.
 */
const orderOf = (subject: string, worn: Worn | undefined): Int32Array | undefined =>
  worn?.symmetries[worn.orientations.get(subject) ?? 0];

const inOrder = (
  rows: readonly RecordingRows[],
  orders: readonly (Int32Array | undefined)[],
): RecordingRows[] =>
  rows.map((row, i) => {
    const order = orders[i];
    return order ? wornAs(row, order) : row;
  });

/** A number a person, by window. */
function personOf(rows: readonly LabelledRows[]): Int32Array {
  const people = [...new Set(rows.map(({ subject }) => subject))].sort();
  return Int32Array.from(
    rows.flatMap(({ subject, count }) => new Array<number>(count).fill(people.indexOf(subject))),
  );
}

function hardLabels(dataset: Dataset, { from, to }: DatasetRecording): Float64Array {
  const k = dataset.classes.length;
  const labels = new Float64Array((to - from) * k);
  for (let n = from; n < to; n += 1) {
    const c = sure(dataset.label[n]);
    if (c !== UNLABELLED) labels[(n - from) * k + c] = 1;
  }
  return labels;
}

const groupOf = (rows: readonly LabelledRows[], groups: ReadonlyMap<string, number>): Int32Array =>
  Int32Array.from(
    rows.flatMap(({ subject, count }) => new Array<number>(count).fill(groups.get(subject) ?? -1)),
  );

export function joinWindows(
  rows: readonly RecordingRows[],
  labels: readonly Float64Array[],
  width: number,
  classes: number,
): Omit<TrainingWindows, "group" | "person"> {
  const count = rows.reduce((sum, row) => sum + row.count, 0);
  const joined = {
    count,
    width,
    classes,
    x: new Float32Array(count * width),
    observed: new Uint8Array(count * width),
    y: new Float32Array(count * classes),
  };
  let at = 0;
  rows.forEach((row, i) => {
    joined.x.set(row.x, at * width);
    joined.observed.set(row.observed, at * width);
    joined.y.set(labels[i] as Float64Array, at * classes);
    at += row.count;
  });
  return joined;
}

/** The labelled windows of every training recording that has some, with their hard labels. */
export function labelledRows({
  dataset,
  x,
}: Prepared): (LabelledRows & Pick<Origin, "recordingId" | "rows">)[] {
  const { width } = dataset.layout;
  const k = dataset.classes.length;
  return dataset.recordings.flatMap((recording) => {
    const { part, subject, from, to, id } = recording;
    const kept: number[] = [];
    for (let n = from; n < to; n += 1) if (dataset.label[n] !== UNLABELLED) kept.push(n);
    if (part !== "train" || kept.length === 0) return [];
    const labels = new Float64Array(kept.length * k);
    kept.forEach((n, i) => (labels[i * k + sure(dataset.label[n])] = 1));
    const inputs = pickedInputs({ x, observed: dataset.observed, width }, kept);
    return [{ recordingId: id, rows: Int32Array.from(kept), subject, labels, ...inputs }];
  });
}

/** What the supervised twin learns from: labelled windows only, of people turned by what those alone tell. */
export function twinWindows(prepared: Prepared): Taught {
  const { width, ring, isAdaptable } = prepared.dataset.layout;
  const rows = labelledRows(prepared);
  const classes = prepared.dataset.classes.length;
  const symmetries = symmetriesOf(width, ring);
  const worn = isAdaptable ? { ...fitTemplate(rows, width, classes, symmetries), symmetries } : undefined;
  const orders = rows.map(({ subject }) => orderOf(subject, worn));
  const windows = joinWindows(
    inOrder(rows, orders),
    rows.map((row) => row.labels),
    width,
    classes,
  );
  return {
    windows: { ...windows, group: groupOf(rows, prepared.groups), person: personOf(rows) },
    origins: rows.map((row, i) => ({ recordingId: row.recordingId, rows: row.rows, order: orders[i] })),
  };
}

/** The same people and labels with other inputs. */
export const withInputs = (prepared: Prepared, { x, observed }: Inputs): Prepared => ({
  ...prepared,
  x,
  dataset: { ...prepared.dataset, observed },
});

/** What the network for centred, oriented windows learns from: every training recording less its own mean, turned. */
export function alignedWindows(prepared: Prepared, aligned: AlignedInputs): Taught {
  const own = withInputs(prepared, aligned);
  const { dataset, taught } = prepared;
  const training = dataset.recordings.filter(({ part }) => part === "train");
  const rows = training.map((one) => recordingRows(own.dataset, own.x, one));
  const labels = prepared.template?.softLabels ?? [];
  const { group, person } = taught.windows;
  return {
    windows: { ...joinWindows(rows, labels, dataset.layout.width, dataset.classes.length), group, person },
    origins: taught.origins.map((origin) => ({ ...origin, centre: aligned.centres.get(origin.recordingId) })),
  };
}

export interface Judged extends HeldOut {
  readonly recordings: readonly string[];
}

/**
 * What calibration and early stopping are judged on: the validation people where the run names some, else the training
 * people whom a member left out, each by that member. The supervised twin is judged by labels given by hand alone.
 */
export function heldOut(prepared: Prepared, label = prepared.dataset.label): Judged {
  const { dataset, groups } = prepared;
  if (dataset.recordings.some(({ part }) => part === "validation")) return judged(prepared, "validation");
  return judged(prepared, "train", { isWanted: (subject) => (groups.get(subject) ?? -1) >= 0, label });
}

/**
 * Labels to judge left-out training people by. Of a person who is labelled in part, what orienting and adapting to that
 * person made most probable stands in for the missing ones: too few windows to stop or to calibrate by cost more
 * (bracelet, 5 % of the labels, five folds: ECE on test people 0.074 without, 0.050 with them). Who is labelled nearly
 * in full has no posteriors, and keeps to the labels given. Never for test people.
 */
export function withEstimates({ dataset, template }: Prepared): Int16Array {
  const label = dataset.label.slice();
  const k = dataset.classes.length;
  const training = dataset.recordings.filter(({ part }) => part === "train");
  const known = labelledPeople({ recordings: training, label });
  training.forEach(({ subject, from, to }, i) => {
    const soft = template?.softLabels[i];
    if (!soft || !known.includes(subject)) return;
    for (let n = from; n < to; n += 1) {
      const row = soft.subarray((n - from) * k, (n - from + 1) * k);
      const most = Math.max(...row);
      if (label[n] === UNLABELLED && most > 0) label[n] = row.indexOf(most);
    }
  });
  return label;
}

/** Labelled windows of the people of one part, or of some of them. */
export function judged(
  { dataset, x, groups }: Prepared,
  part: Part,
  {
    isWanted = () => true,
    label = dataset.label,
  }: { readonly isWanted?: (subject: string) => boolean; readonly label?: Int16Array } = {},
): Judged {
  const kept: { n: number; subject: string; id: string }[] = [];
  for (const { part: own, from, to, subject, id } of dataset.recordings) {
    if (own !== part || !isWanted(subject)) continue;
    for (let n = from; n < to; n += 1) if (label[n] !== UNLABELLED) kept.push({ n, subject, id });
  }
  const rows = kept.map(({ n }) => n);
  return {
    ...pickedInputs({ x, observed: dataset.observed, width: dataset.layout.width }, rows),
    labels: Int16Array.from(rows, (n) => sure(label[n])),
    group: Int32Array.from(kept, ({ subject }) => groups.get(subject) ?? -1),
    subjects: kept.map(({ subject }) => subject),
    recordings: kept.map(({ id }) => id),
  };
}
