import { z } from "zod";
import {
  ALL_LABELS,
  IMPORTED_SET,
  type LabelSet,
  OTHER_TEXT,
  withLabels,
} from "../../../preload/contract/label-set.ts";
import { Annotation } from "../../../preload/contract/annotation.ts";
import { DataSelection, Run } from "../../../preload/contract/run.ts";
import { parsedJson } from "../checked.ts";
import type { Context } from "../context.ts";
import { contentOf, labelSetFrom } from "../labels/label-sets.ts";
import { seal } from "../file/seal.ts";

/**
 * Takes out of every version of the imported set what a file called its events, where nothing in the library means it
 * any more: such a text may say anything. A version that is damaged says nothing to anybody and goes with it.
 */
export function forgetImportedLabels(context: Context): void {
  const { database } = context;
  const used = usedLabels(context);
  for (const { version } of database.all("SELECT version FROM label_set WHERE id = ?", IMPORTED_SET)) {
    const row = database.get(
      "SELECT * FROM label_set WHERE id = ? AND version = ?",
      IMPORTED_SET,
      Number(version),
    );
    const set = row === undefined ? undefined : labelSetFrom(row);
    const labels = set?.labels.filter(({ code }) => used.has(code)) ?? [];
    if (labels.length === set?.labels.length) continue;
    if (labels.length === 0 && !isReadFor(context, Number(version))) {
      database.run("DELETE FROM label_set WHERE id = ? AND version = ?", IMPORTED_SET, Number(version));
      continue;
    }
    const left =
      set !== undefined && labels.length > 0
        ? withLabels(set, labels)
        : { ...none, name: set?.name ?? none.name, kind: set?.kind ?? none.kind };
    database.run(
      "UPDATE label_set SET content = ? WHERE id = ? AND version = ?",
      contentOf(left),
      IMPORTED_SET,
      Number(version),
    );
    seal(database, "label_set", "id = ? AND version = ?", IMPORTED_SET, Number(version));
  }
}

/** A set has at least one label. */
const none: Omit<LabelSet, "version"> = {
  id: IMPORTED_SET,
  name: { en: "Imported", ja: "取り込み" },
  kind: "other",
  groups: [ALL_LABELS],
  labels: [
    {
      code: OTHER_TEXT,
      name: { en: "Other text", ja: "その他の文字" },
      letter: "…",
      colour: "#999999",
      shape: "interval",
      group: ALL_LABELS.code,
    },
  ],
};

const isReadFor = ({ database }: Context, version: number): boolean =>
  database.get(
    `SELECT 1 FROM reading g JOIN recording r ON r.key = g.recording
     WHERE g.label_set = ? AND g.label_set_version = ? AND r.purging = 0 LIMIT 1`,
    IMPORTED_SET,
    version,
  ) !== undefined;

const Place = Annotation.pick({ label: true, labelSet: true });
const Steps = z.array(z.object({ before: Place.nullable(), after: Place.nullable() }));
const Learned = z.object({
  config: z.union([
    z.object({ data: DataSelection.pick({ labelSet: true, labels: true }) }).transform(({ data }) => data),
    DataSelection.pick({ labelSet: true, labels: true }), // of a run before 0.2
  ]),
  classes: Run.shape.classes,
});

/** Codes that an annotation has, that undo or redo could bring back, or that a model tells apart. */
function usedLabels({ database }: Context): ReadonlySet<string> {
  const used = new Set<string>();
  for (const { label } of database.all(
    "SELECT DISTINCT a.label FROM annotation a JOIN recording r ON r.key = a.recording WHERE a.label_set = ? AND r.purging = 0",
    IMPORTED_SET,
  ))
    used.add(String(label));
  const named = JSON.stringify(IMPORTED_SET);
  for (const { changes } of database.all(
    "SELECT e.changes FROM edit_step e JOIN recording r ON r.key = e.recording WHERE e.kind = 'annotation' AND r.purging = 0 AND instr(e.changes, ?) > 0",
    named,
  ))
    for (const { before, after } of Steps.safeParse(parsedJson(changes)).data ?? [])
      for (const one of [before, after]) if (one?.labelSet === IMPORTED_SET) used.add(one.label);
  for (const { content } of database.all("SELECT content FROM run WHERE instr(content, ?) > 0", named)) {
    const run = Learned.safeParse(parsedJson(content)).data;
    if (run?.config.labelSet === IMPORTED_SET)
      for (const code of [...run.config.labels, ...run.classes]) used.add(code);
  }
  return used;
}
