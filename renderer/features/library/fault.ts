import { translate, type Language } from "../../ui/words.ts";
import { libraryWords } from "./words.ts";

/** What of a recording's rows is damaged: main's own sentence in English; a part nobody worded stays as main says it. */
export function faultText(fault: string, language: Language): string {
  if (language === "en") return fault;
  const t = translate(libraryWords, language);
  return fault
    .split("; ")
    .map((part) => {
      const channel = /^Channel (\d+): /.exec(part)?.[1];
      if (channel !== undefined) return t("fault.channel", { channel });
      const count = /^(\d+) of its /.exec(part)?.[1];
      if (count !== undefined) return t("fault.lost", { count: Number(count) });
      return part.startsWith("Its row ") ? t("fault.row") : part;
    })
    .join("、");
}
