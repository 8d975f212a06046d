// node scripts/measure/run.mjs emg [key=value ...]: gestures of people never seen, with the functions the application runs.
import { RunConfig } from "../../preload/contract/run.ts";
import { memoryLibrary } from "../../main/training/dataset-memory-library.ts";
import { chooseRuntime } from "../../main/training/engine/choose.ts";
import { emgRecordings, folds, gestures } from "./data.mjs";
import { fitMeasured, given, mean, meansOf, option, shortened, variationGiven } from "./measuring.mjs";

const recordings = emgRecordings();
const library = memoryLibrary(recordings);
const FOLDS = 5;
const parts = folds(
  recordings.map(({ subject }) => subject),
  FOLDS,
  option("foldSeed", 0),
);
const chosen = await chooseRuntime("onnxruntime", undefined, { threads: option("threads", 1) });

const rows = [];
for (let fold = 0; fold < option("folds", FOLDS); fold++) {
  const config = RunConfig.parse({
    name: `fold ${fold}`,
    seed: option("seed", 0),
    recordingIds: recordings.map(({ id }) => id),
    labelSet: "gestures",
    labels: gestures,
    channels: recordings[0].channels.map(({ label }) => label),
    windowS: 0.5,
    strideS: 0.25,
    minOverlap: 0.9,
    labelledShare: option("share", 1),
    testSubjects: parts[fold],
    validationSubjects: parts[(fold + 1) % FOLDS].slice(0, option("validation", 0)),
    adaptation: "transductive-balanced",
    members: option("members", 5),
    epochs: option("epochs", 12),
    layers: option("layers", 10),
    batchSize: option("batch", 256),
    augmentation: given.augmentation ?? "strong",
    generativeWeight: option("lambda", 0.1),
    couplingVariance: option("sigma2", 10),
    ...variationGiven(),
    ...(given.rate ? { learningRate: Number(given.rate) } : {}),
  });
  const { run, seconds } = await fitMeasured(config, library, chosen);
  const { test, lda, supervisedOnly, transductive, calibration, distanceFromIdentity } = run.metrics;
  rows.push({
    inductive: test.subjectAccuracy,
    ece: test.ece,
    nll: test.nll,
    lda: lda.subjectAccuracy,
    supervisedOnly: supervisedOnly.subjectAccuracy,
    supervisedEce: supervisedOnly.ece,
    transductive: transductive.subjectAccuracy,
    transductiveEce: transductive.ece,
    temperature: calibration.temperature,
    eceBefore: calibration.eceBefore,
    eceValidation: calibration.eceAfter,
    distance: mean(distanceFromIdentity),
    epochs: run.curve.length,
    seconds,
  });
  if (given.people)
    console.log(
      lda.perSubject
        .map(
          (one, i) =>
            `${one.subject} LDA ${one.accuracy.toFixed(2)} net ${test.perSubject[i].accuracy.toFixed(2)} NLL ${test.perSubject[i].nll.toFixed(2)} transductive ${transductive.perSubject[i].accuracy.toFixed(2)}`,
        )
        .join("\n"),
    );
  if (given.verbose) console.log(JSON.stringify(rows.at(-1), shortened));
}
console.log(JSON.stringify({ options: given, folds: rows.length, ...meansOf(rows) }));
process.exit(0);
