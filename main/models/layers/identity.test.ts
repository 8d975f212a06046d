import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-core/dist/register_all_gradients";
import {
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
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seededRandom } from "../random.ts";
import { sizeOf } from "../../compute/feeds.ts";
import { type NamedTensors, namedTensors } from "../../compute/parameters.ts";
import {
  identityForward,
  identityShapes,
  inputWidth,
  layerNames,
  stateWidth,
  type IdentityShape,
} from "./identity.ts";

const paramsOf = (shape: IdentityShape, value: () => number): NamedTensors => {
  const shapes = identityShapes(shape);
  const tensors = [...shapes.values()].map((of) =>
    tensor(Float32Array.from({ length: sizeOf(of) }, value), [...of]),
  );
  return namedTensors(shapes, tensors);
};

describe.each([20, 50])("%i identity layers at the start", (layers) => {
  const shape: IdentityShape = { features: 6, masks: 0, classes: 3, layers };

  test("have a Jacobian whose singular values are all 1", () => {
    tidy(() => {
      const random = seededRandom(1);
      const x = tensor2d(
        Float32Array.from({ length: 6 }, () => 0.01 + 0.98 * random.next()),
        [1, 6],
      );
      const params = paramsOf(shape, () => 0);
      for (let i = 0; i < 6; i += 1) {
        const unit = tensor2d(
          Float32Array.from({ length: 6 }, (_, j) => (j === i ? 1 : 0)),
          [1, 6],
        );
        const row = grad((input: Tensor) => {
          const { features } = identityForward(shape, params, input as Tensor2D, slice(x, [0, 0], [1, 0]));
          return sum(mul(features[layers - 1] as Tensor2D, unit));
        })(x);
        expect(row.dataSync()).toEqual(unit.dataSync()); // the identity itself: every singular value is 1
      }
    });
  });

  test("pass inputs on unchanged and say nothing for any class", () => {
    tidy(() => {
      const x = tensor2d([0, 0.2, 0.4, 0.6, 0.8, 1], [1, 6]);
      const { features, classBlock } = identityForward(
        shape,
        paramsOf(shape, () => 0),
        x,
        slice(x, [0, 0], [1, 0]),
      );
      expect(features).toHaveLength(layers);
      expect(classBlock).toHaveLength(layers);
      expect(features.at(-1)?.dataSync()).toEqual(x.dataSync());
      expect([...(classBlock.at(-1)?.dataSync() ?? [])]).toEqual([0, 0, 0]);
    });
  });
});

describe("identity layers anywhere", () => {
  test("have final logits equal to the evidence of every input in every layer plus the biases", () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.integer({ min: 2, max: 8 }), fc.boolean(), (seed, layers, hasMask) => {
        tidy(() => {
          const [d, k, n] = [4, 3, 5];
          const shape: IdentityShape = { features: d, masks: hasMask ? d : 0, classes: k, layers };
          const random = seededRandom(seed);
          const params = paramsOf(shape, () => 0.2 * random.normal());
          const x = tensor2d(
            Float32Array.from({ length: n * d }, () => random.normal()),
            [n, d],
          );
          const absent = tensor2d(
            Float32Array.from({ length: n * d }, () => -random.below(2)),
            [n, d],
          );
          const { features, classBlock } = identityForward(shape, params, x, absent);
          const logits = classBlock[layers - 1]?.dataSync() as Float32Array;
          const missing = absent.dataSync();
          for (let row = 0; row < n; row += 1) {
            for (let c = 0; c < k; c += 1) {
              let total = 0;
              for (let l = 0; l < layers; l += 1) {
                const width = l === layers - 1 ? k : d + k;
                const to = l === layers - 1 ? c : d + c;
                const weights = params(layerNames(l).weights).dataSync() as Float32Array;
                const f = features[l]?.dataSync() as Float32Array;
                total += params(layerNames(l).biases).dataSync()[to] as number;
                for (let i = 0; i < inputWidth(shape); i += 1) {
                  const input = i < d ? (f[row * d + i] as number) : (missing[row * d + i - d] as number);
                  total += (weights[i * width + to] as number) * input;
                }
              }
              expect(Math.abs(total - (logits[row * k + c] as number))).toBeLessThan(
                1e-5 * Math.max(1, Math.abs(total)),
              );
            }
          }
        });
      }),
      { numRuns: 25 },
    );
  });

  test("keep features in [-1, 1] and start no weight from the class block", () => {
    const shape: IdentityShape = { features: 2, masks: 2, classes: 3, layers: 3 };
    expect([...identityShapes(shape)]).toEqual([
      ["layer1.weights", [4, 5]],
      ["layer1.biases", [5]],
      ["layer2.weights", [4, 5]],
      ["layer2.biases", [5]],
      ["layer3.weights", [4, 3]],
      ["layer3.biases", [3]],
    ]);
    expect(stateWidth(shape)).toBe(7);
    tidy(() => {
      const random = seededRandom(2);
      const x = tensor2d([0.9, -0.9], [1, 2]);
      const params = paramsOf(shape, () => 3 * random.normal());
      const { features } = identityForward(shape, params, x, tensor2d([0, -1], [1, 2]));
      for (const f of features) expect(f.dataSync().every((v) => v >= -1 && v <= 1)).toBe(true);
    });
  });
});
