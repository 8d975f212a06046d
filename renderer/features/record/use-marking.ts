import { useState } from "react";
import type { NewMark, RecorderState } from "../../../preload/contract/acquisition.ts";
import type { Label, LabelSet } from "../../../preload/contract/label-set.ts";
import { request } from "../../bridge/client.ts";
import { notifyFailure } from "../../ui/notify.tsx";
import { begunNow, holdBegun, tellBegun, useBegun } from "./begun.ts";
import { noteLabel, press } from "./marking.ts";
import type { RecorderClock } from "./recorder-clock.ts";

interface MarkingOptions {
  readonly state: RecorderState;
  readonly set: LabelSet | undefined;
  readonly elapsedS: RecorderClock;
  readonly author: string;
}

const store = async (mark: NewMark): Promise<void> => {
  await request("recorder.mark", mark).catch(notifyFailure);
};

/** Marks while it is recorded. A press has the time at which it was made, however late the page hears of it or stores it. */
export function useMarking({ state, set, elapsedS, author }: MarkingOptions) {
  const begun = useBegun(state);
  const [noteAtS, setNoteAtS] = useState<number | undefined>(undefined);
  const beginNote = (pressedMs: number): void => setNoteAtS((before) => before ?? elapsedS(pressedMs));
  return {
    begun,
    noteAtS,
    press: (label: Label, pressedMs: number): void => {
      if (state.phase !== "recording") return;
      if (label.code === noteLabel(set)?.code) {
        beginNote(pressedMs);
        return;
      }
      const now = { nowS: elapsedS(pressedMs), labelSet: set?.id ?? "", author };
      const pressed = press(begunNow(state), label, now);
      holdBegun(state, pressed.begun);
      if (pressed.mark) void store(pressed.mark);
      else tellBegun(pressed.begun, now);
    },
    beginNote,
    leaveNote: (): void => setNoteAtS(undefined),
    saveNote: (text: string): void => {
      const label = noteLabel(set);
      setNoteAtS(undefined);
      if (label === undefined || set === undefined || noteAtS === undefined) return;
      void store({ labelSet: set.id, label: label.code, atS: noteAtS, note: text.trim(), author });
    },
  };
}
