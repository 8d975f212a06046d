import { expect, test } from "vitest";
import { wordIn, Words } from "./label-set.ts";

test("a name needs one of its two languages, and that one stands for both", () => {
  for (const names of [
    { en: "", ja: "遅発一過性徐脈" },
    { en: "Late deceleration", ja: " " },
  ]) {
    expect(Words.safeParse(names).success).toBe(true);
    for (const language of ["en", "ja"] as const)
      expect(wordIn(names, language)).toBe(names.en === "" ? names.ja : names.en);
  }
  expect(wordIn({ en: "Late", ja: "遅発" }, "en")).toBe("Late");
  expect(wordIn({ en: "Late", ja: "遅発" }, "ja")).toBe("遅発");
  expect(Words.safeParse({ en: " ", ja: "" }).success).toBe(false);
});
