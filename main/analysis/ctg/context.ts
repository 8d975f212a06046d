import { CtgContext } from "../../../preload/contract/ctg.ts";
import type { KnownContext } from "../../../preload/contract/ctg-reading.ts";
import type { RecordingDetail } from "../../../preload/contract/recording.ts";

type Header = KnownContext["header"];

/** Facts of a CTU-UHB header ([verified], files inspected): completed weeks, and the sample with which the second stage begins. */
const WEEKS = "Gest. weeks";
const SECOND_STAGE = "Pos. II.st.";

/**
 * What a recording's header says for reading it. The second stage is there only in labour; where the header says that there
 * was none (-1), or nothing, or names a sample that the recording does not have, the stage is not known.
 */
export function contextOfHeader({ facts, channels }: Pick<RecordingDetail, "facts" | "channels">): Header {
  const days = 7 * numberIn(facts[WEEKS]);
  const fhr = channels.find(({ role }) => role === "fhr");
  const sample = numberIn(facts[SECOND_STAGE]);
  const secondStageFromS = sample <= (fhr?.sampleCount ?? -1) ? sample / (fhr?.sampleRate ?? Number.NaN) : -1;
  return {
    ...(CtgContext.shape.gestationDays.safeParse(days).success
      ? { gestationDays: { value: days, fact: WEEKS } }
      : {}),
    ...(secondStageFromS >= 0
      ? {
          isLabour: { value: true, fact: SECOND_STAGE },
          secondStageFromS: { value: secondStageFromS, fact: SECOND_STAGE },
        }
      : {}),
  };
}

const numberIn = (text = ""): number => (text.trim() === "" ? Number.NaN : Number(text));

/** `said`: by a person. It counts whole: what a person leaves out they do not know. */
export function knownContext(header: Header, said: CtgContext | undefined): KnownContext {
  const facts = Object.entries(header).map(([name, { value }]) => [name, value] as const);
  return {
    context: said ?? CtgContext.parse(Object.fromEntries(facts)),
    isSaid: said !== undefined,
    header,
  };
}
