import { request } from "../../bridge/client.ts";
import type { EditorPort } from "../../state/annotations.ts";

/** The editor's requests about one recording, over the bridge. */
export const editorPort = (recordingId: string): EditorPort => ({
  history: () => request("annotations.history", { recordingId }),
  add: (annotation) => request("annotations.add", annotation),
  change: (change) => request("annotations.change", change),
  remove: (id) => request("annotations.remove", { id }).then(() => undefined),
  undo: () => request("annotations.undo", { recordingId }),
  redo: () => request("annotations.redo", { recordingId }),
  mask: (span) => request("masks.add", span),
  layRules: () => request("masks.layRules", { recordingId }),
  liftRules: () => request("masks.liftRules", { recordingId }).then(() => undefined),
  setContext: (context) => request("ctg.setContext", { recordingId, context }).then(() => undefined),
  unmask: (id) => request("masks.remove", { id }).then(() => undefined),
});
