import { sure } from "../../../preload/contract/sure.ts";
/** The structured patient and recording fields of EDF+. Items are separated by blanks; `X` stands for unknown. */

/** What the patient field says. Missing items count as unknown. */
export interface PatientField {
  readonly code: string | undefined;
  readonly facts: Readonly<Record<string, string>>;
}

/**
 * EDF+: `code sex birthdate name [more]`. Plain EDF: free text, taken apart only where it has that very shape.
 * `X` counts as unknown only when it is the whole item (`XYZ` is a code).
 */
export function parsePatient(text: string, isPlus: boolean): PatientField & { readonly missing: number } {
  const items = text.split(/\s+/).filter((item) => item !== "");
  const isStructured = isPlus || (items.length >= 4 && /^[FMX]$/i.test(sure(items[1])));
  if (!isStructured) return { code: text === "" ? undefined : text, facts: {}, missing: 0 };
  const [code, sex, birthdate, name, ...more] = items;
  const facts: Record<string, string> = {};
  const keep = (key: string, value: string | undefined): void => {
    if (value !== undefined && value.toUpperCase() !== "X") facts[key] = value.replaceAll("_", " ");
  };
  keep("patient sex", sex);
  keep("patient birthdate", birthdate);
  keep("patient name", name);
  keep("patient further", more.length === 0 ? undefined : more.join(" "));
  const known = code === undefined || code === "X" || code === "x" ? undefined : code;
  return { code: known, facts, missing: Math.max(0, 4 - items.length) };
}

/** `Startdate dd-MMM-yyyy adminCode technician equipment [more]`; other text as it is. */
export function parseRecording(text: string): {
  facts: Record<string, string>;
  more: readonly string[];
  missing: number;
} {
  const items = text.split(/\s+/).filter((item) => item !== "");
  if (items[0]?.toLowerCase() !== "startdate")
    return { facts: text === "" ? {} : { recording: text }, more: [], missing: 5 };
  const facts: Record<string, string> = {};
  const [, , admin, technician, equipment, ...more] = items;
  for (const [key, value] of [
    ["admin code", admin],
    ["technician", technician],
    ["equipment", equipment],
  ] as const) {
    if (value !== undefined && value.toUpperCase() !== "X") facts[key] = value.replaceAll("_", " ");
  }
  return { facts, more, missing: Math.max(0, 5 - items.length) };
}
