import type { Settings } from "../contract/settings.ts";

export type PaperSpeed = Settings["paperSpeed"]; // cm a minute
export type FhrRange = Settings["fhrRange"];

/** Heart rates on paper: 8 cm or 7 cm high. */
export const fhrScales = {
  "50-210": { low: 50, high: 210, bpmPerCm: 20 },
  "30-240": { low: 30, high: 240, bpmPerCm: 30 },
} as const satisfies Record<FhrRange, { low: number; high: number; bpmPerCm: number }>;

/** Contractions on paper: 0-100 at 25 units a centimetre. */
export const UC_CM = 4;
export const ucRange = { low: 0, high: 100 } as const;

/** Width of the strip on a page of A4, lying: whole centimetres, so that pages abut. */
export const PAGE_STRIP_CM = 27;

/** Height of a grid at the scale of the paper, in centimetres. */
export function paperHeightCm(kind: "fhr" | "uc", fhrRange: FhrRange): number {
  if (kind === "uc") return UC_CM;
  const { low, high, bpmPerCm } = fhrScales[fhrRange];
  return (high - low) / bpmPerCm;
}
