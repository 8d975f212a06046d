import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import { sure } from "../../../preload/contract/sure.ts";
import type { TensorSpec } from "../tensors.ts";

/** One op on a small input: what each runtime must reproduce, forward and backward. */
export interface OpCase {
  readonly name: string;
  readonly kernels: readonly string[]; // of TensorFlow.js, that this case is there for
  readonly inputs: readonly (TensorSpec & { readonly from: number; readonly to: number })[];
  readonly run: (...inputs: Tensor[]) => Tensor;
  readonly gradient: boolean; // by the float32 inputs
  readonly referenceGradientWrong?: true; // TensorFlow.js's own kernel errs: finite differences decide alone
}

type Range = readonly [from: number, to: number];
const ordinary: Range = [-2, 2];
const positive: Range = [0.3, 3];

const floats = (shape: readonly number[], [from, to]: Range = ordinary): OpCase["inputs"][number] => ({
  shape,
  dtype: "float32",
  from,
  to,
});
const indices = (shape: readonly number[], size: number, from = 0): OpCase["inputs"][number] => ({
  shape,
  dtype: "int32",
  from,
  to: size,
});

const smooth = (kernel: string, run: OpCase["run"], ...inputs: OpCase["inputs"]): OpCase => ({
  name: kernel,
  kernels: [kernel],
  inputs,
  run,
  gradient: true,
});
const named = (name: string, opCase: OpCase, extra: Partial<OpCase> = {}): OpCase => ({
  ...opCase,
  ...extra,
  name: `${opCase.name}, ${name}`,
});
const flat = (opCase: OpCase): OpCase => ({ ...opCase, gradient: false });

const unary = (kernel: string, run: (x: Tensor) => Tensor, range: Range = ordinary): OpCase =>
  smooth(kernel, run, floats([2, 3], range));
const binary = (kernel: string, run: (a: Tensor, b: Tensor) => Tensor, range: Range = ordinary): OpCase[] => [
  smooth(kernel, run, floats([2, 3], range), floats([2, 3], range)),
  named("broadcast", smooth(kernel, run, floats([2, 1, 3], range), floats([4, 1], range))),
  named("scalar", smooth(kernel, run, floats([2, 3], range), floats([], range))),
];
const comparison = (kernel: string, run: (a: Tensor, b: Tensor) => Tensor): OpCase[] => [
  flat(smooth(kernel, (a, b) => tf.cast(run(a, b), "float32"), floats([3, 4]), floats([4]))),
  flat(
    named(
      "integers",
      smooth(kernel, (a, b) => tf.cast(run(a, b), "float32"), indices([3, 4], 3), indices([4], 3)),
    ),
  ),
];
const bools = (x: Tensor): Tensor => tf.greater(x, 0);
const logical = (kernel: string, run: (a: Tensor, b: Tensor) => Tensor): OpCase =>
  flat(smooth(kernel, (a, b) => tf.cast(run(bools(a), bools(b)), "float32"), floats([3, 4]), floats([4])));

const elementwise: OpCase[] = [
  unary("Abs", tf.abs),
  unary("Acos", tf.acos, [-0.8, 0.8]),
  unary("Acosh", tf.acosh, [1.2, 3]),
  unary("Asin", tf.asin, [-0.8, 0.8]),
  unary("Asinh", tf.asinh),
  unary("Atan", tf.atan),
  unary("Atanh", tf.atanh, [-0.8, 0.8]),
  unary("Cos", tf.cos),
  unary("Cosh", tf.cosh),
  unary("Erf", tf.erf),
  unary("Exp", tf.exp),
  unary("Expm1", tf.expm1),
  named("near zero", flat(unary("Expm1", tf.expm1, [-1e-4, 1e-4]))),
  unary("Log", tf.log, positive),
  unary("Log1p", tf.log1p, positive),
  named("near zero", flat(unary("Log1p", tf.log1p, [-1e-4, 1e-4]))),
  unary("Neg", tf.neg),
  unary("Reciprocal", tf.reciprocal, positive),
  unary("Relu", tf.relu),
  unary("Relu6", tf.relu6, [-3, 9]),
  unary("Sigmoid", tf.sigmoid),
  named(
    "second derivative",
    unary("Exp", (x) => tf.grad(tf.exp)(x)),
  ),
  named(
    "second derivative",
    unary("Sigmoid", (x) => tf.grad(tf.sigmoid)(x)),
  ),
  unary("Sin", tf.sin),
  unary("Sinh", tf.sinh),
  unary("Softplus", tf.softplus),
  unary("Sqrt", tf.sqrt, positive),
  unary("Rsqrt", tf.rsqrt, positive),
  unary("Square", tf.square),
  unary("Tan", tf.tan, [-1, 1]),
  unary("Tanh", tf.tanh),
  unary("Selu", tf.selu),
  unary("Elu", tf.elu),
  named("its gradient", unary("EluGrad", tf.elu)),
  unary("LeakyRelu", (x) => tf.leakyRelu(x, 0.3)),
  named("a slope a channel", smooth("Prelu", tf.prelu, floats([2, 3]), floats([3]))),
  flat(unary("Ceil", tf.ceil)),
  flat(unary("Floor", tf.floor)),
  flat(unary("Round", tf.round)),
  flat(unary("Sign", tf.sign)),
  flat(unary("Step", (x) => tf.step(x))),
  named("a slope below", flat(unary("Step", (x) => tf.step(x, 0.25)))),
  unary("ClipByValue", (x) => tf.clipByValue(x, -0.5, 1)),
  unary("Identity", (x) => tf.clone(x)),
  flat(unary("IsNan", (x) => tf.cast(tf.isNaN(tf.log(x)), "float32"))),
  flat(unary("IsInf", (x) => tf.cast(tf.isInf(tf.div(x, tf.step(x))), "float32"))),
  flat(unary("IsFinite", (x) => tf.cast(tf.isFinite(tf.div(x, tf.step(x))), "float32"))),
  ...binary("Add", tf.add),
  ...binary("Sub", tf.sub),
  ...binary("Multiply", tf.mul),
  ...binary("RealDiv", tf.div, positive),
  ...binary("Maximum", tf.maximum),
  ...binary("Minimum", tf.minimum),
  ...binary("Pow", tf.pow, positive),
  ...binary("SquaredDifference", tf.squaredDifference),
  ...binary("Atan2", tf.atan2).slice(0, 2),
  flat(sure(binary("Mod", tf.mod)[0])),
  named(
    "integers",
    flat(
      smooth("Mod", (a, b) => tf.cast(tf.mod(a, b), "float32"), indices([20], 9, -9), indices([20], 5, 1)),
    ),
  ),
  named(
    "negative divisor",
    flat(
      smooth(
        "Mod",
        (a, b) => tf.cast(tf.mod(a, tf.neg(b)), "float32"),
        indices([20], 9, -9),
        indices([20], 5, 1),
      ),
    ),
  ),
  flat(sure(binary("FloorDiv", tf.floorDiv, positive)[0])),
  named(
    "integers",
    flat(
      smooth(
        "FloorDiv",
        (a, b) => tf.cast(tf.floorDiv(a, b), "float32"),
        indices([20], 9, -9),
        indices([20], 5, 1),
      ),
    ),
  ),
  smooth("AddN", (a, b, c) => tf.addN([a, b, c]), floats([2, 3]), floats([2, 3]), floats([2, 3])),
  ...comparison("Equal", tf.equal),
  ...comparison("NotEqual", tf.notEqual),
  ...comparison("Greater", tf.greater),
  ...comparison("GreaterEqual", tf.greaterEqual),
  ...comparison("Less", tf.less),
  ...comparison("LessEqual", tf.lessEqual),
  logical("LogicalAnd", tf.logicalAnd),
  logical("LogicalOr", tf.logicalOr),
  flat(unary("LogicalNot", (x) => tf.cast(tf.logicalNot(bools(x)), "float32"))),
  named("to integers and back", flat(unary("Cast", (x) => tf.cast(tf.cast(x, "int32"), "float32")))),
  named(
    "a gradient passes",
    unary("Cast", (x) => tf.mul(tf.cast(x, "float32"), 2)),
  ),
  smooth(
    "Select",
    (c, a, b) => tf.where(tf.greater(c, 0), a, b),
    floats([2, 3]),
    floats([2, 3]),
    floats([2, 3]),
  ),
  named(
    "a mask a column",
    smooth(
      "Select",
      (c, a, b) => tf.where(tf.greater(c, 0), a, b),
      floats([1, 3]),
      floats([2, 3]),
      floats([2, 1]),
    ),
  ),
];

const reduction = (
  kernel: string,
  run: (x: Tensor, axis?: number | number[], keep?: boolean) => Tensor,
  range: Range = ordinary,
): OpCase[] => [
  named(
    "all",
    smooth(kernel, (x) => run(x), floats([2, 3, 2], range)),
  ),
  named(
    "last axis",
    smooth(kernel, (x) => run(x, -1), floats([3, 4], range)),
  ),
  named(
    "two axes, kept",
    smooth(kernel, (x) => run(x, [0, 2], true), floats([2, 3, 2], range)),
  ),
  named(
    "an axis of one",
    smooth(kernel, (x) => run(x, 1), floats([3, 1, 2], range)),
  ),
];
const asFloat =
  (run: (x: Tensor) => Tensor) =>
  (x: Tensor): Tensor =>
    tf.cast(run(x), "float32");

const reductions: OpCase[] = [
  ...reduction("Sum", tf.sum),
  ...reduction("Mean", tf.mean),
  ...reduction("Max", tf.max),
  ...reduction("Min", tf.min),
  named(
    "one axis",
    smooth("Prod", (x) => tf.prod(x, 1), floats([3, 4], positive)),
  ),
  named("of nothing", flat(smooth("Prod", (x) => tf.prod(x, 1), floats([3, 0])))),
  smooth("Cumprod", (x) => tf.prod(x, 0), floats([4, 2], positive)),
  named("exclusive, reversed", flat(smooth("Cumprod", (x) => tf.cumprod(x, 1, true, true), floats([3, 4])))),
  named(
    "of a scalar",
    smooth("Sum", (x) => tf.sum(x), floats([])),
  ),
  named("over an empty axis", flat(smooth("Sum", (x) => tf.sum(x, 1), floats([2, 0])))),
  flat(
    unary(
      "All",
      asFloat((x) => tf.all(bools(x), 1)),
    ),
  ),
  flat(
    unary(
      "Any",
      asFloat((x) => tf.any(bools(x), 0)),
    ),
  ),
  flat(
    smooth(
      "ArgMax",
      asFloat((x) => tf.argMax(x, 1)),
      floats([4, 5]),
    ),
  ),
  flat(
    smooth(
      "ArgMin",
      asFloat((x) => tf.argMin(x, 0)),
      floats([4, 5]),
    ),
  ),
  named(
    "the first of equals",
    flat(
      smooth(
        "ArgMax",
        asFloat((x) => tf.argMax(x, 1)),
        indices([6, 8], 2),
      ),
    ),
  ),
  smooth("Cumsum", (x) => tf.cumsum(x, 1), floats([3, 4])),
  named(
    "exclusive, reversed",
    smooth("Cumsum", (x) => tf.cumsum(x, 0, true, true), floats([3, 4])),
  ),
  flat(smooth("TopK", (x) => tf.topk(x, 3).values, floats([4, 7]))),
  named(
    "indices",
    flat(
      smooth(
        "TopK",
        asFloat((x) => tf.topk(x, 3).indices),
        floats([4, 7]),
      ),
    ),
  ),
  smooth("Softmax", (x) => tf.softmax(x), floats([3, 4])),
  smooth("LogSoftmax", (x) => tf.logSoftmax(x), floats([3, 4])),
  named(
    "log of a sum of exponentials",
    smooth("Max", (x) => tf.logSumExp(x, 1), floats([3, 4])),
  ),
  named(
    "with masked entries",
    smooth(
      "Max",
      (x, m) => tf.logSumExp(tf.add(x, tf.mul(tf.step(m), -1e9)), 1),
      floats([3, 4]),
      floats([3, 4]),
    ),
  ),
];

const shapes: OpCase[] = [
  smooth("Reshape", (x) => tf.reshape(x, [3, -1]), floats([2, 3])),
  smooth("ExpandDims", (x) => tf.expandDims(x, -1), floats([2, 3])),
  smooth("Transpose", (x) => tf.transpose(x, [2, 0, 1]), floats([2, 3, 4])),
  named(
    "twice",
    smooth("Transpose", (x) => tf.transpose(tf.transpose(x, [2, 0, 1]), [1, 0, 2]), floats([2, 3, 4])),
  ),
  smooth("Reverse", (x) => tf.reverse(x, [0, -1]), floats([2, 3, 2])),
  smooth("Slice", (x) => tf.slice(x, [1, 0], [2, -1]), floats([4, 3])),
  named(
    "nothing left out",
    smooth("Slice", (x) => tf.slice(x, [0, 0], [4, 3]), floats([4, 3])),
  ),
  flat(smooth("StridedSlice", (x) => tf.stridedSlice(x, [0, 1], [4, 6], [2, 2]), floats([4, 7]))),
  named("backwards", flat(smooth("StridedSlice", (x) => tf.stridedSlice(x, [3], [0], [-1]), floats([5])))),
  smooth("Concat", (a, b) => tf.concat([a, b], 1), floats([2, 3]), floats([2, 1])),
  named(
    "of an empty part",
    flat(smooth("Concat", (a, b) => tf.concat([a, b], 1), floats([2, 3]), floats([2, 0]))),
  ),
  smooth(
    "SplitV",
    (x) => {
      const [a, b] = tf.split(x, [1, 2], 1);
      return tf.mul(sure(a), sure(b));
    },
    floats([2, 3]),
  ),
  smooth("Pack", (a, b) => tf.stack([a, b], 1), floats([2, 3]), floats([2, 3])),
  smooth(
    "Unpack",
    (x) => {
      const [a, b] = tf.unstack(x, 1);
      return tf.mul(sure(a), sure(b));
    },
    floats([3, 2]),
  ),
  smooth(
    "PadV2",
    (x) =>
      tf.pad(
        x,
        [
          [1, 0],
          [0, 2],
        ],
        0.5,
      ),
    floats([2, 3]),
  ),
  smooth(
    "MirrorPad",
    (x) =>
      tf.mirrorPad(
        x,
        [
          [1, 1],
          [0, 2],
        ],
        "reflect",
      ),
    floats([3, 4]),
  ),
  named(
    "edge repeated",
    flat(
      smooth(
        "MirrorPad",
        (x) =>
          tf.mirrorPad(
            x,
            [
              [1, 1],
              [0, 2],
            ],
            "symmetric",
          ),
        floats([3, 4]),
      ),
    ),
  ),
  smooth("Tile", (x) => tf.tile(x, [2, 3]), floats([2, 2])),
  named(
    "of axes of one",
    smooth("Tile", (x) => tf.broadcastTo(x, [3, 2, 4]), floats([1, 2, 1])),
  ),
  smooth("ZerosLike", (x) => tf.add(tf.zerosLike(x), x), floats([2, 3])),
  smooth("OnesLike", (x) => tf.add(tf.onesLike(x), x), floats([2, 3])),
  smooth("Fill", (x) => tf.mul(x, tf.fill([2, 3], 2.5)), floats([2, 3])),
  named(
    "large",
    smooth("Fill", (x) => tf.mul(x, tf.fill([40, 3], 2.5)), floats([3])),
  ),
  smooth("LinSpace", (x) => tf.mul(x, tf.linspace(0, 1, 3)), floats([2, 3])),
  smooth("Range", (x) => tf.mul(x, tf.range(0, 3)), floats([2, 3])),
  flat(smooth("Diag", (x) => tf.diag(x), floats([4]))),
  smooth(
    "SpaceToBatchND",
    (x) =>
      tf.spaceToBatchND(
        x,
        [2, 3],
        [
          [0, 1],
          [2, 0],
        ],
      ),
    floats([2, 3, 4, 2]),
  ),
  named(
    "one axis",
    smooth("SpaceToBatchND", (x) => tf.spaceToBatchND(x, [2], [[1, 1]]), floats([1, 4, 3])),
  ),
  smooth(
    "BatchToSpaceND",
    (x) =>
      tf.batchToSpaceND(
        x,
        [2, 2],
        [
          [0, 1],
          [1, 0],
        ],
      ),
    floats([8, 2, 3, 2]),
  ),
  named(
    "dilated windows",
    smooth(
      "SpaceToBatchND",
      (x) => tf.pool(x as Tensor4D, [1, 2], "avg", "valid", [1, 2]),
      floats([1, 1, 8, 2]),
    ),
  ),
  flat(smooth("DepthToSpace", (x) => tf.depthToSpace(x as Tensor4D, 2), floats([2, 2, 3, 8]))),
];

const gathers: OpCase[] = [
  smooth("GatherV2", (x, i) => tf.gather(x, i, 1), floats([2, 5, 2]), indices([3], 5)),
  named(
    "rows of a batch",
    smooth("GatherV2", (x, i) => tf.gather(x, i, 1, 1), floats([2, 5, 2]), indices([2, 3], 5)),
  ),
  flat(smooth("GatherNd", (x, i) => tf.gatherND(x, i), floats([3, 4, 2]), indices([5, 2], 3))),
  flat(smooth("ScatterNd", (i, u) => tf.scatterND(i, u, [4, 3]), indices([6, 1], 4), floats([6, 3]))),
  flat(
    smooth(
      "TensorScatterUpdate",
      (x, u) => tf.tensorScatterUpdate(tf.clone(x), tf.tensor2d([[2], [0]], [2, 1], "int32"), u),
      floats([4, 3]),
      floats([2, 3]),
    ),
  ),
  flat(smooth("OneHot", (i) => tf.cast(tf.oneHot(i, 4, 2, -1), "float32"), indices([5], 6, -1))),
  smooth(
    "UnsortedSegmentSum",
    (x, i) => tf.unsortedSegmentSum(x, i as Tensor1D, 3),
    floats([6, 2]),
    indices([6], 3),
  ),
  named(
    "numbers outside",
    flat(
      smooth(
        "UnsortedSegmentSum",
        (x, i) => tf.unsortedSegmentSum(x, i as Tensor1D, 3),
        floats([8, 2]),
        indices([8], 5, -1),
      ),
    ),
  ),
];

const product = (transposeA: boolean, transposeB: boolean, ...batch: number[]): OpCase =>
  named(
    `${batch.length > 0 ? `batch of ${batch.join(" x ")}` : "one"}${transposeA ? ", first transposed" : ""}${transposeB ? ", second transposed" : ""}`,
    smooth(
      "BatchMatMul",
      (a, b) => tf.matMul(a, b, transposeA, transposeB),
      floats([...batch, ...(transposeA ? [3, 2] : [2, 3])]),
      floats([...batch, ...(transposeB ? [4, 3] : [3, 4])]),
    ),
  );
const both = [false, true];

const products: OpCase[] = [
  ...both.flatMap((a) => both.map((b) => product(a, b))),
  ...both.flatMap((a) => both.map((b) => product(a, b, 2))),
  product(false, false, 1),
  product(false, true, 2, 2),
  named(
    "fused with bias and relu",
    flat(
      smooth(
        "_FusedMatMul",
        (a, b, c) => tf.fused.matMul({ a, b, bias: c, activation: "relu" }),
        floats([2, 3]),
        floats([3, 4]),
        floats([4]),
      ),
    ),
  ),
  named(
    "fused with leaky relu",
    flat(
      smooth(
        "_FusedMatMul",
        (a, b) => tf.fused.matMul({ a, b, activation: "leakyrelu", leakyreluAlpha: 0.3 }),
        floats([2, 3]),
        floats([3, 4]),
      ),
    ),
  ),
  flat(smooth("Einsum", (a, b) => tf.einsum("bij,bjk->bik", a, b), floats([2, 3, 4]), floats([2, 4, 2]))),
];

const gradientKernels = ["Conv2D", "Conv2DBackpropInput", "Conv2DBackpropFilter"];
const conv1d = (
  name: string,
  x: number[],
  w: number[],
  stride: number,
  pad: "same" | "valid",
  dilation = 1,
): OpCase => ({
  ...named(
    name,
    smooth(
      "conv1d",
      (a, b) => tf.conv1d(a as Tensor3D, b as Tensor3D, stride, pad, "NWC", dilation),
      floats(x),
      floats(w),
    ),
  ),
  kernels: gradientKernels,
});
const conv2d = (
  name: string,
  x: number[],
  w: number[],
  stride: number | [number, number],
  pad: Parameters<typeof tf.conv2d>[3],
  dilation: number | [number, number] = 1,
): OpCase => ({
  ...named(
    name,
    smooth(
      "conv2d",
      (a, b) => tf.conv2d(a as Tensor4D, b as Tensor4D, stride, pad, "NHWC", dilation),
      floats(x),
      floats(w),
    ),
  ),
  kernels: gradientKernels,
});
const depthwise = (
  name: string,
  x: number[],
  w: number[],
  stride: number,
  pad: "same" | "valid",
): OpCase => ({
  ...named(
    name,
    smooth(
      "depthwiseConv2d",
      (a, b) => tf.depthwiseConv2d(a as Tensor4D, b as Tensor4D, stride, pad),
      floats(x),
      floats(w),
    ),
  ),
  kernels: [
    "DepthwiseConv2dNative",
    "DepthwiseConv2dNativeBackpropInput",
    "DepthwiseConv2dNativeBackpropFilter",
  ],
});

const convolutions: OpCase[] = [
  conv1d("same", [2, 7, 2], [3, 2, 3], 1, "same"),
  conv1d("valid", [2, 7, 2], [3, 2, 3], 1, "valid"),
  conv1d("even window", [2, 6, 1], [4, 1, 2], 1, "same"),
  conv1d("long, so that time is cut into blocks", [2, 23, 2], [5, 2, 3], 1, "same"),
  conv1d("long, valid", [2, 29, 2], [4, 2, 2], 1, "valid"),
  conv1d("long, blocks without a rest", [1, 24, 3], [5, 3, 2], 1, "same"),
  conv1d("stride 2, same", [2, 8, 2], [3, 2, 2], 2, "same"),
  conv1d("stride 3, valid, rest left over", [1, 9, 2], [2, 2, 2], 3, "valid"),
  conv1d("one tap", [2, 5, 3], [1, 3, 2], 1, "same"),
  conv1d("one sample", [2, 1, 2], [3, 2, 2], 1, "same"),
  conv1d("window as long as the input", [2, 4, 2], [4, 2, 1], 1, "valid"),
  conv1d("dilation 2, same", [2, 9, 2], [3, 2, 2], 1, "same", 2),
  conv1d("dilation 3, valid", [1, 9, 2], [3, 2, 2], 1, "valid", 3),
  conv1d("channels in blocks", [2, 7, 16], [3, 16, 16], 1, "same"),
  conv1d("channels in blocks, filled up", [1, 6, 16], [4, 16, 10], 1, "valid"),
  conv1d("channels in blocks of eight", [2, 5, 8], [3, 8, 24], 1, "same"),
  conv1d("channels in blocks, dilation 2", [1, 9, 16], [3, 16, 16], 1, "same", 2),
  conv1d("channels in blocks, stride 2", [2, 9, 16], [3, 16, 16], 2, "same"),
  conv2d("channels in blocks", [1, 3, 4, 16], [3, 2, 16, 8], 1, "same"),
  conv2d("same", [2, 4, 5, 2], [3, 3, 2, 2], 1, "same"),
  conv2d("valid, flat window", [1, 4, 5, 2], [1, 3, 2, 2], 1, "valid"),
  conv2d("strides 2 and 1", [1, 5, 4, 2], [3, 2, 2, 2], [2, 1], "same"),
  conv2d("explicit padding", [1, 4, 4, 1], [2, 2, 1, 2], 1, [
    [0, 0],
    [1, 0],
    [0, 2],
    [0, 0],
  ]),
  conv2d("padding wider than the window", [1, 3, 3, 1], [2, 2, 1, 1], 1, [
    [0, 0],
    [2, 2],
    [0, 0],
    [0, 0],
  ]),
  conv2d("dilation 2", [1, 6, 6, 1], [2, 2, 1, 2], 1, "valid", 2),
  depthwise("same", [2, 4, 5, 2], [3, 3, 2, 2], 1, "same"),
  depthwise("stride 2", [1, 5, 5, 3], [2, 2, 3, 1], 2, "valid"),
  depthwise("one dimension", [2, 1, 7, 3], [1, 3, 3, 1], 1, "same"),
  named(
    "fused with bias",
    flat({
      ...smooth(
        "FusedConv2D",
        (x, filter, bias) =>
          tf.fused.conv2d({
            x: x as Tensor4D,
            filter: filter as Tensor4D,
            strides: 1,
            pad: "same",
            bias,
            activation: "relu",
          }),
        floats([1, 4, 4, 2]),
        floats([3, 3, 2, 2]),
        floats([2]),
      ),
    }),
  ),
  named(
    "fused with bias",
    flat({
      ...smooth(
        "FusedDepthwiseConv2D",
        (x, filter, bias) =>
          tf.fused.depthwiseConv2d({
            x: x as Tensor4D,
            filter: filter as Tensor4D,
            strides: 1,
            pad: "same",
            bias,
            activation: "relu6",
          }),
        floats([1, 4, 4, 2]),
        floats([3, 3, 2, 1]),
        floats([2]),
      ),
    }),
  ),
];

const pooled = (
  kind: "Max" | "Avg",
  name: string,
  x: number[],
  size: [number, number],
  stride: [number, number],
  pad: "same" | "valid",
  extra: Partial<OpCase> = {},
): OpCase => ({
  ...named(
    name,
    smooth(
      `${kind}Pool`,
      (a) => (kind === "Max" ? tf.maxPool : tf.avgPool)(a as Tensor4D, size, stride, pad),
      floats(x),
    ),
  ),
  kernels: [`${kind}Pool`, `${kind}PoolGrad`],
  ...extra,
});
const pools: OpCase[] = [
  pooled("Max", "apart", [2, 4, 4, 2], [2, 2], [2, 2], "valid"),
  pooled("Max", "overlapping", [1, 1, 7, 2], [1, 3], [1, 2], "same"),
  pooled("Max", "one dimension", [2, 1, 8, 3], [1, 2], [1, 2], "valid"),
  pooled("Avg", "apart", [2, 4, 4, 2], [2, 2], [2, 2], "valid"),
  pooled("Avg", "overlapping, padded", [1, 1, 7, 2], [1, 3], [1, 2], "same", {
    referenceGradientWrong: true,
  }),
  pooled("Avg", "rest left over", [1, 5, 5, 1], [2, 2], [2, 2], "valid"),
  named(
    "of equals goes to the first",
    smooth(
      "MaxPool",
      (a) =>
        tf.mul(
          tf.maxPool(tf.step<Tensor4D>(a as Tensor4D), [1, 3], [1, 3], "valid"),
          tf.maxPool(a as Tensor4D, [1, 3], [1, 3], "valid"),
        ),
      floats([1, 1, 9, 2]),
    ),
  ),
];

/** Where several ops become one, or one becomes another. */
const fusions: OpCase[] = [
  named(
    "of a row into a product",
    smooth(
      "Add",
      (a, b, c) => tf.add(tf.matMul(a as Tensor2D, b as Tensor2D), c),
      floats([2, 3]),
      floats([3, 4]),
      floats([4]),
    ),
  ),
  named(
    "of a column into a product",
    smooth(
      "Add",
      (a, b, c) => tf.add(c, tf.matMul(a as Tensor2D, b as Tensor2D)),
      floats([2, 3]),
      floats([3, 4]),
      floats([2, 1]),
    ),
  ),
  named(
    "of a matrix into a product",
    smooth(
      "Add",
      (a, b, c) => tf.add(c, tf.matMul(a as Tensor2D, b as Tensor2D, true)),
      floats([3, 2]),
      floats([3, 4]),
      floats([2, 4]),
    ),
  ),
  named(
    "to a product that is needed itself",
    smooth(
      "Add",
      (a, b, c) => {
        const p = tf.matMul(a, b);
        return tf.mul(p, tf.add(p, c));
      },
      floats([2, 3]),
      floats([3, 4]),
      floats([4]),
    ),
  ),
  named(
    "of three products",
    smooth(
      "Add",
      (a, b) =>
        tf.add(
          tf.add(
            tf.matMul(a as Tensor2D, b as Tensor2D),
            tf.matMul(a as Tensor2D, b as Tensor2D, true, true),
          ),
          tf.matMul(b as Tensor2D, a as Tensor2D),
        ),
      floats([3, 3]),
      floats([3, 3]),
    ),
  ),
  named(
    "that widens a product",
    smooth(
      "Add",
      (a, b, c) => tf.add(tf.matMul(a as Tensor2D, b as Tensor2D), c),
      floats([1, 3]),
      floats([3, 4]),
      floats([5, 2, 4]),
    ),
  ),
  named(
    "of a bias into a convolution over a line, with relu",
    smooth(
      "Add",
      (x, w, b) => tf.relu(tf.add(tf.conv1d(x as Tensor3D, w as Tensor3D, 1, "same"), b)),
      floats([2, 7, 2], [-0.3, 0.3]),
      floats([3, 2, 3], [-0.3, 0.3]),
      floats([3], [1, 2]),
    ),
  ),
  named(
    "of a bias into a convolution in blocks, with relu, both needed",
    smooth(
      "Add",
      (x, w, b) => {
        const sum = tf.add(tf.conv1d(x as Tensor3D, w as Tensor3D, 1, "same"), b);
        return tf.add(tf.relu(sum), tf.mul(0.1, sum));
      },
      floats([2, 5, 16], [0, 0.3]),
      floats([3, 16, 12], [-0.3, 0.3]),
      floats([12], [1, 2]),
    ),
  ),
  named(
    "of two biases into a convolution in blocks",
    smooth(
      "Add",
      (x, w, b, c) => tf.relu(tf.add(tf.add(tf.conv2d(x as Tensor4D, w as Tensor4D, 1, "valid"), b), c)),
      floats([1, 4, 3, 16], [0, 0.3]),
      floats([2, 2, 16, 16], [0, 0.3]),
      floats([16], [1, 2]),
      floats([16], [1, 2]),
    ),
  ),
  named(
    "of a bias into a convolution over a plane",
    smooth(
      "Add",
      (x, w, b) => tf.add(tf.conv2d(x as Tensor4D, w as Tensor4D, 1, "same"), b),
      floats([1, 4, 4, 2]),
      floats([3, 3, 2, 2]),
      floats([2]),
    ),
  ),
  named(
    "of a row a sample to a convolution",
    smooth(
      "Add",
      (x, w, b) => tf.add(tf.conv1d(x as Tensor3D, w as Tensor3D, 1, "same"), b),
      floats([2, 4, 2]),
      floats([3, 2, 4]),
      floats([4, 1]),
    ),
  ),
  named(
    "by ones",
    smooth("Multiply", (x) => tf.mul(x, tf.ones([4, 2, 3])), floats([2, 1])),
  ),
  named(
    "of a tiled tensor by a number",
    smooth(
      "Multiply",
      (x, y) => tf.mul(tf.sub(1, tf.mul(tf.tile(x, [3, 1]), 0.5)), y),
      floats([1, 4]),
      floats([3, 4]),
    ),
  ),
  named(
    "of a tiled tensor",
    smooth("Exp", (x, y) => tf.mul(tf.exp(tf.tile(x, [3, 1])), y), floats([1, 4]), floats([3, 4])),
  ),
  named(
    "down the rows",
    smooth("Sum", (x) => tf.sum(x, 0), floats([5, 3])),
  ),
  named(
    "down the rows, kept",
    smooth("Sum", (x) => tf.sum(x, 0, true), floats([5, 3])),
  ),
  named(
    "of a mean",
    smooth("Mean", (x) => tf.square(tf.mean(x, 1)), floats([2, 5, 3])),
  ),
];

/** Axes of nothing and of one: where shapes are inferred wrongly first. */
const small: OpCase[] = [
  ...[
    unary("Exp", tf.exp),
    unary("Relu", tf.relu),
    unary("Step", (x) => tf.mul(tf.step(tf.relu(x)), x)),
    unary("Square", tf.square),
  ].map((one) => named("of no rows", { ...one, inputs: [floats([0, 3])] })),
  named("of no rows", smooth("Add", tf.add, floats([0, 3]), floats([3]))),
  named("of no rows", smooth("Multiply", tf.mul, floats([0, 3]), floats([3]))),
  named(
    "of no rows",
    smooth(
      "Select",
      (c, a, b) => tf.where(tf.greater(c, 0), a, b),
      floats([0, 2]),
      floats([0, 2]),
      floats([0, 2]),
    ),
  ),
  named(
    "down no rows",
    smooth("Sum", (x) => tf.sum(x, 0), floats([0, 3])),
  ),
  named(
    "of rows of nothing",
    smooth("Transpose", (x) => tf.transpose(x), floats([0, 3])),
  ),
  named(
    "to nothing",
    smooth("Slice", (x) => tf.slice(x, [1, 0], [0, 3]), floats([4, 3])),
  ),
  named(
    "of nothing",
    smooth(
      "PadV2",
      (x) =>
        tf.pad(
          x,
          [
            [1, 1],
            [0, 0],
          ],
          0.5,
        ),
      floats([0, 2]),
    ),
  ),
  named(
    "at no places",
    smooth("GatherV2", (x, i) => tf.gather(x, i, 1), floats([2, 5]), indices([0], 5)),
  ),
  named(
    "of no rows",
    smooth(
      "UnsortedSegmentSum",
      (x, i) => tf.unsortedSegmentSum(x, i as Tensor1D, 3),
      floats([0, 2]),
      indices([0], 3),
    ),
  ),
  named(
    "of no rows",
    smooth("BatchMatMul", (a, b) => tf.matMul(a, b), floats([0, 3]), floats([3, 2])),
  ),
  named(
    "along an axis of one",
    smooth("Softmax", (x) => tf.softmax(x), floats([3, 1])),
  ),
  named(
    "along an axis of one",
    smooth("LogSoftmax", (x) => tf.logSoftmax(x), floats([3, 1])),
  ),
  named(
    "along an axis of one",
    smooth("Cumsum", (x) => tf.cumsum(x, 1, true), floats([3, 1])),
  ),
  named(
    "along an axis of one",
    smooth("Reverse", (x) => tf.reverse(x, 1), floats([3, 1])),
  ),
  named(
    "of axes of one",
    smooth("Transpose", (x) => tf.transpose(x, [2, 1, 0]), floats([1, 3, 1])),
  ),
  named(
    "one by one",
    smooth("BatchMatMul", (a, b) => tf.matMul(a, b), floats([1, 1]), floats([1, 1])),
  ),
  named(
    "along an axis of one",
    flat(
      smooth(
        "ArgMax",
        asFloat((x) => tf.argMax(x, 1)),
        floats([3, 1]),
      ),
    ),
  ),
  named("along an axis of one", flat(smooth("TopK", (x) => tf.topk(x, 1).values, floats([3, 1])))),
  named(
    "where nothing is observed",
    smooth(
      "Select",
      (x, m) => tf.sum(tf.where(tf.greater(m, 3), tf.log(x), tf.zerosLike(x)), 1),
      floats([2, 3], positive),
      floats([2, 3]),
    ),
  ),
  conv1d("one row, one channel, one tap", [1, 1, 1], [1, 1, 1], 1, "same"),
  conv1d("eight samples a block", [1, 40, 3], [9, 3, 4], 1, "same"),
];

const normalisations: OpCase[] = [
  smooth(
    "FusedBatchNorm",
    (x, mean, variance, offset, scale) => tf.batchNorm(x, mean, variance, offset, scale),
    floats([4, 3]),
    floats([3]),
    floats([3], positive),
    floats([3]),
    floats([3]),
  ),
  // Without a scale TensorFlow.js has no gradient: it tries to save the input that is not there.
  named(
    "without scale and offset",
    flat(
      smooth(
        "FusedBatchNorm",
        (x, mean, variance) => tf.batchNorm(x, mean, variance),
        floats([2, 3, 3]),
        floats([3]),
        floats([3], positive),
      ),
    ),
  ),
  named(
    "from moments of the batch",
    smooth(
      "FusedBatchNorm",
      (x) => {
        const { mean, variance } = tf.moments(x, 0);
        return tf.batchNorm(x, mean, variance, tf.zeros([3]), tf.ones([3]));
      },
      floats([5, 3]),
    ),
  ),
];

export const opCases: readonly OpCase[] = [
  ...elementwise,
  ...reductions,
  ...shapes,
  ...gathers,
  ...products,
  ...convolutions,
  ...pools,
  ...fusions,
  ...small,
  ...normalisations,
];
