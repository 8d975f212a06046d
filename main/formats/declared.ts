import { z } from "zod";
import { repairOf } from "../../preload/contract/recording.ts";
import type { ReportRepair, SourceReading } from "../signal/block.ts";

/** A stretch that somebody read completely for labels (codes) of a label set, as every file of ours declares it. */
export const DeclaredReading = z.object({
  onsetS: z.number().nonnegative(),
  durationS: z.number().positive(),
  labelSet: z.string().max(200),
  labels: z.array(z.string().max(200)).max(1000),
  author: z.string().max(200).optional(),
});

/** Declarations that one file may hold. */
export const MOST_DECLARED = 10_000;

/**
 * Those among a file's declarations that are one; each of the others is named and declares nothing. A declaration is
 * never an annotation: half of one must not become a label.
 */
export function soundReadings(
  values: readonly unknown[],
  file: string,
  report: ReportRepair,
): { readonly readings?: readonly SourceReading[] } {
  const readings: SourceReading[] = [];
  for (const value of values) {
    const { success, data } = DeclaredReading.safeParse(value);
    if (success && readings.length < MOST_DECLARED) readings.push(data);
    else report(repairOf("READING_UNCLEAR", "warning", { text: shownDeclaration(value) }, { file }));
  }
  return readings.length === 0 ? {} : { readings };
}

/** As much of a declaration as tells which one it is. */
export function shownDeclaration(value: unknown): string {
  const text = (typeof value === "string" ? value : JSON.stringify(value)).replace(
    /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu,
    " ",
  );
  return text.length > 60 ? `${text.slice(0, 60).replace(/\p{Cs}$/u, "")}…` : text;
}
