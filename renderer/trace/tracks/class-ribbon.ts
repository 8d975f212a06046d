import type { Reason, Verdict } from "../../../preload/contract/verdict.ts";
import { fixed, percent } from "../../ui/format.ts";
import { translate } from "../../ui/words.ts";
import type { DrawnLabel, TrackKind } from "./kind.ts";
import { touching, type Interval } from "./stacking.ts";
import { toTime } from "./time-scale.ts";
import type { View } from "./track.ts";
import {
  boxesIn,
  paintBox,
  ribbonOfVerdicts,
  verdictAt,
  verdictContent,
  type PlacedVerdicts,
  type VerdictContent,
} from "./verdict-lane.ts";
import { traceWords } from "./words.ts";

/** A stretch of one class, or of none. */
interface Run extends Interval {
  readonly look: DrawnLabel | undefined;
}

interface ClassRibbon extends VerdictContent {
  readonly title: string;
  readonly runs: readonly Run[];
  readonly noneText: string;
  readonly reasonText: (reason: Reason) => string;
}

type Found = Pick<ClassRibbon, "title" | "looks" | "reasonText"> & { readonly verdict: Verdict };

const FONT_PX = 11;
const PAD_PX = 4;
const AGAIN_PX = 600; // a long stretch says its class again, at fixed places
const MOST_REASONS = 3;

/** The class of every minute by one scheme; a stretch of one class is named where it begins. */
export const classRibbonKind: TrackKind<ClassRibbon, PlacedVerdicts & ClassRibbon, Found> = {
  name: "class-ribbon",
  ...ribbonOfVerdicts,
  draw(context, view, placed, span) {
    for (const box of boxesIn(view, placed.verdicts, span)) paintBox(context, view, box, placed);
    const [fromS, toS] = [toTime(view.scale, span.from), toTime(view.scale, span.to)];
    for (const run of touching(placed.runs, fromS, toS)) paintRun(context, view, run, placed, span);
  },
  hit({ title, verdicts, looks, reasonText }, view, x) {
    const verdict = verdictAt(verdicts, toTime(view.scale, x));
    return verdict && { verdict, title, looks, reasonText };
  },
  describe({ title, looks, verdict, reasonText }, { language }) {
    const t = translate(traceWords, language);
    const { code, probability } = verdict;
    const name = code === null ? t("noClass") : (looks.get(code)?.name ?? code);
    const shares = Object.entries(probability)
      .filter(([, share]) => share >= 0.005)
      .sort(([, a], [, b]) => b - a)
      .map(([one, value]) => t("of", { name: looks.get(one)?.letter ?? one, value: fixed(value, 2) }));
    const said = code === null ? verdict.missing : verdict.reasons;
    return [
      `${title}: ${name}`,
      ...(shares.length === 0 ? [] : [`P ${shares.join(" · ")}`]),
      ...said
        .slice(0, MOST_REASONS)
        .flatMap((reason) => [reasonText(reason), ...(reason.clause === "" ? [] : [`§ ${reason.clause}`])]),
      t("lookedBack", { share: percent(verdict.assessable, 0) }),
    ];
  },
  ofFinding(finding) {
    const { summary, content, language, title } = finding;
    if (content?.kind !== "verdicts" || content.scheme === "variability") return [];
    // Valid before labour only: where it says nothing at all, the inspector says why, and no lane stands empty.
    if (content.scheme === "antepartum" && content.verdicts.every(({ code }) => code === null)) return [];
    const own = verdictContent(finding, content);
    return [
      {
        ...{ id: `class-ribbon ${summary.id}`, title },
        content: {
          ...{ ...own, title, reasonText: finding.reasonText },
          runs: runsOf(own),
          noneText: translate(traceWords, language)("noClass"),
        },
      },
    ];
  },
};

function runsOf({ verdicts, looks }: VerdictContent): readonly Run[] {
  const runs: { onsetS: number; durationS: number; code: string | null }[] = [];
  for (const { onsetS, durationS, code } of verdicts) {
    const last = runs[runs.length - 1];
    if (last?.code === code && Math.abs(last.onsetS + last.durationS - onsetS) < 1e-6)
      last.durationS = onsetS + durationS - last.onsetS;
    else runs.push({ onsetS, durationS, code });
  }
  return runs.map(({ onsetS, durationS, code }) => ({
    ...{ onsetS, durationS },
    look: code === null ? undefined : (looks.get(code) ?? { name: code, letter: code, colour: "" }),
  }));
}

/** A hairline where a class begins, and what it is called, as far as there is room. */
function paintRun(
  context: CanvasRenderingContext2D,
  { scale, dpr, palette }: View,
  { onsetS, durationS, look }: Run,
  { top, height, noneText }: PlacedVerdicts & ClassRibbon,
  span: { readonly from: number; readonly to: number },
): void {
  const left = Math.round(onsetS * scale.pxPerS) - scale.origin;
  const right = Math.round((onsetS + durationS) * scale.pxPerS) - scale.origin;
  const hairline = Math.max(1, Math.round(dpr * 0.75));
  context.fillStyle = palette.tokens.panel;
  context.fillRect(right - hairline, top, hairline, height);
  context.font = `600 ${FONT_PX * dpr}px ${palette.font}`;
  context.textAlign = "left";
  context.textBaseline = "middle";
  const again = AGAIN_PX * dpr;
  const first = left + Math.max(0, Math.floor((span.from - left) / again)) * again;
  for (let at = first; at < Math.min(right, span.to + 1); at += again) {
    const roomPx = Math.min(right, at + again) - at - 2 * PAD_PX * dpr;
    const texts = look === undefined ? [noneText] : [wordsOf(look), look.letter];
    const text = texts.find((one) => context.measureText(one).width <= roomPx);
    if (text === undefined) continue;
    const [x, middle] = [at + PAD_PX * dpr, top + height / 2 + dpr * 0.5];
    if (look === undefined) {
      context.fillStyle = palette.tokens.panel;
      context.fillRect(x - 2 * dpr, top, context.measureText(text).width + 4 * dpr, height);
    }
    context.fillStyle = look === undefined ? palette.tokens.dim : palette.tokens.ink;
    context.fillText(text, x, middle);
  }
}

const wordsOf = ({ letter, name }: DrawnLabel): string =>
  name === letter || name.includes(letter) ? name : `${letter} ${name}`;
