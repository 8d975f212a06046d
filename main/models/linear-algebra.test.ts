import fc from "fast-check";
import { expect, test } from "vitest";
import { cholesky, invertLower, logSumExp, softmaxRows, solveLower, solveUpper } from "./linear-algebra.ts";
import { seededRandom } from "./random.ts";

/** A Aᵀ + I / 10: positive definite, of any size. */
function positiveDefinite(n: number, seed: number): Float64Array {
  const random = seededRandom(seed);
  const a = Float64Array.from({ length: n * n }, () => random.normal());
  return Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    let sum = i === j ? 0.1 : 0;
    for (let k = 0; k < n; k += 1) sum += (a[i * n + k] as number) * (a[j * n + k] as number);
    return sum;
  });
}

const times = (a: ArrayLike<number>, b: ArrayLike<number>, n: number): Float64Array =>
  Float64Array.from({ length: n * n }, (_, at) => {
    let sum = 0;
    for (let k = 0; k < n; k += 1)
      sum += (a[Math.floor(at / n) * n + k] as number) * (b[k * n + (at % n)] as number);
    return sum;
  });

const transposed = (a: Float64Array, n: number): Float64Array =>
  a.map((_, at) => a[(at % n) * n + Math.floor(at / n)] as number);

function expectClose(found: ArrayLike<number>, wanted: ArrayLike<number>, tolerance: number): void {
  expect(found.length).toBe(wanted.length);
  for (let i = 0; i < wanted.length; i += 1)
    expect(Math.abs((found[i] as number) - (wanted[i] as number))).toBeLessThanOrEqual(tolerance);
}

const sizes = { n: fc.integer({ min: 1, max: 7 }), seed: fc.nat(1e6) };

test("a Cholesky factor times its transpose is the matrix, and its inverse undoes it", () => {
  fc.assert(
    fc.property(sizes.n, sizes.seed, (n, seed) => {
      const a = positiveDefinite(n, seed);
      const lower = cholesky(a, n);
      expectClose(times(lower, transposed(lower, n), n), a, 1e-10);
      const unit = a.map((_, at) => (at % (n + 1) === 0 ? 1 : 0));
      expectClose(times(lower, invertLower(lower, n), n), unit, 1e-8);
    }),
  );
});

test("forward and backward substitution solve the system", () => {
  fc.assert(
    fc.property(sizes.n, sizes.seed, (n, seed) => {
      const a = positiveDefinite(n, seed);
      const random = seededRandom(seed, 1);
      const x = Float64Array.from({ length: n }, () => random.normal());
      const b = x.map((_, i) => x.reduce((sum, v, j) => sum + (a[i * n + j] as number) * v, 0));
      const lower = cholesky(a, n);
      const half = new Float64Array(n);
      const found = new Float64Array(n);
      solveLower(lower, n, b, half);
      solveUpper(lower, n, half, found);
      expectClose(found, x, 1e-6);
    }),
  );
});

test("a matrix that is not positive definite is refused with the row and the pivot", () => {
  expect(() => cholesky(Float64Array.of(1, 2, 2, 1), 2)).toThrow(
    expect.objectContaining({
      code: "model/not-positive-definite",
      detail: { row: 1, pivot: -3, rows: 2 },
    }) as Error,
  );
  expect(() => cholesky(Float64Array.of(Number.NaN), 1)).toThrow(/not positive definite/);
});

test("logarithms of sums stay finite where the exponentials would not", () => {
  expect(logSumExp([1000, 1000], 0, 2)).toBeCloseTo(1000 + Math.log(2), 12);
  expect(logSumExp([-1e4, 0, -1e4], 0, 3)).toBe(0);
  expect(logSumExp([7, -Infinity, -Infinity], 1, 2)).toBe(-Infinity);
});

test("rows of a softmax sum to one, ignore a common shift, and sharpen with a lower temperature", () => {
  const logit = fc.double({ min: -500, max: 500, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(logit, { minLength: 6, maxLength: 6 }),
      fc.integer({ min: -99, max: 99 }),
      (row, by) => {
        const p = softmaxRows(row, 3);
        const shifted = softmaxRows(
          row.map((v) => v + by),
          3,
        );
        expectClose(shifted, p, 1e-9);
        for (const from of [0, 3]) {
          const own = p.subarray(from, from + 3);
          expect(own.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
          const sharp = softmaxRows(row, 3, 0.5).subarray(from, from + 3);
          expect(Math.max(...sharp)).toBeGreaterThanOrEqual(Math.max(...own) - 1e-12);
        }
      },
    ),
  );
});
