import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { onnxRuntime } from "../compute/onnx/runtime.ts";
import type { Runtime } from "../compute/runtime.ts";
import { formOf } from "./form.ts";
import type { Model, SequenceModel } from "./model.ts";
import { models } from "./registry.ts";
import { fitLaws, learnedBy, sequenceLaws, type SequenceCase } from "./sequence-laws.ts";

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- as in the registry
type AnySequence = SequenceModel<any, any>;
const isOfSequences = (model: Model): model is AnySequence => model.over === "sequences";

let opened: Promise<Runtime> | undefined;
const runtime = (): Promise<Runtime> => (opened ??= onnxRuntime({ threads: 1 }));
afterAll(async () => (await opened)?.dispose());

/** Settings that make a fit short where a model has them, shorter than anybody may ask for: laws hold of what is badly learned, too. */
const small: Readonly<Record<string, number>> = { members: 2, length: 0.0005 };

interface Named extends SequenceCase {
  readonly name: string;
}

/** Whatever is registered: with its usual settings made short, and with each switch turned. */
function casesOf(model: AnySequence): [Named, ...Named[]] {
  const fields = formOf(model.config);
  const short = Object.fromEntries(fields.flatMap(({ key }) => (key in small ? [[key, small[key]]] : [])));
  const of = (settings: Record<string, unknown>): unknown => ({
    ...(model.config.parse({ kind: model.kind, ...settings }) as object),
    ...short,
  });
  const turned = fields.flatMap((field): Named[] =>
    field.type === "switch"
      ? [
          {
            name: `${model.kind}, ${field.key} ${String(!field.usual)}`,
            config: of({ [field.key]: !field.usual }),
            ...{ model, runtime },
          },
        ]
      : [],
  );
  return [{ name: model.kind, config: of({}), model, runtime }, ...turned];
}

const cases = models().filter(isOfSequences).map(casesOf);

describe.each(
  cases.flatMap(([usual, ...turned]) => [
    { ...usual, again: fitLaws },
    ...turned.map((one) => ({ ...one, again: {} })),
  ]),
)("$name", ({ again, ...of }) => {
  let learned: object;
  beforeAll(async () => {
    learned = await learnedBy(of);
  }, 120_000);
  test.each(Object.entries({ ...sequenceLaws, ...again }))(
    "%s",
    async (_name, law) => {
      expect(await law(of, learned)).toBeUndefined();
    },
    120_000,
  );
});
