import type { ModelCard } from "../../../preload/contract/model-file.ts";
import type { SignalSource } from "../../models/fronts/front.ts";
import { graphOf } from "../../models/fronts/graph/registry.ts";
import { signalFor } from "../../models/fronts/graph/signal.ts";
import type { FileFeed } from "../../compute/onnx/file-session.ts";
import { placeInputs } from "./predict-graph.ts";

/** One window of a recording as a model file takes it. The source has the model's channels in the model's order. */
export function feedsFor(
  card: ModelCard,
  source: SignalSource,
  onsetS: number,
): Readonly<Record<string, FileFeed>> {
  const { channels, onsetS: place, endS } = signalFor(graphOf(card.front), source, card.windowS, onsetS);
  const labels = card.channels.map(({ label }) => label);
  const feeds: Record<string, FileFeed> = {};
  for (const input of card.inputs) {
    const own = input.channels.map((label) => channels[labels.indexOf(label)] as (typeof channels)[number]);
    const shape = [1, own.length, input.samples];
    feeds[input.signal] = { shape, values: joined(own.map(({ values }) => values)) };
    feeds[input.observed] = { shape, values: joined(own.map(({ observed }) => observed)) };
  }
  if (card.context) {
    feeds[placeInputs[0]] = { shape: [1], values: Float32Array.of(place) };
    feeds[placeInputs[1]] = { shape: [1], values: Float32Array.of(endS) };
  }
  return feeds;
}

function joined(rows: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(rows.reduce((length, one) => length + one.length, 0));
  let at = 0;
  for (const one of rows) {
    all.set(one, at);
    at += one.length;
  }
  return all;
}
