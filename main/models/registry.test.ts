import { describe, expect, test } from "vitest";
import { ModelDescription } from "../../preload/contract/model.ts";
import { configured, descriptionOf, modelOf, models } from "./registry.ts";

describe.each(models().map((model) => [model.kind, model] as const))("%s", (kind, model) => {
  test("has settings that a page can draw, each with a usual value that it takes", () => {
    const { fields, ...rest } = ModelDescription.parse(descriptionOf(model));
    expect(rest).toMatchObject({ kind, learning: model.learning.kind });
    const usual = Object.fromEntries(
      fields.flatMap((field) =>
        "usual" in field && field.usual !== undefined ? [[field.key, field.usual]] : [],
      ),
    );
    const suggested = Object.fromEntries(
      fields.flatMap((field) => (field.type === "group" ? [[field.key, field.suggested.emg]] : [])),
    );
    expect(configured({ kind, ...usual, ...suggested }).settings).toMatchObject({ ...usual, ...suggested });
    for (const { name, hint } of fields)
      for (const words of [name, hint]) if (words) expect([words.en, words.ja]).not.toContain("");
  });

  test("takes its own settings for granted and refuses what is not one, by name", () => {
    expect(configured({ kind }).settings).toMatchObject({ kind });
    expect(() => configured({ kind, windoS: 1 })).toThrow(/windoS/);
    expect(() => configured({ kind, members: 0 })).toThrow(/model\.members/);
  });
});

test.each([
  [{ epochs: 1.5 }, /model\.epochs/],
  [{ front: "magic" }, /model\.front/],
  [{ variation: { shiftS: 100 } }, /model\.variation\.shiftS: .*60/],
  [{ variation: { shift: 0.1 } }, /model\.variation: .*shift/],
])("a setting out of its range is refused with its range: %j", (settings, message) => {
  expect(() => configured({ kind: "identity-coupled", ...settings })).toThrow(message);
});

test("a kind that there is not is refused with those there are", () => {
  expect(() => modelOf("oracle")).toThrow(/No model is called oracle; there are identity-coupled, lda/);
});
