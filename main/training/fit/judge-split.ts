import type { Run, RunMetrics } from "../../../preload/contract/run.ts";
import { sure } from "../../../preload/contract/sure.ts";
import type { Runtime } from "../../compute/runtime.ts";
import { adaptRecording, type TemplateFit } from "../../models/adaptation/adaptation.ts";
import { fitGaussianClasses, logJoint, posteriors } from "../../models/distributions/gaussian-classes.ts";
import { modelOf } from "../../models/registry.ts";
import { descentSettings } from "../../models/windows/settings.ts";
import { UNLABELLED } from "../data/dataset.ts";
import { ensembleProbabilities, fitTemperature } from "../judge/calibration.ts";
import { calibrationError } from "../judge/calibration-error.ts";
import { negativeLogLikelihood, topOf } from "../judge/evaluation.ts";
import type { CausalWindows, ScoredWindows, Tested } from "../judge/scored.ts";
import { estimatorOf, type TrainedModel } from "../model-file/model-file.ts";
import { answerStream, guidedWindowsOf, type ScoreAligned } from "../predict/causal-stream.ts";
import { distancesFromIdentity } from "../predict/explain.ts";
import { meanDensity, opinionOf } from "../predict/predict.ts";
import { probeLayers } from "../predict/probe-layers.ts";
import { voicesOf, type Voices } from "../predict/voices.ts";
import type { AlignedInputs } from "./aligned.ts";
import { causalCases, causalSettings, causalTemperatures, leastMassOf, recordingRows } from "./causal.ts";
import { heldOutLogits } from "./ensemble.ts";
import { joinWindows, judged, labelledRows, withEstimates, type Judged, type Prepared } from "./prepare.ts";

/** Quantiles of the training windows' log density that a model keeps. */
const DENSITY_POINTS = 1001;
const LDA_SHRINK = 0.001;

/** What judging a split leaves beside the run. */
export interface JudgedSplit {
  readonly model: TrainedModel;
  readonly facts: Pick<RunMetrics, "calibration" | "distanceFromIdentity">;
  readonly tested: Tested | undefined;
}

const scoredOn = (
  classes: number,
  probabilities: Float64Array,
  { labels, subjects, recordings }: Pick<Judged, "labels" | "subjects" | "recordings">,
): ScoredWindows => ({ classes, probabilities, labels: Int32Array.from(labels), subjects, recordings });

/** What learning left: everything a model file holds beside calibration and standardisation. */
export type Saved = Pick<TrainedModel, "kind" | "network" | "members" | "learned" | "density">;

interface AlignedNetwork extends Saved {
  readonly inputs: AlignedInputs;
}

interface Trained {
  readonly run: Run;
  readonly prepared: Prepared;
  readonly validation: Judged;
  readonly byHand: Judged; // the same people's windows with labels given by hand
  readonly runtime: () => Promise<Runtime>;
  readonly saved: Saved;
  /** The network for windows centred and oriented, where the run adapts to the past of a stream. */
  readonly aligned: AlignedNetwork | undefined;
  readonly twin: Saved | undefined;
  readonly isTested: boolean;
  readonly signal: AbortSignal;
}

async function withVoices<T>(
  { runtime, prepared: { dataset } }: Pick<Trained, "runtime" | "prepared">,
  saved: Saved,
  work: (voices: Voices) => Promise<T>,
): Promise<T> {
  const voices = await voicesOf({ ...saved, classes: [...dataset.classes] }, dataset.layout.width, runtime);
  try {
    return await work(voices);
  } finally {
    await voices.dispose();
  }
}

/** Calibration on validation people, then what is said of the test people. */
export async function judge(trained: Trained): Promise<JudgedSplit> {
  const { run, prepared, validation, byHand, saved, aligned, twin, isTested, signal } = trained;
  const { dataset, standardisation } = prepared;
  const k = dataset.classes.length;
  const test = judged(prepared, "test");
  const { windows } = prepared.taught;

  return withVoices(trained, saved, async (scorer) => {
    const saidOf = async (held: Judged): Promise<readonly Float32Array[]> =>
      heldOutLogits((await scorer.score(held.x, held.observed, signal)).logits, held, k);
    const onValidation = await saidOf(validation);
    const areEstimated = byHand.labels.length < validation.labels.length;
    const onByHand = areEstimated ? await saidOf(byHand) : onValidation;
    const temperature = fitTemperature({
      members: onValidation,
      labels: validation.labels,
      subjects: validation.subjects,
      classes: k,
    });
    const calibrated = scorer.at(temperature);
    const training = await scorer.score(windows.x, windows.observed, signal);
    const causal =
      aligned && prepared.template
        ? await withVoices(trained, aligned, (other) =>
            judgeCausal({
              trained,
              aligned,
              fit: prepared.template as TemplateFit,
              scorer: calibrated,
              other,
              temperature,
              test,
            }),
          )
        : undefined;
    const tested: Tested | undefined = !isTested
      ? undefined
      : {
          test: scoredOn(
            k,
            ensembleProbabilities(
              (await calibrated.score(test.x, test.observed, signal)).logits,
              k,
              temperature,
            ),
            test,
          ),
          lda: scoredOn(k, ldaProbabilities(prepared, test), test),
          ...(twin
            ? {
                supervisedOnly: scoredOn(
                  k,
                  await withVoices(trained, twin, (other) =>
                    twinProbabilities(other, byHand, test, k, signal),
                  ),
                  test,
                ),
              }
            : {}),
          ...causal?.tested,
          ...(await probed(trained, temperature, test)),
          ...(descentSettings(run.config.model).adaptation !== "none" && prepared.template
            ? { transductive: scoredOn(k, adaptedProbabilities(prepared, prepared.template, test), test) }
            : {}),
        };
    const ece = (t: number): number => eceOf(ensembleProbabilities(onValidation, k, t), validation.labels, k);
    const model: TrainedModel = {
      ...saved,
      front: dataset.front.name,
      classes: [...dataset.classes],
      standardisation,
      temperature,
      densities: quantiles(training.logDensity),
      template: prepared.template
        ? {
            ...prepared.template.template,
            symmetries: [...prepared.template.template.symmetries],
          }
        : null,
      ...(causal ? { causal: causal.model } : {}),
    };
    const facts = {
      calibration: {
        temperature,
        subjects: [...new Set(validation.subjects)].sort(),
        windows: validation.labels.length,
        estimated: validation.labels.length - byHand.labels.length,
        eceBefore: ece(1),
        eceAfter: ece(temperature),
        ...nllOf(ensembleProbabilities(onByHand, k, temperature), byHand.labels, k),
      },
      distanceFromIdentity: modelOf(model.kind).can.includes("layers") ? distancesFromIdentity(model) : [],
    };
    return { model, facts, tested };
  });
}

/** What every layer alone says of the test people, where the model has layers that do. */
async function probed(
  { run, saved, runtime, prepared, signal }: Trained,
  temperature: number,
  { x, observed, labels }: Judged,
): Promise<Pick<Tested, "layers">> {
  if (!modelOf(run.config.model.kind).can.includes("layers") || labels.length === 0) return {};
  const classes = prepared.dataset.classes.length;
  const probe = { estimator: estimatorOf(saved), members: saved.members, temperature };
  return { layers: await probeLayers(await runtime(), probe, { x, observed, labels, classes }, signal) };
}

/** Thresholds and temperatures of the causal adaptation, then what it says of the test people. */
async function judgeCausal({
  trained: { run, prepared, saved, signal },
  aligned,
  fit,
  scorer,
  other,
  temperature,
  test,
}: {
  readonly trained: Trained;
  readonly aligned: AlignedNetwork;
  readonly fit: TemplateFit;
  readonly scorer: Voices;
  readonly other: Voices;
  readonly temperature: number;
  readonly test: Judged;
}): Promise<{
  readonly model: NonNullable<TrainedModel["causal"]>;
  readonly tested: Pick<Tested, "causal" | "guided">;
}> {
  const { dataset, x, groups } = prepared;
  const { strideS } = run.config.data.windows;
  const classes = dataset.classes.length;
  const cases = await causalCases({
    dataset,
    x,
    groups,
    labels: withEstimates(prepared),
    fit,
    aligned: aligned.inputs,
    score: (rows, observed) => scorer.score(rows, observed, signal),
    members: saved.members.length,
  });
  const score: ScoreAligned = (rows, observed) => other.score(rows, observed, signal);
  const settings = causalSettings(strideS, leastMassOf(cases, strideS));
  const temperatures = await causalTemperatures(cases, settings, { score, strideS, asItIs: temperature });
  const model = {
    network: aligned.network,
    members: aligned.members,
    ...(aligned.density ? { density: aligned.density } : {}),
    settings,
    temperatures,
  };
  const recordings = dataset.recordings.filter(({ part, from, to }) => part === "test" && to > from);
  const answered = async (guidedWindows: number): Promise<CausalWindows> => {
    const probabilities = new Float64Array(test.labels.length * classes);
    const [sinceS, parts] = [new Float64Array(test.labels.length), new Uint8Array(test.labels.length)];
    let at = 0;
    for (const recording of recordings) {
      const rows = recordingRows(dataset, x, recording);
      const { logits } = await scorer.score(rows.x, rows.observed, signal);
      const stream = { rows, asItIs: logits, template: fit.template, settings, guidedWindows };
      const { voices, parts: own } = await answerStream(stream, score, temperatures);
      const mean = opinionOf(voices, classes).mean;
      const startS = dataset.onsetS[recording.from] ?? 0;
      for (let n = recording.from; n < recording.to; n += 1) {
        if (dataset.label[n] === UNLABELLED) continue;
        const row = n - recording.from;
        probabilities.set(mean.subarray(row * classes, (row + 1) * classes), at * classes);
        sinceS[at] = (dataset.onsetS[n] ?? 0) - startS;
        parts[at] = own[row] ?? 0;
        at += 1;
      }
    }
    return { ...scoredOn(classes, probabilities, test), sinceS, parts };
  };
  return { model, tested: { causal: await answered(0), guided: await answered(guidedWindowsOf(strideS)) } };
}

/** The twin at its own temperature. */
async function twinProbabilities(
  twin: Voices,
  validation: Judged,
  test: Judged,
  classes: number,
  signal: AbortSignal,
): Promise<Float64Array> {
  const { logits } = await twin.score(validation.x, validation.observed, signal);
  const temperature = fitTemperature({
    members: heldOutLogits(logits, validation, classes),
    labels: validation.labels,
    subjects: validation.subjects,
    classes,
  });
  return ensembleProbabilities(
    (await twin.at(temperature).score(test.x, test.observed, signal)).logits,
    classes,
    temperature,
  );
}

/** None where nobody validates. */
const nllOf = (probabilities: Float64Array, labels: Int16Array, classes: number): { nll?: number } =>
  labels.length === 0 ? {} : { nll: negativeLogLikelihood(probabilities, labels, classes) };

function eceOf(probabilities: Float64Array, labels: Int16Array, classes: number): number {
  const { confidence, isRight } = topOf(probabilities, labels, classes);
  return calibrationError(confidence, isRight);
}

function ldaProbabilities(prepared: Prepared, test: Judged): Float64Array {
  const { dataset } = prepared;
  const { width } = dataset.layout;
  const classes = dataset.classes.length;
  const rows = labelledRows(prepared);
  const labelled = joinWindows(
    rows,
    rows.map((row) => row.labels),
    width,
    classes,
  );
  const lda = fitGaussianClasses(
    { x: labelled.x, observed: labelled.observed, weights: labelled.y, count: labelled.count },
    { width, classes, shrink: LDA_SHRINK, prior: "counts" },
  );
  return posteriors(logJoint(lda, test.x, test.observed, test.labels.length), classes).probabilities;
}

/**
 * Each recording of a test person, adapted to on its own, without labels. The probability is that of the adapted
 * Gaussian classes, at temperature 1: one fitted on training people raised the calibration error from 0.036 to 0.065
 * (bracelet, five folds), for how well a person is adapted to differs more between people than a temperature can say.
 */
function adaptedProbabilities(
  { dataset, x }: Prepared,
  { template }: TemplateFit,
  test: Judged,
): Float64Array {
  const probabilities = new Float64Array(test.labels.length * dataset.classes.length);
  let at = 0;
  for (const recording of dataset.recordings) {
    if (recording.part !== "test" || recording.to === recording.from) continue;
    const k = dataset.classes.length;
    const adapted = adaptRecording(template, recordingRows(dataset, x, recording));
    for (let n = recording.from; n < recording.to; n += 1) {
      if (dataset.label[n] === UNLABELLED) continue;
      const row = (n - recording.from) * k;
      probabilities.set(adapted.probabilities.subarray(row, row + k), at * k);
      at += 1;
    }
  }
  return probabilities;
}

/** The training windows' log densities, mean over members, at even steps from the lowest to the highest. */
function quantiles(logDensity: readonly Float32Array[]): Float64Array {
  const count = logDensity[0]?.length ?? 0;
  const sorted = Float64Array.from({ length: count }, (_, n) => meanDensity(logDensity, n)).sort();
  const points = Math.min(DENSITY_POINTS, count);
  return Float64Array.from({ length: points }, (_, i) =>
    sure(sorted[Math.round((i * (count - 1)) / Math.max(1, points - 1))]),
  );
}
