import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-core/dist/register_all_gradients";
import {
  concat,
  grad,
  mul,
  slice,
  sum,
  tensor,
  tensor2d,
  tidy,
  type Tensor,
  type Tensor2D,
} from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { Picture } from "../../../preload/contract/method.ts";
import { sizeOf } from "../../compute/feeds.ts";
import { arraysFrom, type NamedArrays, valuesOf } from "../../compute/parameters.ts";
import { singularValues } from "../linear-algebra.ts";
import { seededRandom } from "../random.ts";
import { identityForward, identityShapes, type IdentityShape } from "./identity.ts";
import { identityPictures } from "./identity-pictures.ts";
import { identityLayers, isometryOf, jacobianOf } from "./isometry.ts";

test("singular values of a product of turns and a scaling are the scaling", () => {
  const random = seededRandom(4);
  const n = 6;
  const turn = (a: Float64Array): Float64Array => {
    const v = Float64Array.from({ length: n }, () => random.normal());
    const size = v.reduce((s, x) => s + x * x, 0);
    // A Householder reflection of every row.
    return a.map((x, at) => {
      const row = Math.floor(at / n) * n;
      const along = v.reduce((s, w, j) => s + w * (a[row + j] ?? 0), 0);
      return x - (2 * along * (v[at % n] ?? 0)) / size;
    });
  };
  const transposed = (a: Float64Array): Float64Array =>
    a.map((_, at) => a[(at % n) * n + Math.floor(at / n)] ?? 0);
  const scales = [3, 2, 1, 0.5, 1e-3, 1e-8];
  const diagonal = Float64Array.from({ length: n * n }, (_, at) =>
    at % (n + 1) === 0 ? (scales[at % n] ?? 0) : 0,
  );
  const found = singularValues(transposed(turn(transposed(turn(diagonal)))), n, n);
  scales.forEach((scale, i) => expect(found[i]! / scale).toBeCloseTo(1, 7));
});

test.each([20, 50])("%i layers at the identity pass everything on: every singular value is 1", (layers) => {
  const shape: IdentityShape = { features: 9, masks: 9, classes: 3, layers };
  const random = seededRandom(2);
  const x = Float64Array.from({ length: 9 }, () => random.next());
  const found = isometryOf(identityLayers(shape, {}, x), 12);
  for (const value of found) expect(Math.abs(value - 1)).toBeLessThan(1e-6);
});

test("the product over layers is the derivative of the network", () => {
  const shape: IdentityShape = { features: 4, masks: 4, classes: 2, layers: 5 };
  const random = seededRandom(3);
  const values = arraysFrom(identityShapes(shape), (_, of) =>
    Float32Array.from({ length: sizeOf(of) }, () => 0.3 * random.normal()),
  );
  const x = Float32Array.of(0.9, -0.4, 0.1, -0.8);
  const j = jacobianOf(identityLayers(shape, values, x), 6);
  tidy(() => {
    const params = (name: string): Tensor => tensor(valuesOf(values, name), [...(values[name]?.shape ?? [])]);
    for (let out = 0; out < 6; out += 1) {
      const unit = tensor2d(
        Float32Array.from({ length: 6 }, (_, i) => (i === out ? 1 : 0)),
        [1, 6],
      );
      const row = grad((input: Tensor) => {
        const { features, classBlock } = identityForward(
          shape,
          params,
          input as Tensor2D,
          slice(tensor2d([0, 0, 0, 0], [1, 4]), [0, 0], [1, 4]),
        );
        return sum(mul(concat([features[4]!, classBlock[4]!], 1), unit));
      })(tensor2d(x, [1, 4])).dataSync();
      row.forEach((slope, i) => expect(j[out * 6 + i]).toBeCloseTo(slope, 4));
    }
  });
  expect(identityLayers(shape, values, x).some(({ slopes }) => slopes.includes(0))).toBe(true); // some feature is clipped
});

test("a network is pictured by its spectrum before and after, and one too wide for it by its distances alone", () => {
  const params = (shape: IdentityShape): NamedArrays =>
    arraysFrom(identityShapes(shape), (_, of) => new Float32Array(sizeOf(of)).fill(0.1));
  const kindsOf = (shape: IdentityShape): string[] =>
    identityPictures(shape, params(shape)).map((picture) => Picture.parse(picture).kind);
  expect(kindsOf({ features: 3, masks: 3, classes: 2, layers: 3 })).toEqual(["curves", "curves", "facts"]);
  expect(kindsOf({ features: 1500, masks: 0, classes: 2, layers: 2 })).toEqual(["curves", "facts"]);
});
