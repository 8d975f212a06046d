import type { CtgSettings } from "./ctg.ts";
import { ctgConfigOf, CtgRule } from "./ctg-reading.ts";
import type { FindingSummary } from "./finding.ts";

const ruleOf = ({ origin }: Pick<FindingSummary, "origin">): CtgRule | undefined =>
  origin.kind === "rule" ? CtgRule.options.find((rule) => rule === origin.rule) : undefined;

export const isOfReading = (summary: Pick<FindingSummary, "origin">): boolean =>
  ruleOf(summary) !== undefined;

/** Whether a finding is what its rule says by these settings. */
export function isBySettings(summary: Pick<FindingSummary, "origin">, settings: CtgSettings): boolean {
  const rule = ruleOf(summary);
  if (rule === undefined || summary.origin.kind !== "rule") return false;
  return sorted(summary.origin.config) === sorted(ctgConfigOf(rule, settings));
}

const sorted = (config: Readonly<Record<string, unknown>>): string =>
  JSON.stringify(Object.entries(config).sort(([a], [b]) => (a < b ? -1 : 1)));

/** Its version and settings, as a text. */
const saidWith = (origin: FindingSummary["origin"]): string =>
  origin.kind === "rule" ? `${origin.version} ${sorted(origin.config)}` : "";

/**
 * Of findings, newest first, what each rule says in the order in which rules are drawn: by these settings, else what it said
 * last. A rule may say several things.
 */
export const shownReading = (
  found: readonly FindingSummary[],
  settings: CtgSettings,
): readonly FindingSummary[] =>
  CtgRule.options.flatMap((rule) => {
    const own = found.filter((one) => ruleOf(one) === rule);
    const chosen = own.find((one) => isBySettings(one, settings)) ?? own[0];
    return own.filter(({ origin }) => saidWith(origin) === (chosen && saidWith(chosen.origin)));
  });
