import {
  add,
  addN,
  concat,
  div,
  exp,
  matMul,
  mul,
  reshape,
  sigmoid,
  slice,
  softmax,
  sub,
  tanh,
  tensor1d,
  tensor2d,
  zeros,
  type Tensor,
  type Tensor2D,
  type Tensor3D,
} from "@tensorflow/tfjs-core";
import { sure } from "../../../../preload/contract/sure.ts";
import { namedMembers, type NamedTensors, specsOf, valuesOf } from "../../../compute/parameters.ts";
import { CONSTANT_UC_S, FHR_RANGE_BPM } from "../../fronts/ctg-seconds.ts";
import type { ModelStep } from "../../model.ts";
import { calibratedFork, membersOf } from "./ahead.ts";
import { BLOCK_S, HORIZONS_S, INPUTS } from "./blocks.ts";
import type { Memory } from "./evaluate.ts";
import type { LearnedForks } from "./learned.ts";
import type { Fork } from "./mixture.ts";
import { headOfEach, linear, partsOf } from "./network.ts";
import { parameterShapes } from "./shape.ts";

const [LEAST_BPM, MOST_BPM] = FHR_RANGE_BPM;
const BLOCK_TEXT =
  `What is known at the end of each ${BLOCK_S} s, from means a second in which half of the samples were seen, 0 where nothing was. Heart ` +
  `rates outside ${LEAST_BPM} to ${MOST_BPM} count as not seen, and contractions that have stood still for ${CONSTANT_UC_S} s. ${BLOCK_S} ` +
  "deviations of the heart rate from its median / 15, their masks, the steps to them from the second before / 3. The median is that of " +
  "the last 5 min; with less than 30 s of them the one before, at first the last heart rate seen. (Last - median) / 15, ln(1 + seconds " +
  "since the last seen) / 3, (median - 140) / 15; contractions above their tone (10 % quantile of 5 min) in their span (10 to 95 % of " +
  "30 min, at least 5), looked at anew every minute, within -1 to 3: mean, change from the block before, mask; lowest, then highest " +
  "deviation / 15 over 2 min, the same over 5 and over 10; ln(0.02 + mean |step| / 3) / 2 over 1, 5 and 10 min; mean deviation / 15 over " +
  "1 and 2 min; share seen in the last minute. Before the first heart rate only the contractions are told";

/** What is fed and told at the end of each block of five seconds. */
export function forkStep(learned: LearnedForks): ModelStep {
  const { codes, shape, members } = learned;
  const { classes, components, horizons, hidden } = shape;
  const parts = members.length * classes * components;
  const shapes = parameterShapes(shape);
  const memory = { name: "memory", shape: [2 * members.length, hidden] };
  const of = `a row a network, class and normal; columns ${HORIZONS_S.join(", ")} s ahead`;
  return {
    classes: ["none", ...codes],
    members: members.length,
    parameters: members.flatMap((member, m) =>
      specsOf(shapes).map(({ name, shape: own }) => ({
        ...{ name: `member${m}.${name}`, shape: own, values: valuesOf(member, name) },
      })),
    ),
    inputs: [
      {
        ...{ name: "block", shape: [1, INPUTS] },
        text: BLOCK_TEXT,
      },
      { name: "last", shape: [1], text: "The last heart rate seen, beats a minute" },
      { ...memory, text: "Zeros at a recording's start, then what came out of the block before" },
    ],
    outputs: [
      {
        ...{ name: "probabilities", shape: [classes] },
        text: "Of each class to begin first within 60 s, mean over the networks",
      },
      { name: "member_probabilities", shape: [members.length, classes], text: "The same of each network" },
      { name: "weights", shape: [parts, horizons], text: `Of the normals, sum 1 a column; ${of}` },
      { name: "means", shape: [parts, horizons], text: "Of the normals, beats a minute" },
      { name: "deviations", shape: [parts, horizons], text: "Of the normals, beats a minute" },
      { ...memory, name: "next_memory", text: "What goes into the next block" },
    ],
    predict: predictOf(learned),
    own: ownOf(learned),
  };
}

interface Said {
  readonly probability: Tensor2D; // [1, classes]
  readonly tables: readonly Tensor2D[]; // weights, means, deviations
  readonly memory: Tensor2D; // output, cell
}

function predictOf(learned: LearnedForks): ModelStep["predict"] {
  const { shape, members } = learned;
  const shapes = parameterShapes(shape);
  return (params, [block, last, memory]) => {
    if (block === undefined || last === undefined || memory === undefined) return [];
    const said = namedMembers(shapes, params, members.length).map((named, m) =>
      memberStep(learned, named, {
        x: reshape(block, [1, shape.inputs]),
        last: reshape(last, [1, 1, 1]),
        before: slice(memory, [2 * m, 0], [2, shape.hidden]),
      }),
    );
    const table = (i: number): Tensor =>
      concat(
        said.flatMap(({ tables }) => tables.slice(i, i + 1)),
        0,
      );
    const p = concat(
      said.map(({ probability }) => probability),
      0,
    );
    const mean = reshape(div(addN(said.map(({ probability }) => probability)), members.length), [
      shape.classes,
    ]);
    return [
      mean,
      p,
      table(0),
      table(1),
      table(2),
      concat(
        said.map((one) => one.memory),
        0,
      ),
    ];
  };
}

interface Fed {
  readonly x: Tensor2D;
  readonly last: Tensor3D;
  readonly before: Tensor; // [2, hidden]
}

function memberStep(learned: LearnedForks, named: NamedTensors, { x, last, before }: Fed): Said {
  const { shape, scales, calibration, members } = learned;
  const { classes, components, horizons, weights } = shape;
  const row = (values: readonly number[]): Tensor3D => reshape(tensor1d([...values]), [1, 1, values.length]);
  const [next, cell] = remembered(named, shape, x, before);
  const heads = headOfEach(named, shape, shape.seesInputs ? concat([next, x], 1) : next);
  const { logShare, means, spreads } = partsOf(named, shape, heads);
  const probability: Tensor2D =
    classes > 1 ? calibrated(linear(named, "class", next), calibration) : reshape(tensor1d([1]), [1, 1]);
  const share = weights === "path" ? add(logShare, zeros([1, 1, horizons])) : logShare;
  const flat = (values: Tensor): Tensor2D => reshape(values, [classes * components, horizons]);
  const widths = scales.map((scale, h) => scale * (calibration.widths[h] ?? 1));
  return {
    probability,
    tables: [
      flat(div(mul(exp(share), reshape(probability, [classes, 1, 1])), members.length)),
      flat(add(mul(sure(means[0]), row(scales)), last)),
      flat(mul(exp(sure(spreads[0])), row(widths))),
    ],
    memory: concat<Tensor2D>([next, cell], 0),
  };
}

/** Output and cell after one more block. before [2, hidden] */
function remembered(
  named: NamedTensors,
  { inputs, hidden }: LearnedForks["shape"],
  x: Tensor2D,
  before: Tensor,
): [output: Tensor2D, cell: Tensor2D] {
  const rowOf = (i: number): Tensor2D => reshape(slice(before, [i, 0], [1, hidden]), [1, hidden]);
  const weights = (name: string, from: number): Tensor2D => reshape(named(name), [from, 4 * hidden]);
  const seen: Tensor2D = add(
    matMul(x, weights("memory.input", inputs)),
    matMul(rowOf(0), weights("memory.recurrent", hidden)),
  );
  const gates: Tensor2D = add(seen, weights("memory.bias", 1));
  const gate = (i: number): Tensor2D => slice(gates, [0, i * hidden], [1, hidden]);
  const cell: Tensor2D = add(mul(sigmoid(gate(1)), rowOf(1)), mul(sigmoid(gate(0)), tanh(gate(3))));
  return [mul(sigmoid(gate(2)), tanh(cell)), cell];
}

/** See event-net/calibrate.ts: that of none is 0. */
function calibrated(logits: Tensor2D, { temperature, biases }: LearnedForks["calibration"]): Tensor2D {
  const classes = biases.length + 1;
  const none = slice(logits, [0, 0], [1, 1]);
  const others = sub(slice(logits, [0, 1], [1, biases.length]), none);
  const scaled = add(div(others, temperature), tensor2d([...biases], [1, biases.length]));
  return reshape(softmax(concat([zeros([1, 1]), scaled], 1)), [1, classes]);
}

function ownOf(learned: LearnedForks): ModelStep["own"] {
  const { shape, scales, calibration } = learned;
  const { hidden, horizons } = shape;
  const { networks } = membersOf(learned);
  return ([block = new Float32Array(INPUTS), last = new Float32Array(1), memory = new Float32Array(0)]) => {
    const after: Memory[] = [];
    const forks = networks.map((network, m): Fork => {
      const rowOf = (i: number): Float64Array =>
        Float64Array.from(memory.subarray((2 * m + i) * hidden, (2 * m + i + 1) * hidden));
      const own = network.step({ output: rowOf(0), cell: rowOf(1) }, block);
      after.push(own);
      return calibratedFork(network.fork(own, block), network.classLogits(own), calibration);
    });
    const each = forks.map(({ probability }) => probability);
    const table = (of: (fork: Fork, c: number, i: number, h: number) => number): Float32Array =>
      Float32Array.from(
        forks.flatMap((fork) =>
          fork.futures.flatMap((_, c) =>
            Array.from({ length: fork.components * horizons }, (__, i) => of(fork, c, i, i % horizons)),
          ),
        ),
      );
    const scaleOf = (h: number): number => scales[h] ?? 1;
    return [
      meanOf(each),
      Float32Array.from(each.flatMap((p) => [...p])),
      table(
        ({ futures, probability }, c, i) =>
          ((futures[c]?.share[i] ?? 0) * (probability[c] ?? 0)) / forks.length,
      ),
      table(({ futures }, c, i, h) => (last[0] ?? 0) + scaleOf(h) * (futures[c]?.means[0]?.[i] ?? 0)),
      table(({ futures }, c, i, h) => scaleOf(h) * (futures[c]?.spreads[0]?.[i] ?? 0)),
      Float32Array.from(after.flatMap(({ output, cell }) => [...output, ...cell])),
    ];
  };
}

const meanOf = (each: readonly Float64Array[]): Float32Array =>
  Float32Array.from(each[0] ?? [], (_, c) => each.reduce((sum, p) => sum + (p[c] ?? 0), 0) / each.length);
