import { expect, test } from "vitest";
import { layoutStrip } from "../../trace/strip/layout.ts";
import { paletteOf } from "../../trace/tracks/palette.ts";
import type { TraceChannel } from "../../trace/tracks/track.ts";
import { translate } from "../../ui/words.ts";
import { describeTarget } from "./describe.ts";
import { reviewWords } from "./words.ts";

const channel = (position: number, label: string, role: "fhr" | "uc"): TraceChannel => ({
  ...{ position, label, role, unit: role === "fhr" ? "bpm" : "mmHg", sampleRate: 1, sampleCount: 600 },
});
const [fhr, uc] = [channel(0, "FHR", "fhr"), channel(1, "UC", "uc")];
const { panels } = layoutStrip({
  ...{ kind: "ctg", channels: [fhr, uc], ranges: new Map(), pixelsPerCm: 37.8, paperSpeed: 1 },
  ...{ fhrRange: "50-210", rows: 1, lanes: [], prediction: undefined, items: [] },
  ...{ startOfDayS: undefined, heightPx: 800, dpr: 1, palette: paletteOf("light") },
});

/** What stands beside the pointer over a channel, half a minute after the origin of a fan. */
function told(over: TraceChannel, { came, assumed }: { came: boolean; assumed: boolean }): string {
  const value = new Float32Array(60).fill(140);
  const lines = describeTarget(
    { t: translate(reviewWords, "en"), language: "en", startOfDayS: undefined },
    {
      ...{
        timeS: 90,
        xPx: 0,
        yPx: 0,
        lane: undefined,
        event: undefined,
        grip: "middle",
        prediction: undefined,
        foundKind: undefined,
      },
      ...{ panel: panels.find(({ series }) => series[0]?.channel === over), found: undefined },
    },
    [
      { channel: fhr, reading: { kind: "value", min: 151, max: 151, isExact: true } },
      { channel: uc, reading: { kind: "value", min: 33, max: 33, isExact: true } },
    ],
    undefined,
    10,
    {
      forecast: {
        ...{ fromS: 60, horizonS: 60, stepS: 1, over: "FHR", branches: [], assumed: [] },
        quantiles: [0.05, 0.95].map((share) => ({ share, value })),
      },
      ...{ channel: fhr, branches: [], areNamed: true, forkText: undefined, isCameShown: came },
      assumed: assumed ? [{ channel: uc, untilS: 30, value, text: "" }] : [],
    },
  );
  return lines.join("|");
}

test("where what came is hidden it is not told beside the pointer either, over whichever channel that is", () => {
  expect(told(fhr, { came: true, assumed: true })).toMatch(/140–140.*FHR 151.*UC 33/);
  expect(told(fhr, { came: false, assumed: true })).not.toMatch(/151|33/);
  expect(told(uc, { came: false, assumed: true })).not.toMatch(/151|33/);
  expect(told(uc, { came: false, assumed: false })).toMatch(/^(?!.*151).*UC 33/);
});
