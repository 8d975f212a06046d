import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { BUCKETS_PER_TILE, type Tile } from "../../../preload/contract/recording.ts";
import { recorder, stubCanvas } from "../tracks/drawing.fixtures.ts";
import { paletteOf } from "../tracks/palette.ts";
import { timeScale } from "../tracks/time-scale.ts";
import type { TraceChannel } from "../tracks/track.ts";
import { paintFan } from "./fan-picture.ts";
import { layoutStrip } from "./layout.ts";

beforeEach(stubCanvas);
afterEach(() => vi.unstubAllGlobals());

const fhr: TraceChannel = {
  ...{ position: 0, label: "FHR", unit: "bpm", role: "fhr" },
  ...{ sampleRate: 1, sampleCount: 240 },
};

/** What is drawn where nothing was recorded after the origin: what is filled, from the first to the last. */
function fills(isCameShown: boolean): readonly string[] {
  const { panels } = layoutStrip({
    ...{ kind: "ctg", channels: [fhr], ranges: new Map(), pixelsPerCm: 37.8, paperSpeed: 1 },
    ...{ fhrRange: "50-210", rows: 1, lanes: [], prediction: undefined, items: [] },
    ...{ startOfDayS: undefined, heightPx: 800, dpr: 1, palette: paletteOf("light") },
  });
  const [panel] = panels;
  if (panel === undefined) throw new Error("the channel has a panel");
  const lost = new Float32Array(BUCKETS_PER_TILE).fill(Number.NaN);
  const tile = (samplesPerBucket: number, index: number): Tile => ({
    ...{ samplesPerBucket, index, min: lost, max: lost },
    reason: new Uint8Array(BUCKETS_PER_TILE).fill(1),
  });
  const { context, drawn } = recorder();
  paintFan(
    context,
    {
      ...{ scale: timeScale(60, 1, 60), dpr: 1, palette: paletteOf("light"), durationS: 240 },
      tiles: { get: (_channel, samplesPerBucket, index) => tile(samplesPerBucket, index) },
    },
    panel,
    {
      forecast: {
        ...{ fromS: 60, horizonS: 60, stepS: 1, over: "FHR", branches: [], assumed: [] },
        quantiles: [0.05, 0.95].map((share) => ({
          share,
          value: new Float32Array(60).fill(120 + 20 * share),
        })),
      },
      ...{ channel: fhr, branches: [], areNamed: true, forkText: undefined, assumed: [], isCameShown },
    },
  );
  return drawn
    .filter(({ call, fill }) => call === "fill" || (call === "fillRect" && typeof fill === "object"))
    .map(({ call }) => (call === "fill" ? "band" : "hatch"));
}

test("the fan lies upon the hatch of what was missing after it, which is not told where what came is hidden", () => {
  expect(fills(true)).toEqual(["hatch", "band"]);
  expect(fills(false)).toEqual(["band"]);
});
