import { useEffect, useRef, useState } from "react";
import { BUCKETS_PER_TILE, bucketSizes, type Tile } from "../../../preload/contract/recording.ts";
import { sure } from "../../../preload/contract/sure.ts";
import { on, request } from "../../bridge/client.ts";
import { tilesIn } from "./levels.ts";
import type { TraceChannel } from "../tracks/track.ts";

/** A whole channel in few buckets: what the overview draws and what automatic gains are made from. */
export type CoarseTiles = ReadonlyMap<number, readonly Tile[]>;

const MOST_TILES = 8; // 4096 buckets: two a pixel on a wide screen
const REFRESH_MS = 2000; // while a recording grows

export const coarseSizeFor = (sampleCount: number): number =>
  bucketSizes.find((size) => sampleCount / size <= MOST_TILES * BUCKETS_PER_TILE) ?? sure(bucketSizes.at(-1));

async function loadCoarse(recordingId: string, channels: readonly TraceChannel[]): Promise<CoarseTiles> {
  const loaded = new Map<number, readonly Tile[]>();
  await Promise.all(
    channels.map(async (channel) => {
      if (channel.sampleCount === 0) return;
      const samplesPerBucket = coarseSizeFor(channel.sampleCount);
      const tileCount = Math.min(64, Math.max(1, tilesIn(channel.sampleCount, samplesPerBucket)));
      loaded.set(
        channel.position,
        await request("trace.tiles", {
          recordingId,
          channel: channel.position,
          samplesPerBucket,
          firstTile: 0,
          tileCount,
        }),
      );
    }),
  );
  return loaded;
}

/** Loaded once, and again when told to, when the recording changed or, at most every two seconds, grew. */
export function useCoarseTiles(
  recordingId: string,
  channels: readonly TraceChannel[],
  onError: (error: unknown) => void,
): { readonly tiles: CoarseTiles; readonly retry: () => void } {
  const [attempt, setAttempt] = useState(0);
  const [tiles, setTiles] = useState<CoarseTiles>(() => new Map());
  const shape = channels
    .map((channel) => `${channel.position}:${coarseSizeFor(channel.sampleCount)}`)
    .join(" ");
  const latest = useRef({ channels, onError }); // new on every render; what is loaded depends on their shape alone
  useEffect(() => {
    latest.current = { channels, onError };
  });
  useEffect(() => {
    let isCurrent = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const load = (): void => {
      timer = undefined;
      loadCoarse(recordingId, latest.current.channels).then(
        (loaded) => isCurrent && setTiles(loaded),
        (error: unknown) => isCurrent && latest.current.onError(error),
      );
    };
    load();
    const stops = [
      on("recordings.changed", ({ ids }) => ids.includes(recordingId) && load()),
      on("recordings.grew", ({ id }) => {
        if (id === recordingId) timer ??= setTimeout(load, REFRESH_MS);
      }),
    ];
    return () => {
      isCurrent = false;
      clearTimeout(timer);
      for (const stop of stops) stop();
    };
  }, [recordingId, shape, attempt]);
  return { tiles, retry: () => setAttempt((known) => known + 1) };
}
