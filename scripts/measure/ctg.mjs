// node scripts/measure/run.mjs ctg [key=value ...]: events of CTU-UHB recordings never seen, with the functions the
// application runs, beside a logistic floor on the same windows and inputs. Folds are those of clinical.csv.
import { LabelSet } from "../../preload/contract/label-set.ts";
import { RunConfig } from "../../preload/contract/run.ts";
import { coupledLinear } from "../../main/models/coupled-linear.ts";
import { ensembleProbabilities, fitTemperature } from "../../main/training/calibration.ts";
import { memoryLibrary } from "../../main/training/dataset-memory-library.ts";
import { fitStandardisation, readDataset, standardise } from "../../main/training/dataset.ts";
import { chooseRuntime } from "../../main/training/engine/choose.ts";
import { evaluate } from "../../main/training/evaluation.ts";
import { planBatches } from "../../main/training/fit-batches.ts";
import { fitEnsemble } from "../../main/training/fit-ensemble.ts";
import { createScorer } from "../../main/training/predict-score.ts";
import ctgEvents from "../../resources/label-sets/ctg-events.json" with { type: "json" };
import { ctgRecordings } from "./data.mjs";
import { fitMeasured, given, mean, meansOf, option, shortened, variationGiven } from "./measuring.mjs";

const recordings = ctgRecordings(option("limit", Infinity));
const library = memoryLibrary(recordings, [LabelSet.parse(ctgEvents)]);
const chosen = await chooseRuntime("onnxruntime", undefined, { threads: option("threads", 1) });
/** Accelerations and decelerations exclude each other; contractions overlap both, so they are a run of their own. */
const tasks = { fhr: ["acceleration", "deceleration"], uc: ["contraction"] };

function configFor(labels, fold) {
  const others = recordings.filter((one) => one.fold !== fold).map(({ subject }) => subject);
  return RunConfig.parse({
    name: `fold ${fold}`,
    seed: option("seed", 0),
    recordingIds: recordings.map(({ id }) => id),
    labelSet: ctgEvents.id,
    labels,
    channels: ["FHR", "UC"],
    windowS: 120,
    strideS: 30,
    centreS: 30,
    minOverlap: 0.5,
    minObserved: 0,
    background: "read-completely",
    labelledShare: option("share", 1),
    members: option("members", 1),
    epochs: option("epochs", 6),
    layers: option("layers", 10),
    augmentation: given.augmentation ?? "mild",
    testSubjects: recordings.filter((one) => one.fold === fold).map(({ subject }) => subject),
    validationSubjects: others.filter((_, i) => i % 6 === 0),
    ...variationGiven(),
    ...(given.rate ? { learningRate: Number(given.rate) } : {}),
  });
}

/** Multinomial logistic regression on the same windows and inputs, calibrated on the same people. */
async function logisticFloor(config) {
  const dataset = await readDataset(config, library);
  const { width } = dataset.layout;
  const k = dataset.classes.length;
  const x = standardise(dataset.x, dataset.observed, fitStandardisation(dataset));
  const part = (name) => {
    const rows = dataset.recordings
      .filter((one) => one.part === name)
      .flatMap((one) => Array.from({ length: one.to - one.from }, (_, i) => ({ n: one.from + i, ...one })))
      .filter(({ n }) => dataset.label[n] >= 0);
    const out = {
      count: rows.length,
      width,
      classes: k,
      x: new Float32Array(rows.length * width),
      observed: new Uint8Array(rows.length * width),
      y: new Float32Array(rows.length * k),
      labels: new Int16Array(rows.length),
      group: new Int32Array(rows.length).fill(-1),
      person: new Int32Array(rows.length),
      subjects: rows.map(({ subject }) => subject),
      recordings: rows.map(({ id }) => id),
    };
    rows.forEach(({ n }, i) => {
      out.x.set(x.subarray(n * width, (n + 1) * width), i * width);
      out.observed.set(dataset.observed.subarray(n * width, (n + 1) * width), i * width);
      out.y[i * k + dataset.label[n]] = 1;
      out.labels[i] = dataset.label[n];
    });
    return out;
  };
  const [windows, validation, test] = ["train", "validation", "test"].map(part);
  const estimator = coupledLinear({ features: width, classes: k, generativeWeight: 0 });
  const { members } = await fitEnsemble(
    {
      estimator,
      members: 1,
      windows,
      plan: planBatches(windows, 256),
      augment: undefined,
      sampling: "windows",
      seed: 0,
      epochs: 40, // six left it 0.02 to 0.09 of AUROC short (fold 0)
      rate: 0.003,
      optimiser: { kind: "adam" },
    },
    { runtime: chosen.runtime, heldOut: validation },
  );
  const scorer = await createScorer(chosen.runtime, estimator, 1, width, k);
  await scorer.write(members);
  const logits = async (set) => (await scorer.score(set.x, set.observed)).logits;
  const temperature = fitTemperature({
    members: await logits(validation),
    labels: validation.labels,
    subjects: validation.subjects,
    classes: k,
  });
  const report = evaluate({
    ...test,
    probabilities: ensembleProbabilities(await logits(test), k, temperature),
  });
  await scorer.dispose();
  return report;
}

for (const [task, labels] of Object.entries(tasks)) {
  if (given.task && given.task !== task) continue;
  const rows = [];
  for (let fold = option("from", 0); fold < option("folds", 5); fold++) {
    const config = configFor(labels, fold);
    const { run, seconds } = await fitMeasured(config, library, chosen);
    const { test, supervisedOnly, lda, distanceFromIdentity } = run.metrics;
    const reports = { model: test, supervised: supervisedOnly, lda, logistic: await logisticFloor(config) };
    const row = {
      seconds,
      windows: test.windows,
      distance: mean(distanceFromIdentity),
    };
    for (const [name, report] of Object.entries(reports)) {
      row[`${name} nll`] = report.nll;
      row[`${name} ece`] = report.ece;
      labels.forEach((label, i) => {
        row[`${name} ${label} auroc`] = report.auroc[i + 1];
        row[`${name} ${label} ece`] = report.classEce[i + 1];
      });
    }
    rows.push(row);
    if (given.verbose) console.log(task, fold, JSON.stringify(row, shortened));
  }
  console.log(JSON.stringify({ task, options: given, folds: rows.length, ...meansOf(rows) }));
}
process.exit(0);
