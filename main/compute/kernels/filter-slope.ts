import { sure } from "../../../preload/contract/sure.ts";
import type { Trace } from "./kernel.ts";
import { padded, sliced } from "./shape.ts";
import type { Geometry } from "./spatial.ts";

interface Channels {
  readonly in: number;
  readonly out: number;
}

/**
 * The slope of a filter moved over time, as one matrix product over blocks of time. Blocks of m samples [b x rows, m out]
 * of dy meet the m + taps - 1 samples of x under them, which are whole blocks too and so are gathered in long copies.
 * The product holds every pair of samples of a block; those a tap apart are added up. It multiplies d m / taps times more
 * than it must, and copies d times where one product a tap copies `taps` times: on [64, 1200, 32] with nine taps
 * 24 ms against 39 for the unfolded image. Answers [taps, in, out], or nothing over a plane or with steps or gaps.
 */
export function filterSlopeOverTime(
  trace: Trace,
  x: string,
  dy: string,
  at: Geometry,
  channels: Channels,
): string | undefined {
  const { graph } = trace;
  const { batch } = at;
  const [taps, extent, count] = [sure(at.window[0]), sure(at.input[0]), sure(at.output[0])];
  const [before, after] = [sure(at.before[0]), sure(at.after[0])];
  const isPlain = at.window.length === 1 && at.strides[0] === 1 && (taps === 1 || at.dilations[0] === 1);
  if (!isPlain || batch * extent * channels.in * channels.out === 0) return undefined;

  const m = samplesABlock(taps, channels);
  const d = blocksUnder(taps, m);
  const rows = Math.ceil((before + extent + after) / m);
  const inBlocks = (name: string, samples: number, width: number, first: number): string => {
    const image = graph.reshape(name, [batch, samples, width]);
    const around = [0, 0] as const;
    const whole = padded(trace, image, [around, [first, rows * m - first - samples], around]);
    return graph.reshape(whole, [batch, rows, m * width]);
  };
  const seen = inBlocks(x, extent, channels.in, before);
  const wide = d === 1 ? seen : graph.emit("Gather", [seen, following(trace, rows, d)], { axis: 1 });
  const slopes = graph.reshape(inBlocks(dy, count, channels.out, 0), [batch * rows, m * channels.out]);
  const product = graph.emit("Gemm", [graph.reshape(wide, [batch * rows, d * m * channels.in]), slopes], {
    transA: 1,
    transB: 0,
  });
  graph.weigh(product, batch * count * taps * channels.in * channels.out);
  const grid = graph.reshape(product, [d * m, channels.in, m, channels.out]);
  const shares = Array.from({ length: m }, (_, sample) =>
    graph.reshape(
      sliced(trace, grid, [
        { axis: 0, begin: sample, end: sample + taps },
        { axis: 2, begin: sample, end: sample + 1 },
      ]),
      [taps, channels.in, channels.out],
    ),
  );
  return shares.length === 1 ? sure(shares[0]) : graph.emit("Sum", shares);
}

/** The d blocks from each on, [rows, d]; past the end the last again, which meets only zeros of dy. */
function following({ graph }: Trace, rows: number, d: number): string {
  const scalar = (value: number): string => graph.constant("int64", [], [value]);
  const first = graph.reshape(graph.emit("Range", [scalar(0), scalar(rows), scalar(1)]), [rows, 1]);
  const offsets = graph.constant("int64", [1, d], Array(d).keys());
  return graph.emit("Min", [graph.emit("Add", [first, offsets]), scalar(rows - 1)]);
}

const blocksUnder = (taps: number, m: number): number => Math.ceil((taps - 1) / m) + 1;

const COPY = 60; // multiplications in the time of copying one number
const FULL_WIDTH = 64; // columns from which on a product runs at full speed

/** The block for which multiplications and copies together cost least. */
function samplesABlock(taps: number, channels: Channels): number {
  const cost = (m: number): number => {
    const speed = Math.sqrt(Math.min(1, (m * channels.out) / FULL_WIDTH));
    return blocksUnder(taps, m) * channels.in * ((m * channels.out) / speed + COPY);
  };
  return [1, 2, 4, 8, 16].reduce((best, m) => (cost(m) < cost(best) ? m : best));
}
