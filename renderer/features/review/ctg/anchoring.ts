import type { AnchorPlace } from "../../../trace/strip/input.ts";
import { translate } from "../../../ui/words.ts";
import { ctgWords } from "./ctg-words.ts";
import { pointOf, type Reviewing } from "../reviewing.ts";
import type { ContextInUse } from "./use-context.ts";

const REACH_PX = 20; // of a key, from where the reader is

/** Points of the baseline by pointer and by key. */
export function anchoringOf(
  { place, telling, say }: Reviewing,
  { addAnchor, removeAnchorNear }: Pick<ContextInUse, "addAnchor" | "removeAnchorNear">,
): { readonly anchor: (at: AnchorPlace) => void; readonly takeAnchor: () => void } {
  const take = (timeS: number, withinS: number): void => {
    if (!removeAnchorNear(timeS, withinS)) say(translate(ctgWords, telling.language)("said.noAnchor"));
  };
  return {
    anchor: ({ what, timeS, value, withinS }) => {
      if (what === "set") addAnchor({ atS: timeS, bpm: value });
      else take(timeS, withinS);
    },
    takeAnchor: () => {
      const timeS = pointOf(place);
      if (timeS !== undefined) take(timeS, REACH_PX / place.viewport.getState().pxPerS);
    },
  };
}
