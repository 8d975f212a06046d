import { expect, test } from "vitest";
import type { ComparedMethod, Comparison, HolmComparison } from "../../../preload/contract/comparison.ts";
import { translate } from "../../ui/words.ts";
import { verdictOf } from "./compare-verdict.ts";
import { compareWords } from "./compare-words.ts";

const method = (id: string): ComparedMethod => ({
  ...{ id, kind: id, name: id, accuracy: 0.7, balancedAccuracy: 0.7, macroF1: 0.7 },
  ...{ nll: 1, brier: 0.4, ece: 0.1, classEce: 0.1, reliability: [] },
});
const pair = (verdict: HolmComparison["verdict"]): HolmComparison => ({
  ...{ groups: 10, difference: 0.1, better: 5, worse: 5, equal: 0, level: 0.975, verdict },
  interval: verdict === "too-few" ? null : { low: -0.1, high: 0.2 },
});
const comparison = (
  against: Readonly<Record<string, HolmComparison["verdict"]>>,
  among: HolmComparison["verdict"] = "no-difference-shown",
): Comparison => {
  const ids = Object.keys(against);
  return {
    ...{ score: "accuracy", people: 10, windows: 100, reference: "LDA" },
    methods: ["LDA", ...ids].map(method),
    pairs: [
      ...ids.map((a) => ({ a, b: "LDA", pair: pair(against[a] ?? "too-few") })),
      ...ids.flatMap((a, i) => ids.slice(i + 1).map((b) => ({ a, b, pair: pair(among) }))),
    ],
  };
};
const said = (one: Comparison, language: "en" | "ja" = "en") =>
  verdictOf(one, (id) => id, translate(compareWords, language));

test("who is better is named, and who may or may not be; nothing is claimed where nothing is shown", () => {
  expect(said(comparison({ A: "better", B: "better", C: "no-difference-shown" }))).toEqual({
    lead: "A and B are better than LDA on people never seen. C may or may not be.",
    rest: "Among the others no difference is shown.",
  });
  expect(said(comparison({ A: "no-difference-shown", B: "worse" })).lead).toBe(
    "No method is shown to be better than LDA on people never seen. B is worse.",
  );
  expect(said(comparison({ A: "better", B: "better" }, "better")).rest).toBe("A is better than B.");
  expect(said(comparison({ A: "too-few" })).lead).toContain("Too few people");
});

test("of the others every difference that is shown is told, whoever scored best", () => {
  const three = comparison({ A: "better", B: "better", C: "better", D: "better" });
  const pairs = three.pairs.map((one) => {
    const key = `${one.a}${one.b}`;
    return key === "BD"
      ? { ...one, pair: pair("better") }
      : key === "AC"
        ? { ...one, pair: pair("worse") }
        : one;
  });
  expect(said({ ...three, pairs }).rest).toBe("B is better than D. C is better than A.");
  expect(said({ ...three, pairs }, "ja").rest).toBe("BはDより良い結果です。 CはAより良い結果です。");
});

test("Japanese says the same", () => {
  expect(said(comparison({ A: "better", B: "worse" }), "ja").lead).toBe(
    "未知の対象者でLDAより良い手法：A。 Bは劣ります。",
  );
});
