import { placeOf, stretchMeant } from "../../state/reader.ts";
import type { TimeRange } from "../../state/selection.ts";
import { clock } from "../../ui/format.ts";
import { notifyFailure } from "../../ui/notify.tsx";
import type { Telling } from "./describe.ts";
import type { Place } from "./place/remembered.ts";

/** What all that is done in a review works with: where the reader stands, and how an answer is told. */
export interface Reviewing {
  readonly recordingId: string;
  readonly durationS: number;
  readonly place: Pick<Place, "viewport" | "selection" | "reader">;
  readonly telling: Telling;
  readonly say: (text: string) => void;
}

/** The moment in sight that the reader means, by pointer or by cursor. */
export const pointOf = ({ viewport, selection, reader }: Reviewing["place"]): number | undefined =>
  placeOf(reader.getState(), viewport.getState(), selection.getState().cursorS);

/** The stretch that is meant: a range, the selected event, the window of the prediction at the cursor. */
export const stretchOf = (
  { viewport, selection }: Reviewing["place"],
  selectedSpan: TimeRange | undefined,
): TimeRange | undefined => stretchMeant(viewport.getState(), [selection.getState().range, selectedSpan]);

export const spanText = (fromS: number, toS: number): { readonly from: string; readonly to: string } => ({
  from: clock(fromS, 1),
  to: clock(toS, 1),
});

export const guarded = (work: Promise<unknown>): void => {
  work.catch(notifyFailure);
};
