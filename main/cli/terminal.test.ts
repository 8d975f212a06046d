import fc from "fast-check";
import { expect, test } from "vitest";
import { shown, shownLine } from "./terminal.ts";

test("a terminal is shown what it would have obeyed, and everything else as it is", () => {
  expect(shown("\u001b]0;owned\u0007 \u009b2J \u202edp\u2066x\u2069 a\rb \u007f")).toBe(
    "\\u001b]0;owned\\u0007 \\u009b2J \\u202edp\\u2066x\\u2069 a\\u000db \\u007f",
  );
  const plain = "one\n\ttwo 胎児心拍 é 😀 العربية ﷽ \u200d";
  expect(shown(plain)).toBe(plain);
  expect(shownLine("name\nerror forged")).toBe("name\\u000aerror forged");
});

test("no text whatever leaves a control character or a bidi mark, and a JSON document says the same after it", () => {
  const anything = fc.string({ unit: "binary" });
  fc.assert(
    fc.property(anything, (text) => {
      expect(shownLine(text)).not.toMatch(/(?!\t)[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/u);
      expect(JSON.parse(shown(JSON.stringify({ [text]: text })))).toEqual({ [text]: text });
    }),
  );
});
