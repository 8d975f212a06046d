import type { ErrorReport } from "../../preload/contract/errors.ts";
import type { Repair } from "../../preload/contract/recording.ts";
import type { Problem } from "../../preload/contract/run.ts";
import { numbered } from "../../preload/contract/sentences.ts";
import { errorWords } from "./error-words.ts";
import { problemWords, repairWords } from "./repair-words.ts";
import { translate, type Language, type Translate, type Words } from "./words.ts";

const isKeyOf = <Key extends string>(words: Words<Key>, code: string): code is Key =>
  Object.hasOwn(words.ja, code);

/** Words of main's sentences, in which English leaves the plural to their numbers. */
function counting<Key extends string>(words: Words<Key>, language: Language): Translate<Key> {
  const t = translate(words, language);
  return language === "en" ? (key, values) => numbered(t(key, values)) : t;
}

/** A repair in the language on screen; one of an older library, which has no values, in English. */
export function repairText(repair: Repair, language: Language): string {
  const { code, values, times, message } = repair;
  if (values === undefined || !isKeyOf(repairWords, code)) return message;
  const t = counting(repairWords, language);
  return times === undefined ? t(code, values) : `${t(code, values)} ${t("inAll", { times })}`;
}

/** What keeps a training from starting, in the language on screen. */
export const problemText = ({ code, message, values }: Problem, language: Language): string =>
  isKeyOf(problemWords, code) ? counting(problemWords, language)(code, values) : message;

type Said = Pick<ErrorReport, "code" | "message"> & { readonly detail?: ErrorReport["detail"] | undefined };

/**
 * An error as a headline and what it is about: main's own sentence in English, in Japanese the numbers that matter, by
 * name. A code nobody worded has no headline and keeps main's sentence.
 */
export function errorText(
  { code, message, detail = {} }: Said,
  language: Language,
): { readonly headline: string | undefined; readonly text: string } {
  if (!isKeyOf(errorWords, code)) return { headline: undefined, text: message };
  const headline = translate(errorWords, language)(code);
  return { headline, text: language === "en" ? message : factsOf(detail, language) };
}

/** The same in one line. */
export function errorLine(error: Said, language: Language): string {
  const { headline, text } = errorText(error, language);
  if (headline === undefined || language === "en") return text;
  return text === "" ? headline : `${headline}（${text}）`;
}

/** Ranges are written with signs; English phrases say what the headline says already and are left out. */
function rangeOf(text: string): string {
  const range = text.replace(/^at most /, "≤ ").replace(/(\S) to (\S)/, "$1〜$2");
  return /[A-Za-z] [A-Za-z]{2}/.test(range) ? "" : range;
}
const ranges = new Set(["fact.allowed", "fact.expected"]);

function factsOf(detail: ErrorReport["detail"], language: Language): string {
  const t = translate(errorWords, language);
  return Object.entries(detail)
    .flatMap(([key, value]) => {
      const name = `fact.${key}`;
      if (!isKeyOf(errorWords, name) || value === null) return [];
      const text = key === "file" || key === "folder" ? baseName(String(value)) : String(value);
      const shown = ranges.has(name) ? rangeOf(text) : text;
      return shown === "" ? [] : [`${t(name)}: ${shown}`];
    })
    .join("、");
}

const baseName = (path: string): string => path.split(/[/\\]/).findLast((part) => part !== "") ?? path;
