import { minuteText } from "../../../preload/strip/readings.ts";
import { number, percent } from "../../ui/format.ts";
import { translate } from "../../ui/words.ts";
import type { TrackKind } from "./kind.ts";
import { toTime } from "./time-scale.ts";
import {
  boxesIn,
  paintBox,
  ribbonOfVerdicts,
  verdictAt,
  verdictContent,
  type PlacedVerdicts,
  type VerdictContent,
} from "./verdict-lane.ts";
import type { Verdict } from "../../../preload/contract/verdict.ts";
import { traceWords } from "./words.ts";

interface MinuteValues extends VerdictContent {
  readonly unit: string;
}

type Found = Pick<MinuteValues, "looks" | "unit"> & { readonly verdict: Verdict };

const SCHEME = "variability";
const FONT_PX = 11;

/** The variability of every minute as a number, with an arrow where it is reduced or increased. */
export const minuteValuesKind: TrackKind<MinuteValues, PlacedVerdicts & MinuteValues, Found> = {
  name: "minute-values",
  ...ribbonOfVerdicts,
  draw(context, view, placed, span) {
    const { dpr, palette } = view;
    const hairline = Math.max(1, Math.round(dpr * 0.75));
    context.font = `${FONT_PX * dpr}px ${palette.font}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    for (const box of boxesIn(view, placed.verdicts, span)) {
      paintBox(context, view, box, placed);
      context.fillStyle = palette.tokens.panel;
      context.fillRect(box.left + box.width - hairline, placed.top, hairline, placed.height);
      const text = minuteText(box.verdict);
      if (text === "" || context.measureText(text).width > box.width - 2 * dpr) continue;
      context.fillStyle = palette.tokens.ink;
      context.fillText(text, box.left + box.width / 2, placed.top + placed.height / 2 + dpr * 0.5);
    }
  },
  hit({ verdicts, looks, unit }, view, x) {
    const verdict = verdictAt(verdicts, toTime(view.scale, x));
    return verdict && { verdict, looks, unit };
  },
  describe({ verdict, looks, unit }, { language }) {
    const t = translate(traceWords, language);
    const name = t("scheme.variability");
    if (verdict.code === null || verdict.value === undefined) return [t("noValue", { name })];
    return [
      t("value", { name, value: number(verdict.value, language, 1), unit }),
      looks.get(verdict.code)?.name ?? verdict.code,
      t("lookedBack", { share: percent(verdict.assessable, 0) }),
    ];
  },
  ofFinding(finding) {
    const { summary, content, language } = finding;
    if (content?.kind !== "verdicts" || content.scheme !== SCHEME) return [];
    return [
      {
        id: `minute-values ${summary.id}`,
        title: translate(traceWords, language)("variabilityShort"),
        content: { ...verdictContent(finding, content), unit: content.unit ?? "" },
      },
    ];
  },
};
