import { pairBetween, type Comparison } from "../../../preload/contract/comparison.ts";
import type { KeyOf, Translate } from "../../ui/words.ts";
import type { compareWords } from "./compare-words.ts";

type T = Translate<KeyOf<typeof compareWords>>;

export interface Verdict {
  readonly lead: string;
  readonly rest: string;
}

/** What the comparison shows, in a sentence, and what it leaves open. */
export function verdictOf(comparison: Comparison, nameOf: (id: string) => string, t: T): Verdict {
  const { reference, people, methods } = comparison;
  const others = methods.filter(({ id }) => id !== reference).map(({ id }) => id);
  const shown = (verdict: string): readonly string[] =>
    others.filter((id) => pairBetween(comparison, id, reference)?.verdict === verdict);
  if (shown("too-few").length > 0) return { lead: t("tooFew", { people }), rest: t("tooFewText") };
  const listed = (ids: readonly string[]) => ({ count: ids.length, names: listOf(ids.map(nameOf), t) });
  const [better, worse, unclear] = [shown("better"), shown("worse"), shown("no-difference-shown")];
  const named = { reference: nameOf(reference) };
  const lead = [
    better.length > 0 ? t("better", { ...listed(better), ...named }) : t("noneBetter", named),
    ...(better.length > 0 && unclear.length > 0 ? [t("unclear", listed(unclear))] : []),
    ...(worse.length > 0 ? [t("worse", listed(worse))] : []),
  ].join(" ");
  return { lead, rest: others.length > 1 ? amongOthers(comparison, others, nameOf, t) : "" };
}

/** Of each of the others, the best first, whom else of them it is shown to beat. */
function amongOthers(
  comparison: Comparison,
  others: readonly string[],
  nameOf: (id: string) => string,
  t: T,
): string {
  const said = others.flatMap((id) => {
    const beaten = others.filter((other) => pairBetween(comparison, id, other)?.verdict === "better");
    if (beaten.length === 0) return [];
    return [t("someAmong", { first: nameOf(id), second: listOf(beaten.map(nameOf), t) })];
  });
  return said.length === 0 ? t("noneAmong") : said.join(" ");
}

const listOf = (names: readonly string[], t: T): string =>
  names.length < 2
    ? (names[0] ?? "")
    : `${names.slice(0, -1).join(t("comma"))}${t("and")}${names.at(-1) ?? ""}`;
