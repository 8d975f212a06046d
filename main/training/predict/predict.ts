import { AppError } from "../../../preload/contract/errors.ts";
import { isCausal, type Adaptation, type Prediction } from "../../../preload/contract/run.ts";
import { sure } from "../../../preload/contract/sure.ts";
import { chooseFront } from "../../models/fronts/registry.ts";
import { softmaxRows } from "../../models/linear-algebra.ts";
import { pickedInputs } from "../../models/window-rows.ts";
import { windowOnsetS } from "../../signal/window.ts";
import { adaptRecording, type RecordingRows, type Template } from "../../models/adaptation/adaptation.ts";
import { readRecording, standardise, type RecordingWindows } from "../data/dataset.ts";
import { unpackModel, type TrainedModel } from "../model-file/model-file.ts";
import {
  answerStream,
  guidedWindowsOf,
  type CausalModel,
  type ScoreAligned,
  type StreamAnswers,
} from "./causal-stream.ts";
import type { Scores } from "./score.ts";
import type { Runtime } from "../../compute/runtime.ts";
import { voicesOf, type Voices } from "./voices.ts";
import type { Tools, Trained } from "../work.ts";

/** Half width, in standard deviations, of a band that holds 90 % of a normal distribution. */
const NINETY_PERCENT = 1.645;

/** Probabilities of several equal voices for the same windows, and what they disagree about. */
export interface Opinion {
  readonly mean: Float64Array; // [n x k]
  readonly low: Float64Array;
  readonly high: Float64Array;
  readonly aleatoric: Float64Array; // [n] mean entropy of a voice, nats
  readonly epistemic: Float64Array; // [n] entropy of the mean less the mean entropy: mutual information, nats
}

const entropy = (p: Float64Array, at: number, k: number): number => {
  let sum = 0;
  for (let c = 0; c < k; c += 1) {
    const value = sure(p[at + c]);
    if (value > 1e-12) sum -= value * Math.log(value);
  }
  return sum;
};

/** The band is the mean of the voices plus and minus 1.645 of their standard deviation, within [0, 1]. */
export function opinionOf(voices: readonly Float64Array[], classes: number): Opinion {
  const size = voices[0]?.length ?? 0;
  const count = size / classes;
  const mean = new Float64Array(size);
  const low = new Float64Array(size);
  const high = new Float64Array(size);
  for (let i = 0; i < size; i += 1) {
    let sum = 0;
    let squares = 0;
    for (const voice of voices) {
      sum += sure(voice[i]);
      squares += sure(voice[i]) ** 2;
    }
    const average = sum / voices.length;
    const deviation =
      voices.length < 2
        ? 0
        : Math.sqrt(Math.max(0, (squares - voices.length * average ** 2) / (voices.length - 1)));
    mean[i] = average;
    low[i] = Math.max(0, average - NINETY_PERCENT * deviation);
    high[i] = Math.min(1, average + NINETY_PERCENT * deviation);
  }
  const aleatoric = new Float64Array(count);
  const epistemic = new Float64Array(count);
  for (let n = 0; n < count; n += 1) {
    for (const voice of voices)
      aleatoric[n] = sure(aleatoric[n]) + entropy(voice, n * classes, classes) / voices.length;
    epistemic[n] = Math.max(0, entropy(mean, n * classes, classes) - sure(aleatoric[n]));
  }
  return { mean, low, high, aleatoric, epistemic };
}

/** Share of the training windows whose density is lower. [n] */
export function typicalityOf(model: Pick<TrainedModel, "densities">, { logDensity }: Scores): Float32Array {
  const { densities } = model;
  const count = logDensity[0]?.length ?? 0;
  return Float32Array.from({ length: count }, (_, n) => {
    const value = meanDensity(logDensity, n);
    let low = 0;
    let high = densities.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sure(densities[middle]) < value) low = middle + 1;
      else high = middle;
    }
    return densities.length === 0 ? 1 : low / densities.length;
  });
}

export const meanDensity = (logDensity: readonly Float32Array[], n: number): number =>
  logDensity.reduce((sum, member) => sum + sure(member[n]), 0) / logDensity.length;

/** How a new person's recording is judged once the template has been adapted to it: the Gaussian classes beside the network. */
export function adaptedOpinion(
  adapted: ReturnType<typeof adaptRecording>,
  onCanonical: Scores,
  classes: number,
  networkTemperature: number,
): Opinion {
  const gaussian = adapted.probabilities;
  const network = opinionOf(
    onCanonical.logits.map((logits) => softmaxRows(logits, classes, networkTemperature)),
    classes,
  ).mean;
  // The probability is the adapted Gaussian's, the voice that was measured; the network only says where it disagrees.
  const both = opinionOf([gaussian, network], classes);
  return {
    ...both,
    mean: gaussian,
    low: both.low.map((v, i) => Math.min(v, sure(gaussian[i]))),
    high: both.high.map((v, i) => Math.max(v, sure(gaussian[i]))),
  };
}

export interface ReadWindows {
  readonly model: TrainedModel;
  readonly windows: RecordingWindows;
  readonly kept: readonly number[]; // assessable windows
  readonly rows: RecordingRows; // of those, standardised
}

/** The windows of one recording as the model's inputs; only assessable ones are kept. */
export async function readWindows(
  { run, model: bytes }: Trained,
  recordingId: string,
  { library, signal }: Tools,
): Promise<ReadWindows> {
  const model = unpackModel(bytes);
  const kind = library.getRecording(recordingId).kind;
  const front = chooseFront(model.front, [kind]);
  const windows = await readRecording(run, library, front, recordingId, signal);
  return { model, windows, ...keptRows(model, windows) };
}

/** Of some windows the assessable ones. */
export function keptRows(
  { standardisation }: Pick<TrainedModel, "standardisation">,
  { isAssessable, table }: Pick<RecordingWindows, "isAssessable" | "table">,
): Pick<ReadWindows, "kept" | "rows"> {
  const kept = [...isAssessable.keys()].filter((n) => isAssessable[n] === 1);
  const rows = pickedInputs({ ...table, width: standardisation.mean.length }, kept);
  return { kept, rows: { ...rows, x: standardise(rows.x, rows.observed, standardisation) } };
}

/** One run's view of one recording: calibrated probabilities, both uncertainties, and how usual each window is. */
export async function predictRecording(
  request: Trained & { readonly recordingId: string; readonly adaptation: Adaptation },
  tools: Tools,
): Promise<Prediction> {
  const { run, recordingId, adaptation } = request;
  const createdAt = new Date().toISOString(); // masks that change meanwhile are newer
  const { model, windows, kept, rows } = await readWindows(request, recordingId, tools);
  const k = model.classes.length;
  const runtime = async (): Promise<Runtime> => (await tools.runtimeFor(run.config.engine)).runtime;
  const voices = await voicesOf(model, model.standardisation.mean.length, runtime);
  try {
    const scores = await voices.score(rows.x, rows.observed, tools.signal);
    const { parts, ...opinion } = await opinionFor(adaptation, {
      model,
      rows,
      scores,
      score: (x, o) => voices.score(x, o, tools.signal),
      withAligned: async (causal, work) => {
        const aligned = await alignedVoices(model, causal, runtime);
        try {
          return await work((x, observed) => aligned.score(x, observed, tools.signal));
        } finally {
          await aligned.dispose();
        }
      },
      strideS: run.config.data.windows.strideS,
    });
    const { count } = windows.grid;
    const own = parts ?? voices.subclasses?.(rows.x, rows.observed, leadingOf(opinion.mean, k));
    const typicality = typicalityOf(model, scores);
    const spread = (values: ArrayLike<number>, columns: number): Float32Array => {
      const out = new Float32Array(count * columns).fill(Number.NaN);
      kept.forEach((n, i) => {
        for (let c = 0; c < columns; c += 1) out[n * columns + c] = sure(values[i * columns + c]);
      });
      return out;
    };
    return {
      runId: run.id,
      recordingId,
      classes: [...model.classes],
      adaptation,
      windowS: run.config.data.windows.windowS,
      onsetS: Float64Array.from({ length: count }, (_, n) => windowOnsetS(windows.grid, n)),
      probabilities: spread(opinion.mean, k),
      low: spread(opinion.low, k),
      high: spread(opinion.high, k),
      aleatoric: spread(opinion.aleatoric, 1),
      epistemic: spread(opinion.epistemic, 1),
      typicality: spread(typicality, 1),
      assessable: windows.isAssessable.slice(),
      ...(own ? { part: partsOf(own, kept, count) } : {}),
      createdAt,
    };
  } finally {
    await voices.dispose();
  }
}

/** The members for centred, oriented windows. */
export const alignedVoices = (
  model: TrainedModel,
  { network, members, density }: CausalModel,
  runtime: () => Promise<Runtime>,
  rows?: number,
): Promise<Voices> =>
  voicesOf(
    { ...model, network: { ...network }, members, density },
    model.standardisation.mean.length,
    runtime,
    rows,
  );

/** The most probable class of each row of probabilities [n x k]. */
const leadingOf = (probabilities: Float64Array, k: number): Int32Array =>
  Int32Array.from({ length: probabilities.length / k }, (_, n) => {
    const row = probabilities.subarray(n * k, (n + 1) * k);
    return row.indexOf(Math.max(...row));
  });

/** The part that answered each window, or what it is a sub-class of; 0 where none did. */
function partsOf(parts: Uint8Array, kept: readonly number[], count: number): Uint8Array {
  const out = new Uint8Array(count);
  kept.forEach((n, i) => (out[n] = parts[i] ?? 0));
  return out;
}

type AlignedWork = (score: ScoreAligned) => Promise<StreamAnswers>;

interface OpinionParts {
  readonly model: TrainedModel;
  readonly rows: RecordingRows;
  readonly scores: Scores;
  readonly score: ScoreAligned;
  /** Runs the network for centred, oriented windows. */
  readonly withAligned: (causal: CausalModel, work: AlignedWork) => Promise<StreamAnswers>;
  readonly strideS: number;
}

type AdaptedOpinion = Opinion & { readonly parts?: Uint8Array };

async function opinionFor(adaptation: Adaptation, parts: OpinionParts): Promise<AdaptedOpinion> {
  const { model, rows, scores, score } = parts;
  const k = model.classes.length;
  if (adaptation === "none" || rows.count === 0) {
    return opinionOf(
      scores.logits.map((logits) => softmaxRows(logits, k, model.temperature)),
      k,
    );
  }
  const { template, causal } = model;
  if (!template) {
    throw new AppError(
      "model/no-adaptation",
      "This model's inputs cannot be adapted to a person without labels",
      { front: model.front },
    );
  }
  if (isCausal(adaptation)) {
    if (!causal) {
      throw new AppError(
        "model/no-causal-adaptation",
        "This model was trained without what adapting to the past of a stream needs; train it again with that adaptation",
        { adaptation },
      );
    }
    return causalOpinion({ adaptation, template, causal }, parts);
  }
  const adapted = adaptRecording(template, rows);
  const onCanonical = await score(Float32Array.from(adapted.canonical), adapted.observed);
  return adaptedOpinion(adapted, onCanonical, k, model.temperature);
}

/** The recording as a stream: each window is judged by nothing but those before it. */
async function causalOpinion(
  {
    adaptation,
    template,
    causal,
  }: { readonly adaptation: Adaptation; readonly template: Template; readonly causal: CausalModel },
  { model, rows, scores, withAligned, strideS }: OpinionParts,
): Promise<AdaptedOpinion> {
  const guidedWindows = adaptation === "causal-guided" ? guidedWindowsOf(strideS) : 0;
  const { settings, temperatures } = causal;
  const stream = { rows, asItIs: scores.logits, template, settings, guidedWindows };
  const { voices, parts } = await withAligned(causal, (score) => answerStream(stream, score, temperatures));
  return { ...opinionOf(voices, model.classes.length), parts };
}

/** A scorer of a model's members, for as long as the work takes. */
