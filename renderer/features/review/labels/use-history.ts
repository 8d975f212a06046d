import { useEffect, useState } from "react";
import { useStore } from "zustand";
import { on } from "../../../bridge/client.ts";
import { Editor } from "../../../state/annotations.ts";
import { notifyFailure } from "../../../ui/notify.tsx";
import type { ReviewTranslate } from "../describe.ts";
import { editorPort } from "./editor-port.ts";
import { guarded } from "../reviewing.ts";

export interface EditHistory {
  readonly editor: Editor;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  readonly undo: () => void;
  readonly redo: () => void;
}

/** The edits of one recording, and how far they can be taken back. */
export function useHistory(
  recordingId: string,
  t: ReviewTranslate,
  say: (text: string) => void,
): EditHistory {
  const [editor] = useState(() => new Editor(editorPort(recordingId)));
  const { canUndo, canRedo } = useStore(editor.state);
  useEffect(() => {
    editor.refresh().catch(notifyFailure);
    const stops = [
      on("annotations.changed", (changed) => {
        if (changed.recordingId === recordingId) editor.refresh().catch(notifyFailure);
      }),
      on("recordings.changed", ({ ids }) => {
        if (ids.includes(recordingId)) editor.refresh().catch(notifyFailure); // a rule was laid on many at once
      }),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }, [editor, recordingId]);
  return {
    editor,
    canUndo,
    canRedo,
    undo: () =>
      guarded(editor.undo().then((step) => say(t(step ? `said.undone.${step.kind}` : "said.nothingToUndo")))),
    redo: () =>
      guarded(editor.redo().then((step) => say(t(step ? `said.redone.${step.kind}` : "said.nothingToRedo")))),
  };
}
