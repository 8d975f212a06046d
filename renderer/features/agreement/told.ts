import type { Estimate } from "../../../preload/contract/agreement.ts";
import type { LabelSet } from "../../../preload/contract/label-set.ts";
import { fixed } from "../../ui/format.ts";
import { inLanguage, translate, type Language } from "../../ui/words.ts";
import { agreementWords } from "./words.ts";

export const valueOf = (estimate: Estimate | null, decimals = 2): string | undefined =>
  estimate === null ? undefined : fixed(estimate.value, decimals);

export const intervalOf = (estimate: Estimate | null, decimals = 2): string | undefined =>
  estimate?.interval == null
    ? undefined
    : `${fixed(estimate.interval.low, decimals)} – ${fixed(estimate.interval.high, decimals)}`;

/** `0.71 (0.60 – 0.81)` */
export function inLine(estimate: Estimate | null, none: string, decimals = 2): string {
  const [value, interval] = [valueOf(estimate, decimals), intervalOf(estimate, decimals)];
  return value === undefined ? none : interval === undefined ? value : `${value} (${interval})`;
}

export const labelName = (set: LabelSet | undefined, code: string, language: Language): string => {
  const label = set?.labels.find((one) => one.code === code);
  return label === undefined ? code : inLanguage(label.name, language);
};

/** Labels of before readers were named are of somebody, too. */
export const readerName = (reader: string, language: Language): string =>
  reader === "" ? translate(agreementWords, language)("unnamed") : reader;

export const minutes = (seconds: number): string => fixed(seconds / 60, 1);
