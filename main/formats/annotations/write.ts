import type { AnnotationRow } from "./parse.ts";

const quoted = (cell: string): string =>
  /[",\r\n#%]|^\s|\s$/.test(cell) ? `"${cell.replace(/"/g, '""')}"` : cell;

/** The header row of the table of annotations that `parseAnnotationTable` reads. */
export const annotationHeader = "recording,label,onset_s,duration_s,channel,author,note";

/** A table of annotations, numbers in shortest round-trip form. */
export function writeAnnotationRows(rows: Iterable<Omit<AnnotationRow, "line">>): string {
  let text = `${annotationHeader}\n`;
  for (const r of rows) {
    const cells = [
      r.recording,
      r.label,
      String(r.onsetS),
      String(r.durationS),
      r.channel ?? "",
      r.author ?? "",
      r.note,
    ];
    text += `${cells.map(quoted).join(",")}\n`;
  }
  return text;
}
