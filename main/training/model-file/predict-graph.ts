import {
  add,
  clipByValue,
  concat,
  div,
  greater,
  greaterEqual,
  less,
  log,
  logicalAnd,
  maximum,
  mean,
  mul,
  onesLike,
  relu,
  reshape,
  slice,
  softmax,
  sqrt,
  square,
  stack,
  sub,
  sum,
  tensor2d,
  where,
  zerosLike,
  type Tensor,
  type Tensor2D,
} from "@tensorflow/tfjs-core";
import type { ChannelNeeds } from "../../../preload/contract/channel-needs.ts";
import type { ModelInput } from "../../../preload/contract/model-file.ts";
import type { ChannelHeader } from "../../../preload/contract/recording.ts";
import { sure } from "../../../preload/contract/sure.ts";
import type { WindowSelection } from "../../../preload/contract/run.ts";
import { inOrder, namedMembers, specsOf } from "../../compute/parameters.ts";
import type { TensorSpec } from "../../compute/tensors.ts";
import type { FrontGraph, GraphChannel, Place } from "../../models/fronts/graph/front-graph.ts";
import { graphOf } from "../../models/fronts/graph/registry.ts";
import { asNumber, indexRow } from "../../models/fronts/graph/tensor-parts.ts";
import { judgedPart, SHARE_SLACK, type AssessRule } from "../data/assess.ts";
import type { Graph } from "../../compute/graph.ts";
import { recordPredict } from "../../compute/recorder.ts";
import { estimatorOf, type TrainedModel } from "./model-file.ts";

/** Half width, in standard deviations, of a band that holds 90 % of a normal distribution. */
const NINETY_PERCENT = 1.645;
const LEAST = 1e-12;

export interface ExportParts {
  readonly model: TrainedModel;
  readonly config: Pick<WindowSelection, "windowS" | "minObserved" | "centreS">;
  readonly channels: readonly ChannelHeader[];
  readonly needs: ChannelNeeds;
}

/** Channels of one rate share a pair of inputs. */
export function inputsOf({ model, config, channels }: Omit<ExportParts, "needs">): ModelInput[] {
  const graph = graphOf(model.front);
  const rates = [...new Set(channels.map(({ sampleRate }) => sampleRate))];
  return rates.map((sampleRate, i) => ({
    signal: rates.length === 1 ? "signal" : `signal${i + 1}`,
    observed: rates.length === 1 ? "observed" : `observed${i + 1}`,
    channels: channels.filter((one) => one.sampleRate === sampleRate).map(({ label }) => label),
    sampleRate,
    samples: graph.samples(config.windowS, sampleRate),
  }));
}

/** Where the window lies in the signal and where the recording ends: inputs of a model whose front looks around. */
export const placeInputs = ["window_onset", "recording_end"] as const;

export const outputNames = [
  "probabilities",
  "low",
  "high",
  "aleatoric",
  "epistemic",
  "typicality",
  "assessable",
] as const;

/** Before the names of a member's parameters. */
export const memberPrefix = (member: number): string => `member${member}.`;

/** The whole prediction of one window as a graph: front, standardisation, ensemble, temperature, uncertainties. */
export function predictionGraph(parts: ExportParts): Graph {
  const { model } = parts;
  const front = graphOf(model.front);
  const shapes = estimatorOf(model).parameters;
  const specs = model.members.flatMap((_, m) => specsOf(shapes, memberPrefix(m)));
  const values = model.members.flatMap((member) => inOrder(shapes, member));
  const inputs = inputsOf(parts);
  const feeds = inputs.flatMap(({ channels, samples }): TensorSpec[] => {
    const spec: TensorSpec = { shape: [1, channels.length, samples], dtype: "float32" };
    return [spec, spec];
  });
  const places: TensorSpec[] = front.context ? placeInputs.map(() => ({ shape: [1], dtype: "float32" })) : [];
  const graph = recordPredict(
    (params, fed) => predictWindow({ ...parts, front, inputs, params, fed }),
    specs,
    [...feeds, ...places],
  );
  const names = new Map<string, string>([
    ...inputs.flatMap(({ signal, observed }, i): [string, string][] => [
      [`feed${2 * i}`, signal],
      [`feed${2 * i + 1}`, observed],
    ]),
    ...placeInputs.map((name, i): [string, string] => [`feed${2 * inputs.length + i}`, name]),
    ...outputNames.map((name, i): [string, string] => [`output${i}`, name]),
    ...specs.map(({ name }, i): [string, string] => [`param${i}`, name]),
  ]);
  const parameters = specs.map(
    ({ name, shape, dtype }, i) => [name, { shape, dtype, values: sure(values[i]) }] as const,
  );
  return withConstants(renamed(graph, names), parameters);
}

export function renamed(graph: Graph, names: ReadonlyMap<string, string>): Graph {
  const nameOf = (name: string): string => names.get(name) ?? name;
  const valueOf = <V extends { readonly name: string }>(value: V): V => ({
    ...value,
    name: nameOf(value.name),
  });
  return {
    ...graph,
    inputs: graph.inputs.map(valueOf),
    outputs: graph.outputs.map(valueOf),
    nodes: graph.nodes.map((node) => ({
      ...node,
      inputs: node.inputs.map(nameOf),
      outputs: node.outputs.map(nameOf),
    })),
  };
}

/** Inputs that have a value become constants of the graph. */
export function withConstants(graph: Graph, values: Iterable<readonly [string, ConstantOf]>): Graph {
  const constants = new Map([...graph.constants, ...values]);
  return { ...graph, constants, inputs: graph.inputs.filter(({ name }) => !constants.has(name)) };
}
type ConstantOf = Graph["constants"] extends ReadonlyMap<string, infer C> ? C : never;

interface WindowParts extends ExportParts {
  readonly front: FrontGraph;
  readonly inputs: readonly ModelInput[];
  readonly params: readonly Tensor[];
  readonly fed: readonly Tensor[];
}

function predictWindow(parts: WindowParts): readonly Tensor[] {
  const { front, config, inputs, fed, model } = parts;
  const channels = parts.channels.map((facts) => channelOf(facts, inputs, fed));
  const placeOf = (i: number): Tensor2D | undefined =>
    front.context ? (reshape(fed[2 * inputs.length + i] as Tensor, [1, 1]) as Tensor2D) : undefined;
  const place: Place = { windowS: config.windowS, onsetS: placeOf(0), endS: placeOf(1) };
  const { x, observed } = front.features(channels, place);
  const standard = standardised(x, observed, model);
  const said = membersSay(parts, standard, observed);
  const isAssessable = assessable(channels, place, { ...config, needs: parts.needs }); // [1, 1]
  const where1 = (values: Tensor2D): Tensor2D =>
    where(greater(mul(onesLike(values), isAssessable), 0), values, mul(onesLike(values), Number.NaN));
  const single = (values: Tensor2D): Tensor => reshape(values, [1]);
  return [
    where1(said.probabilities),
    where1(said.low),
    where1(said.high),
    single(where1(said.aleatoric)),
    single(where1(said.epistemic)),
    single(where1(said.typicality)),
    single(isAssessable),
  ];
}

/** Whatever lies behind the mask, a number or not, is out of the graph from here on. */
function channelOf(
  facts: ChannelHeader,
  inputs: readonly ModelInput[],
  fed: readonly Tensor[],
): GraphChannel {
  const group = inputs.findIndex(({ sampleRate }) => sampleRate === facts.sampleRate);
  const { channels, samples } = inputs[group] as ModelInput;
  const place = channels.indexOf(facts.label);
  const rowOf = (tensor: Tensor): Tensor2D =>
    reshape(slice(tensor, [0, place, 0], [1, 1, samples]), [1, samples]);
  const isObserved = greater(rowOf(fed[2 * group + 1] as Tensor), 0.5);
  const raw = rowOf(fed[2 * group] as Tensor);
  return { facts, values: where(isObserved, raw, zerosLike(raw)), observed: asNumber(isObserved) };
}

function standardised(x: Tensor2D, observed: Tensor2D, { standardisation }: TrainedModel): Tensor2D {
  const constant = (values: Float32Array): Tensor2D => tensor2d(values, [1, values.length]);
  return mul(mul(sub(x, constant(standardisation.mean)), constant(standardisation.scale)), observed);
}

/** ../assess.ts in tensors: 1 where enough is observed of what the labels speak about. [1, 1] */
function assessable(
  channels: readonly GraphChannel[],
  place: Place,
  { needs, minObserved, ...rule }: AssessRule,
): Tensor2D {
  const shareOf = (index: number): Tensor2D => {
    const { facts, observed } = channels[index] as GraphChannel;
    const whole = { skip: 0, length: Math.round(place.windowS * facts.sampleRate) };
    const [inWindow, inJudged] = [whole, judgedPart(rule, facts.sampleRate)].map(
      ({ skip, length }): Tensor2D => {
        const inside = place.onsetS
          ? mul(
              observed,
              samplesFrom(observed.shape[1], add(mul(place.onsetS, facts.sampleRate), skip), length),
            )
          : slice(observed, [0, skip], [1, length]);
        return div(sum(inside, 1, true), length);
      },
    ) as [Tensor2D, Tensor2D];
    return sub(inWindow, relu(sub(inWindow, inJudged))); // the lesser
  };
  const groups = [...needs.each.map((index) => [index]), needs.together].filter(({ length }) => length > 0);
  const verdicts = groups.map((group): Tensor2D => {
    const share = mean(concat(group.map(shareOf), 1), 1, true);
    return asNumber(logicalAnd(greaterEqual(share, minObserved - SHARE_SLACK), greater(share, 0)));
  });
  return verdicts.reduce((all, one) => mul(all, one));
}

/** 1 at the samples of a stretch. The first one is the first at or after its onset, in samples. */
function samplesFrom(samples: number, onset: Tensor2D, length: number): Tensor2D {
  const index = indexRow(samples);
  const isIn = logicalAnd(greaterEqual(index, sub(onset, 1e-3)), less(index, add(onset, length - 1e-3)));
  return asNumber(isIn);
}

interface Said {
  readonly probabilities: Tensor2D; // [1, k]
  readonly low: Tensor2D;
  readonly high: Tensor2D;
  readonly aleatoric: Tensor2D; // [1, 1]
  readonly epistemic: Tensor2D;
  readonly typicality: Tensor2D;
}

/** ../predict.ts, opinionOf and typicalityOf, in tensors. */
function membersSay({ model, params }: WindowParts, x: Tensor2D, observed: Tensor2D): Said {
  const estimator = estimatorOf(model);
  const count = model.members.length;
  const outputs = namedMembers(estimator.parameters, params, count).map((own) =>
    estimator.forward(own, x, observed),
  );
  const voices = outputs.map(({ logits }): Tensor2D => softmax(div(logits, model.temperature)));
  const average = (values: readonly Tensor2D[]): Tensor2D => mean(stack([...values]), 0);
  const probabilities = average(voices);
  const spread = average(voices.map((voice) => square(sub(voice, probabilities))));
  const deviation = sqrt(mul(spread, count / Math.max(1, count - 1)));
  const aleatoric = average(voices.map(entropy));
  return {
    probabilities,
    low: clipByValue(sub(probabilities, mul(deviation, NINETY_PERCENT)), 0, 1),
    high: clipByValue(add(probabilities, mul(deviation, NINETY_PERCENT)), 0, 1),
    aleatoric,
    epistemic: relu(sub(entropy(probabilities), aleatoric)),
    typicality: quantileAmong(average(outputs.map(({ logDensity }) => logDensity)), model.densities),
  };
}

/** −Σ p ln p. [1, k] -> [1, 1] */
const entropy = (p: Tensor2D): Tensor2D =>
  mul(sum(where(greater(p, LEAST), mul(p, log(maximum(p, LEAST))), zerosLike(p)), 1, true), -1);

/** Share of the training windows' densities that lie below. [1, 1] */
function quantileAmong(density: Tensor2D, densities: Float64Array): Tensor2D {
  if (densities.length === 0) return onesLike(density);
  const known = tensor2d(Float32Array.from(densities), [1, densities.length]);
  return mean(asNumber(less(known, density)), 1, true);
}
