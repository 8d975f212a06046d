import type { Travelled } from "../../../preload/contract/annotation.ts";
import { applyAnnotations } from "./annotations.ts";
import type { EditOptions } from "../api.ts";
import type { Context } from "../context.ts";
import { applyContext } from "./ctg-context.ts";
import { type Change, type EditStep, history, loggedChanges, turnStep, type Way } from "./edit-history.ts";
import { applyMasks, type Layers } from "./masks.ts";
import { refuseOfAnother } from "./other-reader.ts";
import { applyReading } from "./readings.ts";
import { authorNow } from "../settings.ts";

/** Takes back the last step of a recording, or does the next one again; whatever of it was edited. */
export function travel(
  context: Context,
  layers: Layers,
  recordingId: string,
  way: Way,
  options: EditOptions = {},
): Travelled {
  return context.database.write(() => {
    const step = turnStep(context, recordingId, way);
    if (step === undefined) return { history: history(context, recordingId) };
    refuseOfAnother(context, { author: step.author, what: "edit", recordingId }, options); // and the turn of the step with it
    applyStep(context, layers, step, way);
    context.log({
      actor: authorNow(context),
      action: `${step.kind}.${way}`,
      subject: recordingId,
      detail: { what: step.what, changes: loggedChanges(step) },
    });
    return { history: history(context, recordingId), step: { kind: step.kind, what: step.what } };
  });
}

function applyStep(context: Context, layers: Layers, step: EditStep, way: Way): void {
  switch (step.kind) {
    case "annotation":
      applyAnnotations(context, turned(step.changes, way));
      return;
    case "mask":
      applyMasks(context, layers, turned(step.changes, way));
      return;
    case "reading":
      for (const change of turned(step.changes, way)) applyReading(context, change);
      return;
    case "context":
      for (const change of turned(step.changes, way)) applyContext(context, change);
  }
}

const turned = <T>(changes: readonly Change<T>[], way: Way): readonly Change<T>[] =>
  way === "redo" ? changes : changes.map(({ before, after }) => ({ before: after, after: before })).reverse();
