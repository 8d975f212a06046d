import { expect, test } from "vitest";
import { annotateWords } from "../features/annotate/words.ts";
import { layersWords } from "../features/layers/words.ts";
import { libraryWords } from "../features/library/words.ts";
import { modelsWords } from "../features/models/words.ts";
import { recordWords } from "../features/record/words.ts";
import { reviewWords } from "../features/review/words.ts";
import { logWords } from "../features/settings/log-words.ts";
import { settingsWords } from "../features/settings/words.ts";
import { tourWords } from "../features/tour/words.ts";
import { trainWords } from "../features/train/words.ts";
import { traceWords } from "../trace/tracks/words.ts";
import { common } from "../ui/common-words.ts";
import { errorWords } from "../ui/error-words.ts";
import { problemWords, repairWords } from "../ui/repair-words.ts";
import { definedWords, languageOf, translate } from "../ui/words.ts";
import { shell } from "./words.ts";

const values = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]).sort();
const known = [
  common,
  errorWords,
  repairWords,
  problemWords,
  shell,
  annotateWords,
  reviewWords,
  layersWords,
  libraryWords,
  modelsWords,
  recordWords,
  settingsWords,
  logWords,
  trainWords,
  tourWords,
  traceWords,
];

test("every table of words is defined once", () => {
  const areas = definedWords().map((one) => one.area);
  expect(new Set(areas).size).toBe(areas.length);
  expect(areas).toEqual(expect.arrayContaining(known.map((one) => one.area)));
});

test.each(definedWords().map((one) => [one.area, one] as const))(
  "%s: Japanese answers to the same keys as English",
  (_area, { en, ja }) => {
    const asked = (table: object) =>
      [...new Set(Object.keys(table).filter((key) => !key.endsWith("_one")))].sort();
    expect(asked(ja)).toEqual(asked(en));
  },
);

test.each(definedWords().map((one) => [one.area, one] as const))(
  "%s: both languages take the same values",
  (_area, { en, ja }) => {
    for (const key of Object.keys(ja)) {
      const english = new Set(values(en[key] ?? ""));
      const japanese = new Set(values(ja[key] ?? ""));
      const single = en[key.replace(/_other$/, "_one")];
      // Only a name may be left to the plural form that needs it, such as "{{name}} is in the bin".
      for (const value of japanese)
        expect([...english, ...values(single ?? "")], `${key} in Japanese`).toContain(value);
      for (const value of english) expect([...japanese], `${key} in English`).toContain(value);
    }
  },
);

test("no text is left empty, none promises a diagnosis", () => {
  for (const { area, en, ja } of definedWords()) {
    for (const [key, text] of [...Object.entries(en), ...Object.entries(ja)]) {
      expect(text.trim(), `${area}.${key}`).not.toBe("");
      expect(text, `${area}.${key}`).not.toMatch(/diagnos|診断/i);
    }
  }
});

/** Names of products, which are the same in every language. */
const properName = /ONNX Runtime|OpenBCI Cyton/g;

test("Japanese texts are Japanese where there are words to translate", () => {
  const same = definedWords().flatMap(({ area, en, ja }) =>
    Object.keys(ja)
      .filter(
        (key) =>
          en[key] === ja[key] &&
          /[a-z]{4}\s+[a-z]{4}/i.test((ja[key] ?? "").replace(properName, "")) &&
          !key.endsWith(".reference"),
      )
      .map((key) => `${area}.${key}`),
  );
  expect(same).toEqual([]);
});

test("a count takes the singular in English and has none in Japanese", () => {
  expect(translate(libraryWords, "en")("recordings", { count: 1 })).toBe("1 recording");
  expect(translate(libraryWords, "en")("recordings", { count: 2 })).toBe("2 recordings");
  expect(translate(libraryWords, "ja")("recordings", { count: 1 })).toBe("1記録");
});

test("a locale is read as the language it names", () => {
  expect(languageOf("ja-JP")).toBe("ja");
  expect(languageOf("JA")).toBe("ja");
  expect(languageOf("en-GB")).toBe("en");
  expect(languageOf("de")).toBe("en");
});
