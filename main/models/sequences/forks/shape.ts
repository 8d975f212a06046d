import { z } from "zod";
import { sizeOf } from "../../../compute/feeds.ts";
import { arraysFrom, type NamedArrays, type ParameterShapes } from "../../../compute/parameters.ts";
import { seededRandom } from "../../random.ts";

const Count = z.number().int().positive();
const LogSpread = z.number().min(-20).max(20);

/** What a network of forks is made of. Deviations are in units of each horizon's scale. */
export const ForkShape = z.object({
  inputs: Count.max(256),
  hidden: Count.max(512),
  classes: Count.max(64), // 1: no classes, one mixture
  components: Count.max(64), // of a class
  horizons: Count.max(256),
  dims: z.union([z.literal(1), z.literal(2)]), // of what is looked ahead: a value, or a point of the plane
  head: Count.max(1024),
  seesInputs: z.boolean(), // the head, beside the memory
  squash: z.enum(["relu", "tanh"]), // of the head
  weights: z.enum(["path", "horizon"]), // path: a component has one weight at all horizons, and is a way to go
  firstSpread: z.tuple([LogSpread, LogSpread]), // log deviations of the first and the last component at the start
  leastSpread: z.array(LogSpread), // log deviation, a horizon
});
export type ForkShape = z.infer<typeof ForkShape>;

export const MOST_SPREAD = 1.5; // log deviation
export const MOST_TURN = 0.95; // correlation of the two values of a point

/** Name and shape of each parameter, in the order in which they are recorded, and of files of before. */
export function parameterShapes(shape: ForkShape): ParameterShapes {
  const { inputs, hidden, classes, components, horizons, dims, head } = shape;
  const shapes = new Map<string, readonly number[]>();
  const layer = (name: string, from: number, to: number): void => {
    shapes.set(`${name}.weight`, [from, to]);
    shapes.set(`${name}.bias`, [to]);
  };
  shapes.set("memory.input", [inputs, 4 * hidden]);
  shapes.set("memory.recurrent", [hidden, 4 * hidden]);
  shapes.set("memory.bias", [4 * hidden]);
  layer("head", hidden + (shape.seesInputs ? inputs : 0), head);
  if (classes > 1) {
    layer("class", hidden, classes);
    shapes.set("head.class", [classes, head]);
  }
  const parts = components * horizons;
  layer("share", head, shape.weights === "path" ? components : parts);
  for (let dim = 0; dim < dims; dim += 1) {
    layer(`mean${dim}`, head, parts);
    layer(`spread${dim}`, head, parts);
  }
  if (dims === 2) layer("turn", head, parts);
  return shapes;
}

const APART = 0.5; // deviation of the components' means at the start, so that they differ
const CLASS_APART = 0.3; // of what a class adds to the head
const QUIET = 0.5; // outputs begin with half the usual weights

/** Weights uniform in ±sqrt(6 / (in + out)) (Glorot and Bengio 2010), forget gates open, components apart. */
export function initialParameters(shape: ForkShape, seed: number): NamedArrays {
  const random = seededRandom(seed, 11);
  const { hidden } = shape;
  return arraysFrom(parameterShapes(shape), (name, own) => {
    const [from = 1, to = 1] = own;
    const count = sizeOf(own);
    if (name === "memory.bias")
      return Float32Array.from({ length: count }, (_, i) => (Math.floor(i / hidden) === 1 ? 1 : 0));
    if (name === "head.class")
      return Float32Array.from({ length: count }, () => CLASS_APART * random.normal());
    if (name.endsWith(".bias")) return firstBias(name, count, { shape, normal: () => random.normal() });
    const bound = name.startsWith("memory.") ? 1 / Math.sqrt(hidden) : Math.sqrt(6 / (from + to));
    const isOutput = /^(share|mean|spread|turn)/u.test(name);
    return Float32Array.from(
      { length: count },
      () => (isOutput ? QUIET : 1) * bound * (2 * random.next() - 1),
    );
  });
}

function firstBias(
  name: string,
  count: number,
  { shape, normal }: { readonly shape: ForkShape; readonly normal: () => number },
): Float32Array {
  const { components, horizons, firstSpread } = shape;
  const componentOf = (i: number): number => Math.floor(i / horizons);
  if (name.startsWith("mean")) {
    const of = Array.from({ length: components }, () => APART * normal());
    return Float32Array.from({ length: count }, (_, i) => of[componentOf(i)] ?? 0);
  }
  if (!name.startsWith("spread")) return new Float32Array(count);
  const [first, last] = firstSpread;
  const step = components > 1 ? (last - first) / (components - 1) : 0;
  return Float32Array.from({ length: count }, (_, i) => first + step * componentOf(i));
}
