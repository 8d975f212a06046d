import type { Events, FoundEvent } from "../../../preload/contract/finding.ts";
import { fixed } from "../../ui/format.ts";
import { translate } from "../../ui/words.ts";
import { isRuleOf, type Place, type ShownFinding, type TrackContent, type TrackKind } from "./kind.ts";
import { withAlpha } from "./palette.ts";
import { earlier, touching } from "./stacking.ts";
import { toTime } from "./time-scale.ts";
import type { View } from "./track.ts";
import { traceWords } from "./words.ts";

type Silence = Events["notAssessable"][number];

/** Contractions as they were found, and where there is no signal to find them in. */
export interface ContractionsContent {
  readonly name: string;
  readonly silentText: string;
  readonly events: readonly FoundEvent[];
  readonly silent: readonly Silence[];
}

export interface PlacedContractions extends ContractionsContent {
  readonly top: number;
  readonly height: number;
  readonly foot: number; // of the brackets; device pixels
}

type Found = { readonly event: FoundEvent } | { readonly silent: Silence };

const CODE = "contraction";
const TICK_PX = 6;
const LINE_PX = 2;
const REACH_PX = 14; // of the pointer, from the foot
const LEAST_ALPHA = 0.35;
const MIDDLE = 0.45; // of the panel, from above: where its silence is said

/** A bracket from onset to end under each contraction; where there is no signal it is said so. */
export const contractionsKind: TrackKind<ContractionsContent, PlacedContractions, Found> = {
  name: "contractions",
  height: () => 12,
  place: (content, { top, height, dpr }: Place) => ({
    ...{ ...content, top, height },
    foot: top + height - Math.round(dpr),
  }),
  channels: () => [],
  draw(context, view, placed, { from, to }) {
    const [fromS, toS] = [toTime(view.scale, from - 2), toTime(view.scale, to + 2)];
    for (const event of touching(placed.events, fromS, toS)) paintBracket(context, view, placed, event);
    for (const silence of touching(placed.silent, fromS, toS)) paintSilence(context, view, placed, silence);
  },
  hit({ events, silent, foot }, view, x, y) {
    const timeS = toTime(view.scale, x);
    const [event] = y >= foot - REACH_PX * view.dpr ? touching(events, timeS, timeS) : [];
    if (event !== undefined) return { event };
    const [none] = touching(silent, timeS, timeS);
    return none && { silent: none };
  },
  describe(found, { language }) {
    const t = translate(traceWords, language);
    if ("silent" in found) return [t("noUc")];
    const { durationS, probability } = found.event;
    return [
      `${t("contraction")} ${t("seconds", { seconds: fixed(durationS, 0) })}`,
      ...(probability === undefined ? [] : [t("probability", { value: fixed(probability, 2) })]),
    ];
  },
  ofFinding: contractionsOf,
};

function contractionsOf({
  summary,
  content,
  channels,
  title,
  language,
  labelOf,
}: ShownFinding): readonly TrackContent<ContractionsContent>[] {
  if (!isRuleOf(summary, "ctg/events") || content?.kind !== "events") return [];
  const over = channels.find(({ role }) => role === "uc")?.label;
  if (over === undefined) return [];
  return [
    {
      ...{ id: `contractions ${summary.id}`, title, over },
      content: {
        name: labelOf(CODE).name,
        silentText: translate(traceWords, language)("noUc"),
        events: content.events.filter(({ code }) => code === CODE).sort(earlier),
        silent: content.notAssessable.filter(({ codes }) => codes.includes(CODE)).sort(earlier),
      },
    },
  ];
}

function paintBracket(
  context: CanvasRenderingContext2D,
  { scale, dpr, palette }: View,
  { foot }: PlacedContractions,
  { onsetS, durationS, probability = 1 }: FoundEvent,
): void {
  const at = (timeS: number): number => Math.round(timeS * scale.pxPerS) - scale.origin;
  const [left, right] = [at(onsetS), at(onsetS + durationS)];
  const line = Math.max(1, Math.round(LINE_PX * dpr));
  const tick = Math.round(TICK_PX * dpr);
  context.fillStyle = withAlpha(palette.tokens.contraction, LEAST_ALPHA + (1 - LEAST_ALPHA) * probability);
  context.fillRect(left, foot - line, Math.max(line, right - left), line);
  context.fillRect(left, foot - tick, line, tick - line);
  context.fillRect(right - line, foot - tick, line, tick - line);
}

function paintSilence(
  context: CanvasRenderingContext2D,
  { scale, dpr, palette }: View,
  { top, height, silentText }: PlacedContractions,
  { onsetS, durationS }: Silence,
): void {
  context.font = `${11 * dpr}px ${palette.font}`;
  const width = context.measureText(silentText).width + 8 * dpr;
  if (durationS * scale.pxPerS < width + 6 * dpr) return;
  const middle = Math.round((onsetS + durationS / 2) * scale.pxPerS) - scale.origin;
  const y = top + Math.round(height * MIDDLE);
  context.fillStyle = withAlpha(palette.tokens.panel, 0.82);
  context.fillRect(middle - width / 2, y - 8 * dpr, width, 16 * dpr);
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillStyle = palette.tokens.dim;
  context.fillText(silentText, middle, y + dpr * 0.5);
}
