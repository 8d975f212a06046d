import {
  abs,
  add,
  concat,
  div,
  greaterEqual,
  log,
  logicalAnd,
  maximum,
  mul,
  slice,
  sub,
  sum,
  type Tensor2D,
} from "@tensorflow/tfjs-core";
import { MIN_OBSERVED, scaleOf } from "../emg-amplitude.ts";
import type { FrontGraph, GraphChannel } from "./front-graph.ts";
import { asNumber, leastCount } from "./tensor-parts.ts";

/** ../emg-amplitude.ts in tensors, whatever the sample at which a window begins. */
export const emgAmplitudeGraph: FrontGraph = {
  front: "emg-amplitude",
  samples: (windowS, sampleRate) => Math.round(windowS * sampleRate),
  features(channels) {
    const electrodes = channels.map(electrode);
    const join = (pick: (one: Electrode) => Tensor2D): Tensor2D => concat(electrodes.map(pick), 1);
    const seen = join(({ observed }) => observed);
    return {
      x: concat([join(({ amplitude }) => amplitude), join(({ slope }) => slope)], 1),
      observed: concat([seen, seen], 1),
    };
  },
};

interface Electrode {
  readonly amplitude: Tensor2D; // [1, 1]
  readonly slope: Tensor2D;
  readonly observed: Tensor2D;
}

function electrode({ facts, values, observed }: GraphChannel): Electrode {
  const samples = values.shape[1];
  const { factor, floor } = scaleOf(facts);
  const total = (x: Tensor2D): Tensor2D => sum(x, 1, true);
  const count = total(observed);
  const mean = div(total(mul(values, observed)), maximum(count, 1));
  const deviation = total(mul(abs(sub(values, mean)), observed));
  const [first, next] = [0, 1].map((from) => (x: Tensor2D) => slice(x, [0, from], [1, samples - 1])) as [
    (x: Tensor2D) => Tensor2D,
    (x: Tensor2D) => Tensor2D,
  ];
  const both = mul(first(observed), next(observed)) as Tensor2D;
  const pairs = total(both);
  const difference = total(mul(abs(sub(next(values), first(values))), both));
  const enough = greaterEqual(count, leastCount(MIN_OBSERVED, samples));
  const seen = asNumber(logicalAnd(enough, greaterEqual(pairs, 1)));
  const level = (size: Tensor2D, of: Tensor2D): Tensor2D =>
    mul(log(add(mul(div(size, maximum(of, 1)), factor), floor)), seen);
  return { amplitude: level(deviation, count), slope: level(difference, pairs), observed: seen };
}
