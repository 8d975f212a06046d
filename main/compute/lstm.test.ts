import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-core/dist/register_all_gradients";
import { grads, memory, mul, sum, tensor, tensor1d, tensor2d, tensor3d, tidy } from "@tensorflow/tfjs-core";
import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { seeded } from "./seeded.ts";
import { lstm } from "./lstm.ts";

interface Case {
  readonly time: number;
  readonly rows: number;
  readonly inputs: number;
  readonly hidden: number;
}
const cases: readonly Case[] = [
  { time: 5, rows: 3, inputs: 2, hidden: 4 },
  { time: 1, rows: 2, inputs: 3, hidden: 2 },
  { time: 4, rows: 1, inputs: 1, hidden: 1 },
  { time: 19, rows: 2, inputs: 2, hidden: 3 }, // more than go into one product, and some left
  { time: 16, rows: 1, inputs: 2, hidden: 2 },
];

const drawn = ({ time, rows, inputs, hidden }: Case): number[][] => {
  const random = seeded(7);
  return [time * rows * inputs, inputs * 4 * hidden, hidden * 4 * hidden, 4 * hidden].map((count) =>
    Array.from({ length: count }, () => Math.fround(random.normal())),
  );
};

/** The textbook's cell, number by number in float64. */
function byHand({ time, rows, inputs, hidden }: Case, [x, input, recurrent, bias]: number[][]): number[] {
  const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));
  const result: number[] = Array<number>(time * rows * hidden).fill(0);
  for (let row = 0; row < rows; row++) {
    const cell = Array<number>(hidden).fill(0);
    for (let t = 0; t < time; t++) {
      const gate = (kind: number, unit: number): number => {
        const column = kind * hidden + unit;
        let total = bias![column]!;
        for (let i = 0; i < inputs; i++)
          total += x![(t * rows + row) * inputs + i]! * input![i * 4 * hidden + column]!;
        for (let h = 0; t > 0 && h < hidden; h++)
          total += result[((t - 1) * rows + row) * hidden + h]! * recurrent![h * 4 * hidden + column]!;
        return total;
      };
      for (let unit = 0; unit < hidden; unit++) {
        const [admit, forget, show] = [0, 1, 2].map((kind) => sigmoid(gate(kind, unit))) as [
          number,
          number,
          number,
        ];
        cell[unit] = forget * cell[unit]! + admit * Math.tanh(gate(3, unit));
        result[(t * rows + row) * hidden + unit] = show * Math.tanh(cell[unit]!);
      }
    }
  }
  return result;
}

const slopeAt = (index: number): number => 0.5 + ((index * 7) % 11) / 10;
const total = (values: readonly number[]): number =>
  values.reduce((all, value, index) => all + slopeAt(index) * value, 0);

const run = (x: Tensor, input: Tensor, recurrent: Tensor, bias: Tensor): Tensor =>
  lstm(x as Tensor3D, {
    input: input as Tensor2D,
    recurrent: recurrent as Tensor2D,
    bias: bias as Tensor1D,
  });
const tensors = ({ time, rows, inputs, hidden }: Case, [x, input, recurrent, bias]: number[][]): Tensor[] => [
  tensor3d(x!, [time, rows, inputs]),
  tensor2d(input!, [inputs, 4 * hidden]),
  tensor2d(recurrent!, [hidden, 4 * hidden]),
  tensor1d(bias!),
];

describe.each(cases)("an LSTM of $hidden units over $time steps of $inputs inputs", (shape) => {
  test("is the textbook's cell", () => {
    const given = drawn(shape);
    const actual = tidy(() => {
      const [x, input, recurrent, bias] = tensors(shape, given);
      return [...run(x!, input!, recurrent!, bias!).dataSync()];
    });
    byHand(shape, given).forEach((value, index) => expect(actual[index]).toBeCloseTo(value, 5));
    expect(actual).toHaveLength(shape.time * shape.rows * shape.hidden);
  });

  test("has the gradients of finite differences, by its input and all its weights", () => {
    const given = drawn(shape);
    const actual = tidy(() => {
      const slopes = Array.from({ length: shape.time * shape.rows * shape.hidden }, (_, index) =>
        slopeAt(index),
      );
      const loss = (...all: Tensor[]): Scalar => {
        const out = run(all[0]!, all[1]!, all[2]!, all[3]!);
        return sum(mul(out, tensor(slopes, out.shape)));
      };
      return grads(loss)(tensors(shape, given)).map((gradient) => [...gradient.dataSync()]);
    });
    const wide = 1e-5;
    given.forEach((values, which) =>
      values.forEach((value, index) => {
        const moved = (by: number): number =>
          total(byHand(shape, given.with(which, values.with(index, value + by))));
        expect(actual[which]![index]).toBeCloseTo((moved(wide) - moved(-wide)) / (2 * wide), 4);
      }),
    );
  });

  test("leaves no tensor behind", () => {
    const before = memory().numTensors;
    tidy(() => {
      const [x, input, recurrent, bias] = tensors(shape, drawn(shape));
      run(x!, input!, recurrent!, bias!);
    });
    expect(memory().numTensors).toBe(before);
  });
});
