import { guarded } from "./guard.ts";
import type { AnnotationRow } from "./parse.ts";

const quoted = (cell: string): string =>
  /[",\r\n#%]|^\s|\s$/.test(cell) ? `"${cell.replace(/"/g, '""')}"` : cell;

/** The header row of the table of annotations that `parseAnnotationTable` reads. */
export const annotationHeader = "recording,label,onset_s,duration_s,channel,author,note,code";

/** A table of annotations: texts as they are, guarded against being computed; numbers in shortest round-trip form. */
export function writeAnnotationRows(rows: Iterable<Omit<AnnotationRow, "line">>): string {
  let text = `${annotationHeader}\n`;
  for (const r of rows) {
    const texts = [r.channel ?? "", r.author ?? "", r.note, r.code ?? ""].map(guarded);
    const cells = [guarded(r.recording), guarded(r.label), String(r.onsetS), String(r.durationS), ...texts];
    text += `${cells.map(quoted).join(",")}\n`;
  }
  return text;
}
