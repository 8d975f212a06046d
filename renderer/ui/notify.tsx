import { notifications } from "@mantine/notifications";
import { AppError, reportOf } from "../../preload/contract/errors.ts";
import { common } from "./common-words.ts";
import { errorText } from "./said.ts";
import { ActionButton } from "./widgets.tsx";
import { currentLanguage, translate } from "./words.ts";

/** Says that something a person asked for did not happen, and its code. Cancelling is quiet. */
export function notifyFailure(error: unknown): void {
  const report = error instanceof AppError ? error : reportOf(error);
  if (report.code.startsWith("cancelled/")) return;
  const language = currentLanguage();
  const { headline, text } = errorText(report, language);
  const message = `${text} (${report.code})`.trim();
  notifications.hide(message); // said again it takes its own place, and hides no other
  notifications.show({
    id: message,
    color: "red",
    title: headline ?? translate(common, language)("somethingFailed"),
    message,
    autoClose: 12_000,
  });
}

export function notify(message: string, { isLong = false }: { readonly isLong?: boolean } = {}): void {
  notifications.show({ message, color: "accent", autoClose: isLong ? 20_000 : 4000 });
}

export interface Undoable {
  readonly id: string; // one note at a time for each
  readonly message: string;
  readonly testId: string;
  readonly undo: () => void; // the page offers the same on Mod+Z
  readonly onGone: () => void; // the note has left the screen, and the offer with it
}

const newest = new Map<string, Undoable>(); // by id

/** Says what was taken away, with the way back, as long as the note is shown. */
export function notifyUndoable(note: Undoable): void {
  const { id, message, testId, undo, onGone } = note;
  newest.set(id, note);
  notifications.hide(id);
  notifications.show({
    id,
    color: "accent",
    autoClose: 12_000,
    // An earlier note of this id closes as this one takes its place: that is not the end of the offer.
    onClose: () => {
      if (newest.get(id) === note) onGone();
    },
    message: (
      <span style={{ display: "flex", alignItems: "center", justifyContent: "space-between", gap: 12 }}>
        {message}
        <ActionButton
          size="compact-sm"
          keys="Mod+Z"
          style={{ flexShrink: 0 }}
          data-testid={testId}
          onClick={undo}
        >
          {translate(common, currentLanguage())("undo")}
        </ActionButton>
      </span>
    ),
  });
}

export const hideNote = (id: string): void => void notifications.hide(id);
