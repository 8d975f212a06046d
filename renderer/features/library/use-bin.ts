import { useState } from "react";
import { errorFrom } from "../../../preload/contract/errors.ts";
import { request } from "../../bridge/client.ts";
import { hideNote, notify, notifyFailure, notifyUndoable } from "../../ui/notify.tsx";
import { testIds } from "../../ui/test-ids.ts";
import { useLanguage, useWords } from "../../ui/words.ts";
import { named } from "./chosen.ts";
import type { Meant } from "./meant.ts";
import { libraryWords } from "./words.ts";

export type Bin = ReturnType<typeof useBin>;

/** Removing and taking back, several at once. The last removal can be undone with one key while its note is shown. */
export function useBin() {
  const t = useWords(libraryWords);
  const language = useLanguage();
  const [last, setLast] = useState<{ readonly at: string; readonly names: readonly string[] }>();
  const said = (key: "removed" | "restored", count: number, names: readonly string[]) =>
    t(key, { count, names: named(names.slice(0, count), language, 3, count) });
  const restore = async (removed: typeof last) => {
    if (removed === undefined) return;
    setLast(undefined);
    hideNote("bin");
    try {
      const { count } = await request("recordings.restoreAll", { at: removed.at });
      if (count > 0) notify(said("restored", count, removed.names));
    } catch (error) {
      notifyFailure(error);
    }
  };
  const remove = async ({ selection, names }: Meant) => {
    const { count, at, failure } = await request("recordings.removeAll", { selection });
    if (failure !== undefined) notifyFailure(errorFrom(failure));
    if (count === 0) return;
    const removed = { at, names };
    setLast(removed);
    notifyUndoable({
      id: "bin",
      message: said("removed", count, names),
      testId: testIds.undoRemove,
      undo: () => void restore(removed),
      onGone: () => setLast(undefined),
    });
  };
  return { last, remove, restore };
}
