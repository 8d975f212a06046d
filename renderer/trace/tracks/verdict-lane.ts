import type { Verdict, Verdicts } from "../../../preload/contract/verdict.ts";
import { hatch } from "./hatch.ts";
import type { DrawnLabel, Place, ShownFinding } from "./kind.ts";
import { touching } from "./stacking.ts";
import { toTime } from "./time-scale.ts";
import type { View } from "./track.ts";

/** Verdicts as they are drawn, each class under its name, letter and colour. */
export interface VerdictContent {
  readonly scheme: string;
  readonly verdicts: readonly Verdict[]; // by time
  readonly looks: ReadonlyMap<string, DrawnLabel>;
}

export interface PlacedVerdicts extends VerdictContent {
  readonly top: number;
  readonly height: number;
}

const RIBBON_PX = 14;

/** What kinds of verdicts have in common. */
export const ribbonOfVerdicts = {
  isPicked: true,
  isRibbon: true,
  height: () => RIBBON_PX,
  place: <Content extends VerdictContent>(content: Content, { top, height }: Place) => ({
    ...content,
    ...{ top, height },
  }),
  channels: () => [],
} as const;

export const verdictContent = ({ labelOf }: ShownFinding, content: Verdicts): VerdictContent => ({
  ...{ scheme: content.scheme, verdicts: content.verdicts },
  looks: new Map(content.codes.map((code) => [code, labelOf(code)])),
});

export const verdictAt = (verdicts: readonly Verdict[], timeS: number): Verdict | undefined =>
  touching(verdicts, timeS, timeS).find(
    ({ onsetS, durationS }) => timeS >= onsetS && timeS < onsetS + durationS,
  );

export interface VerdictBox {
  readonly verdict: Verdict;
  readonly left: number; // device pixels of the screen
  readonly width: number;
}

export const boxesIn = (
  { scale }: View,
  verdicts: readonly Verdict[],
  { from, to }: { readonly from: number; readonly to: number },
): readonly VerdictBox[] =>
  touching(verdicts, toTime(scale, from - 1), toTime(scale, to + 1)).map((verdict) => {
    const left = Math.round(verdict.onsetS * scale.pxPerS) - scale.origin;
    const right = Math.round((verdict.onsetS + verdict.durationS) * scale.pxPerS) - scale.origin;
    return { verdict, left, width: Math.max(1, right - left) };
  });

/** In the colour of its class; what cannot be assessed is hatched, never coloured. */
export function paintBox(
  context: CanvasRenderingContext2D,
  view: View,
  { verdict, left, width }: VerdictBox,
  { looks, top, height }: PlacedVerdicts,
): void {
  const look = verdict.code === null ? undefined : looks.get(verdict.code);
  context.fillStyle = look?.colour ?? hatch(context, "unassessable", view);
  context.fillRect(left, top, width, height);
}
