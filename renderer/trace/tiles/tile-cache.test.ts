import { describe, expect, test } from "vitest";
import type { Tile } from "../../../preload/contract/recording.ts";
import { TileCache, needsFor, type TileRequest } from "./tile-cache.ts";

const tile = (index: number, samplesPerBucket: number, value = 0): Tile => ({
  index,
  samplesPerBucket,
  min: Float32Array.of(value),
  max: Float32Array.of(value),
  reason: Uint8Array.of(0),
});

interface Call {
  readonly request: TileRequest;
  readonly signal: AbortSignal;
  readonly answer: (value?: number) => Promise<void>;
  readonly fail: (error: Error) => Promise<void>;
}

function cacheWith(options: { capacity?: number; concurrency?: number } = {}) {
  const calls: Call[] = [];
  const arrived: TileRequest[] = [];
  const errors: unknown[] = [];
  const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
  const cache = new TileCache({
    ...options,
    load: (request, signal) =>
      new Promise((resolve, reject) => {
        calls.push({
          request,
          signal,
          answer: async (value = 0) => {
            resolve(
              Array.from({ length: request.tileCount }, (_, i) =>
                tile(request.firstTile + i, request.samplesPerBucket, value),
              ),
            );
            await turn();
          },
          fail: async (error: Error) => {
            reject(error);
            await turn();
          },
        });
      }),
    onTiles: (request) => arrived.push(request),
    onError: (error) => errors.push(error),
  });
  return { cache, calls, arrived, errors };
}
const need = (first: number, last: number, channel = 0) => ({ channel, samplesPerBucket: 4, first, last });

describe("tile cache", () => {
  test("asks once for neighbouring tiles, and not again while they are under way or kept", async () => {
    const { cache, calls, arrived } = cacheWith();
    cache.want([need(0, 2)]);
    cache.want([need(0, 2)]);
    expect(calls.map((call) => call.request)).toEqual([
      { channel: 0, samplesPerBucket: 4, firstTile: 0, tileCount: 3 },
    ]);
    await calls[0]!.answer();
    expect(arrived).toHaveLength(1);
    cache.want([need(0, 3)]);
    expect(calls[1]!.request).toMatchObject({ firstTile: 3, tileCount: 1 });
    expect(cache.get(0, 4, 1)).toBeDefined();
    expect(cache.get(0, 16, 1)).toBeUndefined();
  });
  test("visible tiles are asked for before the ones around them, without asking twice", () => {
    const { cache, calls } = cacheWith();
    cache.want([need(5, 6), need(4, 7)]);
    expect(calls.map((call) => [call.request.firstTile, call.request.tileCount])).toEqual([
      [5, 2],
      [4, 1],
      [7, 1],
    ]);
  });
  test("what waited for an earlier view is dropped, and what is under way is aborted when nobody wants it", () => {
    const { cache, calls } = cacheWith({ concurrency: 1 });
    cache.want([need(0, 0), need(10, 10)]);
    cache.want([need(20, 20)]);
    expect(calls[0]!.signal.aborted).toBe(true);
    expect(calls).toHaveLength(1);
  });
  test("an aborted request is asked for again when it is wanted again", async () => {
    const { cache, calls } = cacheWith({ concurrency: 2 });
    cache.want([need(0, 0)]);
    cache.want([need(9, 9)]);
    cache.want([need(0, 0)]);
    await calls[1]!.fail(new DOMException("stopped", "AbortError"));
    expect(calls.map((call) => call.request.firstTile)).toEqual([0, 9, 0]);
  });
  test("keeps no more than its capacity, and gives up the tile used longest ago", async () => {
    const { cache, calls } = cacheWith({ capacity: 3 });
    cache.want([need(0, 2)]);
    await calls[0]!.answer();
    cache.get(0, 4, 0);
    cache.want([need(3, 3)]);
    await calls[1]!.answer();
    expect(cache.size).toBe(3);
    expect(cache.get(0, 4, 1)).toBeUndefined();
    expect(cache.get(0, 4, 0)).toBeDefined();
  });
  test("a grown channel keeps showing its last tile until the new one arrives", async () => {
    const { cache, calls } = cacheWith();
    cache.want([need(0, 1)]);
    await calls[0]!.answer(1);
    cache.refreshFrom(0, 4 * 512 + 10); // the channel ended in tile 1
    cache.want([need(0, 1)]);
    expect(calls[1]!.request).toMatchObject({ firstTile: 1, tileCount: 1 });
    expect(cache.get(0, 4, 1)?.min[0]).toBe(1);
    await calls[1]!.answer(2);
    expect(cache.get(0, 4, 1)?.min[0]).toBe(2);
  });
  test("tiles of a channel that grows quicker than they come are shown, and asked for again", async () => {
    const { cache, calls } = cacheWith();
    cache.want([need(0, 0)]);
    cache.refreshFrom(0, 100);
    await calls[0]!.answer(1);
    expect(cache.get(0, 4, 0)?.min[0]).toBe(1);
    cache.want([need(0, 0)]);
    expect(calls).toHaveLength(2);
    await calls[1]!.answer(2);
    expect(cache.get(0, 4, 0)?.min[0]).toBe(2);
  });
  test("an answer from before a change is thrown away", async () => {
    const { cache, calls } = cacheWith();
    cache.want([need(0, 0)]);
    cache.refreshAll();
    await calls[0]!.answer(1);
    expect(cache.get(0, 4, 0)).toBeUndefined();
    cache.want([need(0, 0)]);
    await calls[1]!.answer(2);
    expect(cache.get(0, 4, 0)?.min[0]).toBe(2);
  });
  test("a failed tile is reported once and asked for again only after a change or a retry", async () => {
    const { cache, calls, errors } = cacheWith();
    cache.want([need(0, 0)]);
    await calls[0]!.fail(new Error("damaged"));
    cache.want([need(0, 0)]);
    expect(errors).toHaveLength(1);
    expect(calls).toHaveLength(1);
    cache.retry();
    cache.want([need(0, 0)]);
    expect(calls).toHaveLength(2);
  });
  test("a closed cache keeps and says nothing", async () => {
    const { cache, calls, arrived } = cacheWith();
    cache.want([need(0, 0)]);
    cache.close();
    await calls[0]!.answer();
    expect(arrived).toEqual([]);
    expect(cache.size).toBe(0);
  });
  test("needs are the visible tiles and one screen on each side, inside the channel", () => {
    const span = { fromSample: 512 * 4 * 3, toSample: 512 * 4 * 5, sampleCount: 512 * 4 * 6 - 1 };
    const { visible, around } = needsFor(2, 4, span);
    expect(visible).toEqual({ channel: 2, samplesPerBucket: 4, first: 3, last: 4 });
    expect(around).toEqual({ channel: 2, samplesPerBucket: 4, first: 1, last: 5 });
  });
});
