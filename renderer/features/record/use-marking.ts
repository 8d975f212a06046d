import { useState } from "react";
import type { NewMark, RecorderState } from "../../../preload/contract/acquisition.ts";
import type { Label, LabelSet } from "../../../preload/contract/label-set.ts";
import { request } from "../../bridge/client.ts";
import { notifyFailure } from "../../ui/notify.tsx";
import { begunNow, goesOn, holdBegun, tellBegun, useBegun } from "./begun.ts";
import { noteLabel, press } from "./marking.ts";
import type { RecorderClock } from "./recorder-clock.ts";

interface MarkingOptions {
  readonly state: RecorderState;
  readonly set: LabelSet | undefined;
  readonly elapsedS: RecorderClock;
  readonly author: string;
}

/** A note while it is written: for when, and what of it could not be stored before. */
export interface NoteDraft {
  readonly atS: number;
  readonly zeroS: number | undefined; // by which it was reckoned
  readonly text: string;
}

const store = (mark: NewMark, onLost: () => void): void =>
  void request("recorder.mark", mark).catch((error: unknown) => {
    notifyFailure(error);
    onLost();
  });

/**
 * Marks while it is recorded. A press has the time at which it was made, however late the page hears of it or stores it;
 * where storing fails, what was begun goes on and what was written can be set again.
 */
export function useMarking({ state, set, elapsedS, author }: MarkingOptions) {
  const begun = useBegun(state);
  const [note, setNote] = useState<NoteDraft | undefined>(undefined);
  const zeroS = state.hostTime?.zeroS;
  const beginNote = (pressedMs: number): void =>
    setNote((before) => before ?? { atS: elapsedS(pressedMs), zeroS, text: "" });
  return {
    begun,
    note,
    press: (label: Label, pressedMs: number): void => {
      if (state.phase !== "recording") return;
      if (label.code === noteLabel(set)?.code) {
        beginNote(pressedMs);
        return;
      }
      const now = { nowS: elapsedS(pressedMs), labelSet: set?.id ?? "", author };
      const pressed = press(begunNow(state), label, now);
      holdBegun(state, pressed.begun);
      const { mark } = pressed;
      if (mark === undefined) tellBegun(pressed.begun, { ...now, zeroS });
      else
        store({ ...mark, zeroS }, () => mark.durationS !== undefined && goesOn(state, { ...now, ...mark }));
    },
    beginNote,
    leaveNote: (): void => setNote(undefined),
    saveNote: (text: string): void => {
      const label = noteLabel(set);
      setNote(undefined);
      if (label === undefined || set === undefined || note === undefined) return;
      const at = { atS: note.atS, zeroS: note.zeroS };
      store({ labelSet: set.id, label: label.code, ...at, note: text.trim(), author }, () =>
        setNote((other) => other ?? { ...at, text }),
      );
    },
  };
}
