import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-core/dist/register_all_gradients";
import {
  grads,
  maxPool,
  mul,
  sum,
  tensor,
  tensor4d,
  tidy,
  zeros,
  type Tensor,
  type Tensor4D,
} from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { seededRandom } from "../random.ts";
import { parameterisedPooling, parameterisedStart } from "./parameterised-pooling.ts";
import { regularisedPooling, seenBy, type Regularised } from "./regularised-pooling.ts";

type Shape = [number, number, number, number];
const drawn = (seed: number, shape: Shape): Tensor4D => {
  const random = seededRandom(seed);
  return tensor4d(
    Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => random.normal()),
    shape,
  );
};
const valuesOf = (x: Tensor): number[] => [...x.dataSync()];

/** The largest sample of each 5 x 5 kernel of a 10 x 10 map lies so far right of its centre; every sample is different. */
function peaksAt(offsets: readonly number[]): Tensor4D {
  const at = (kernel: number, right: number): number =>
    (5 * (kernel >> 1) + 2) * 10 + 5 * (kernel & 1) + 2 + right;
  const map = Float32Array.from({ length: 100 }, (_, i) => i / 1000);
  offsets.forEach((right, kernel) => (map[at(kernel, right)] = 9 - kernel));
  return tensor4d(map, [1, 10, 10, 1]);
}

describe("regularised pooling", () => {
  const five = (neighbours: number): Regularised => ({ size: [5, 5], neighbours: [neighbours, neighbours] });

  test("with itself as its only neighbour is max pooling", () => {
    tidy(() => {
      const x = drawn(1, [2, 10, 12, 3]);
      const by: Regularised = { size: [5, 3], neighbours: [1, 1] };
      expect(valuesOf(regularisedPooling(x, undefined, by))).toEqual(
        valuesOf(maxPool(x, [5, 3], [5, 3], "valid")),
      );
    });
  });

  test("takes the place that neighbouring kernels have on average, rounded", () => {
    tidy(() => {
      // All four kernels see +2, +2, -1, +2 and five places beyond the border: 5/9, so one to the right of the centre.
      const x = peaksAt([2, 2, -1, 2]);
      const all = x.dataSync();
      expect(valuesOf(regularisedPooling(x, undefined, five(3)))).toEqual(
        [23, 28, 73, 78].map((i) => all[i]),
      );
    });
  });

  test("takes every kernel at the same place where all peaks lie there", () => {
    tidy(() => {
      const map = new Float32Array(25 * 25);
      const random = seededRandom(3);
      map.forEach(
        (_, i) => (map[i] = (Math.floor(i / 25) % 5 === 3 && (i % 25) % 5 === 1 ? 5 : 0) + random.next()),
      );
      const found = valuesOf(regularisedPooling(tensor4d(map, [1, 25, 25, 1]), undefined, five(3)));
      for (const row of [1, 2, 3])
        for (const column of [1, 2, 3])
          // inside, where nothing beyond the border counts
          expect(found[row * 5 + column]).toBe(map[(5 * row + 3) * 25 + 5 * column + 1]);
    });
  });

  test("moves with its input by a kernel, over time alone too", () => {
    tidy(() => {
      const random = seededRandom(4);
      const line = Float32Array.from({ length: 60 }, (_, i) => (i < 15 || i >= 35 ? 0 : random.normal()));
      const moved = new Float32Array(60);
      moved.set(line.subarray(0, 55), 5);
      const by: Regularised = { size: [5, 1], neighbours: [3, 1] };
      const [a, b] = [line, moved].map((x) =>
        valuesOf(regularisedPooling(tensor4d(x, [1, 60, 1, 1]), undefined, by)),
      );
      expect(b?.slice(1)).toEqual(a?.slice(0, -1));
      expect(a?.some((v) => v !== 0)).toBe(true);
    });
  });

  test("background says nothing of places: kernels whose maximum most have, in the first place", () => {
    tidy(() => {
      // One kernel of nine has a peak, two to the right; the others are flat, and would else pull two up and two left.
      const map = new Float32Array(15 * 15);
      map[7 * 15 + 9] = 1;
      const near = regularisedPooling(tensor4d(map, [1, 15, 15, 1]), undefined, five(3));
      expect(valuesOf(near)[4]).toBe(0); // 2/9 rounds to the centre
      map[7 * 15 + 7] = 0.5;
      expect(valuesOf(regularisedPooling(tensor4d(map, [1, 15, 15, 1]), undefined, five(3)))[4]).toBe(0.5);
    });
  });

  test("sends the slope to the sample taken, as finite differences say", () => {
    tidy(() => {
      const x = drawn(5, [1, 10, 10, 2]);
      const weights = drawn(6, [1, 2, 2, 2]);
      const loss = (input: Tensor) =>
        sum(mul(weights, regularisedPooling(input as Tensor4D, undefined, five(3))));
      const [slope] = grads(loss)([x]);
      const given = x.dataSync();
      const changed = (i: number, by: number): number =>
        loss(
          tensor4d(
            Float32Array.from(given, (v, j) => (i === j ? v + by : v)),
            [1, 10, 10, 2],
          ),
        ).dataSync()[0] ?? 0;
      slope
        ?.dataSync()
        .forEach((exact, i) => expect((changed(i, 1e-3) - changed(i, -1e-3)) / 2e-3).toBeCloseTo(exact, 2));
    });
  });

  test("never takes what is not observed, but the nearest that is; kernels of nothing count for no neighbour", () => {
    tidy(() => {
      const by: Regularised = { size: [5, 1], neighbours: [3, 1] };
      const x = Float32Array.from({ length: 20 }, (_, i) => (i % 5 === 3 ? 5 + i : i / 10));
      const seen = new Float32Array(20).fill(1);
      seen.fill(0, 5, 10); // the second kernel
      seen[13] = 0; // the peak of the third
      const found = (hidden: number): number[] =>
        valuesOf(
          regularisedPooling(
            tensor4d(
              x.map((v, i) => (seen[i] === 1 ? v : hidden)),
              [1, 20, 1, 1],
            ),
            tensor4d(seen, [1, 20, 1, 1]),
            by,
          ),
        );
      expect(found(77)).toEqual(found(0));
      // First: one place to the right, and nothing beyond the border or from the second: 1/2 rounds to even, the centre.
      found(77).forEach((v, i) => expect(v).toBeCloseTo([x[2], 0, x[14], x[18]][i] ?? Number.NaN, 6));
      expect(valuesOf(seenBy(tensor4d(seen, [1, 20, 1, 1]), by))).toEqual([1, 0, 1, 1]);
    });
  });
});

describe("parameterised pooling", () => {
  const one = { size: [4, 1] } as const;
  const of = (
    window: readonly number[],
    rho: number,
    m: readonly number[],
    seen?: readonly number[],
  ): number =>
    tidy(() => {
      const [masks, exponents] = [tensor([...m], [1, 4]), tensor([rho])];
      const known = seen && tensor4d([...seen], [1, 4, 1, 1]);
      return (
        parameterisedPooling(
          tensor4d([...window], [1, 4, 1, 1]),
          known,
          { masks, exponents },
          one,
        ).dataSync()[0] ?? 0
      );
    });
  const open = [10, 10, 10, 10];
  const window = [0.1, 0.2, 0.3, 0.4];

  test("is the mean for p = 1, nearly the maximum for a large p, and the maximum beyond", () => {
    expect(of(window, 0, open)).toBeCloseTo(0.25, 6);
    expect(of(window, 4, open)).toBeCloseTo(0.38997, 5);
    expect(of(window, 10, open)).toBeCloseTo(0.4, 4);
  });

  test("agrees with powers taken directly, and a sample without weight is not there", () => {
    for (const p of [1, 2, 5, 10]) {
      const v = [0.3, 1, 0.6, 0.9];
      const m = v.map((share) => (share === 1 ? 10 : Math.log(share / (1 - share)) / 5));
      const direct = (window.reduce((s, x, i) => s + (v[i] ?? 0) * x ** p, 0) / 4) ** (1 / p);
      expect(of(window, Math.log(p), m)).toBeCloseTo(direct, 5);
    }
    expect(of([0.1, 0.2, 0.3, 50], 0, [10, 10, 10, -10])).toBeCloseTo(0.6 / 4, 5);
  });

  test("cuts its kernels to whole samples once it is final", () => {
    tidy(() => {
      const x = tensor4d([...window], [1, 4, 1, 1]);
      const learned = { masks: tensor([0.1, -0.1, 2, -3], [1, 4]), exponents: tensor([0]) };
      const [found = 0] = valuesOf(parameterisedPooling(x, undefined, learned, { ...one, isFinal: true }));
      expect(found).toBeCloseTo((0.1 + 0.3) / 4, 6);
    });
  });

  test("leaves out what is not observed, exactly for mean and maximum", () => {
    expect(of([0.1, 0.2, 0.3, 999], 0, open, [1, 1, 1, 0])).toBeCloseTo(0.2, 6);
    expect(of([0.1, 0.2, 0.3, 999], 9, open, [1, 1, 1, 0])).toBeCloseTo(0.3, 4);
    expect(of([1, 2, 3, 4], 0, open, [0, 0, 0, 0])).toBe(0);
  });

  test("has the slopes that finite differences say, for signals and images", () => {
    tidy(() => {
      for (const size of [
        [3, 1],
        [2, 2],
      ] as const) {
        const [h, w] = [size[0] * 2, size[1] === 1 ? 1 : 4];
        const x = drawn(7, [2, h, w, 2]);
        const [m, rho] = parameterisedStart(h, w, { size }, seededRandom(8));
        const places = rho.length;
        const params = [
          x,
          tensor(
            m.map((v) => v - 0.4),
            [places, size[0] * size[1]],
          ),
          tensor(
            rho.map(() => 0.7),
            [places],
          ),
        ];
        const loss = (input: Tensor, masks: Tensor, exponents: Tensor) =>
          sum(parameterisedPooling(input as Tensor4D, undefined, { masks, exponents }, { size }));
        const slopes = grads(loss)(params);
        params.forEach((param, which) => {
          const exact = slopes[which]?.dataSync() ?? [];
          for (let i = 0; i < Math.min(6, param.size); i += 1) {
            const at = (by: number): number => {
              const own = params.map((p, j) =>
                j === which
                  ? tensor(
                      Float32Array.from(p.dataSync(), (v, k) => (k === i ? v + by : v)),
                      p.shape,
                    )
                  : p,
              );
              return (
                loss(own[0] ?? zeros([1]), own[1] ?? zeros([1]), own[2] ?? zeros([1])).dataSync()[0] ?? 0
              );
            };
            expect((at(1e-2) - at(-1e-2)) / 2e-2).toBeCloseTo(exact[i] ?? Number.NaN, 2);
          }
        });
      }
    });
  });
});
