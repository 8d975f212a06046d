import {
  add,
  broadcast_util,
  cast,
  cumsum,
  engine,
  exp,
  getBackend,
  greaterEqual,
  less,
  mul,
  pad,
  registerGradient,
  reshape,
  reverse,
  sigmoid,
  slice,
  stridedSlice,
  sub,
  sum,
  unregisterGradient,
  zeros,
} from "@tensorflow/tfjs-core";
import type {
  Conv2DAttrs,
  CumsumAttrs,
  GradFunc,
  MirrorPadAttrs,
  NamedAttrMap,
  Tensor,
  Tensor4D,
} from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops"; // some of its gradients call methods
import "@tensorflow/tfjs-core/dist/register_all_gradients";
import { sure } from "../../preload/contract/sure.ts";
import { isRecorder } from "./backend-name.ts";

/*
 * TensorFlow.js's gradients with their known faults repaired: no broadcasting for maximum, minimum and squared
 * difference; a transposed result for cumsum along any axis but the last; mirrored edges ignored by mirrorPad; no
 * dilated convolution; no way through a comparison; second derivatives of exp and sigmoid that lose a part. Each is held
 * against finite differences in op-battery.test.ts.
 */

/** `saved`: a tensor for each name. */
type Repaired<Attrs, Names> = (
  dy: Tensor,
  saved: { readonly [Index in keyof Names]: Tensor },
  attrs: Attrs,
) => ReturnType<GradFunc>;

function repair<Attrs, const Names extends string[]>(
  kernelName: string,
  inputsToSave: Names,
  gradFunc: Repaired<Attrs, Names>,
): void {
  unregisterIfKnown(kernelName);
  registerGradient({
    kernelName,
    inputsToSave,
    gradFunc: (dy, saved, attrs: NamedAttrMap) =>
      gradFunc(dy as Tensor, saved as { [Index in keyof Names]: Tensor }, attrs as Attrs),
  });
}

function unregisterIfKnown(kernelName: string): void {
  try {
    unregisterGradient(kernelName);
  } catch {
    // TensorFlow.js has none, which it reports by throwing
  }
}

/** Sums a gradient over the axes along which its input was broadcast. */
function summedTo(gradient: Tensor, { shape }: Tensor): Tensor {
  const axes = broadcast_util.getReductionAxes(shape, gradient.shape);
  return reshape(axes.length > 0 ? sum(gradient, axes) : gradient, shape);
}

repair("Maximum", ["a", "b"], (dy, [a, b]) => ({
  a: () => summedTo(mul(dy, cast(greaterEqual(a, b), "float32")), a),
  b: () => summedTo(mul(dy, cast(less(a, b), "float32")), b),
}));
repair("Minimum", ["a", "b"], (dy, [a, b]) => ({
  a: () => summedTo(mul(dy, cast(greaterEqual(b, a), "float32")), a),
  b: () => summedTo(mul(dy, cast(less(b, a), "float32")), b),
}));
repair("SquaredDifference", ["a", "b"], (dy, [a, b]) => ({
  a: () => summedTo(mul(dy, mul(2, sub(a, b))), a),
  b: () => summedTo(mul(dy, mul(2, sub(b, a))), b),
}));

/*
 * These save what came out of them, which TensorFlow.js notes on its tape before the op that made it: a second derivative
 * lost what goes through it. Made anew of what went in it is there, and recorded it is the same node.
 */
repair("Exp", ["x"], (dy, [x]) => ({ x: () => mul(dy, exp(x)) }));
repair("Sigmoid", ["x"], (dy, [x]) => ({ x: () => mul(dy, mul(sigmoid(x), sub(1, sigmoid(x)))) }));

repair("Cumsum", ["x"], (dy, _, { axis, exclusive, reverse: reversed }: CumsumAttrs) => ({
  x: () => cumsum(dy, axis, exclusive, !reversed),
}));

/** A condition does not change with its operands: the gradient is zero, not missing. */
for (const kernelName of [
  "Equal",
  "NotEqual",
  "Greater",
  "GreaterEqual",
  "Less",
  "LessEqual",
  "LogicalAnd",
  "LogicalOr",
]) {
  repair(kernelName, ["a", "b"], (_, [a, b]) => ({ a: () => zeros(a.shape), b: () => zeros(b.shape) }));
}
repair("LogicalNot", ["x"], (_, [x]) => ({ x: () => zeros(x.shape) }));

/** What an edge mirrored is added to where it was mirrored from, axis by axis, the last padded first undone. */
repair("MirrorPad", ["x"], (dy, [x], { paddings, mode }: MirrorPadAttrs) => ({
  x: () =>
    paddings.reduce(
      (gradient, [before, after], axis) =>
        folded(gradient, {
          axis,
          before,
          after,
          size: sure(x.shape[axis]),
          edge: mode === "reflect" ? 0 : 1,
        }),
      dy,
    ),
}));

interface Fold {
  readonly axis: number;
  readonly before: number;
  readonly after: number;
  readonly size: number;
  readonly edge: number;
}
function folded(gradient: Tensor, { axis, before, after, size, edge }: Fold): Tensor {
  const part = (from: number, count: number): Tensor =>
    slice(
      gradient,
      gradient.shape.map((_, at) => (at === axis ? from : 0)),
      gradient.shape.map((extent, at) => (at === axis ? count : extent)),
    );
  const placed = (mirrored: Tensor, from: number, count: number): Tensor =>
    pad(
      reverse(mirrored, axis),
      gradient.shape.map((_, at) => (at === axis ? [from, size - from - count] : [0, 0])),
    );
  const centre = part(before, size);
  const left = before === 0 ? centre : add(centre, placed(part(0, before), 1 - edge, before));
  return after === 0 ? left : add(left, placed(part(before + size, after), size - 1 - after + edge, after));
}

/**
 * Convolution, dilated too. The recorder has kernels for it; elsewhere a dilated window is a wider one with zeros
 * between its taps: exact, and as slow as it sounds.
 */
repair("Conv2D", ["x", "filter"], (dy, [x, saved], attrs: Conv2DAttrs) => {
  const filter = saved as Tensor4D;
  const [dilationHeight, dilationWidth] =
    typeof attrs.dilations === "number" ? [attrs.dilations, attrs.dilations] : attrs.dilations;
  const dilated = dilationHeight > 1 || dilationWidth > 1;
  const spread =
    dilated && !isRecorder(getBackend()) ? { height: dilationHeight, width: dilationWidth } : undefined;
  const inner = { ...attrs, dilations: spread === undefined ? attrs.dilations : 1 };
  const run = (kernel: string, inputs: Record<string, Tensor>, extra: NamedAttrMap): Tensor =>
    engine().runKernel(kernel, inputs, { ...inner, ...extra });
  return {
    x: () => {
      const window = spread === undefined ? filter : widened(filter, spread.height, spread.width);
      return run("Conv2DBackpropInput", { dy, filter: window }, { inputShape: x.shape });
    },
    filter: () => {
      if (spread === undefined)
        return run("Conv2DBackpropFilter", { x: x, dy }, { filterShape: filter.shape });
      const [height, width, channels, out] = filter.shape;
      const wide = [(height - 1) * spread.height + 1, (width - 1) * spread.width + 1, channels, out];
      const all = run("Conv2DBackpropFilter", { x: x, dy }, { filterShape: wide });
      return stridedSlice(all, [0, 0, 0, 0], wide, [spread.height, spread.width, 1, 1]);
    },
  };
});

/** [h, w, in, out] with zeros between the taps. */
function widened(filter: Tensor4D, height: number, width: number): Tensor4D {
  const [h, w, channels, out] = filter.shape;
  const apart = pad(reshape(filter, [h, 1, w, 1, channels * out]), [
    [0, 0],
    [0, height - 1],
    [0, 0],
    [0, width - 1],
    [0, 0],
  ]);
  return slice(
    reshape(apart, [h * height, w * width, channels, out]),
    [0, 0, 0, 0],
    [(h - 1) * height + 1, (w - 1) * width + 1, channels, out],
  ) as Tensor4D;
}
