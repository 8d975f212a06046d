import { expect, test } from "vitest";
import { CtgEngine } from "./ctg.ts";
import { reasonIn, ruleClasses, ruleSentences } from "./rule-sentences.ts";

const namesIn = (text: string): string[] =>
  [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name ?? "").sort();

test.each(Object.entries(ruleSentences))("%s says the same values in both languages", (_code, { en, ja }) => {
  expect(namesIn(ja)).toEqual(namesIn(en));
  expect(ja).not.toBe(en);
});

test("codes among the values are said in words", () => {
  const values = {
    variability: "variability-decreased",
    baseline: "baseline-tachycardia",
    deceleration: "deceleration-late-severe",
    level: 5,
  };
  const reason = { code: "JSOG_CELL", clause: "", evidence: "measured" as const, values };
  expect(reasonIn(reason, "en")).toBe(
    "Variability decreased, baseline tachycardia, severe late deceleration: level 5",
  );
  expect(reasonIn(reason, "ja")).toBe("基線細変動：減少、基線：頻脈、高度遅発一過性徐脈：レベル 5");
  const between = {
    ...reason,
    code: "BETWEEN",
    values: { least: "figo-2015/suspicious", most: "figo-2015/pathological" },
  };
  expect(reasonIn(between, "en")).toBe("What is seen allows Suspicious to Pathological");
});

test("a sentence of a newer version is its code", () => {
  expect(reasonIn({ code: "NEW_RULE", clause: "", evidence: "own", values: {} }, "en")).toBe("NEW_RULE");
});

test.each(CtgEngine.options)(
  "classes of %s are in order of the ramp, each with a letter of its own",
  (engine) => {
    const classes = ruleClasses[engine];
    expect(new Set(classes.map(({ letter }) => letter)).size).toBe(classes.length);
    expect(classes.map(({ rank }) => rank)).toEqual(classes.map(({ rank }) => rank).sort());
  },
);
