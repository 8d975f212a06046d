import { AppError } from "../../../preload/contract/errors.ts";
import { metricsIn, type LayerReport, type LayerView } from "../../../preload/contract/run.ts";
import { sure } from "../../../preload/contract/sure.ts";
import { chooseFront } from "../../models/fronts/registry.ts";
import type { FrontLayout } from "../../models/fronts/front.ts";
import { modelOf } from "../../models/registry.ts";
import { IdentityCoupledConfig, networkShape } from "../../models/windows/identity-coupled.ts";
import { valuesOf } from "../../compute/parameters.ts";
import { layerNames } from "../../models/layers/identity.ts";
import { identityDistances } from "../../models/layers/isometry.ts";
import { ringNames, ringOf } from "../../models/layers/ring.ts";
import { softmaxRows } from "../../models/linear-algebra.ts";
import { windowOnsetS } from "../../signal/window.ts";
import type { TrainedModel } from "../model-file/model-file.ts";
import { readWindows } from "./predict.ts";
import type { Tools, Trained } from "../work.ts";

type Network = Pick<TrainedModel, "kind" | "network">;

/** Layers that start as the identity are what is read here. Throws model/no-layers for any other model. */
function identityOf({ kind, network }: Network): IdentityCoupledConfig {
  if (!modelOf(kind).can.includes("layers"))
    throw new AppError("model/no-layers", `${kind} has no layers that can be read`, { kind });
  return IdentityCoupledConfig.parse(network);
}

/** Windows shown on each side of the one asked about, where a window has no columns of its own. */
const NEIGHBOURS = 20;

/** What each layer made of one window, in float64, averaged over the ensemble. */
export interface LayerTrace {
  readonly input: Float64Array; // [d]: x, and the shape of bracelet profiles
  readonly contribution: readonly Float64Array[]; // a layer, [d]: f^l − x
  readonly evidence: readonly Float64Array[]; // a layer, [k x d]: what each input said for each class, its mask included
  readonly bias: readonly Float64Array[]; // a layer, [k]
  readonly likelihood: readonly Float64Array[]; // a layer, [k]: mean of softmax(class block / temperature)
  readonly logits: Float64Array; // [k]: the sum of all evidence and biases
}

/** The forward pass of `identityForward`, taken apart. x [d] is 0 where unobserved. */
export function traceLayers(
  model: TrainedModel,
  x: ArrayLike<number>,
  observed: ArrayLike<number>,
): LayerTrace {
  const { features: d, masks, classes: k, layers } = networkShape(identityOf(model));
  const inputs = d + masks;
  const start = networkInput(model, x);
  const share = 1 / model.members.length;
  const zeros = (size: number): Float64Array[] =>
    Array.from({ length: layers }, () => new Float64Array(size));
  const contribution = zeros(d);
  const evidence = zeros(k * d);
  const bias = zeros(k);
  const likelihood = zeros(k);
  const logits = new Float64Array(k);
  for (const member of model.members) {
    const block = new Float64Array(k);
    let f = start;
    for (let l = 0; l < layers; l += 1) {
      const isLast = l === layers - 1;
      const [layerBias, layerEvidence] = [sure(bias[l]), sure(evidence[l])];
      const [layerContribution, layerLikelihood] = [sure(contribution[l]), sure(likelihood[l])];
      const width = isLast ? k : d + k;
      const toClass = isLast ? 0 : d;
      const names = layerNames(l);
      const [weights, biases] = [valuesOf(member, names.weights), valuesOf(member, names.biases)];
      const input = (i: number): number => (i < d ? sure(f[i]) : sure(observed[i - d]) - 1);
      for (let c = 0; c < k; c += 1) {
        const own = sure(biases[toClass + c]);
        addTo(block, c, own);
        addTo(layerBias, c, share * own);
        for (let i = 0; i < inputs; i += 1) {
          const said = sure(weights[i * width + toClass + c]) * input(i);
          addTo(block, c, said);
          addTo(layerEvidence, c * d + (i < d ? i : i - d), share * said); // what the mask says counts for its input
        }
      }
      if (!isLast) {
        const next = new Float64Array(d);
        for (let j = 0; j < d; j += 1) {
          let z = sure(f[j]) + sure(biases[j]);
          for (let i = 0; i < inputs; i += 1) z += sure(weights[i * width + j]) * input(i);
          next[j] = Math.max(-1, Math.min(1, z));
        }
        f = next;
      }
      for (let i = 0; i < d; i += 1) addTo(layerContribution, i, share * (sure(f[i]) - sure(start[i])));
      softmaxRows(block, k, model.temperature).forEach((p, c) => addTo(layerLikelihood, c, share * p));
    }
    block.forEach((value, c) => addTo(logits, c, share * value));
  }
  return { input: start, contribution, evidence, bias, likelihood, logits };
}

function addTo(sums: Float64Array, at: number, value: number): void {
  sums[at] = sure(sums[at]) + value;
}

/** What enters the first layer: the inputs and, for a bracelet, the turn-invariant shape of their profiles. */
function networkInput(model: Network, x: ArrayLike<number>): Float64Array {
  const network = identityOf(model);
  const inputs = Array.from({ length: network.features }, (_, i) => sure(x[i]));
  return Float64Array.from(network.ring ? [...inputs, ...ringOf(network.ring, x)] : inputs);
}

/** ‖W − I‖_F / sqrt(width) of each layer, mean over members. */
export function distancesFromIdentity(model: Network & Pick<TrainedModel, "members">): number[] {
  const shape = networkShape(identityOf(model));
  const distances = model.members.map((member) => identityDistances(shape, member));
  return Array.from(
    { length: shape.layers },
    (_, l) => distances.reduce((sum, own) => sum + (own[l] ?? 0), 0) / distances.length,
  );
}

interface Column {
  readonly trace: LayerTrace;
  readonly onsetS: number;
  readonly row: number; // among the kept windows
}

const leadingOf = (likelihood: Float64Array): number => likelihood.indexOf(Math.max(...likelihood));

/**
 * The layer view at a moment. A window with columns of its own (CTG) fills them; one without (EMG amplitudes) is shown
 * among its neighbours, one column a window. Evidence is for the leading class against the runner-up of the window
 * asked about; over all layers, and with their biases, it adds up to the difference of their logits.
 */
export async function explainWindow(
  request: Trained & { readonly recordingId: string; readonly timeS: number },
  tools: Tools,
): Promise<LayerReport> {
  const { run, recordingId, timeS } = request;
  const { model, windows, kept, rows } = await readWindows(request, recordingId, tools);
  const front = chooseFront(model.front, [windows.detail.kind]);
  const layout = front.layout(run.config.data.channels, run.config.data.windows.windowS);
  const centre = (n: number): number => windowOnsetS(windows.grid, n) + run.config.data.windows.windowS / 2;
  const asked = nearest(kept, (n) => Math.abs(centre(n) - timeS));
  if (asked === undefined) {
    throw new AppError(
      "model/not-assessable",
      "No window of this recording is observed enough to be assessed",
      {
        recording: windows.detail.name,
        neededShare: run.config.data.windows.minObserved,
      },
    );
  }
  const width = layout.width;
  const d = networkShape(identityOf(model)).features;
  const columnOf = (row: number): Column => ({
    trace: traceLayers(
      model,
      rows.x.subarray(row * width, (row + 1) * width),
      rows.observed.subarray(row * width, (row + 1) * width),
    ),
    onsetS: windowOnsetS(windows.grid, sure(kept[row])),
    row,
  });
  const focus = columnOf(asked);
  const shown =
    layout.columns > 1
      ? [focus]
      : neighbours(asked, kept.length).map((row) => (row === asked ? focus : columnOf(row)));
  const final = focus.trace.likelihood.at(-1) as Float64Array;
  const leading = leadingOf(final);
  const runnerUp = [...final.keys()]
    .filter((c) => c !== leading)
    .reduce((a, b) => (sure(final[b]) > sure(final[a]) ? b : a));
  const names = rowNames(model, layout);
  const picture = pictureOf(layout, names.length, shown);
  const leads = focus.trace.likelihood.map(leadingOf);
  const distances = distancesFromIdentity(model);
  const accuracies = metricsIn(run)?.layerAccuracy;
  const evidenceSum = sure(focus.trace.logits[leading]) - sure(focus.trace.logits[runnerUp]);
  const seen = rows.observed.subarray(asked * width, (asked + 1) * width);
  return {
    runId: run.id,
    recordingId,
    isIntegrated: model.density !== undefined && seen.includes(0),
    onsetS: focus.onsetS,
    windowS: run.config.data.windows.windowS,
    classes: [...model.classes],
    leading,
    runnerUp,
    probabilities: [...final],
    rows: names,
    columnOnsetS: picture.onsetS,
    columnS: picture.columnS(run.config.data.windows.strideS),
    input: picture.fill((column, i) =>
      i < width && rows.observed[column.row * width + i] !== 1
        ? Number.NaN
        : (column.trace.input[i] ?? Number.NaN),
    ),
    layers: focus.trace.likelihood.map((likelihood, l): LayerView => ({
      index: l + 1,
      distanceFromIdentity: distances[l] ?? 0,
      ...(accuracies?.[l] === undefined ? {} : { accuracy: accuracies[l] }),
      likelihood: [...likelihood],
      contribution: picture.fill((column, i) => sure(column.trace.contribution[l]?.[i])),
      relevance: picture.fill((column, i) => {
        const evidence = column.trace.evidence[l] ?? [];
        return (evidence[leading * d + i] ?? 0) - (evidence[runnerUp * d + i] ?? 0);
      }),
    })),
    decidedAt: decidedAt(leads, leading) + 1,
    evidenceSum,
  };
}

/** The front's rows, and those a bracelet's profiles add. */
function rowNames(model: TrainedModel, { rows, ring }: FrontLayout): string[] {
  const network = identityOf(model);
  return network.ring && ring ? [...rows, ...ringNames(network.ring, ring.profiles)] : [...rows];
}

/** First layer from which the final answer stays in front. */
function decidedAt(leads: readonly number[], leading: number): number {
  let first = leads.length - 1;
  while (first > 0 && leads[first - 1] === leading) first -= 1;
  return first;
}

function nearest(kept: readonly number[], distance: (n: number) => number): number | undefined {
  let best: number | undefined;
  kept.forEach((n, row) => {
    if (best === undefined || distance(n) < distance(sure(kept[best]))) best = row;
  });
  return best;
}

function neighbours(asked: number, count: number): number[] {
  const from = Math.max(0, Math.min(asked - NEIGHBOURS, count - 2 * NEIGHBOURS - 1));
  const to = Math.min(count, from + 2 * NEIGHBOURS + 1);
  return Array.from({ length: to - from }, (_, i) => from + i);
}

/** Rows and columns of the view: either the columns inside one window, or one column a window. */
function pictureOf(layout: FrontLayout, rowCount: number, shown: readonly Column[]) {
  const [focus] = shown as [Column];
  const isInside = layout.columns > 1;
  const columns = isInside ? layout.columns : shown.length;
  return {
    onsetS: Float64Array.from({ length: columns }, (_, at) =>
      isInside ? focus.onsetS + at * layout.columnS : (shown[at] as Column).onsetS,
    ),
    columnS: (strideS: number): number => (isInside ? layout.columnS : strideS),
    fill: (value: (column: Column, input: number) => number): Float32Array => {
      const out = new Float32Array(rowCount * columns);
      for (let row = 0; row < rowCount; row += 1) {
        for (let at = 0; at < columns; at += 1) {
          out[row * columns + at] = isInside
            ? value(focus, row * columns + at)
            : value(shown[at] as Column, row);
        }
      }
      return out;
    },
  };
}
