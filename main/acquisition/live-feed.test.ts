import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LiveSamples } from "../../preload/contract/acquisition.ts";
import { maskReasons } from "../../preload/contract/mask.ts";
import type { ChannelHeader } from "../../preload/contract/recording.ts";
import type { SamplePiece } from "../signal/piece.ts";
import { LiveFeed } from "./live-feed.ts";
import { liveViewOf } from "./live-filter.ts";

const emg = (sampleRate: number): ChannelHeader => ({
  ...{ label: "E", unit: "uV", role: "emg", sampleType: "int32", gain: 0.0224, offset: 1, sampleRate },
});
const other: ChannelHeader = { ...emg(1000), label: "A", role: "other" };
const headers = [emg(1000), other];

const COUNT = 600;
/** Muscle, mains and an amplifier's offset; of some samples a reason. */
const whole: SamplePiece = {
  ...{ kind: "samples", channel: 0, first: 0, count: COUNT },
  values: Float64Array.from({ length: 2 * COUNT }, (_, i) =>
    Math.round(90_000 + 2000 * Math.sin(i * 0.7) + 900 * Math.sin((Math.PI * i) / 20)),
  ),
  reasons: Uint8Array.from({ length: 2 * COUNT }, (_, i) =>
    (i > 200 && i < 260) || (i > 600 && i < 800) || i % 97 === 0 ? maskReasons.saturated : 0,
  ),
};
const cut = (first: number, end: number): SamplePiece => ({
  ...{ kind: "samples", channel: 0, first, count: end - first },
  values: whole.values.slice(2 * first, 2 * end),
  reasons: whole.reasons.slice(2 * first, 2 * end),
});

/** Filtered samples by index, from all that was taken. */
const filteredOf = (taken: readonly (LiveSamples | undefined)[]): Map<number, number> =>
  new Map(
    taken
      .flatMap((one) => one?.channels ?? [])
      .filter(({ channel }) => channel === 0)
      .flatMap(({ first, filtered }) => [...(filtered ?? [])].map((value, i) => [first + i, value] as const)),
  );

describe("the live feed", () => {
  test("filters to the same bits wherever the stream is cut, and whatever of it is lost", () => {
    const edges = fc.uniqueArray(fc.integer({ min: 1, max: COUNT - 1 }), { maxLength: 30 });
    fc.assert(
      fc.property(edges, fc.array(fc.boolean(), { minLength: 31, maxLength: 31 }), (inner, isLost) => {
        const bounds = [0, ...inner.sort((a, b) => a - b), COUNT];
        const stretches = bounds.slice(1).map((end, i) => [bounds[i] ?? 0, end] as const);
        const kept = stretches.filter((_, i) => isLost[i] !== true);
        const fed = (pieces: readonly SamplePiece[]): Map<number, number> => {
          const feed = new LiveFeed(50);
          return filteredOf(
            pieces.map((piece) => {
              feed.add(piece, headers);
              return feed.take(0);
            }),
          );
        };
        const single = kept.flatMap(([from, to]) =>
          Array.from({ length: to - from }, (_, i) => cut(from + i, from + i + 1)),
        );
        expect(fed(kept.map(([from, to]) => cut(from, to)))).toEqual(fed(single));
      }),
      { numRuns: 25 },
    );
  });

  test("values are unfiltered, other channels have no filter, what is unobserved has no value", () => {
    const feed = new LiveFeed(50);
    feed.add(whole, headers);
    const [first, second] = feed.take(0)?.channels ?? [];
    expect(first?.values[1]).toBe(Math.fround((whole.values[2] ?? NaN) * 0.0224 + 1));
    expect(second?.filtered).toBeUndefined();
    expect([...(first?.filtered ?? [])].map(Number.isNaN)).toEqual(
      [...(first?.reasons ?? [])].map((reason) => reason !== 0),
    );
  });

  test("mains of a settled signal is gone, muscle stays", () => {
    const feed = new LiveFeed(50);
    const count = 4000;
    const through = (hz: number): number => {
      feed.begin("r");
      const values = Float64Array.from({ length: count }, (_, i) =>
        Math.round(1e6 * Math.sin((2 * Math.PI * hz * i) / 1000)),
      );
      feed.add({ kind: "samples", channel: 0, first: 0, count, values, reasons: new Uint8Array(count) }, [
        emg(1000),
      ]);
      const filtered = feed.take(0)?.channels[0]?.filtered ?? new Float32Array();
      return Math.max(...filtered.slice(-500).map(Math.abs)) / (1e6 * 0.0224);
    };
    expect(through(50)).toBeLessThan(1e-3);
    expect(through(100)).toBeGreaterThan(0.99);
    expect(through(3)).toBeLessThan(1e-3);
  });
});

describe("filters of the live view", () => {
  test.each([
    [2000, 60, ["high-pass 20", "low-pass 450", "notch 60"]],
    [1000, 50, ["high-pass 20", "low-pass 450", "notch 50"]],
    [250, 50, ["high-pass 20", "notch 50"]],
    [100, 50, ["high-pass 20"]],
  ])("at %s Hz with mains of %s Hz", (rate, mains, wanted) => {
    const filters = liveViewOf(emg(rate), mains)?.filters ?? [];
    expect(filters.map(({ kind, hz }) => `${kind} ${hz}`)).toEqual(wanted);
  });

  test("none where nothing would be left, or the channel is no EMG", () => {
    expect(liveViewOf(emg(40), 50)).toBeUndefined();
    expect(liveViewOf(other, 50)).toBeUndefined();
  });
});
