import type { Anchor, CtgContext } from "../../../../preload/contract/ctg.ts";
import type { KnownContext } from "../../../../preload/contract/ctg-reading.ts";
import { useRequest } from "../../../bridge/hooks.ts";
import type { Editor } from "../../../state/annotations.ts";
import { clock, number } from "../../../ui/format.ts";
import { translate } from "../../../ui/words.ts";
import { ctgWords } from "./ctg-words.ts";
import { guarded, type Reviewing } from "../reviewing.ts";

type Facts = Partial<Omit<CtgContext, "anchors">>; // undefined: not known

export interface ContextInUse {
  readonly known: KnownContext | undefined; // undefined while it is not read, and of what is no cardiotocogram
  readonly setFact: (facts: Facts) => void;
  readonly addAnchor: (anchor: Anchor) => void;
  readonly removeAnchorNear: (timeS: number, withinS: number) => boolean; // whether there was one
  readonly clearAnchors: () => void;
}

const LEAST_BPM = 30;
const MOST_BPM = 240;
const SAME_S = 2; // a point set so near another takes its place

/** What a cardiotocogram is read with, beside its signals. Every change is one step of the history. */
export function useCtgContext(
  { recordingId, telling, say }: Reviewing,
  { editor, isCtg }: { readonly editor: Editor; readonly isCtg: boolean },
): ContextInUse {
  const known = useRequest("ctg.context", { recordingId }, { enabled: isCtg }).data;
  const t = translate(ctgWords, telling.language);
  const { language } = telling;
  const set = (change: Partial<CtgContext>): void => {
    if (known) guarded(editor.setContext({ ...known.context, ...change }));
  };
  const anchors = known?.context.anchors ?? [];
  return {
    known,
    setFact: set,
    addAnchor: (given) => {
      const anchor = {
        atS: Math.max(0, given.atS),
        bpm: Math.round(Math.min(MOST_BPM, Math.max(LEAST_BPM, given.bpm)) * 4) / 4,
      };
      const others = anchors.filter(({ atS }) => Math.abs(atS - anchor.atS) > SAME_S);
      set({ anchors: [...others, anchor].sort((a, b) => a.atS - b.atS) });
      say(t("said.anchorSet", { time: clock(anchor.atS), bpm: number(anchor.bpm, language, 0) }));
    },
    removeAnchorNear: (timeS, withinS) => {
      const near = [...anchors].sort((a, b) => Math.abs(a.atS - timeS) - Math.abs(b.atS - timeS))[0];
      if (near === undefined || Math.abs(near.atS - timeS) > withinS) return false;
      set({ anchors: anchors.filter((one) => one !== near) });
      say(t("said.anchorGone", { time: clock(near.atS) }));
      return true;
    },
    clearAnchors: () => set({ anchors: [] }),
  };
}
