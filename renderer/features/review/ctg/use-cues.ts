import { useMemo, useState } from "react";
import { clock } from "../../../ui/format.ts";
import { translate } from "../../../ui/words.ts";
import type { CtgReading } from "./ctg-reading.ts";
import { ctgWords } from "./ctg-words.ts";
import { cueText } from "./cue-text.ts";
import { cueAt, cuesOf, inOrder, nextCue, type Cue, type CueOrder } from "./cues.ts";
import type { Reviewing } from "../reviewing.ts";

export interface CuesInUse {
  readonly byTime: readonly Cue[];
  readonly listed: readonly Cue[]; // in the order chosen
  readonly order: CueOrder;
  readonly setOrder: (order: CueOrder) => void;
  readonly cue: Cue | undefined; // at the cursor
  readonly goTo: (cue: Cue) => void;
  readonly step: (direction: 1 | -1) => void;
}

const none: readonly Cue[] = [];

/** The places of a reading worth a look, the one that the cursor is in, and the way from one to the next. */
export function useCues(
  reading: CtgReading | undefined,
  {
    reviewing,
    cursorS,
    goToTime,
  }: {
    readonly reviewing: Reviewing;
    readonly cursorS: number | undefined;
    readonly goToTime: (timeS: number) => void;
  },
): CuesInUse {
  const { durationS, say, telling } = reviewing;
  const [order, setOrder] = useState<CueOrder>("sureness");
  const [chosen, setChosen] = useState<string | undefined>(undefined);
  const byTime = useMemo(() => (reading ? cuesOf(reading, durationS) : none), [reading, durationS]);
  const listed = useMemo(() => inOrder(byTime, order), [byTime, order]);
  const cue = cueAt(byTime, cursorS, chosen);
  const t = translate(ctgWords, telling.language);
  const goTo = (next: Cue): void => {
    setChosen(next.id);
    goToTime(next.atS);
    const [from, to] = [clock(next.onsetS), clock(next.onsetS + next.durationS)];
    say(t("said.cue", { ...cueText(next, telling.language), from, to }));
  };
  return {
    ...{ byTime, listed, order, setOrder, cue, goTo },
    step: (direction) => {
      const next = nextCue(byTime, cursorS ?? (direction === 1 ? -1 : durationS), direction, cue?.id);
      if (next === undefined) say(t("said.noCue"));
      else goTo(next);
    },
  };
}
