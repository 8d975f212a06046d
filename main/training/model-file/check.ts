import type { ModelCard, ModelExport } from "../../../preload/contract/model-file.ts";
import { sure } from "../../../preload/contract/sure.ts";
import type { SignalSource } from "../../models/fronts/front.ts";
import { chooseFront } from "../../models/fronts/registry.ts";
import { scaleOf } from "../../models/fronts/emg-amplitude.ts";
import { softmaxRows } from "../../models/linear-algebra.ts";
import { seededRandom, type Random } from "../../models/random.ts";
import { windowGrid, windowOnsetS, type WindowGrid } from "../../signal/window.ts";
import { standardise } from "../data/dataset.ts";
import { openModelFile } from "../../compute/onnx/file-session.ts";
import type { Runtime } from "../../compute/runtime.ts";
import { estimatorOf, type TrainedModel } from "./model-file.ts";
import { opinionOf } from "../predict/predict.ts";
import { createScorer } from "../predict/score.ts";
import { feedsFor } from "./window-feeds.ts";

/**
 * Runs a model file in plain ONNX Runtime and the model itself in Kodo on the same made-up windows, some of their
 * samples missing, and gives the largest difference of a probability or an uncertainty.
 */
export async function checkModelFile(
  bytes: Uint8Array,
  {
    card,
    model,
    runtime,
  }: { readonly card: ModelCard; readonly model: TrainedModel; readonly runtime: Runtime },
): Promise<ModelExport["check"]> {
  const { source, grid } = madeUp(card, model);
  const own = await ownOpinion({ source, grid, model, runtime });
  const session = await openModelFile(bytes);
  const k = model.classes.length;
  let largest = 0;
  let windows = 0;
  try {
    for (let n = 0; n < grid.count; n += 1) {
      const said = await session.run(feedsFor(card, source, windowOnsetS(grid, n)));
      if (said["assessable"]?.[0] !== 1) continue;
      windows += 1;
      for (const [name, width] of [
        ["probabilities", k],
        ["low", k],
        ["high", k],
        ["aleatoric", 1],
        ["epistemic", 1],
      ] as const) {
        const values = name === "probabilities" ? own.mean : own[name];
        said[name]?.forEach((value, i) => {
          const apart = Math.abs(value - sure(values[n * width + i]));
          largest = Math.max(largest, Number.isNaN(apart) ? Infinity : apart);
        });
      }
    }
  } finally {
    await session.dispose();
  }
  return { windows, largestDifference: largest };
}

const CHECKED_WINDOWS = 24;
/** Fewer of them where they are very long. */
const MOST_SAMPLES = 50_000_000;
/** Gaps begin in this share of the recording: however many channels must be observed, some windows are whole. */
const GAPS_UNTIL = 0.7;

/** A recording of noise about where the training data lie, with gaps. */
function madeUp(card: ModelCard, model: TrainedModel): { source: SignalSource; grid: WindowGrid } {
  const perWindow = card.channels.reduce((sum, { sampleRate }) => sum + card.windowS * sampleRate, 0);
  const windows = Math.min(CHECKED_WINDOWS, Math.max(2, Math.floor(MOST_SAMPLES / perWindow)));
  const seconds = windows * card.windowS;
  const made = card.channels.map((facts, position) => {
    const random = seededRandom(20260101, position);
    const length = Math.round(seconds * facts.sampleRate);
    const valueAt = valuesOf({ card, model, position, random });
    const observed = new Uint8Array(length).fill(1);
    for (let gap = 0; gap < windows / 2; gap += 1) {
      const from = random.below(Math.ceil(length * GAPS_UNTIL));
      observed.fill(0, from, from + Math.ceil(random.next() * 0.6 * card.windowS * facts.sampleRate));
    }
    return { values: Float32Array.from({ length }, (_, i) => valueAt(i / facts.sampleRate)), observed };
  });
  const source: SignalSource = {
    channels: card.channels.map((facts, i) => ({ ...facts, sampleCount: made[i]?.values.length ?? 0 })),
    durationS: seconds,
    read: (channel, first, count) => ({
      values: made[channel]?.values.slice(first, first + count) ?? new Float32Array(0),
      observed: made[channel]?.observed.slice(first, first + count) ?? new Uint8Array(0),
    }),
  };
  return { source, grid: windowGrid(seconds, card.windowS, card.windowS) };
}

interface Made {
  readonly card: ModelCard;
  readonly model: TrainedModel;
  readonly position: number;
  readonly random: Random;
}

/** A value by its time: heart rates and contractions for CTG, amplitudes or levels as in training for the rest. */
function valuesOf({ card, model, position, random }: Made): (timeS: number) => number {
  const { mean, scale } = model.standardisation;
  const facts = card.channels[position] as ModelCard["channels"][number];
  switch (card.front) {
    case "ctg-deviation":
      return facts.role === "uc" || (facts.role !== "fhr" && position > 0)
        ? (t) => 15 + 25 * Math.max(0, Math.sin(t / 40)) + 2 * random.normal()
        : (t) => 138 + 18 * Math.sin(t / 70) + 4 * random.normal();
    case "emg-amplitude": {
      const { factor, floor } = scaleOf(facts);
      const usual = Math.max(floor, Math.exp(mean[position] ?? 0) - floor) / factor;
      return (t) => usual * 2 ** (2 * Math.sin(t / card.windowS + position)) * random.normal();
    }
    case "window-mean": {
      const columns = mean.length / card.channels.length;
      const level = mean[position * columns] ?? 0;
      const spread = 0.4 / (scale[position * columns] ?? 1);
      return (t) => level + spread * (Math.sin(t / card.windowS + position) + random.normal());
    }
  }
}

interface OwnParts {
  readonly source: SignalSource;
  readonly grid: WindowGrid;
  readonly model: TrainedModel;
  readonly runtime: Runtime;
}

async function ownOpinion({ source, grid, model, runtime }: OwnParts): Promise<ReturnType<typeof opinionOf>> {
  const extraction = chooseFront(model.front, []).extract(source, grid);
  let step = extraction.next();
  while (step.done !== true) step = extraction.next();
  const { x, observed } = step.value;
  const k = model.classes.length;
  const width = model.standardisation.mean.length;
  const shape = { members: model.members.length, width, classes: k };
  const scorer = await createScorer(runtime, estimatorOf(model), shape);
  try {
    await scorer.write(model.members);
    const { logits } = await scorer.score(standardise(x, observed, model.standardisation), observed);
    return opinionOf(
      logits.map((one) => softmaxRows(one, k, model.temperature)),
      k,
    );
  } finally {
    await scorer.dispose();
  }
}
