import temml from "temml";
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
    for (const field of fields)
      if (field.type === "group") for (const inner of field.fields) expect(inner.name.en).not.toBe(inner.key);
    for (const { name, hint } of fields)
      for (const words of [name, hint]) if (words) expect([words.en, words.ja]).not.toContain("");
  });

  test("says what it is in both languages, with formulas that can be set", () => {
    const { about } = descriptionOf(model);
    for (const { tex } of about.formulas)
      expect(temml.renderToString(tex, { throwOnError: true, strict: true })).toContain("<math");
    const said = [
      ...about.idea,
      ...about.assumes,
      ...about.formulas.map(({ says }) => says),
      ...about.claims.map(({ says }) => says),
      ...[about.missing, about.where, model.name, model.sentence],
    ];
    for (const words of said) expect([words.en.trim(), words.ja.trim()]).not.toContain("");
  });

  test("takes its own settings for granted and refuses what is not one, by name", () => {
    expect(configured({ kind }).settings).toMatchObject({ kind });
    expect(() => configured({ kind, windoS: 1 })).toThrow(/windoS/);
    expect(() => configured({ kind, members: 0 })).toThrow(/model\.members/);
  });
});

test("bracelets are asked how to adapt and begin with the whole recording; other recordings are not asked", () => {
  const { fields } = descriptionOf(modelOf("identity-coupled"));
  const adaptation = fields.find(({ key }) => key === "adaptation");
  expect(adaptation).toMatchObject({
    kinds: ["emg"],
    usual: "none",
    usualOf: { emg: "transductive-balanced" },
  });
  const options = adaptation?.type === "choice" ? adaptation.options : [];
  expect(options.map(({ hint }) => hint?.en === undefined)).toEqual([false, false, false, false]);
});

test("what is wrong with settings is told field by field", () => {
  const bad = { kind: "identity-coupled", epochs: 0, variation: { shiftS: 100 } };
  expect(() => configured(bad)).toThrow(
    expect.objectContaining({
      detail: expect.objectContaining({
        "model.epochs": expect.stringContaining("1") as string,
        "model.variation.shiftS": expect.stringContaining("60") as string,
      }) as object,
    }) as Error,
  );
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
