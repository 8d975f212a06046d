import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onnxRuntime } from "../../../main/compute/onnx/runtime.ts";
import { networkOf } from "../../../main/models/sequences/forks/evaluate.ts";
import type { Fork } from "../../../main/models/sequences/forks/mixture.ts";
import { type PenMoment, penMoments } from "../../../main/models/sequences/forks/pen-moments.ts";
import { atMost, type MethodCheck } from "../check.ts";
import { writeInputs } from "./pen-network.ts";
import type { PenModel } from "./pen-scores.ts";
import { penModel } from "./pen-training.ts";
import { type Digit, readDigits, STEP } from "./pens.ts";

const EPOCHS = 20;
const SEEN = [6, 18, 26] as const; // points of the 0, chosen where the network says different things
const AHEAD = 12; // points: a digit's size of line
const [HEAVIEST, LEAST] = [10, 0.01]; // parts that are drawn, and how probable each is at least
const WORTH = 0.05; // a digit less probable is not named

const [HALF_WIDTH, HALF_HEIGHT] = [0.3, 0.5]; // of a digit's size
const FINE = 10_000;

/** A 0 by a formula: an ellipse from its top to the left and round, points a fixed length of line apart. */
function drawnZero(): Digit {
  const [x, y] = [[0], [0]];
  let [px, py, left] = [0, 0, STEP];
  for (let i = 1; i <= FINE; i += 1) {
    const angle = (2 * Math.PI * i) / FINE;
    const [nx, ny] = [-HALF_WIDTH * Math.sin(angle), HALF_HEIGHT * (Math.cos(angle) - 1)];
    left -= Math.hypot(nx - px, ny - py);
    [px, py] = [nx, ny];
    if (left > 0) continue;
    x.push(px);
    y.push(py);
    left += STEP;
  }
  const places = { x: Float64Array.from(x), y: Float64Array.from(y) };
  return { file: "", label: 0, ...places, penUp: new Uint8Array(x.length) };
}

/** What the network says at every point of a digit. */
function forksAlong({ shape, parameters }: PenModel, digit: Digit): Fork[] {
  const network = networkOf(shape, parameters);
  const x = new Float32Array(digit.x.length * shape.inputs);
  writeInputs(x, { digit, row: 0, rows: 1 });
  let memory = network.start;
  return Array.from(digit.x, (_, t) => {
    const input = x.subarray(t * shape.inputs, (t + 1) * shape.inputs);
    memory = network.step(memory, input);
    return network.fork(memory, input);
  });
}

const rounded = (value: number): number => Number(value.toFixed(3));

/** The heaviest parts of the digits that are worth naming, each with the mean of its path. */
function momentAt(fork: Fork, digit: Digit, seen: number, scales: Float64Array): PenMoment {
  const t = seen - 1;
  const at = (values: Float64Array): number => values[t] ?? 0;
  const parts = fork.futures
    .flatMap(({ share, means }, c) =>
      Array.from({ length: fork.components }, (_, k) => ({
        c,
        share: (fork.probability[c] ?? 0) * (share[k * fork.horizons] ?? 0),
        line: [at(digit.x), at(digit.y)].concat(
          Array.from({ length: 2 * AHEAD }, (__, i) => {
            const [h, dim] = [i >> 1, i % 2];
            const from = at(dim === 0 ? digit.x : digit.y);
            return from + (scales[h] ?? 1) * (means[dim]?.[k * fork.horizons + h] ?? 0);
          }),
        ),
      })),
    )
    .sort((a, b) => b.share - a.share)
    .slice(0, HEAVIEST)
    .filter(({ share }) => share >= LEAST);
  return {
    seen: Array.from({ length: 2 * seen }, (_, i) => rounded((i % 2 === 0 ? digit.x : digit.y)[i >> 1] ?? 0)),
    ways: [...fork.probability.keys()]
      .filter((c) => (fork.probability[c] ?? 0) >= WORTH)
      .sort((a, b) => (fork.probability[b] ?? 0) - (fork.probability[a] ?? 0))
      .map((c) => ({
        name: String(c),
        probability: rounded(fork.probability[c] ?? 0),
        parts: parts
          .filter((part) => part.c === c)
          .map(({ share, line }) => ({ share: rounded(share), line: line.map(rounded) })),
      })),
  };
}

export function momentsOf(model: PenModel): PenMoment[] {
  const digit = drawnZero();
  const forks = forksAlong(model, digit);
  return SEEN.flatMap((seen) => {
    const fork = forks[seen - 1];
    return fork === undefined ? [] : [momentAt(fork, digit, seen, model.scales)];
  });
}

/** How far two pictures are from each other at most: places in sizes of a digit, probabilities. */
function apart(a: readonly PenMoment[], b: readonly PenMoment[]): number {
  const [own, other] = [a, b].map((moments) =>
    moments.flatMap(({ ways }) =>
      ways.flatMap(({ name, probability, parts }) => [
        Number(name),
        probability,
        ...parts.flatMap(({ share, line }) => [share, ...line]),
      ]),
    ),
  );
  if (own === undefined || own.length !== other?.length) return Infinity;
  return own.reduce((most, value, i) => Math.max(most, Math.abs(value - (other[i] ?? 0))), 0);
}

const source = `export const penMoments`;

/** The picture on the method's page, computed anew; where they differ the new one is written beside. */
export const forkFigureCheck: MethodCheck = {
  id: "fork-figure",
  about: `The picture of the method's page: a network of ${EPOCHS} rounds over UNIPEN digits, shown a 0 drawn by a formula`,
  run: async ({ data, say }) => {
    const runtime = await onnxRuntime({ threads: 1 });
    try {
      const { train } = readDigits(data());
      const plan = { classes: 10, components: 8, epochs: EPOCHS };
      const fresh = momentsOf(await penModel(runtime, train, plan));
      const most = apart(fresh, penMoments);
      const file = join(tmpdir(), "pen-moments.ts");
      if (most > 0) {
        writeFileSync(file, `${source}: readonly PenMoment[] = ${JSON.stringify(fresh)};\n`);
        say(`it is in ${file}`);
      }
      return [
        atMost("places and probabilities, furthest from those on the page", most, 0.02, {
          evidence: "computed",
          source: "main/models/sequences/forks/pen-moments.ts",
        }),
      ];
    } finally {
      await runtime.dispose();
    }
  },
};
