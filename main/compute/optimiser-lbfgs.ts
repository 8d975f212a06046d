import {
  add,
  concat,
  div,
  less,
  maximum,
  mul,
  reshape,
  scalar,
  slice,
  split,
  step,
  sqrt,
  sub,
  sum,
  where,
} from "@tensorflow/tfjs-core";
import type { Scalar, Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { AppError } from "../../preload/contract/errors.ts";
import { sure } from "../../preload/contract/sure.ts";
import type { Rule, Standing } from "./optimiser-rule.ts";

const dot = (a: Tensor, b: Tensor): Scalar => sum(mul(a, b));
const LEAST_CURVATURE = 1e-8; // of a move that is remembered, relative to the change of the gradient it made
const LEAST = 1e-30;

/**
 * L-BFGS (Nocedal 1980; Nocedal and Wright 2006, algorithm 7.4): the direction from the last `memory` moves and the changes
 * of the gradient that they made. For batches that do not change from step to step. Along the direction the lengths rate,
 * rate / 2, rate / 4, ... are tried and the lowest loss is taken; where none is lower the parameters stay.
 * A slot that is not used yet has curvature 0 and so takes no part.
 */
export function limitedMemory({
  memory = 8,
  tries = 8,
}: {
  readonly memory?: number | undefined;
  readonly tries?: number | undefined;
}): Rule {
  for (const [what, count] of Object.entries({ memory, tries })) {
    if (Number.isInteger(count) && count >= 1) continue;
    throw new AppError("model/bad-optimiser", `L-BFGS needs a whole ${what} of 1 or more, not ${count}`, {
      [what]: count,
    });
  }
  return {
    looksAgain: true,
    state: (vector) => {
      const table = { ...vector, shape: [memory, ...vector.shape] };
      return [vector, vector, table, table, { ...vector, shape: [memory] }];
    },
    initial: (flat) => [
      flat.slice(),
      new Float32Array(flat.length),
      new Float32Array(memory * flat.length),
      new Float32Array(memory * flat.length),
      new Float32Array(memory),
    ],
    update: ([before, gradientBefore, moves, changes, curvatures], gradient, at) => {
      const past = remembered(
        { moves: moves as Tensor2D, changes: changes as Tensor2D, curvatures: curvatures as Tensor1D },
        sub<Tensor1D>(at.flat, sure(before)),
        sub<Tensor1D>(gradient, sure(gradientBefore)),
      );
      const direction = directionFrom(past, gradient, memory);
      const change = mul(lowest(direction, at, tries), direction);
      return { change, next: [at.flat, gradient, past.moves, past.changes, past.curvatures] };
    },
  };
}

interface Past {
  readonly moves: Tensor2D; // the oldest first
  readonly changes: Tensor2D; // of the gradient
  readonly curvatures: Tensor1D; // 1 / (move . change)
}

/** The last move pushed in, the oldest out; a move along which the gradient did not grow is left out. */
function remembered({ moves, changes, curvatures }: Past, move: Tensor1D, change: Tensor1D): Past {
  const along = dot(move, change);
  const isKept: Scalar = step(sub(along, mul(LEAST_CURVATURE, dot(change, change))));
  const isLeft = sub(1, isKept);
  const pushed = <T extends Tensor>(table: T, last: Tensor): T => {
    const next = concat([slice(table, 1), reshape(last, [1, ...table.shape.slice(1)])]);
    return add<T>(mul(next, isKept), mul(table, isLeft));
  };
  return {
    moves: pushed(moves, move),
    changes: pushed(changes, change),
    curvatures: pushed(curvatures, div(1, maximum(along, LEAST))),
  };
}

function directionFrom({ moves, changes, curvatures }: Past, gradient: Tensor1D, memory: number): Tensor1D {
  const rows = (table: Tensor2D): Tensor1D[] => split(table, memory).map((row) => reshape(row, [-1]));
  const [s, y] = [rows(moves), rows(changes)];
  const rho = split(curvatures, memory).map((one) => reshape(one, []) as Scalar);
  const alpha: Scalar[] = [];
  let q = gradient;
  for (let i = memory - 1; i >= 0; i--) {
    const along: Scalar = mul(sure(rho[i]), dot(sure(s[i]), q));
    q = sub(q, mul(along, sure(y[i])));
    alpha[i] = along;
  }
  const [newest, last] = [sure(rho.at(-1)), sure(y.at(-1))];
  const isFirst = sub(1, step(newest));
  const scaled = div(1, maximum(mul(newest, dot(last, last)), LEAST));
  const start = div(1, maximum(sqrt(dot(gradient, gradient)), 1)); // the first move is no longer than 1
  let direction: Tensor1D = mul(add(mul(step(newest), scaled), mul(isFirst, start)), q);
  for (let i = 0; i < memory; i++) {
    const beta = mul(sure(rho[i]), dot(sure(y[i]), direction));
    direction = add(direction, mul(sure(s[i]), sub(sure(alpha[i]), beta)));
  }
  return direction;
}

/** The length with the lowest loss among those tried, and 0. A loss that is no number is never the lowest. */
function lowest(direction: Tensor1D, { rate, flat, value, lossAt }: Standing, tries: number): Scalar {
  let [length, best]: [Scalar, Scalar] = [scalar(0), value];
  for (let attempt = 0; attempt < tries; attempt++) {
    const tried: Scalar = mul(rate, 2 ** -attempt);
    const loss = lossAt(sub<Tensor1D>(flat, mul(tried, direction)));
    const isLower = less(loss, best);
    length = where(isLower, tried, length);
    best = where(isLower, loss, best);
  }
  return length;
}
