import { length, percent } from "../../../ui/format.ts";
import { translate, type Language } from "../../../ui/words.ts";
import { isDeceleration, typesOf, type DecelerationType } from "./ctg-reading.ts";
import { proposalText } from "../../../trace/tracks/proposals.ts";
import { ctgWords } from "./ctg-words.ts";
import type { Cue } from "./cues.ts";

/** What a cue is about, and what is doubtful in it. */
export function cueText(
  cue: Cue,
  language: Language,
): { readonly name: string; readonly doubt: string; readonly letter: string } {
  const t = translate(ctgWords, language);
  if (cue.kind === "false-signal") {
    const doubt = cue.doubt.kind === "proposal" ? proposalText(cue.doubt.code, language) : t("cue.false");
    return { name: t("falseTitle"), doubt, letter: "F" };
  }
  if (cue.kind === "not-assessable")
    return {
      name: t("silentTitle"),
      doubt: t("cue.silent", { length: length(cue.durationS, language) }),
      letter: "×",
    };
  const { event, doubt } = cue;
  const isDip = event !== undefined && isDeceleration(event);
  const [first] = event ? typesOf(event, "figo") : [];
  const typeName = (type: DecelerationType): string => t(`type.${type}`);
  const short = isDip ? (first ? typeName(first.type) : t("cue.deceleration")) : t("cue.acceleration");
  const name = isDip ? t("cue.deceleration") : t("cue.acceleration");
  const letter = isDip ? letterOf(event.code) : "A";
  switch (doubt.kind) {
    case "types":
      return {
        ...{ name, letter },
        doubt: t("doubt.types", { first: typeName(doubt.first), second: typeName(doubt.second) }),
      };
    case "missing":
      return { name, letter, doubt: t("doubt.missing", { share: percent(doubt.share, 0) }) };
    case "at-end":
      return { name, letter, doubt: t("doubt.at-end") };
    case "artefact":
    case "slight":
      return { name, letter, doubt: t(`doubt.${doubt.kind}`, { type: short }) };
    case "proposal":
    case "none":
      return { name, letter, doubt: short };
  }
}

/** The first letter of the type; D where it is not known. */
const letterOf = (code: string): string => code.slice(0, 1).toUpperCase();
