import { CtgContext } from "../../../preload/contract/ctg.ts";
import { recordingKey } from "../samples/channels.ts";
import { checked, parsedJson } from "../checked.ts";
import type { Context } from "../context.ts";
import type { Row } from "../file/database.ts";
import { type Change, keepStep, logEdit, type SaidContext } from "./edit-history.ts";
import { outdateRules } from "../runs/outdated.ts";
import { isWhole, rowCrc } from "../file/row-crc.ts";
import { authorNow } from "../settings.ts";

/** What a person said of a recording for reading it; undefined where nobody did. */
export const getCtgContext = (context: Context, recordingId: string): CtgContext | undefined =>
  said(context, recordingId)?.context;

/** The same with who said it when. */
export function said(context: Context, recordingId: string): SaidContext | undefined {
  const { key } = recordingKey(context.database, recordingId);
  const rows = context.database.all("SELECT * FROM ctg_context WHERE recording = ?", key);
  return context.lost.keep(recordingId, "context", rows, (row) => saidFrom(row, recordingId))[0];
}

/** One step of the recording's history; null takes away what was said. */
export function setCtgContext(context: Context, recordingId: string, given: CtgContext | null): void {
  context.database.write(() => {
    const before = said(context, recordingId) ?? null;
    const author = authorNow(context);
    const after = given && {
      recordingId,
      context: inOrder(checked(CtgContext, given, "context")),
      author,
      changedAt: context.now(),
    };
    if (JSON.stringify(before?.context) === JSON.stringify(after?.context)) return;
    const what = before === null ? "add" : after === null ? "remove" : "change";
    const step = { kind: "context", what, changes: [{ before, after }] } as const;
    applyContext(context, { before, after });
    keepStep(context, recordingId, step, { author });
    logEdit(context, recordingId, step, author);
  });
}

const inOrder = (given: CtgContext): CtgContext => ({
  ...given,
  anchors: [...given.anchors].sort((a, b) => a.atS - b.atS),
});

function forget(context: Context, { recordingId }: SaidContext): void {
  const { key } = recordingKey(context.database, recordingId);
  context.database.run("DELETE FROM ctg_context WHERE recording = ?", key);
  outdateRules(context, key);
}

/** What rules said with other facts is outdated from now on. */
export function applyContext(context: Context, { before, after }: Change<SaidContext>): void {
  for (const one of [before, after]) if (one !== null) forget(context, one);
  if (after === null) return;
  const { database } = context;
  const { key } = recordingKey(database, after.recordingId);
  const values = [key, JSON.stringify(after.context), after.author, after.changedAt];
  database.run(
    "INSERT INTO ctg_context (recording, content, author, changed_at, row_crc) VALUES (?, ?, ?, ?, ?)",
    ...values,
    rowCrc(values),
  );
}

/** Undefined where the row is not what was written. */
function saidFrom(row: Row, recordingId: string): SaidContext | undefined {
  const context = CtgContext.safeParse(parsedJson(row["content"])).data;
  if (context === undefined || !isWhole("ctg_context", row)) return undefined;
  return { recordingId, context, author: String(row["author"]), changedAt: String(row["changed_at"]) };
}
