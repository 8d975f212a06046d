import { chooseRuntime } from "../../../main/compute/choose.ts";
import type { Runtime } from "../../../main/compute/runtime.ts";
import { logSumExp, softmaxRows } from "../../../main/models/linear-algebra.ts";
import type { WindowModel, WindowRows } from "../../../main/models/model.ts";
import { configured, windowModelOf } from "../../../main/models/registry.ts";
import { inputDensityOf } from "../../../main/models/windows/input-density.ts";
import { descentSettings } from "../../../main/models/windows/settings.ts";
import { augmentationFor } from "../../../main/models/augmentation.ts";
import { emgAmplitude } from "../../../main/models/fronts/emg-amplitude.ts";
import type { FrontLayout } from "../../../main/models/fronts/front.ts";
import { planBatches, type TrainingWindows } from "../../../main/training/data/batches.ts";
import {
  fitStandardisation,
  standardise,
  type Standardisation,
} from "../../../main/training/data/dataset.ts";
import { fitEnsemble, type HeldOut } from "../../../main/training/fit/ensemble.ts";
import { untilSettled, type AfterRounds } from "../../../main/training/fit/rounds.ts";
import { voicesOf } from "../../../main/training/predict/voices.ts";
import { pickedInputs } from "../../../main/models/window-rows.ts";
import type { EmgWindows } from "./windows.ts";

/** One method as it is measured: a kind of the registry and its settings. */
export interface Variant {
  readonly name: string;
  readonly settings: { readonly kind: string } & Readonly<Record<string, unknown>>;
  readonly judges?: number; // so many of a split's tests alone; all of them unless given
  readonly members?: number; // networks that are asked together; one unless given
}

/** Of the usual front: amplitudes and slopes of so many inputs. */
export const amplitudeLayout = (width: number): FrontLayout =>
  emgAmplitude.layout(
    Array.from({ length: width / 2 }, (_, i) => `EMG${i + 1}`),
    1,
  );

/** The application's own standardisation, from these windows. */
export const scalingOf = ({ x, observed, count, layout }: EmgWindows): Standardisation =>
  fitStandardisation({
    ...{ layout, x, observed },
    recordings: [{ part: "train", from: 0, to: count }],
  });

export const scaled = (of: EmgWindows, by: Standardisation): EmgWindows => ({
  ...of,
  x: standardise(of.x, of.observed, by),
});

/** Windows as a method learns from them; of those that are not `known` it does not see the label. */
export function rowsOf(of: EmgWindows, classes: number, known: (n: number) => boolean): WindowRows {
  const y = new Float32Array(of.count * classes);
  of.labels.forEach((label, n) => {
    if (known(n)) y[n * classes + label] = 1;
  });
  return { count: of.count, width: of.width, classes, x: of.x, observed: of.observed, y };
}

/** What a trained method answers, and what it took. */
export interface Fitted {
  /** Probabilities [n x k]. */
  judge(of: EmgWindows): Promise<Float64Array>;
  readonly seconds: number;
}

let engine: Promise<Runtime> | undefined;
const runtime = (): Promise<Runtime> =>
  (engine ??= chooseRuntime("onnxruntime", undefined, { threads: 1 }).then((chosen) => chosen.runtime));

const signal = new AbortController().signal;

/** One member unless more are asked for, all of the windows, no early stop: what is compared is the method, not its choice of an epoch. */
export async function fitted(
  variant: Variant,
  rows: WindowRows,
  seed: number,
  layout = amplitudeLayout(rows.width),
): Promise<Fitted> {
  const { settings } = configured(variant.settings);
  const model = windowModelOf(variant.settings.kind);
  const started = performance.now();
  const learned = await learn(model, variant, settings, { rows, layout, seed });
  const seconds = (performance.now() - started) / 1000;
  const classes = Array.from({ length: rows.classes }, (_, c) => String(c));
  return {
    seconds,
    async judge({ x, observed }) {
      const voices = await voicesOf({ kind: model.kind, classes, ...learned }, rows.width, runtime);
      try {
        const { logits } = await voices.score(x, observed, signal);
        const each = logits.map((one) => softmaxRows(one, rows.classes));
        const [first = new Float64Array(0)] = each;
        return first.map((_, at) => each.reduce((sum, one) => sum + (one[at] ?? 0), 0) / each.length);
      } finally {
        await voices.dispose();
      }
    },
  };
}

type Learned = Pick<Parameters<typeof voicesOf>[0], "network" | "members" | "learned" | "density">;

async function learn(
  model: WindowModel,
  { settings: given, members: count = 1 }: Variant,
  settings: unknown,
  { rows, layout, seed }: { readonly rows: WindowRows; readonly layout: FrontLayout; readonly seed: number },
): Promise<Learned> {
  const { learning } = model;
  if (learning.kind === "rounds") {
    const begun: AfterRounds<unknown> = { learned: learning.begin(settings, rows, seed), rounds: 0 };
    const hooks = { signal, onRound: () => undefined, onCheckpoint: () => Promise.resolve() };
    return {
      network: {},
      members: [],
      learned: [await untilSettled(learning, settings, rows, begun, hooks)],
    };
  }
  const { batchSize, epochs, sampling, learningRate, augmentation } = descentSettings(given);
  const windows: TrainingWindows = {
    ...rows,
    group: new Int32Array(rows.count).fill(-1),
    person: new Int32Array(rows.count),
  };
  const plan = planBatches(windows, batchSize);
  const shape = {
    ...{
      features: rows.width,
      columns: layout.columns,
      classes: rows.classes,
      maskInputs: layout.maskInputs,
      ring: layout.ring,
    },
    labelledCount: plan.labelled.length,
  };
  const network: Readonly<Record<string, unknown>> = learning.network(settings, shape);
  const estimator = learning.estimator(network);
  const { members } = await fitEnsemble(
    {
      ...{ estimator, members: count, windows, plan, sampling, seed, epochs, patience: epochs },
      augment: augmentationFor("emg-amplitude", layout, augmentation, layout.scaling === "none" ? 0.5 : 0.4),
      rate: learningRate ?? learning.rate(settings, shape),
      optimiser: { kind: "adam" },
    },
    { runtime: await runtime(), heldOut: someOf(windows, plan.labelled), signal },
  );
  return { network, members, learned: [], density: inputDensityOf(windows, layout, seed) };
}

/** The loop wants windows to follow its course by; these are some it learns from, so it always ends at its last epochs. */
function someOf({ x, observed, y, width, classes }: TrainingWindows, labelled: Int32Array): HeldOut {
  const kept = labelled.filter((_, i) => i % 8 === 0);
  return {
    ...pickedInputs({ x, observed, width }, kept),
    labels: Int16Array.from(kept, (n) => y.subarray(n * classes, (n + 1) * classes).indexOf(1)),
    subjects: Array.from(kept, () => ""),
    group: new Int32Array(kept.length).fill(-1),
  };
}

/** Mean of the last `count` log posteriors of the same segment, as a decoder may smooth. */
export function smoothed(
  probabilities: Float64Array,
  of: EmgWindows,
  classes: number,
  count = 5,
): Float64Array {
  const logs = probabilities.map((p) => Math.log(Math.max(p, 1e-300)));
  const out = new Float64Array(logs.length);
  for (let n = 0; n < of.count; n += 1) {
    for (let back = 0; back < count && n - back >= 0; back += 1) {
      if (of.segments[n - back] !== of.segments[n]) break;
      for (let c = 0; c < classes; c += 1)
        out[n * classes + c] = (out[n * classes + c] ?? 0) + (logs[(n - back) * classes + c] ?? 0);
    }
    const total = logSumExp(out, n * classes, classes);
    for (let c = 0; c < classes; c += 1) out[n * classes + c] = Math.exp((out[n * classes + c] ?? 0) - total);
  }
  return out;
}
