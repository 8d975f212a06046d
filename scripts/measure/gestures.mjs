// Gestures of people never seen, with the functions the application runs.
import { RunConfig } from "../../preload/contract/run.ts";
import { memoryLibrary } from "../../main/training/data/memory-library.ts";
import { chooseRuntime } from "../../main/compute/choose.ts";
import {
  compared,
  fitMeasured,
  given,
  joined,
  mean,
  option,
  people,
  show,
  splits,
  told,
  variationGiven,
} from "./measuring.mjs";

/** What a run's report says, by the name of its row. */
const methods = {
  network: "test",
  "supervised-only network": "supervisedOnly",
  LDA: "lda",
  "transductive, balanced": "transductive",
};

export async function measureGestures(recordings, labels) {
  const { held, subjects, kept } = people(recordings);
  const library = memoryLibrary(kept);
  const chosen = await chooseRuntime("onnxruntime", undefined, { threads: option("threads", 1) });
  const reports = Object.fromEntries(Object.keys(methods).map((name) => [name, []]));
  const facts = [];
  for (const { name, test } of splits({ held, subjects })) {
    const config = RunConfig.parse({
      name,
      seed: option("seed", 0),
      recordingIds: kept.map(({ id }) => id),
      labelSet: "gestures",
      labels,
      channels: kept[0].channels.map((channel) => channel.label),
      windowS: 0.5,
      strideS: 0.25,
      minOverlap: 0.9,
      labelledShare: option("share", 1),
      testSubjects: test,
      validationSubjects: [],
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
    const { metrics } = run;
    for (const [method, key] of Object.entries(methods)) reports[method].push(metrics[key]);
    facts.push({
      split: name,
      seconds,
      temperature: metrics.calibration.temperature,
      distanceFromIdentity: mean(metrics.distanceFromIdentity),
    });
    told(
      `${name}: network ${metrics.test.subjectAccuracy.toFixed(3)}, LDA ${metrics.lda.subjectAccuracy.toFixed(3)}, ${seconds.toFixed(0)} s`,
    );
  }
  const rows = Object.entries(reports).map(([method, all]) => ({ method, ...joined(all) }));
  const scores = Object.fromEntries(rows.map(({ method, perPerson }) => [method, [method, perPerson]]));
  show({
    rows,
    comparisons: [
      compared(scores.network, scores.LDA),
      compared(scores.network, scores["supervised-only network"]),
      compared(scores["transductive, balanced"], scores.network),
    ],
    splits: facts,
  });
}
