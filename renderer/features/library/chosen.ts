import type { RecordingSummary } from "../../../preload/contract/recording.ts";
import { translate, type Language } from "../../ui/words.ts";
import { libraryWords } from "./words.ts";

/** What an action of the page is about: the recordings ticked, also where a filter hides them, else the one shown. */
export function chosenOf(
  recordings: readonly RecordingSummary[],
  ticked: ReadonlySet<string>,
  shown: RecordingSummary | undefined,
): readonly RecordingSummary[] {
  const chosen = recordings.filter((one) => ticked.has(one.id));
  return chosen.length > 0 ? chosen : shown ? [shown] : [];
}

/** Names in a sentence, all of a few and the first of many: `CTG 01, CTG 02, CTG 03 and 4 more`. */
export function named(names: readonly string[], language: Language, most = 3): string {
  const rest = names.length - most;
  const shown =
    rest > 1 ? [...names.slice(0, most), translate(libraryWords, language)("more", { count: rest })] : names;
  return new Intl.ListFormat(language === "ja" ? "ja" : "en-GB", { type: "conjunction" }).format(shown);
}
