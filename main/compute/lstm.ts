import {
  add,
  concat,
  customGrad,
  fill,
  matMul,
  mul,
  ones,
  reshape,
  sigmoid,
  slice,
  split,
  sub,
  tanh,
  transpose,
  zeros,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  type Tensor3D,
} from "@tensorflow/tfjs-core";
import { sure } from "../../preload/contract/sure.ts";

/** Columns in the order of the gates: input, forget, output, update; `hidden` columns each. */
export interface LstmWeights {
  readonly input: Tensor2D; // [inputs, 4 hidden]
  readonly recurrent: Tensor2D; // [hidden, 4 hidden]
  readonly bias: Tensor1D; // [4 hidden]
}

interface Size {
  readonly time: number;
  readonly rows: number;
  readonly inputs: number;
  readonly hidden: number;
}

/**
 * Long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000) from a state of
 * zeros. x [time, rows, inputs] -> [time x rows, hidden], all outputs. Gradients by x and by the weights.
 *
 * One matrix product a step each way, over the column [output before; x; 1]; those of the weights are one for several steps.
 * Inside, a row of the batch is a column: gates then come apart and together in whole stretches of memory, and the
 * product packs the small operand, 57 us in place of 67 for 128 units and 64 rows. The update's weights come doubled into it: tanh(z) = 2 sigmoid(2 z) - 1, so that one sigmoid opens all four gates.
 */
export function lstm(x: Tensor3D, { input, recurrent, bias }: LstmWeights): Tensor2D {
  const [time, rows, inputs] = x.shape;
  const hidden = recurrent.shape[0];
  const doubled = concat([ones([3 * hidden]), fill([hidden], 2)]);
  const joined = mul(concat([recurrent, input, reshape(bias, [1, 4 * hidden])], 0), doubled);
  return throughTime({ time, rows, inputs, hidden })(x, transpose(joined)) as Tensor2D;
}

/** What the way back needs of one step. The slopes are ready made, so that the gates need not be kept. */
interface Step {
  readonly seen: Tensor2D; // [hidden + inputs + 1, rows]: the output before, x and a one
  readonly forget: Tensor2D; // [hidden, rows]
  readonly cellSlope: Tensor2D; // of the output by the cell, [hidden, rows]
  readonly gateSlope: Tensor2D; // of cell, cell, output and cell by the gates before their sigmoid, [4 hidden, rows]
}
const parts = ["seen", "forget", "cellSlope", "gateSlope"] as const;

function throughTime(size: Size): (x: Tensor3D, joined: Tensor) => Tensor {
  const { time, rows, hidden } = size;
  return customGrad((...given) => {
    const [x, joined, save] = given as unknown as [Tensor3D, Tensor2D, (tensors: Tensor[]) => void];
    const steps: Step[] = [];
    const outputs: Tensor2D[] = [];
    let before: { readonly output: Tensor2D; readonly cell: Tensor2D } = {
      output: zeros([hidden, rows]),
      cell: zeros([hidden, rows]),
    };
    const withOnes = concat([transpose(x, [0, 2, 1]), ones([time, 1, rows])], 1);
    for (const own of apart(withOnes)) {
      const { step, ...after } = forward(concat([before.output, own], 0), before.cell, joined);
      steps.push(step);
      outputs.push(after.output);
      before = after;
    }
    save([...parts.flatMap((part) => steps.map((step) => step[part])), joined]);
    return {
      value: transpose(concat(outputs, 1)),
      gradFunc: (slope: Tensor, saved: Tensor[]): Tensor[] =>
        backThroughTime(slope as Tensor2D, saved as Tensor2D[], size),
    };
  });
}

/** [time, size, rows] to a matrix [size, rows] a step. */
function apart(x: Tensor): Tensor2D[] {
  const [time, size, rows] = x.shape as [number, number, number];
  return split<Tensor2D>(reshape(x, [time * size, rows]), time, 0);
}

function forward(
  seen: Tensor2D,
  cellBefore: Tensor2D,
  joined: Tensor2D,
): { readonly step: Step; readonly output: Tensor2D; readonly cell: Tensor2D } {
  const gates: Tensor2D = sigmoid(matMul(joined, seen));
  const [input, forget, output, half] = split<Tensor2D>(gates, 4, 0) as [
    Tensor2D,
    Tensor2D,
    Tensor2D,
    Tensor2D,
  ];
  const admitted: Tensor2D = mul(input, half);
  const twice: Tensor2D = add(admitted, admitted);
  const fresh: Tensor2D = sub(twice, input); // input tanh(update)
  const kept: Tensor2D = mul(forget, cellBefore);
  const cell: Tensor2D = add(kept, fresh);
  const squashed: Tensor2D = tanh(cell);
  const result: Tensor2D = mul(output, squashed);
  // Each gate s enters its product as s times something: the product's slope is the product times (1 - s).
  const products: Tensor2D = concat([fresh, kept, result, twice], 0);
  const step = {
    seen,
    forget,
    cellSlope: sub<Tensor2D>(output, mul(result, squashed)),
    gateSlope: sub<Tensor2D>(products, mul(products, gates)),
  };
  return { step, output: result, cell };
}

/** Steps whose products for the weights are one: as many as a processor's second cache holds side by side. */
const TOGETHER = 8;

function backThroughTime(
  slope: Tensor2D,
  saved: readonly Tensor2D[],
  { time, rows, inputs, hidden }: Size,
): Tensor[] {
  const of = (part: (typeof parts)[number], at: number): Tensor2D =>
    sure(saved[parts.indexOf(part) * time + at]);
  const joined = sure(saved.at(-1));
  const back = transpose<Tensor2D>(slice(joined, [0, 0], [-1, hidden]));
  const slopes = apart(transpose(reshape(slope, [time, rows, hidden]), [0, 2, 1]));
  const byX: Tensor2D[] = [];
  let byWeights: Tensor2D | undefined;
  let byGates: Tensor2D[] = [];
  let byOutput = sure(slopes[time - 1]);
  let byNextCell: Tensor2D | undefined;
  for (let at = time - 1; at >= 0; at--) {
    const direct: Tensor2D = mul(byOutput, of("cellSlope", at));
    const byCell: Tensor2D = byNextCell === undefined ? direct : add(direct, byNextCell);
    const byGate: Tensor2D = mul(concat([byCell, byCell, byOutput, byCell], 0), of("gateSlope", at));
    if (at > 0) byOutput = add(sure(slopes[at - 1]), matMul(back, byGate));
    byNextCell = mul(byCell, of("forget", at));
    byGates.unshift(byGate);
    if (byGates.length < TOGETHER && at > 0) continue;
    const all = concat(byGates, 1);
    const seen = concat(
      byGates.map((_, step) => of("seen", at + step)),
      1,
    );
    const own: Tensor2D = matMul(all, seen, false, true);
    byWeights = byWeights === undefined ? own : add<Tensor2D>(byWeights, own);
    byX.unshift(matMul(all, slice(joined, [0, hidden], [-1, inputs]), true, false));
    byGates = [];
  }
  return [reshape(concat(byX, 0), [time, rows, inputs]), sure(byWeights)];
}
