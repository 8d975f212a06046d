import type { Anchor } from "../../../preload/contract/ctg.ts";
import { number } from "../../ui/format.ts";
import { translate } from "../../ui/words.ts";
import { toY, type ValueScale } from "./envelope.ts";
import type { TrackKind } from "./kind.ts";
import { laneScale } from "./lane.ts";
import { toX } from "./time-scale.ts";
import { traceWords } from "./words.ts";

/** Points that a person set: the baseline passes there. */
export interface AnchorsContent {
  readonly anchors: readonly Anchor[];
}

interface PlacedAnchors extends AnchorsContent {
  readonly values: ValueScale;
}

const SIZE_PX = 5; // from the middle to a corner
const NEAR_PX = 8;

/** Diamonds on the heart rate's scale, whatever the baseline does with them. */
export const anchorsKind: TrackKind<AnchorsContent, PlacedAnchors, Anchor> = {
  name: "anchors",
  height: () => 44,
  place: (content, at) => ({ ...content, values: at.values ?? laneScale({ low: 50, high: 210 }, at) }),
  channels: () => [],
  draw(context, { scale, dpr, palette }, { anchors, values }, { from, to }) {
    const half = SIZE_PX * dpr;
    for (const { atS, bpm } of anchors) {
      const x = Math.round(atS * scale.pxPerS) - scale.origin;
      if (x < from - half || x > to + half) continue;
      const y = toY(values, bpm);
      context.beginPath();
      context.moveTo(x, y - half);
      context.lineTo(x + half, y);
      context.lineTo(x, y + half);
      context.lineTo(x - half, y);
      context.closePath();
      context.fillStyle = palette.tokens.panel;
      context.fill();
      context.strokeStyle = palette.tokens.accent;
      context.lineWidth = 2 * dpr;
      context.stroke();
    }
  },
  hit: ({ anchors, values }, { scale, dpr }, x, y) =>
    anchors.find(({ atS, bpm }) => Math.hypot(toX(scale, atS) - x, toY(values, bpm) - y) <= NEAR_PX * dpr),
  describe: ({ bpm }, { language }) => [
    translate(traceWords, language)("anchor", { bpm: number(bpm, language, 0) }),
  ],
};
