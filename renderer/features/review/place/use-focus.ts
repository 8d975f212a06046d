import { useEffect } from "react";
import { tell } from "../../../state/reader.ts";
import { nothingSelected, rangeOf } from "../../../state/selection.ts";
import { useSession } from "../../../state/session.ts";
import { centreOn, change, reveal, rowSpanS } from "../../../state/viewport.ts";
import type { Place } from "./remembered.ts";

/** Shows the stretch another page wishes to be looked at, once, as soon as the strip has a width. */
export function useFocus(recordingId: string, place: Place): void {
  const focus = useSession((session) => session.focus);
  useEffect(() => {
    const { viewport, selection, reader } = place;
    if (focus?.recordingId !== recordingId || focus.asked <= place.focusAsked) return;
    const show = (): void => {
      place.followed(focus.asked);
      const endOfFocusS = focus.onsetS + focus.durationS;
      change(viewport, (now) =>
        focus.durationS > rowSpanS(now) * 0.8
          ? reveal(now, focus.onsetS, endOfFocusS)
          : centreOn(now, (focus.onsetS + endOfFocusS) / 2),
      );
      tell(reader, { kind: "cursor-moved" });
      selection.setState({
        ...nothingSelected,
        selected: { kind: "time" },
        cursorS: focus.onsetS + focus.durationS / 2,
        range: rangeOf(focus.onsetS, focus.onsetS + focus.durationS),
      });
    };
    if (viewport.getState().widthPx > 0) {
      show();
      return;
    }
    const stop = viewport.subscribe((now) => {
      if (now.widthPx <= 0) return;
      stop();
      show();
    });
    return stop;
  }, [focus, recordingId, place]);
}
