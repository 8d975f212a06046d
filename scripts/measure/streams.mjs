// Streams of people never seen, answered by a trained model's own functions: whole, and with gestures left out.
import { RunConfig } from "../../preload/contract/run.ts";
import { identityCoupled } from "../../main/models/windows/identity-coupled.ts";
import { softmaxRows } from "../../main/models/linear-algebra.ts";
import { readDataset, standardise } from "../../main/training/data/dataset.ts";
import { evaluate } from "../../main/training/judge/evaluation.ts";
import { unpackModel } from "../../main/training/model-file/model-file.ts";
import { answerStream } from "../../main/training/predict/causal-stream.ts";
import { opinionOf } from "../../main/training/predict/predict.ts";
import { createScorer } from "../../main/training/predict/score.ts";

const picked = (rows, from, width, Kind) => {
  const out = new Kind(rows.length * width);
  rows.forEach((n, i) => out.set(from.subarray(n * width, (n + 1) * width), i * width));
  return out;
};

/**
 * What a model says of its test people's streams. `kinds`: name to the classes that occur (undefined: everything, what
 * is unlabelled too). Returns name to { static, causal, guided }: what was said of the labelled windows, with sinceS.
 */
export async function answeredStreams({ config, bytes, library, chosen, kinds }) {
  const model = unpackModel(bytes);
  const k = model.classes.length;
  const { data, split } = config;
  const recordingIds = data.recordingIds.filter((id) =>
    split.testSubjects.includes(library.getRecording(id).subject),
  );
  const own = RunConfig.parse({ ...config, data: { ...data, recordingIds, labelledShare: 1 } });
  const dataset = await readDataset(own, library);
  const { width } = dataset.layout;
  const x = standardise(dataset.x, dataset.observed, model.standardisation);
  const scorerOf = async ({ network, members }) => {
    const scorer = await createScorer(chosen.runtime, identityCoupled(network), members.length, width, k);
    await scorer.write(members);
    return scorer;
  };
  const [plain, aligned] = [await scorerOf(model), await scorerOf(model.causal)];
  const { settings, temperatures } = model.causal;
  const guidedWindows = Math.round(60 / data.windows.strideS);
  const said = {};
  for (const [name, classes] of Object.entries(kinds)) {
    const all = { static: [], causal: [], guided: [] };
    for (const { from, to, subject, id } of dataset.recordings) {
      const rows = Array.from({ length: to - from }, (_, i) => from + i).filter(
        (n) => classes === undefined || classes.includes(dataset.label[n]),
      );
      if (rows.length === 0) continue;
      const inputs = {
        count: rows.length,
        x: picked(rows, x, width, Float32Array),
        observed: picked(rows, dataset.observed, width, Uint8Array),
      };
      const { logits } = await plain.score(inputs.x, inputs.observed);
      const answer = async (guided) => {
        const stream = {
          rows: inputs,
          asItIs: logits,
          template: model.template,
          settings,
          guidedWindows: guided,
        };
        const { voices } = await answerStream(stream, (rx, ro) => aligned.score(rx, ro), temperatures);
        return opinionOf(voices, k).mean;
      };
      const answers = {
        static: opinionOf(
          logits.map((one) => softmaxRows(one, k, model.temperature)),
          k,
        ).mean,
        causal: await answer(0),
        guided: await answer(guidedWindows),
      };
      for (const [method, probabilities] of Object.entries(answers))
        rows.forEach((n, i) => {
          if (dataset.label[n] < 0) return;
          all[method].push({
            probabilities: probabilities.subarray(i * k, (i + 1) * k),
            label: dataset.label[n],
            subject,
            recording: id,
            sinceS: i * data.windows.strideS,
          });
        });
    }
    said[name] = all;
  }
  await plain.dispose();
  await aligned.dispose();
  return { said, classes: k };
}

/** Some of what was said, judged. */
export function judged(windows, classes) {
  return evaluate({
    classes,
    probabilities: Float64Array.from(windows.flatMap(({ probabilities }) => [...probabilities])),
    labels: Int32Array.from(windows, ({ label }) => label),
    subjects: windows.map(({ subject }) => subject),
    recordings: windows.map(({ recording }) => recording),
  });
}
