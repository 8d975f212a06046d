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
  zeros,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  type Tensor3D,
} from "@tensorflow/tfjs-core";

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
 * One matrix product a step each way, over the row [output before, x, 1]; those of the weights are one at the end. The
 * update's weights come doubled into it: tanh(z) = 2 sigmoid(2 z) - 1, so that one sigmoid opens all four gates.
 */
export function lstm(x: Tensor3D, { input, recurrent, bias }: LstmWeights): Tensor2D {
  const [time, rows, inputs] = x.shape;
  const hidden = recurrent.shape[0];
  const doubled = concat([ones([3 * hidden]), fill([hidden], 2)]);
  const joined = mul(concat([recurrent, input, reshape(bias, [1, 4 * hidden])], 0), doubled);
  return throughTime({ time, rows, inputs, hidden })(x, joined) as Tensor2D;
}

/** What the way back needs of one step. The slopes are ready made, so that the gates need not be kept. */
interface Step {
  readonly seen: Tensor2D; // [rows, hidden + inputs + 1]: the output before, x and a one
  readonly forget: Tensor2D; // [rows, hidden]
  readonly cellSlope: Tensor2D; // of the output by the cell, [rows, hidden]
  readonly gateSlope: Tensor2D; // of cell, cell, output and cell by the gates before their sigmoid, [rows, 4 hidden]
}
const parts = ["seen", "forget", "cellSlope", "gateSlope"] as const;

function throughTime(size: Size): (x: Tensor3D, joined: Tensor) => Tensor {
  const { time, rows, inputs, hidden } = size;
  return customGrad((...given) => {
    const [x, joined, save] = given as unknown as [Tensor3D, Tensor2D, (tensors: Tensor[]) => void];
    const steps: Step[] = [];
    const outputs: Tensor2D[] = [];
    let before: { readonly output: Tensor2D; readonly cell: Tensor2D } = {
      output: zeros([rows, hidden]),
      cell: zeros([rows, hidden]),
    };
    const withOnes = reshape(concat([x, ones([time, rows, 1])], 2), [time * rows, inputs + 1]);
    for (const own of split(withOnes, time, 0) as Tensor2D[]) {
      const { step, ...after } = forward(concat([before.output, own], 1), before.cell, joined);
      steps.push(step);
      outputs.push(after.output);
      before = after;
    }
    save([...parts.flatMap((part) => steps.map((step) => step[part])), joined]);
    return {
      value: concat(outputs, 0),
      gradFunc: (slope: Tensor, saved: Tensor[]): Tensor[] =>
        backThroughTime(slope as Tensor2D, saved as Tensor2D[], size),
    };
  });
}

function forward(
  seen: Tensor2D,
  cellBefore: Tensor2D,
  joined: Tensor2D,
): { readonly step: Step; readonly output: Tensor2D; readonly cell: Tensor2D } {
  const gates: Tensor2D = sigmoid(matMul(seen, joined));
  const [input, forget, output, half] = split<Tensor2D>(gates, 4, 1) as [
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
  const products: Tensor2D = concat([fresh, kept, result, twice], 1);
  const step = {
    seen,
    forget,
    cellSlope: sub<Tensor2D>(output, mul(result, squashed)),
    gateSlope: sub<Tensor2D>(products, mul(products, gates)),
  };
  return { step, output: result, cell };
}

function backThroughTime(
  slope: Tensor2D,
  saved: readonly Tensor2D[],
  { time, rows, inputs, hidden }: Size,
): Tensor[] {
  const of = (part: (typeof parts)[number], at: number): Tensor2D => saved[parts.indexOf(part) * time + at]!;
  const joined = saved.at(-1)!;
  const recurrent = slice(joined, [0, 0], [hidden, -1]);
  const slopes = split<Tensor2D>(slope, time, 0);
  const byGates: Tensor2D[] = [];
  let byOutput = slopes[time - 1]!;
  let byNextCell: Tensor2D | undefined;
  for (let at = time - 1; at >= 0; at--) {
    const direct: Tensor2D = mul(byOutput, of("cellSlope", at));
    const byCell: Tensor2D = byNextCell === undefined ? direct : add(direct, byNextCell);
    const byGate: Tensor2D = mul(concat([byCell, byCell, byOutput, byCell], 1), of("gateSlope", at));
    byGates.unshift(byGate);
    if (at > 0) byOutput = add(slopes[at - 1]!, matMul(byGate, recurrent, false, true));
    byNextCell = mul(byCell, of("forget", at));
  }
  const all = concat(byGates, 0);
  const seen = concat(
    Array.from({ length: time }, (_, at) => of("seen", at)),
    0,
  );
  const byX = matMul(all, slice(joined, [hidden, 0], [inputs, -1]), false, true);
  return [reshape(byX, [time, rows, inputs]), matMul(seen, all, true, false)];
}
