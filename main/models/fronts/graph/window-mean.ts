import { concat, greaterEqual, mul, type Tensor2D } from "@tensorflow/tfjs-core";
import { sampleAt } from "../../../signal/window.ts";
import { COLUMNS, MIN_OBSERVED } from "../window-mean.ts";
import type { FrontGraph } from "./front-graph.ts";
import { asNumber, leastCount, membership, partMeans, row } from "./tensor-parts.ts";

/** First sample and exclusive end of each tenth of a window that begins on a sample. */
function partsOf(windowS: number, sampleRate: number): readonly { from: number; to: number }[] {
  const partS = windowS / COLUMNS;
  return Array.from({ length: COLUMNS }, (_, column) => {
    const from = sampleAt(column * partS, sampleRate);
    return { from, to: Math.max(from + 1, sampleAt((column + 1) * partS, sampleRate)) };
  });
}

/** ../window-mean.ts in tensors; the same for windows that begin on a sample, where every tenth has the same length. */
export const windowMeanGraph: FrontGraph = {
  front: "window-mean",
  samples: (windowS, sampleRate) => Math.max(...partsOf(windowS, sampleRate).map(({ to }) => to)),
  features(channels, { windowS }) {
    const rows = channels.map(({ facts, values, observed }) => {
      const parts = partsOf(windowS, facts.sampleRate);
      const inside = membership(
        values.shape[1],
        row(parts.map(({ from }) => from)),
        row(parts.map(({ to }) => to)),
      );
      const { mean, count } = partMeans(values, observed, inside);
      const needed = row(parts.map(({ from, to }) => leastCount(MIN_OBSERVED, to - from)));
      const seen = asNumber(greaterEqual(count, needed));
      return { x: mul(mean, seen) as Tensor2D, observed: seen };
    });
    return {
      x: concat(
        rows.map(({ x }) => x),
        1,
      ),
      observed: concat(
        rows.map(({ observed }) => observed),
        1,
      ),
    };
  },
};
