import { useState } from "react";
import type { NewMark, RecorderState } from "../../../preload/contract/acquisition.ts";
import type { Label, LabelSet } from "../../../preload/contract/label-set.ts";
import { request } from "../../bridge/client.ts";
import { notifyFailure } from "../../ui/notify.tsx";
import { begunNow, keepBegun, useBegun } from "./begun.ts";
import { endAll, noteLabel, press } from "./marking.ts";

interface MarkingOptions {
  readonly state: RecorderState;
  readonly set: LabelSet | undefined;
  readonly elapsedS: () => number;
  readonly author: string;
}

const store = async (mark: NewMark): Promise<void> => {
  await request("recorder.mark", mark).catch(notifyFailure);
};

/** Marks while it is recorded. A press has the time at which it came, however long storing takes. */
export function useMarking({ state, set, elapsedS, author }: MarkingOptions) {
  const { recordingId } = state;
  const begun = useBegun(recordingId);
  const [noteAtS, setNoteAtS] = useState<number | undefined>(undefined);
  const at = () => ({ nowS: elapsedS(), labelSet: set?.id ?? "", author });
  const beginNote = (): void => setNoteAtS((before) => before ?? elapsedS());
  return {
    begun,
    noteAtS,
    press: (label: Label): void => {
      if (state.phase !== "recording") return;
      if (label.code === noteLabel(set)?.code) {
        beginNote();
        return;
      }
      const pressed = press(begunNow(recordingId), label, at());
      keepBegun(recordingId, pressed.begun);
      if (pressed.mark) void store(pressed.mark);
    },
    /** What was begun ends with the recording. Resolves once it is stored. */
    endAll: async (): Promise<void> => {
      const marks = endAll(begunNow(recordingId), at());
      keepBegun(recordingId, new Map());
      for (const mark of marks) await store(mark);
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
