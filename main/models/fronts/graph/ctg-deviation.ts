import {
  add,
  argMin,
  cast,
  clipByValue,
  concat,
  cumsum,
  div,
  equal,
  floor,
  gather,
  greater,
  greaterEqual,
  less,
  lessEqual,
  logicalAnd,
  maximum,
  mul,
  neg,
  onesLike,
  pad,
  relu,
  reshape,
  slice,
  sub,
  sum,
  tensor1d,
  topk,
  transpose,
  where,
  zerosLike,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
} from "@tensorflow/tfjs-core";
import { AppError } from "../../../../preload/contract/errors.ts";
import { sure } from "../../../../preload/contract/sure.ts";
import { BIN_S, ctgDeviation, rolesOf } from "../ctg-deviation.ts";
import { CONSTANT_UC_S, FHR_RANGE_BPM, levels, MIN_QUANTILE_S, MIN_RUN_S } from "../ctg-seconds.ts";
import type { FrontGraph, GraphChannel, Place } from "./front-graph.ts";
import { asNumber, indexColumn, indexRow, membership, partMeans, row } from "./tensor-parts.ts";

/** Every running quantile has its exact values at multiples of this from the recording's start. */
const GRID_S = 15;
/** Runs are judged by what lies this far beyond: as long as the longest run there is a rule for. */
const MARGIN_S = CONSTANT_UC_S;
const REACH_S = levels.span.halfWidth;
/** Signal before the window: what the widest quantile at the grid point before the window looks at. */
const BEFORE_S = MARGIN_S + REACH_S + GRID_S;
/** Stands behind everything that is observed when it is put in order. */
const LAST = 1e9;

/** The window lies in [BEFORE_S, BEFORE_S + GRID_S + windowS) of the signal; seconds of this stretch are compared with levels. */
const regionOf = (windowS: number): { from: number; to: number } => ({
  from: BEFORE_S,
  to: BEFORE_S + GRID_S + Math.ceil(windowS) + 1,
});
const lengthOf = (windowS: number): number =>
  GRID_S * Math.ceil((regionOf(windowS).to + GRID_S + REACH_S + MARGIN_S) / GRID_S);

/**
 * ../ctg-deviation.ts in tensors, with about a quarter of an hour of signal on each side of the window. Where less than
 * 30 s of signal lie within a level's reach, the front takes the nearest stretch that has enough from the whole
 * recording and this from the signal it is given; without any the level is unknown.
 */
export const ctgDeviationGraph: FrontGraph = {
  front: "ctg-deviation",
  context: { beforeS: BEFORE_S, stepS: GRID_S, lengthS: lengthOf },
  samples(windowS, sampleRate) {
    if (Number.isInteger(sampleRate)) return lengthOf(windowS) * sampleRate;
    throw new AppError(
      "model/cannot-export",
      `A CTG channel of ${sampleRate} Hz has no exact form in a model file; it needs a whole number of samples a second`,
      { sampleRate },
    );
  },
  features(channels, place) {
    const roles = rolesOf({ channels: channels.map(({ facts }) => facts) });
    const { columns } = ctgDeviation.layout([], place.windowS);
    const onset = place.onsetS as Tensor2D;
    const from = floor(add(add(onset, row(Array.from({ length: columns }, (_, c) => c * BIN_S))), 0.5));
    const region = regionOf(place.windowS);
    const begin = sub(from, region.from);
    const inside = membership(region.to - region.from, begin as Tensor2D, add(begin, BIN_S) as Tensor2D);
    const rows = deviations(channels, roles, place).map(({ values, observed }) => {
      const { mean, count } = partMeans(values, observed, inside);
      const seen = asNumber(greaterEqual(count, BIN_S / 2));
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

/** One value a second with its mask, [1, seconds]. */
interface Seconds {
  readonly values: Tensor2D;
  readonly observed: Tensor2D;
}

function deviations(
  channels: readonly GraphChannel[],
  roles: { readonly fhr: number; readonly uc: number | undefined },
  place: Place,
): readonly Seconds[] {
  const region = regionOf(place.windowS);
  const inRegion = (x: Tensor2D): Tensor2D => slice(x, [0, region.from], [1, region.to - region.from]);
  const cut = ({ values, observed }: Seconds): Seconds => ({
    values: inRegion(values),
    observed: inRegion(observed),
  });
  const fhrChannel = channels[roles.fhr] as GraphChannel;
  const fhr = meansOfSeconds(fhrChannel, believableRate(fhrChannel), place);
  const ucChannel = roles.uc === undefined ? undefined : (channels[roles.uc] as GraphChannel);
  const uc = ucChannel
    ? meansOfSeconds(ucChannel, withoutConstant(ucChannel), place)
    : { values: zerosLike(fhr.values), observed: zerosLike(fhr.observed) };
  const [slow] = quantiles(fhr, levels.slow, [0.5], place) as [Level];
  const [fast] = quantiles(fhr, levels.fast, [0.5], place) as [Level];
  const [tone] = quantiles(uc, levels.tone, [0.1], place) as [Level];
  const [low, high] = quantiles(uc, levels.span, [0.1, 0.95], place) as [Level, Level];
  const [rate, activity] = [cut(fhr), cut(uc)];
  const against = (of: Seconds, known: readonly Level[], value: (x: Tensor2D) => Tensor): Seconds => {
    const observed = known.reduce((seen, level) => mul(seen, level.isKnown) as Tensor2D, of.observed);
    return { values: mul(value(of.values), observed), observed };
  };
  const mask = ({ observed }: Seconds): Seconds => ({ values: observed, observed: onesLike(observed) });
  return [
    against(rate, [slow], (x) => div(sub(x, slow.values), 20)),
    against(rate, [fast], (x) => div(sub(x, fast.values), 20)),
    against(rate, [], (x) => div(sub(x, 140), 40)),
    mask(rate),
    against(activity, [tone, low, high], (x) =>
      clipByValue(div(sub(x, tone.values), maximum(sub(high.values, low.values), 5)), -1.5, 3),
    ),
    against(activity, [], (x) => div(sub(x, 30), 30)),
    mask(activity),
  ];
}

/** Rates out of range, and runs of good ones that are too short, do not count. [1, samples] */
function believableRate({ facts, values, observed }: GraphChannel): Tensor2D {
  const [lowest, highest] = FHR_RANGE_BPM;
  const inRange = asNumber(logicalAnd(greaterEqual(values, lowest), lessEqual(values, highest)));
  return longRuns(mul(inRange, observed), Math.ceil(MIN_RUN_S * facts.sampleRate));
}

/** A value that does not move for a minute does not count. */
function withoutConstant({ facts, values, observed }: GraphChannel): Tensor2D {
  const samples = values.shape[1];
  const at = (x: Tensor2D, from: number): Tensor2D => slice(x, [0, from], [1, samples - 1]);
  const isSame = asNumber(equal(at(values, 0), at(values, 1)));
  const alike = mul(isSame, mul(at(observed, 0), at(observed, 1))) as Tensor2D;
  const still = longRuns(alike, Math.ceil(CONSTANT_UC_S * facts.sampleRate) - 1); // pairs of neighbours
  const constant = maximum(
    pad(still, [
      [0, 0],
      [0, 1],
    ]),
    pad(still, [
      [0, 0],
      [1, 0],
    ]),
  );
  return mul(observed, sub(1, constant));
}

/** Keeps the ones that stand in an unbroken run of at least `length`. [1, n] of 0 and 1 */
function longRuns(x: Tensor2D, length: number): Tensor2D {
  const whole = asNumber(greaterEqual(runningSum(x, length), length)); // a whole run begins here: [1, n - length + 1]
  const begun = pad(whole, [
    [0, 0],
    [length - 1, length - 1],
  ]);
  return asNumber(greater(runningSum(begun, length), 0));
}

/** Sums of `length` neighbours. Exact for counts. [1, n] -> [1, n − length + 1] */
function runningSum(x: Tensor2D, length: number): Tensor2D {
  const sums = pad(cumsum(x, 1), [
    [0, 0],
    [1, 0],
  ]);
  const count = x.shape[1] - length + 1;
  return sub(slice(sums, [0, length], [1, count]), slice(sums, [0, 0], [1, count]));
}

/** Means a second; a second counts where half of its samples do. The recording's last one may be short. */
function meansOfSeconds({ facts, values }: GraphChannel, believed: Tensor2D, { endS }: Place): Seconds {
  const rate = facts.sampleRate;
  const seconds = values.shape[1] / rate;
  const perSecond = (x: Tensor2D): Tensor2D => reshape(sum(reshape(x, [seconds, rate]), 1), [1, seconds]);
  const count = perSecond(believed);
  const total = perSecond(mul(values, believed));
  const size = clipByValue(mul(sub(endS as Tensor2D, indexRow(seconds)), rate), 0, rate);
  const half = sub(mul(size, 0.5), 1e-3);
  const observed = asNumber(logicalAnd(greaterEqual(count, 1), greaterEqual(count, half)));
  return { values: mul(div(total, maximum(count, 1)), observed), observed };
}

/** A running quantile in the region, and whether there is one. [1, seconds], [1, 1] */
interface Level {
  readonly values: Tensor2D;
  readonly isKnown: Tensor2D;
}

interface Knots {
  readonly at: readonly number[]; // second of each
  readonly wanted: { readonly from: number; readonly to: number }; // those the region lies between
}

/** Where a quantile can be computed from the whole of its reach. */
function knotsOf(windowS: number, { halfWidth, step }: { halfWidth: number; step: number }): Knots {
  const first = step * Math.ceil((MARGIN_S + halfWidth) / step);
  const last = step * Math.floor((lengthOf(windowS) - MARGIN_S - halfWidth - 1) / step);
  const at = Array.from({ length: (last - first) / step + 1 }, (_, k) => first + k * step);
  const region = regionOf(windowS);
  return {
    at,
    wanted: { from: at.findLastIndex((s) => s <= region.from), to: at.findIndex((s) => s >= region.to) + 1 },
  };
}

/** ../../../signal/quantile.ts: exact at the knots, linear in between, the nearest knot that has enough standing in. */
function quantiles(
  { values, observed }: Seconds,
  running: { readonly halfWidth: number; readonly step: number },
  shares: readonly number[],
  { windowS, endS }: Place,
): readonly Level[] {
  const { halfWidth, step } = running;
  const { at, wanted } = knotsOf(windowS, running);
  const reach = 2 * halfWidth + 1;
  const first = sure(at[0]);
  const frames = cast(
    add(add(mul(indexColumn(at.length), step), indexRow(reach)), first - halfWidth),
    "int32",
  ) as Tensor2D;
  const flat = (x: Tensor2D): Tensor1D => reshape(x, [x.shape[1]]);
  const framed = (x: Tensor2D): Tensor2D => gather(flat(x) as Tensor, frames) as Tensor2D; // [knots, reach]
  const seen = framed(observed);
  const candidates = where(greater(seen, 0), framed(values), mul(onesLike(seen), LAST));
  const ordered = neg(topk(neg(candidates), reach, true).values) as Tensor2D;
  const count: Tensor2D = sum(seen, 1, true); // [knots, 1]
  const isEnough = asNumber(greaterEqual(count, MIN_QUANTILE_S));
  const nearest = nearestKnot(isEnough, wanted);
  const isKnown = reshape(asNumber(greater(sum(isEnough), 0)), [1, 1]) as Tensor2D;
  return shares.map((share) => {
    const position = mul(relu(sub(count, 1)), share);
    const below = floor(position) as Tensor2D;
    const pick = (place: Tensor2D): Tensor2D =>
      sum(mul(ordered, asNumber(equal(indexRow(reach), place))), 1, true);
    const low = pick(below);
    const high = pick(minimumOf(add(below, 1) as Tensor2D, relu(sub(count, 1))));
    const exact = add(low, mul(sub(high, low), sub(position, below))); // [knots, 1]
    const filled = gather(reshape(exact, [at.length]), nearest); // [wanted]
    const inside = lastKnotHeld(filled as Tensor1D, at.slice(wanted.from, wanted.to), endS as Tensor2D);
    return { values: between(inside, sure(at[wanted.from]), step, windowS), isKnown };
  });
}

const minimumOf = (a: Tensor2D, b: Tensor): Tensor2D => neg(maximum(neg(a), neg(b)));

/** For each wanted knot the nearest one that has enough, the earlier of two; int32 [wanted] */
function nearestKnot(isEnough: Tensor2D, { from, to }: Knots["wanted"]): Tensor1D {
  const knots = isEnough.shape[0];
  const other = indexRow(knots);
  const own = add(indexColumn(to - from), from);
  const ahead = sub(other, own);
  const distance = maximum(mul(ahead, 2), add(mul(ahead, -2), -1)); // 2 |ahead|, less one where it lies behind
  const missing = mul(sub(1, transpose(isEnough)), LAST);
  return argMin(add(distance, missing), 1);
}

/** Past the recording's last knot its value stays. filled: [n] */
function lastKnotHeld(filled: Tensor1D, at: readonly number[], endS: Tensor2D): Tensor1D {
  const before = concat([slice(filled, [0], [1]), slice(filled, [0], [at.length - 1])]);
  const exists = less(tensor1d([...at]), reshape(endS, [1]));
  return where(exists, filled, before);
}

/** Linear between the knots, for every second of the region. */
function between(knots: Tensor1D, firstS: number, step: number, windowS: number): Tensor2D {
  const region = regionOf(windowS);
  const seconds = Array.from(
    { length: region.to - region.from },
    (_, i) => (region.from + i - firstS) / step,
  );
  const take = (places: readonly number[]): Tensor2D =>
    reshape(gather(knots, tensor1d([...places], "int32")), [1, seconds.length]);
  const low = take(seconds.map((at) => Math.floor(at)));
  const high = take(seconds.map((at) => Math.min(Math.floor(at) + 1, knots.shape[0] - 1)));
  return add(low, mul(sub(high, low), row(seconds.map((at) => at - Math.floor(at)))));
}
