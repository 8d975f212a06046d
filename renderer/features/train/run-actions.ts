import { useState } from "react";
import type { Run } from "../../../preload/contract/run.ts";
import { request } from "../../bridge/client.ts";
import { useOnce, useRequest, useSend, useSendOnce } from "../../bridge/hooks.ts";
import { canOf } from "../../state/models.ts";
import { isRunOver } from "../../state/runs.ts";
import { hideNote, notify, notifyFailure, notifyUndoable } from "../../ui/notify.tsx";
import { testIds } from "../../ui/test-ids.ts";
import { useWords } from "../../ui/words.ts";
import { showRun } from "./draft-store.ts";
import { trainWords } from "./words.ts";

const NOTE = "run-bin";

/** What may be done with a run, given where it stands. */
export interface RunRights {
  readonly canPause: boolean;
  readonly canStop: boolean;
  readonly canGoOn: boolean; // from its checkpoint, or from the start where it never came to one
  readonly canRemove: boolean;
}

/** A paused or interrupted run without a checkpoint begins again: nothing of it is lost by that. */
export function rightsOf(run: Pick<Run, "phase" | "hasCheckpoint" | "error" | "place">): RunRights {
  const isOver = isRunOver(run.phase);
  const isElsewhere = run.place !== undefined; // what workers finished is kept there, and none of them pauses
  const wasInterrupted = run.phase === "paused" || run.error?.code === "internal/interrupted";
  return {
    canPause: !isOver && !isElsewhere,
    canStop: !isOver,
    canGoOn: isOver && run.phase !== "done" && (run.hasCheckpoint || wasInterrupted || isElsewhere),
    canRemove: isOver,
  };
}

export interface RunActions extends RunRights {
  readonly pause: () => void;
  readonly stop: () => void;
  readonly goOn: () => void;
  readonly remove: () => void;
  readonly rename: (name: string) => void;
  readonly describe: (note: string) => void;
  readonly saveRecord: () => void;
  readonly exportModel: () => void;
  readonly canExport: boolean;
  readonly isPausing: boolean;
  readonly isStopping: boolean;
  readonly isExporting: boolean;
}

export function useRunActions(run: Run, bin: RunBin): RunActions {
  const t = useWords(trainWords);
  const pause = useSend("runs.pause");
  const stop = useSend("runs.cancel");
  const resume = useSendOnce("runs.resume");
  const change = useSend("runs.change");
  const exported = useSend("models.export");
  const models = useRequest("models.list", {});
  const { id } = run;
  const onError = notifyFailure;
  const once = useOnce();
  return {
    ...rightsOf(run),
    pause: () => once("pause", () => pause.mutateAsync({ id }).catch(onError)),
    stop: () => once("stop", () => stop.mutateAsync({ id }).catch(onError)),
    goOn: () => resume.send({ id }, { onError }), // its data is checked first, which takes a while
    remove: () => once("remove", () => bin.remove(run)),
    rename: (name) => void change.mutateAsync({ id, name }).catch(onError),
    describe: (note) => void change.mutateAsync({ id, note }).catch(onError),
    saveRecord: () =>
      once("record", () =>
        request("runs.saveRecord", { id }).then((saved) => {
          if (saved) notify(t("recordSaved", { path: saved.path }));
        }, onError),
      ),
    exportModel: () =>
      once("export", async () => {
        try {
          const directory = await request("export.chooseDirectory", {});
          if (directory === null) return;
          const { file } = await exported.mutateAsync({ runId: id, directory });
          notify(t("modelExported", { file }));
        } catch (error) {
          onError(error);
        }
      }),
    canExport: canOf(run, "export", models.data),
    isPausing: pause.isPending,
    isStopping: stop.isPending,
    isExporting: exported.isPending,
  };
}

export interface RunBin {
  readonly last: Run | undefined; // removed last, while it can be taken back with one key
  readonly remove: (run: Run) => Promise<void>;
  readonly restore: (run: Run) => Promise<void>;
}

/** Removing a run and taking it back. */
export function useRunBin(): RunBin {
  const t = useWords(trainWords);
  const [last, setLast] = useState<Run>();
  const restore = async (run: Run): Promise<void> => {
    setLast(undefined);
    hideNote(NOTE);
    try {
      await request("runs.restore", { id: run.id });
      showRun(run.id);
    } catch (error) {
      notifyFailure(error);
    }
  };
  const remove = async (run: Run): Promise<void> => {
    try {
      await request("runs.remove", { id: run.id });
    } catch (error) {
      notifyFailure(error);
      return;
    }
    setLast(run);
    notifyUndoable({
      id: NOTE,
      message: t("runRemoved", { name: run.config.name }),
      testId: testIds.undoRemoveRun,
      undo: () => void restore(run),
      onGone: () => setLast(undefined),
    });
  };
  return { last, remove, restore };
}
