import fc from "fast-check";
import { expect, test } from "vitest";
import type { Samples } from "./block.ts";
import {
  type Bucket,
  bucketAt,
  type Buckets,
  coarsen,
  commonestReasons,
  emptyBucket,
  FINEST,
  joinBuckets,
  mergeBucket,
  storedSizes,
  summarise,
} from "./pyramid.ts";
import { PyramidGrowth } from "./pyramid-growth.ts";

interface Masked {
  readonly values: Float32Array;
  readonly reasons: Uint8Array;
}
const masked: fc.Arbitrary<Masked> = fc
  .array(fc.tuple(fc.integer({ min: -99, max: 99 }), fc.constantFrom(0, 0, 0, 0, 1, 2, 7)), {
    maxLength: 400,
  })
  .map((pairs) => ({
    values: Float32Array.from(pairs, ([value]) => value),
    reasons: Uint8Array.from(pairs, ([, reason]) => reason),
  }));

const plain = (buckets: Buckets): Bucket[] => Array.from(buckets.min, (_, i) => bucketAt(buckets, i));

/** The definition, one bucket at a time. */
function naive({ values, reasons }: Masked, size: number): Bucket[] {
  const buckets: Bucket[] = [];
  for (let at = 0; at < values.length; at += size) {
    const observed = [...values.subarray(at, at + size)].filter((_, i) => reasons[at + i] === 0);
    const missing = new Map<number, number>();
    for (const reason of reasons.subarray(at, at + size))
      if (reason !== 0) missing.set(reason, (missing.get(reason) ?? 0) + 1);
    buckets.push({
      min: observed.length === 0 ? NaN : Math.min(...observed),
      max: observed.length === 0 ? NaN : Math.max(...observed),
      missing: new Map([...missing].sort(([a], [b]) => a - b)),
    });
  }
  return buckets;
}
const sorted = (buckets: Bucket[]): Bucket[] =>
  buckets.map((bucket) => ({
    ...bucket,
    missing: new Map([...bucket.missing].filter(([, n]) => n > 0).sort(([a], [b]) => a - b)),
  }));

test("buckets hold the bounds of the observed samples and count the others by reason", () => {
  fc.assert(
    fc.property(masked, fc.constantFrom(1, 4, 16, 64), (samples, size) => {
      expect(sorted(plain(summarise(samples.values, samples.reasons, size)))).toEqual(naive(samples, size));
    }),
  );
});

test("two halves join to the whole, wherever the cut is", () => {
  fc.assert(
    fc.property(masked, fc.nat(400), fc.constantFrom(1, 4, 16, 64), ({ values, reasons }, at, size) => {
      const cut = Math.min(at, values.length);
      const a = summarise(values.subarray(0, cut), reasons.subarray(0, cut), size);
      const b = summarise(values.subarray(cut), reasons.subarray(cut), size, cut % size);
      const isShared = cut % size !== 0;
      expect(sorted(plain(joinBuckets(a, b, isShared)))).toEqual(naive({ values, reasons }, size));
    }),
  );
});

test("coarser buckets are those of the samples at that size", () => {
  fc.assert(
    fc.property(masked, fc.constantFrom(1, 4, 16), ({ values, reasons }, size) => {
      expect(sorted(plain(coarsen(summarise(values, reasons, size))))).toEqual(
        naive({ values, reasons }, 4 * size),
      );
    }),
  );
});

test("parts of one bucket merge in any order to the bucket", () => {
  fc.assert(
    fc.property(masked, fc.nat(), ({ values, reasons }, at) => {
      fc.pre(values.length > 1);
      const cut = 1 + (at % (values.length - 1));
      const whole = bucketAt(summarise(values, reasons, 400), 0);
      const a = bucketAt(summarise(values.subarray(0, cut), reasons.subarray(0, cut), 400), 0);
      const b = bucketAt(summarise(values.subarray(cut), reasons.subarray(cut), 400), 0);
      expect(sorted([mergeBucket(a, b)])).toEqual(sorted([whole]));
      expect(sorted([mergeBucket(b, a)])).toEqual(sorted([whole]));
      expect(mergeBucket(emptyBucket, a)).toEqual(a);
    }),
  );
});

test("the commonest reason wins, of equals the smaller code, and 0 says all are observed", () => {
  const missing = new Map([
    [7, Uint32Array.of(2, 3, 0, 0)],
    [1, Uint32Array.of(2, 1, 0, 1)],
  ]);
  const four = new Float32Array(4);
  expect(commonestReasons({ min: four, max: four, missing })).toEqual(Uint8Array.of(1, 7, 0, 1));
});

/** A channel as pieces of samples and gaps between them. */
const pieces = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant("samples" as const), samples: masked }),
    fc.record({ kind: fc.constant("gap" as const), length: fc.oneof(fc.nat(200), fc.nat(40_000)) }),
  ),
  { maxLength: 8 },
);

test("a pyramid grown in pieces with gaps, resumed at any point, keeps what the whole channel gives", () => {
  fc.assert(
    fc.property(pieces, fc.nat(7), fc.constantFrom(1, -0.5), (list, resumeAt, gain) => {
      const kept = new Map<string, Bucket>();
      const keep = (
        level: number,
        bucket: number,
        content: { min: number; max: number; missing: Uint32Array; seen: readonly number[] },
      ): void => {
        kept.set(`${level}/${bucket}`, {
          min: content.min,
          max: content.max,
          missing: new Map(
            [...content.seen].sort((a, b) => a - b).map((reason) => [reason, content.missing[reason]!]),
          ),
        });
      };
      let growth = new PyramidGrowth({ gain, offset: 3 }, keep);
      const values: number[] = [];
      const reasons: number[] = [];
      const whole = (): Masked => ({ values: Float32Array.from(values), reasons: Uint8Array.from(reasons) });
      for (const [index, piece] of list.entries()) {
        if (index === resumeAt) {
          const so = whole();
          const partial = (level: number, bucket: number): Bucket => naive(so, storedSizes[level]!)[bucket]!;
          growth = new PyramidGrowth({ gain, offset: 3 }, keep, { position: values.length, partial });
        }
        if (piece.kind === "gap") {
          growth.skip(piece.length);
          for (let i = 0; i < piece.length; i++) {
            values.push(NaN);
            reasons.push(2);
          }
        } else {
          const digital: Samples = Int16Array.from(piece.samples.values);
          growth.append(
            digital,
            piece.samples.reasons.some((reason) => reason !== 0) ? piece.samples.reasons : undefined,
          );
          for (const value of digital) values.push(value * gain + 3);
          reasons.push(...piece.samples.reasons);
        }
      }
      for (const [level, size] of storedSizes.entries()) {
        const full = naive(whole(), size).slice(0, Math.floor(values.length / size));
        for (const [bucket, expected] of full.entries()) {
          const isGap = expected.missing.get(2) === size; // not kept: what is absent was not recorded
          expect(kept.get(`${level}/${bucket}`) ?? (isGap ? expected : "absent")).toEqual(expected);
        }
        if (size > 65536) break;
      }
      expect(FINEST).toBe(64);
    }),
    { numRuns: 60 },
  );
});

test("whole numbers have the bounds that they have as others, up to the last of their type", () => {
  const whole = fc.oneof(fc.integer({ min: -32_768, max: 32_767 }), fc.constantFrom(-32_768, 32_767));
  fc.assert(
    fc.property(
      fc.array(whole, { minLength: 64, maxLength: 300 }),
      fc.constantFrom(1, -0.5),
      (list, gain) => {
        const bounds = [Int16Array, Int32Array, Float64Array].map((type) => {
          const kept: [number, number, number][] = [];
          new PyramidGrowth({ gain, offset: 3 }, (_, bucket, { min, max }) =>
            kept.push([bucket, min, max]),
          ).append(new type(list), undefined);
          return kept;
        });
        const [first, ...others] = bounds;
        for (const other of others) expect(other).toEqual(first);
        const physical = list.slice(0, 64).map((value) => value * gain + 3);
        expect(first?.[0]).toEqual([0, Math.min(...physical), Math.max(...physical)]);
      },
    ),
  );
});

test("a gap of a month at 1 kHz is skipped at once", () => {
  let kept = 0;
  const growth = new PyramidGrowth({ gain: 1, offset: 0 }, () => kept++);
  growth.append(new Int16Array(100), undefined);
  growth.skip(30 * 24 * 3600 * 1000);
  growth.append(new Int16Array(100), undefined);
  expect(kept).toBeLessThan(40);
});
