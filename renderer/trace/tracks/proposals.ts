import type { Events, FoundEvent } from "../../../preload/contract/finding.ts";
import { fixed } from "../../ui/format.ts";
import { translate, type Language } from "../../ui/words.ts";
import type { ShownFinding, TrackContent, TrackKind } from "./kind.ts";
import { withAlpha } from "./palette.ts";
import { earlier, touching } from "./stacking.ts";
import { toTime } from "./time-scale.ts";
import { traceWords } from "./words.ts";

/** What rules would leave out of the heart rate, and why. */
export interface ProposalsContent {
  readonly events: readonly FoundEvent[]; // by onset
}

interface PlacedProposals extends ProposalsContent {
  readonly top: number;
}

const HEIGHT_PX = 3;
const REACH_PX = 9; // of the pointer, from the head of the panel
const LEAST_ALPHA = 0.35;
const JUDGED = "false-signal"; // has its halo

const codes = ["out-of-range", "frozen", "short-run", "island", "maternal", "halved", "doubled"] as const;

/** A line at the head of the heart rate where a rule would leave it out; nothing is taken from the recording by it. */
export const proposalsKind: TrackKind<ProposalsContent, PlacedProposals, FoundEvent> = {
  name: "proposals",
  height: () => HEIGHT_PX,
  place: (content, { top }) => ({ ...content, top }),
  channels: () => [],
  draw(context, { scale, dpr, palette }, { events, top }, { from, to }) {
    const [fromS, toS] = [toTime(scale, from), toTime(scale, to)];
    for (const { onsetS, durationS, probability = 1 } of touching(events, fromS, toS)) {
      const left = Math.floor(onsetS * scale.pxPerS) - scale.origin;
      const right = Math.ceil((onsetS + durationS) * scale.pxPerS) - scale.origin;
      context.fillStyle = withAlpha(
        palette.tokens.falseSignal,
        LEAST_ALPHA + (1 - LEAST_ALPHA) * probability,
      );
      context.fillRect(left, top, Math.max(1, right - left), Math.round(HEIGHT_PX * dpr));
    }
  },
  hit({ events, top }, { scale, dpr }, x, y) {
    if (y > top + REACH_PX * dpr) return undefined;
    const timeS = toTime(scale, x);
    const slackS = (2 * dpr) / scale.pxPerS;
    return touching(events, timeS - slackS, timeS + slackS)[0];
  },
  describe: ({ code, probability }, { language }) => [
    proposalText(code, language),
    ...(probability === undefined
      ? []
      : [translate(traceWords, language)("probability", { value: fixed(probability, 2) })]),
  ],
  ofFinding: proposalsOf,
};

/** Their codes are in no label set. */
export const isOfProposals = ({ labelSet }: Pick<Events, "labelSet">): boolean =>
  labelSet === "ctg-proposals";

function proposalsOf({
  summary,
  content,
  channels,
  title,
}: ShownFinding): readonly TrackContent<ProposalsContent>[] {
  if (content?.kind !== "events" || !isOfProposals(content)) return [];
  const events = content.events.filter(({ code }) => code !== JUDGED).sort(earlier);
  const over = channels.find(({ label }) => label === events[0]?.channel)?.label; // all are of the one that is read
  return over === undefined ? [] : [{ id: `proposals ${summary.id}`, title, over, content: { events } }];
}

/** Why a stretch may not be the fetus's heart rate. */
export function proposalText(code: string, language: Language): string {
  const known = codes.find((one) => one === code);
  return known === undefined ? code : translate(traceWords, language)(`proposal.${known}`);
}
