import { describe, expect, test } from "vitest";
import { formOf } from "./form.ts";
import type { Model, RoundsModel } from "./model.ts";
import { models } from "./registry.ts";
import { roundsLaws, type RoundsCase } from "./rounds-laws.ts";

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- as in the registry
type AnyRounds = RoundsModel<any, any>;
const isRounds = (model: Model): model is AnyRounds =>
  model.over === "windows" && model.learning.kind === "rounds";

/** With its usual settings, with each value of each choice, and with each switch turned; what it refuses is none. */
function casesOf(model: AnyRounds): (RoundsCase & { readonly name: string })[] {
  const turned = formOf(model.config).flatMap((field): Record<string, unknown>[] => {
    if (field.type === "switch") return [{ [field.key]: !field.usual }];
    return field.type === "choice" ? field.options.map(({ value }) => ({ [field.key]: value })) : [];
  });
  const usual = model.config.safeParse({ kind: model.kind }).data as unknown;
  const seen = new Set([JSON.stringify(usual)]);
  const others = turned.flatMap((settings) => {
    const parsed = model.config.safeParse({ kind: model.kind, ...settings });
    const key = JSON.stringify(parsed.data);
    if (!parsed.success || seen.has(key)) return [];
    seen.add(key);
    return [{ name: `${model.kind} ${JSON.stringify(settings)}`, model, config: parsed.data as unknown }];
  });
  return [{ name: model.kind, model, config: usual }, ...others];
}

describe.each(models().filter(isRounds).flatMap(casesOf))("$name", (of) => {
  test.each(Object.entries(roundsLaws))(
    "%s",
    async (_name, law) => {
      expect(await law(of)).toBeUndefined();
    },
    120_000,
  ); // networks take their time beside others
});
