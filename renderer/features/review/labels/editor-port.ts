import { request } from "../../../bridge/client.ts";
import type { EditorPort } from "../../../state/annotations.ts";
import { isBlindNow } from "../../../state/blind.ts";
import { askedOfOthers } from "../../../state/questions.ts";
import type { Travelled } from "../../../../preload/contract/annotation.ts";
import { AppError } from "../../../../preload/contract/errors.ts";

/** The editor's requests about one recording, over the bridge. */
export function editorPort(recordingId: string): EditorPort {
  const allowed = new Set<string>(); // labels of others that this reader was asked about: not at every step of a move
  return {
    history: () => request("annotations.history", { recordingId }),
    add: (annotation) => request("annotations.add", annotation),
    change: (change) =>
      askedOfOthers(async (isMeant) => {
        const evenOfOthers = isMeant || allowed.has(change.id);
        const changed = await request("annotations.change", { ...change, evenOfOthers });
        if (isMeant) allowed.add(change.id);
        return changed;
      }),
    remove: (id) =>
      askedOfOthers((evenOfOthers) => request("annotations.remove", { id, evenOfOthers })).then(
        () => undefined,
      ),
    undo: () => travel("annotations.undo", recordingId),
    redo: () => travel("annotations.redo", recordingId),
    mask: (span) => request("masks.add", span),
    layRules: () => request("masks.layRules", { recordingId }),
    liftRules: () => request("masks.liftRules", { recordingId }).then(() => undefined),
    setContext: (context) => request("ctg.setContext", { recordingId, context }).then(() => undefined),
    unmask: (id) => request("masks.remove", { id }).then(() => undefined),
  };
}

/** Who reads blind is not asked about an edit of another: that there is one is not theirs to know. */
async function travel(way: "annotations.undo" | "annotations.redo", recordingId: string): Promise<Travelled> {
  const send = (evenOfOthers: boolean): Promise<Travelled> => request(way, { recordingId, evenOfOthers });
  if (!isBlindNow(recordingId)) return askedOfOthers(send);
  try {
    return await send(false);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "data/other-reader") throw error;
    return { history: { undo: 0, redo: 0 } };
  }
}
