import { useState } from "react";
import { TRUE_SIGNAL } from "../../../../preload/contract/ctg-reading.ts";
import type { LabelSet } from "../../../../preload/contract/label-set.ts";
import type { Cue } from "./cues.ts";
import { notAssessableLabel } from "../labels/events.ts";
import type { Labelling } from "../labels/labelling.ts";
import type { Masking } from "../labels/masking.ts";
import type { Reviewing } from "../reviewing.ts";

export interface Cueing {
  readonly setId: string; // of the labels that are given
  readonly accept: () => void;
  readonly trust: (() => void) | undefined; // says that it is the fetus's heart rate after all; undefined: that is not asked
  readonly relabel: (code: string) => void;
  readonly notAssessable: () => void;
  readonly isRelabelling: boolean;
  readonly setRelabelling: (isOpen: boolean) => void;
}

const EVENT_SET = "ctg-events";
const TRUST_SET = "signal-trust";

/** What a reader says of the cue at the cursor. */
export function useCueing(
  { selection }: Reviewing["place"],
  {
    cue,
    labelling,
    masking,
    sets,
    read,
  }: {
    readonly cue: Cue | undefined;
    readonly labelling: Pick<Labelling, "giveCode">;
    readonly masking: Pick<Masking, "add">;
    readonly sets: readonly LabelSet[];
    readonly read: number | undefined; // position of the heart rate that is read
  },
): Cueing {
  const [isRelabelling, setRelabelling] = useState(false);
  const give = (code: string | undefined): void => {
    if (cue !== undefined && code !== undefined)
      labelling.giveCode(EVENT_SET, code, { fromS: cue.onsetS, toS: cue.onsetS + cue.durationS });
  };
  return {
    ...{ setId: EVENT_SET, relabel: give },
    isRelabelling: isRelabelling && cue !== undefined,
    setRelabelling,
    accept: () => {
      if (cue?.kind === "false-signal") {
        selection.setState({ range: { fromS: cue.onsetS, toS: cue.onsetS + cue.durationS } });
        masking.add(read);
      } else give(cue?.event?.code);
    },
    trust:
      cue?.kind === "false-signal"
        ? () =>
            labelling.giveCode(
              TRUST_SET,
              TRUE_SIGNAL,
              { fromS: cue.onsetS, toS: cue.onsetS + cue.durationS },
              read,
            )
        : undefined,
    notAssessable: () => give(notAssessableLabel(sets.find(({ id }) => id === EVENT_SET))?.code),
  };
}
