// Gestures of people never seen, with the functions the application runs.
import { RunConfig } from "../../preload/contract/run.ts";
import { memoryLibrary } from "../../main/training/data/memory-library.ts";
import { unpackModel } from "../../main/training/model-file/model-file.ts";
import { chooseRuntime } from "../../main/compute/choose.ts";
import { answeredStreams, judged } from "./streams.mjs";
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

/** Quarters of a block of 140 s, or of what there is. */
const QUARTERS_S = [0, 35, 70, 105, Infinity];

/**
 * `streams`: by name, the classes that occur in a stream from which the rest was taken out; undefined: everything.
 * without adaptation=none the causal adaptation is trained and judged as well.
 */
export async function measureGestures(recordings, labels, streams) {
  const { held, subjects, kept } = people(recordings);
  const library = memoryLibrary(kept);
  const chosen = await chooseRuntime("onnxruntime", undefined, { threads: option("threads", 1) });
  const reports = Object.fromEntries(Object.keys(methods).map((name) => [name, []]));
  const facts = [];
  const answered = [];
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
      adaptation: given.adaptation ?? "causal",
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
    const { run, model, seconds } = await fitMeasured(config, library, chosen);
    const { metrics } = run;
    for (const [method, key] of Object.entries(methods)) if (metrics[key]) reports[method].push(metrics[key]);
    if (metrics.causal) {
      const found = await answeredStreams({ config, bytes: model, library, chosen, kinds: streams });
      answered.push(found.said);
    }
    facts.push({
      split: name,
      seconds,
      causalParts: metrics.causal?.parts,
      causalAfter: metrics.causal?.after,
      causalSettings: unpackModel(model).causal?.settings,
      causalTemperatures: unpackModel(model).causal?.temperatures,
      temperature: metrics.calibration.temperature,
      distanceFromIdentity: mean(metrics.distanceFromIdentity),
    });
    told(
      `${name}: network ${metrics.test.subjectAccuracy.toFixed(3)}, LDA ${metrics.lda.subjectAccuracy.toFixed(3)}, ${seconds.toFixed(0)} s`,
    );
  }
  const rows = Object.entries(reports)
    .filter(([, all]) => all.length > 0)
    .map(([method, all]) => ({ method, ...joined(all) }));
  rows.push(...streamRows(answered, Object.keys(streams), labels.length));
  const scores = Object.fromEntries(rows.map(({ method, perPerson }) => [method, [method, perPerson]]));
  const pairs = [
    ["network", "LDA"],
    ["network", "supervised-only network"],
    ["transductive, balanced", "network"],
    ...Object.keys(streams).flatMap((stream) => [
      [`causal: ${stream}`, `static: ${stream}`],
      [`guided: ${stream}`, `causal: ${stream}`],
    ]),
  ];
  show({
    rows,
    comparisons: pairs
      .filter((pair) => pair.every((name) => scores[name]))
      .map(([a, b]) => compared(scores[a], scores[b])),
    splits: facts,
  });
}

/** A row for each method and stream, accuracies in its quarters beside it. Guided only where every gesture occurs. */
function streamRows(answered, names, classes) {
  return names.flatMap((name) =>
    ["static", "causal", "guided"].flatMap((method) => {
      const splits = answered.map((said) => said[name][method]).filter((windows) => windows.length > 0);
      const all = splits.flat();
      if (all.length === 0 || (method === "guided" && new Set(all.map(({ label }) => label)).size < classes))
        return [];
      const quarters = QUARTERS_S.slice(0, -1).map((fromS, i) => {
        const inside = all.filter(({ sinceS }) => sinceS >= fromS && sinceS < QUARTERS_S[i + 1]);
        return [`from ${fromS} s`, inside.length > 0 ? judged(inside, classes).subjectAccuracy : undefined];
      });
      const row = joined(splits.map((windows) => judged(windows, classes)));
      return [{ method: `${method}: ${name}`, ...row, ...Object.fromEntries(quarters) }];
    }),
  );
}
