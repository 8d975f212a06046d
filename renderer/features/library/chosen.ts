import type { Selection } from "../../../preload/contract/listing.ts";
import { translate, type Language } from "../../ui/words.ts";
import { libraryWords } from "./words.ts";

/** No recording. */
export const nothing: Selection = { kind: "these", ids: [] };

export const isNothing = (ticks: Selection): boolean => ticks.kind === "these" && ticks.ids.length === 0;

const flipped = (ids: readonly string[], id: string): string[] =>
  ids.includes(id) ? ids.filter((one) => one !== id) : [...ids, id];

/** Ticked or not, the other way round. `passes`: whether it is among those that a filter chose. */
export function toggled(ticks: Selection, id: string, passes: boolean): Selection {
  if (ticks.kind === "these") return { ...ticks, ids: flipped(ticks.ids, id) };
  return passes
    ? { ...ticks, except: flipped(ticks.except, id) }
    : { ...ticks, also: flipped(ticks.also, id) };
}

/** Those that are ticked, without some. */
export function leaving(ticks: Selection, out: ReadonlySet<string>): Selection {
  const stays = (ids: readonly string[]): string[] => ids.filter((id) => !out.has(id));
  if (ticks.kind === "these") return { ...ticks, ids: stays(ticks.ids) };
  return { ...ticks, except: [...new Set([...ticks.except, ...out])], also: stays(ticks.also) };
}

/** Whether a recording is ticked. */
export function isTicked(ticks: Selection, id: string, passes: boolean): boolean {
  if (ticks.kind === "these") return ticks.ids.includes(id);
  return passes ? !ticks.except.includes(id) : ticks.also.includes(id);
}

/** All that a filter chose, whatever was ticked or not besides: what a page of the list is asked about. */
export const passing = (ticks: Selection): Selection | undefined =>
  ticks.kind === "filtered" ? { ...ticks, except: [], also: [] } : undefined;

/** Names in a sentence, all of a few and the first of many: `CTG 01, CTG 02, CTG 03 and 4 more`. `count`: of them all. */
export function named(names: readonly string[], language: Language, most = 3, count = names.length): string {
  const rest = count - most;
  const shown =
    rest > 1 ? [...names.slice(0, most), translate(libraryWords, language)("more", { count: rest })] : names;
  return new Intl.ListFormat(language === "ja" ? "ja" : "en-GB", { type: "conjunction" }).format(shown);
}
