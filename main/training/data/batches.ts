import type { Sampling } from "../../../preload/contract/run.ts";
import { sure } from "../../../preload/contract/sure.ts";
import type { Augment } from "../../models/augmentation.ts";
import { seededRandom, type Random } from "../../models/random.ts";
import { balancedDealer, keysOf } from "./deal.ts";

/** Windows to learn from, standardised. A row of y sums to 1 (a label, or a posterior in its place) or is all zero. */
export interface TrainingWindows {
  readonly count: number;
  readonly width: number;
  readonly classes: number;
  readonly x: Float32Array;
  readonly observed: Uint8Array;
  readonly y: Float32Array;
  /** Group of people each window belongs to: member m of an ensemble never sees group m. -1: seen by every member. */
  readonly group: Int32Array;
  readonly person: Int32Array; // whose window it is: a number a person
}

export interface BatchPlan {
  readonly rows: number; // a batch
  readonly steps: number; // an epoch
  readonly labelled: Int32Array; // rows with a label
  readonly unlabelled: Int32Array;
  readonly labelledRows: number; // of a batch
  readonly unlabelledWeight: number; // so that both sums of the objective count every window once
}

/** Small sets get smaller batches, so that an epoch is more than a step or two. */
const MIN_STEPS = 24;
const MIN_ROWS = 16;

export function planBatches(windows: TrainingWindows, batchSize: number, minSteps = MIN_STEPS): BatchPlan {
  const { count, classes, y } = windows;
  const labelled: number[] = [];
  const unlabelled: number[] = [];
  for (let n = 0; n < count; n += 1) {
    let mass = 0;
    for (let c = 0; c < classes; c += 1) mass += sure(y[n * classes + c]);
    (mass > 0 ? labelled : unlabelled).push(n);
  }
  const rows = Math.max(MIN_ROWS, Math.min(batchSize, Math.ceil(count / minSteps)));
  const steps = Math.max(minSteps, Math.ceil(count / rows));
  const sides = sidesOf(rows, labelled.length, unlabelled.length);
  return {
    rows,
    steps,
    ...sides,
    labelled: Int32Array.from(labelled),
    unlabelled: Int32Array.from(unlabelled),
  };
}

/** How many rows of a batch carry a label, at least a quarter, and what the others weigh. */
function sidesOf(
  rows: number,
  labelled: number,
  unlabelled: number,
): Pick<BatchPlan, "labelledRows" | "unlabelledWeight"> {
  if (unlabelled === 0) return { labelledRows: rows, unlabelledWeight: 0 };
  const share = labelled / Math.max(1, labelled + unlabelled);
  const labelledRows = Math.min(rows - 1, Math.max(Math.ceil(rows / 4), Math.round(rows * share)));
  const unlabelledWeight = (unlabelled / labelled) * (labelledRows / (rows - labelledRows));
  return { labelledRows, unlabelledWeight };
}

export interface MemberBatches {
  readonly windows: TrainingWindows;
  readonly plan: BatchPlan;
  readonly augment: Augment | undefined;
  readonly sampling: Sampling;
  readonly seed: number;
  readonly members: number;
}

/** The rows a member learns from. */
const seenBy = (member: number, rows: Int32Array, group: Int32Array): Int32Array =>
  rows.filter((row) => group[row] !== member);

/** The most probable class of each row; 0 of one without a label. */
function classesOfRows({ count, classes, y }: TrainingWindows): Int32Array {
  return Int32Array.from({ length: count }, (_, row) => {
    const own = y.subarray(row * classes, (row + 1) * classes);
    return own.indexOf(Math.max(...own));
  });
}

/**
 * The batches of one epoch, feeds of all members side by side: x, observed, y, weight of the first, then of the second.
 * Each member has its own order and its own augmentation. The same seed and epoch give the same batches.
 */
export function* epochBatches(options: MemberBatches, epoch: number): Generator<readonly Float32Array[]> {
  const { plan, members, windows } = options;
  const keys = keysOf(options.sampling, { classOf: classesOfRows(windows), person: windows.person });
  const deals = Array.from({ length: members }, (_, member) => {
    const random = seededRandom(options.seed, 1000 + member * 100_003 + epoch);
    const labelled = seenBy(member, plan.labelled, windows.group);
    const unlabelled = seenBy(member, plan.unlabelled, windows.group);
    const deal = {
      labelled: balancedDealer(labelled, keys.labelled, random),
      unlabelled: balancedDealer(unlabelled, keys.unlabelled, random),
    };
    return { random, ...deal, labelledRows: unlabelled.length === 0 ? plan.rows : plan.labelledRows };
  });
  for (let step = 0; step < plan.steps; step += 1) {
    yield deals.flatMap(({ random, labelled, unlabelled, labelledRows }) => {
      const rows = Array.from({ length: plan.rows }, (_, i) =>
        i < labelledRows ? labelled() : unlabelled(),
      );
      return batchOf(options, { rows, labelledRows }, random);
    });
  }
}

function batchOf(
  { windows, plan, augment }: MemberBatches,
  { rows, labelledRows }: { readonly rows: readonly number[]; readonly labelledRows: number },
  random: Random,
): Float32Array[] {
  const { width, classes } = windows;
  const x = new Float32Array(rows.length * width);
  const observed = new Float32Array(rows.length * width);
  const y = new Float32Array(rows.length * classes);
  const weight = new Float32Array(rows.length);
  rows.forEach((row, i) => {
    x.set(windows.x.subarray(row * width, (row + 1) * width), i * width);
    observed.set(windows.observed.subarray(row * width, (row + 1) * width), i * width);
    y.set(windows.y.subarray(row * classes, (row + 1) * classes), i * classes);
    weight[i] = i < labelledRows ? 1 : plan.unlabelledWeight;
    augment?.(x, observed, i * width, random);
  });
  return [x, observed, y, weight];
}
