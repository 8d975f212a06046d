import type { Runtime } from "../../../main/compute/runtime.ts";
import { identityDistances, identityLayers, isometryOf } from "../../../main/models/layers/isometry.ts";
import { pictures } from "../../../main/training/fit/pictures.fixtures.ts";
import { mean } from "../../../main/training/fit/toy.fixtures.ts";
import { networkShape } from "../../../main/models/windows/identity-coupled.ts";
import { atLeast, atMost, figure, type MethodCheck } from "../check.ts";
import {
  descend,
  fitIdentity,
  judgeOn,
  randomLayers,
  randomNetwork,
  withRuntime,
  type Fitted,
} from "./networks.ts";

const LAYERS = 50;
const CASES = [1, 2, 3]; // of templates, of pictures
const source = "identity-initialization.md";

const farthestFromOne = (values: Float64Array): number => Math.max(...values.map((v) => Math.abs(v - 1)));

interface Case {
  readonly start: number; // farthest singular value from 1
  readonly distance: number;
  readonly first: number;
  readonly last: number;
  readonly control: number;
}

async function caseOf(runtime: Runtime, seed: number, say: (line: string) => void): Promise<Case> {
  const of = { side: 12, classes: 10, seed };
  const [data, judged] = [pictures(of, 4000, 1), pictures(of, 2000, 2)];
  const training = { layers: LAYERS, rate: 0.3, epochs: 5 };
  const once = await fitIdentity(runtime, data, { ...training, epochs: 1 });
  const longer = await fitIdentity(runtime, data, training);
  const shape = networkShape(longer.model.config);
  const n = shape.features + shape.classes;
  const plain = { features: data.width, classes: data.classes, layers: LAYERS };
  const he = randomNetwork(plain, "he");
  const control = await descend(runtime, he, data, training);
  const accuracyOf = async (fitted: Fitted): Promise<number> =>
    (await judgeOn(runtime, fitted, judged)).accuracy;
  const row = {
    start: farthestFromOne(isometryOf(identityLayers(shape, {}, data.x), n)),
    distance: mean(identityDistances(shape, longer.params)),
    first: await accuracyOf(once),
    last: await accuracyOf(longer),
    control: await accuracyOf(control),
  };
  const spread = (values: Float64Array): string =>
    [values[0], values[n >> 1], values.at(-1)].map((v) => (v ?? 0).toPrecision(2)).join(", ");
  const trained = isometryOf(identityLayers(shape, longer.params, data.x), n);
  const random = isometryOf(randomLayers(plain, "he", he.init(0), data.x), n);
  say(
    `data ${seed}: ${figure(100 * row.first, 1)} % after one epoch, ${figure(100 * row.last, 1)} % after five, ‖W − I‖ ${figure(row.distance)}; He, ReLU ${figure(100 * row.control, 1)} %`,
  );
  say(
    `singular values, largest, median, smallest: trained ${spread(trained)}; He at the start ${spread(random)}`,
  );
  return row;
}

/** Fifty layers that learn in one pass over 4,000 pictures, because everything passes through them. */
export const identityDepthCheck: MethodCheck = {
  id: "identity-depth50",
  about: `Fifty layers that start as the identity, on ten classes of pictures (mean of ${CASES.length} data sets)`,
  run: ({ say }) =>
    withRuntime(async (runtime) => {
      const rows: Case[] = [];
      for (const seed of CASES) rows.push(await caseOf(runtime, seed, say));
      const over = (of: (row: Case) => number): number => mean(rows.map(of));
      const computed = { evidence: "computed", source: `${source} §4` } as const;
      const check = (number: number) => ({ evidence: "computed", source: `${source} §5.${number}` }) as const;
      const start = Math.max(...rows.map((row) => row.start));
      return [
        atMost("singular values of the Jacobian at the start, farthest from 1", start, 1e-6, check(1), 9),
        atLeast("right after one epoch, %", 100 * over(({ first }) => first), 85, computed, 1),
        atLeast("right after five epochs, %", 100 * over(({ last }) => last), 84.6, computed, 1),
        atMost(
          "mean ‖W − I‖ / √width after five epochs",
          over(({ distance }) => distance),
          0.03,
          check(3),
          4,
        ),
        atMost(
          "the same depth from He, ReLU after five epochs, %",
          100 * over(({ control }) => control),
          40,
          check(4),
          1,
        ),
      ];
    }),
};
