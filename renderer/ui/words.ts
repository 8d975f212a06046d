import i18next, { type i18n } from "i18next";
import { useMemo } from "react";
import { initReactI18next, useTranslation } from "react-i18next";
import { wordIn } from "../../preload/contract/label-set.ts";

export type Language = "en" | "ja";
type Table = Readonly<Record<string, string>>;

/** `rows_one` and `rows_other` are asked for as `rows` with a count. */
type Asked<Key extends string> = Key extends `${infer Base}_one` | `${infer Base}_other` ? Base : Key;
/** Japanese has no singular of its own. */
type Japanese<En extends Table> = Readonly<Record<Exclude<keyof En & string, `${string}_one`>, string>>;

export interface Words<Key extends string = string> {
  readonly area: string;
  readonly en: Table;
  readonly ja: Table;
  readonly key?: Key; // type only
}
/** The keys a table of words answers to. */
export type KeyOf<W> = W extends Words<infer Key> ? Key : never;
/** `count` chooses between one and several: a number, never one that is written out already. */
export type Values = Readonly<Record<string, string | number>> & { readonly count?: number };
export type Translate<Key extends string> = (key: Key, values?: Values) => string;

const tables = new Map<string, Words>();

export const kodoI18n: i18n = i18next.createInstance();
void kodoI18n.use(initReactI18next).init({
  lng: "en",
  fallbackLng: "en",
  resources: {},
  initAsync: false,
  keySeparator: false,
  nsSeparator: false,
  interpolation: { escapeValue: false }, // React escapes
  returnEmptyString: false,
});

/**
 * The words of one feature, each language written on its own. Keys are flat; `{{name}}` marks a value.
 * Both languages must have the same keys and the same values: the types say the first, words.test.ts both.
 */
export function defineWords<const En extends Table>(
  area: string,
  table: { readonly en: En; readonly ja: Japanese<En> },
): Words<Asked<keyof En & string>> {
  kodoI18n.addResourceBundle("en", area, table.en, true, true);
  kodoI18n.addResourceBundle("ja", area, table.ja, true, true);
  const words: Words<Asked<keyof En & string>> = { area, en: table.en, ja: table.ja };
  tables.set(area, words);
  return words;
}

/** `const t = useWords(words); t("recordings", { count: 3 })` */
export function useWords<Key extends string>(words: Words<Key>): Translate<Key> {
  const { i18n } = useTranslation(words.area, { i18n: kodoI18n });
  const language = languageOf(i18n.language);
  return useMemo(() => translate(words, language), [words, language]);
}

/** The same outside React: window titles, sentences in tests. */
export function translate<Key extends string>(words: Words<Key>, language: Language): Translate<Key> {
  return (key, values) => {
    const asked: string = key; // i18next cannot follow a generic key
    return kodoI18n.t(asked, { ...values, ns: words.area, lng: language });
  };
}

export const languageOf = (locale: string): Language => (locale.toLowerCase().startsWith("ja") ? "ja" : "en");
export const currentLanguage = (): Language => languageOf(kodoI18n.language);
export const setLanguage = async (language: Language): Promise<void> => {
  await kodoI18n.changeLanguage(language);
};
/** The language on screen; the component follows when it changes. */
export function useLanguage(): Language {
  const { i18n } = useTranslation(undefined, { i18n: kodoI18n });
  return languageOf(i18n.language);
}

/** A pair of names from the contract (labels, label sets) in the language on screen. */
export const inLanguage = (names: { readonly en: string; readonly ja: string }, language: Language): string =>
  wordIn(names, language);

/** Every table defined so far, for the parity test. */
export const definedWords = (): readonly Words[] => [...tables.values()];
