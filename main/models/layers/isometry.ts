import { singularValues } from "../linear-algebra.ts";
import { type NamedArrays, valuesOf } from "../../compute/parameters.ts";
import { inputWidth, layerNames, type IdentityShape } from "./identity.ts";

/**
 * Dynamical isometry (Pennington, Schoenholz and Ganguli, NIPS 2017): the Jacobian of what a network gives by what it
 * gets, J = Π_l diag(φ'(z^l)) W^l, has singular values near 1, so that no layer swells or swallows what the one before
 * says. At the identity, within the straight part of φ, all are 1.
 */
export interface JacobianLayer {
  readonly weights: Float64Array; // W [n x n], row-major: row = output
  readonly slopes: Float64Array; // φ'(z) [n]
}

/** J [n x n] of layers in a row. */
export function jacobianOf(layers: readonly JacobianLayer[], n: number): Float64Array {
  const start = Float64Array.from({ length: n * n }, (_, at) => (at % (n + 1) === 0 ? 1 : 0));
  return layers.reduce((before, { weights, slopes }) => {
    const after = new Float64Array(n * n);
    for (let row = 0; row < n; row += 1) {
      const slope = slopes[row] ?? 0;
      for (let k = 0; slope !== 0 && k < n; k += 1) {
        const w = slope * (weights[row * n + k] ?? 0);
        if (w !== 0) addRow(after, row * n, before, k * n, n, w);
      }
    }
    return after;
  }, start);
}

function addRow(to: Float64Array, at: number, from: Float64Array, start: number, n: number, w: number): void {
  for (let j = 0; j < n; j += 1) to[at + j] = (to[at + j] ?? 0) + w * (from[start + j] ?? 0);
}

/** Singular values of J, in descending order. */
export const isometryOf = (layers: readonly JacobianLayer[], n: number): Float64Array =>
  singularValues(jacobianOf(layers, n), n, n);

/**
 * The layers of identityForward as matrices over [f; c], at the window x [D], all of it observed, in float64. Mask
 * inputs are held: no layer writes them. Without parameters it is the network at its start.
 */
export function identityLayers(
  shape: IdentityShape,
  params: NamedArrays,
  x: ArrayLike<number>,
): JacobianLayer[] {
  const { features: d, classes: k, layers } = shape;
  const n = d + k;
  let f = Float64Array.from({ length: d }, (_, i) => x[i] ?? 0);
  return Array.from({ length: layers }, (_, l) => {
    const isLast = l === layers - 1;
    const names = layerNames(l);
    const moves = Float64Array.from(params[names.weights]?.values ?? []);
    const biases = params[names.biases]?.values ?? [];
    const out = isLast ? k : n;
    const first = n - out; // of the state's outputs that this layer writes
    const weights = new Float64Array(n * n);
    const z = Float64Array.from({ length: n }, (_v, to) => (to < d ? (f[to] ?? 0) : 0));
    for (let to = 0; to < n; to += 1) {
      weights[to * n + to] = 1;
      if (to < first) continue;
      z[to] = (z[to] ?? 0) + (biases[to - first] ?? 0);
      for (let i = 0; i < d; i += 1) {
        const move = moves[i * out + to - first] ?? 0;
        weights[to * n + i] = (weights[to * n + i] ?? 0) + move;
        z[to] = (z[to] ?? 0) + move * (f[i] ?? 0);
      }
    }
    f = z.slice(0, d).map((v) => Math.max(-1, Math.min(1, v)));
    return { weights, slopes: z.map((v, to) => (to >= d || Math.abs(v) <= 1 ? 1 : 0)) };
  });
}

/** ‖W − I‖_F / sqrt(width) of each layer. */
export function identityDistances(shape: IdentityShape, params: NamedArrays): number[] {
  const width = inputWidth(shape) + shape.classes;
  return Array.from({ length: shape.layers }, (_, l) =>
    Math.sqrt(Array.from(valuesOf(params, layerNames(l).weights)).reduce((sum, w) => sum + w * w, 0) / width),
  );
}
