import type { ChannelNeeds } from "../../../preload/contract/channel-needs.ts";
import type { Label, LabelSet } from "../../../preload/contract/label-set.ts";
import { MODEL_FORMAT, type ModelCard, type ModelChannel } from "../../../preload/contract/model-file.ts";
import { metricsIn, type Run } from "../../../preload/contract/run.ts";
import { graphOf } from "../../models/fronts/graph/registry.ts";
import type { TrainedModel } from "./model-file.ts";
import { BACKGROUND } from "../data/dataset.ts";
import { inputsOf, placeInputs } from "./predict-graph.ts";

const NOTICE = {
  en: "Research use only. This model makes no diagnosis and is not a medical device. Its probabilities were calibrated on the people named under calibration and hold for people like them.",
  ja: "研究用です。診断を行うものではなく、医療機器ではありません。確率は calibration に記した対象者で較正したもので、同様の対象者に限って当てはまります。",
};
export const LICENCE =
  "Kodo, which wrote this file, is under the Apache License 2.0. The parameters were learned from recordings of people: whether the file may be passed on is for those to say who hold them.";

/** What the graph computes before the network, and where that differs from Kodo's own reading of a recording. */
const frontTexts: Readonly<Record<ModelCard["front"], string>> = {
  "emg-amplitude":
    "The graph takes the raw window: ln of mean |x − mean| and of mean |dx| of each channel, over observed samples. It begins at the first sample at or after the window's onset. The same as in Kodo for every window.",
  "window-mean":
    "The graph takes the raw window: means of each channel in ten equal parts. The same as in Kodo for windows that begin on a sample; for others Kodo's parts may begin a sample earlier or later.",
  "ctg-deviation":
    "The graph takes the raw signal around the window, about 16 minutes on each side: deviations from running levels. Samples before the recording's start and after its end are unobserved. The same as in Kodo, except where less than 30 s of signal lie within a level's reach: there Kodo takes the nearest stretch that has enough from the whole recording, the graph from the signal it is given, and without any the deviation counts as unobserved.",
};

const MASK_ALONE =
  "Where an input of a window is missing the graph knows its mask alone; Kodo averages over what the input may have been, given the others, so it may answer otherwise there.";

export interface CardParts {
  readonly run: Run;
  readonly model: TrainedModel;
  readonly channels: readonly ModelChannel[];
  readonly labelSet: LabelSet | undefined;
  readonly needs: ChannelNeeds;
}

export function cardOf({ run, model, channels, labelSet, needs }: CardParts): ModelCard {
  const { config } = run;
  const metrics = metricsIn(run);
  const { context } = graphOf(model.front);
  const front = model.front as ModelCard["front"];
  const k = model.classes.length;
  return {
    format: MODEL_FORMAT,
    name: config.name,
    runId: run.id,
    codeVersion: run.codeVersion,
    trainedAt: run.finishedAt ?? run.createdAt,
    notice: NOTICE,
    licence: LICENCE,
    front,
    frontText: model.density ? `${frontTexts[front]} ${MASK_ALONE}` : frontTexts[front],
    windowS: config.data.windows.windowS,
    strideS: config.data.windows.strideS,
    minObserved: config.data.windows.minObserved,
    centreS: config.data.windows.centreS ?? config.data.windows.windowS,
    needs: {
      each: needs.each.map((index) => channels[index]?.label ?? ""),
      together: needs.together.map((index) => channels[index]?.label ?? ""),
    },
    context: context
      ? {
          fromS: context.beforeS,
          toS: context.beforeS + context.stepS,
          stepS: context.stepS,
          lengthS: context.lengthS(config.data.windows.windowS),
        }
      : null,
    inputs: inputsOf({ model, config: config.data.windows, channels }),
    places: context
      ? [
          {
            name: placeInputs[0],
            text: "seconds from the signal's first sample to the window's onset, float32 [1]",
          },
          {
            name: placeInputs[1],
            text: "seconds from the signal's first sample to the recording's end, float32 [1]",
          },
        ]
      : [],
    outputs: [
      {
        name: "probabilities",
        shape: [1, k],
        text: "calibrated mean of the ensemble, in the order of classes",
      },
      {
        name: "low",
        shape: [1, k],
        text: "lower end of the ensemble's 90 % band: mean − 1.645 standard deviations, at least 0",
      },
      { name: "high", shape: [1, k], text: "upper end: mean + 1.645 standard deviations, at most 1" },
      { name: "aleatoric", shape: [1], text: "mean entropy of a member, nats" },
      { name: "epistemic", shape: [1], text: "what the members disagree about, nats" },
      {
        name: "typicality",
        shape: [1],
        text: "share of training windows with a lower density; below 0.01: unlike the training data",
      },
      {
        name: "assessable",
        shape: [1],
        text: "1, or 0 where less than minObserved of the window, or of its central centreS seconds, is observed: of each channel under needs.each, and on average of those under needs.together; every other output is NaN then",
      },
    ],
    channels: [...channels],
    labelSet: labelSet ? { id: labelSet.id, version: labelSet.version, name: labelSet.name } : null,
    classes: model.classes.map((code) =>
      classOf(
        code,
        labelSet?.labels.find((label) => label.code === code),
      ),
    ),
    members: model.members.length,
    temperature: model.temperature,
    calibration: metrics
      ? {
          subjects: metrics.calibration.subjects,
          windows: metrics.calibration.windows,
          estimated: metrics.calibration.estimated,
          eceBefore: metrics.calibration.eceBefore,
          eceAfter: metrics.calibration.eceAfter,
        }
      : null,
    test: metrics
      ? {
          subjects: metrics.test.subjects,
          windows: metrics.test.windows,
          accuracy: metrics.test.accuracy,
          balancedAccuracy: metrics.test.balancedAccuracy,
          nll: metrics.test.nll,
          ece: metrics.test.ece,
        }
      : null,
  };
}

const classOf = (code: string, label: Label | undefined): ModelCard["classes"][number] => ({
  code,
  name: label?.name ?? (code === BACKGROUND ? { en: "none of these", ja: "該当なし" } : null),
  key: label?.key ?? null,
  colour: label?.colour ?? null,
});
