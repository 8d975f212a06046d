import { useState } from "react";
import type { LabelSet } from "../../../../preload/contract/label-set.ts";
import type { TraceChannel } from "../../../trace/tracks/track.ts";
import type { Cue } from "./cues.ts";
import { notAssessableLabel } from "../labels/events.ts";
import type { Labelling } from "../labels/labelling.ts";
import type { Masking } from "../labels/masking.ts";
import type { Reviewing } from "../reviewing.ts";

export interface Cueing {
  readonly setId: string; // of the labels that are given
  readonly accept: () => void;
  readonly relabel: (code: string) => void;
  readonly notAssessable: () => void;
  readonly isRelabelling: boolean;
  readonly setRelabelling: (isOpen: boolean) => void;
}

const EVENT_SET = "ctg-events";

/** What a reader says of the cue at the cursor. */
export function useCueing(
  { selection }: Reviewing["place"],
  {
    cue,
    labelling,
    masking,
    sets,
    channels,
  }: {
    readonly cue: Cue | undefined;
    readonly labelling: Pick<Labelling, "giveCode">;
    readonly masking: Pick<Masking, "add">;
    readonly sets: readonly LabelSet[];
    readonly channels: readonly TraceChannel[];
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
        masking.add(channels.find(({ role }) => role === "fhr")?.position);
      } else give(cue?.event?.code);
    },
    notAssessable: () => give(notAssessableLabel(sets.find(({ id }) => id === EVENT_SET))?.code),
  };
}
