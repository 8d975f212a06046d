/**
 * The 82 patterns of the Japanese five-level scheme (JSOG; Okai et al., J Obstet Gynaecol Res 2010), as the same grid stands
 * in a public Japanese back end; its order of columns is inferred from where its empty cells lie (ctg.md §8.3). Measured:
 * 82 cells are filled and the levels never fall along an axis. To be checked against Okai 2010 or the national guideline
 * 2023, p. 234-235, before it is relied on.
 */
export type JsogVariability = "normal" | "decreased" | "absent" | "increased" | "sinusoidal";
export type JsogBaseline = "normal" | "tachycardia" | "bradycardia" | "severe-bradycardia";

/** Columns of the table, in its order. */
export const jsogColumns = [
  ...(["none", "early", "variable-mild", "variable-severe"] as const),
  ...(["late-mild", "late-severe", "prolonged-mild", "prolonged-severe"] as const),
] as const;
export type JsogDeceleration = (typeof jsogColumns)[number];

interface JsogRow {
  readonly variability: JsogVariability;
  readonly baseline: JsogBaseline | "any";
  readonly levels: readonly (number | undefined)[]; // a level a column; undefined: cannot be
}

const no = undefined;
export const jsogTable: readonly JsogRow[] = [
  { variability: "normal", baseline: "normal", levels: [1, 2, 2, 3, 3, 3, 3, 4] },
  { variability: "normal", baseline: "tachycardia", levels: [2, 2, 3, 3, 3, 4, 3, 4] },
  { variability: "normal", baseline: "bradycardia", levels: [3, 3, 3, 4, 4, 4, 4, 4] },
  { variability: "normal", baseline: "severe-bradycardia", levels: [4, 4, no, 4, 4, 4, no, no] },
  { variability: "decreased", baseline: "normal", levels: [2, 3, 3, 4, 3, 4, 4, 5] },
  { variability: "decreased", baseline: "tachycardia", levels: [3, 3, 4, 4, 4, 5, 4, 5] },
  { variability: "decreased", baseline: "bradycardia", levels: [4, 4, 4, 5, 5, 5, 5, 5] },
  { variability: "decreased", baseline: "severe-bradycardia", levels: [5, 5, no, 5, 5, 5, no, no] },
  { variability: "absent", baseline: "any", levels: [4, 5, 5, 5, 5, 5, 5, 5] },
  { variability: "increased", baseline: "any", levels: [2, 2, 3, 3, 3, 4, 3, 4] },
  { variability: "sinusoidal", baseline: "any", levels: [4, 4, 4, 4, 5, 5, 5, 5] },
];

export interface JsogCell {
  readonly level: number;
  readonly isFilled: boolean; // false: the table has no such cell, and the row's highest level stands for it
}

const rowOf = new Map(jsogTable.map((row) => [`${row.variability} ${row.baseline}`, row]));
const columnOf = new Map(jsogColumns.map((column, i) => [column, i]));

/** The level of a pattern, 1 to 5. */
export function jsogCell(
  variability: JsogVariability,
  baseline: JsogBaseline,
  deceleration: JsogDeceleration,
): JsogCell {
  const row = rowOf.get(`${variability} ${baseline}`) ?? rowOf.get(`${variability} any`);
  const level = row?.levels[columnOf.get(deceleration) ?? -1];
  if (level !== undefined) return { level, isFilled: true };
  return { level: Math.max(...(row?.levels ?? []).map((cell) => cell ?? 0)), isFilled: false };
}
