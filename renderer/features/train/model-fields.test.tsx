import { MantineProvider } from "@mantine/core";
import { renderToStaticMarkup } from "react-dom/server";
import { afterEach, expect, test } from "vitest";
import { madeUpAbout } from "../../../preload/contract/method.fixtures.ts";
import { ModelDescription } from "../../../preload/contract/model.ts";
import type { RecordingKind } from "../../../preload/contract/recording.ts";
import { fakeKinds } from "../../fake/model-kinds.ts";
import { setLanguage } from "../../ui/words.ts";
import { ModelFields } from "./model-fields.tsx";
import type { Settings } from "./model-settings.ts";

afterEach(() => setLanguage("en"));

/** A model that nothing in the program knows: what it says of itself must be enough. */
const madeUp = ModelDescription.parse({
  kind: "oracle",
  name: { en: "Oracle", ja: "神託" },
  sentence: { en: "Knows.", ja: "知っています。" },
  ...{ over: "windows", labels: "needed", kinds: ["emg", "ctg"], usualFor: [], learning: "rounds", can: [] },
  about: madeUpAbout,
  fields: [
    {
      ...{ key: "incense", level: "expert", type: "choice", usual: "myrrh", usualOf: { ctg: "amber" } },
      name: { en: "Incense", ja: "香" },
      options: [
        { value: "myrrh", name: { en: "Myrrh", ja: "没薬" } },
        { value: "amber", name: { en: "Amber", ja: "琥珀" }, hint: { en: "Calms.", ja: "鎮めます。" } },
      ],
    },
    {
      ...{ key: "questions", level: "plain", type: "number", isWhole: true, isOptional: false, usual: 3 },
      ...{ low: 1, high: 9 },
      name: { en: "Questions", ja: "問い" },
    },
    {
      ...{ key: "dose", level: "plain", type: "number", isWhole: false, isOptional: true, kinds: ["emg"] },
      name: { en: "Dose", ja: "量" },
    },
    { key: "isVeiled", level: "plain", type: "switch", usual: true, name: { en: "Veiled", ja: "覆う" } },
    {
      ...{ key: "rite", level: "expert", type: "group" },
      name: { en: "Rite", ja: "儀式" },
      fields: [
        { key: "bells", name: { en: "Bells", ja: "鐘" }, ...{ low: 0, high: 5, usual: 0 } },
        { key: "drums", name: { en: "Drums", ja: "太鼓" }, kinds: ["ctg"], ...{ low: 0, high: 5, usual: 0 } },
      ],
      suggested: { ctg: { bells: 1 }, emg: { bells: 2 }, other: {} },
    },
  ],
});

function drawn(
  { fields }: ModelDescription,
  {
    kind = "emg",
    settings = {},
    problems = {},
  }: {
    readonly kind?: RecordingKind;
    readonly settings?: Settings;
    readonly problems?: Readonly<Record<string, string>>;
  } = {},
) {
  const html = renderToStaticMarkup(
    <MantineProvider>
      <ModelFields
        fields={fields}
        kind={kind}
        settings={settings}
        problems={new Map(Object.entries(problems))}
        onChange={() => undefined}
      />
    </MantineProvider>,
  );
  const [plain = "", expert = ""] = html.split("<details");
  const labels = (part: string): string[] =>
    [...part.matchAll(/-label"[^>]*>([^<]+)/g)].flatMap(([, label]) => label ?? []);
  return { html, plain: labels(plain), expert: labels(expert), isOpen: /^[^>]* open/.test(expert) };
}

const values = (html: string): string[] =>
  [...html.matchAll(/ value="([^"]*)"/g)].flatMap(([, one]) => one ?? []);

test.each(fakeKinds.map((model) => [model.kind, model] as const))(
  "every setting of %s is drawn once, plain ones first, with a label that belongs to its field",
  (_, model) => {
    const { plain, expert, html, isOpen } = drawn(model);
    const named = (level: string) =>
      model.fields.filter((field) => field.level === level).map(({ name }) => name.en);
    expect(plain).toEqual(named("plain"));
    expect(expert).toEqual(named("expert"));
    expect(isOpen).toBe(false);
    const ids = new Set([...html.matchAll(/<(?:input|button)[^>]* id="([^"]*)"/g)].map(([, id]) => id));
    for (const [, id] of html.matchAll(/<label[^>]* for="([^"]*)"/g)) expect(ids).toContain(id);
  },
);

test("a model that the program has never heard of is drawn with its ranges, usual values and kinds of recordings", async () => {
  const { plain, expert, html } = drawn(madeUp);
  expect([plain, expert]).toEqual([
    ["Questions", "Dose", "Veiled"],
    ["Incense", "Rite"],
  ]);
  expect(html).toContain('placeholder="usual"');
  expect(values(html)).toEqual(expect.arrayContaining(["3", "Myrrh"]));
  const ctg = drawn(madeUp, { kind: "ctg" });
  expect(ctg.plain).toEqual(["Questions", "Veiled"]);
  expect(values(ctg.html)).toContain("Amber");
  expect(ctg.html).toContain("Calms.");
  await setLanguage("ja");
  expect(drawn(madeUp).plain).toEqual(["問い", "量", "覆う"]);
});

test("what a person changed is shown in place of what is usual, and folded settings say how many are", () => {
  const settings = { questions: 7, incense: "amber", rite: { bells: 4 } };
  const { html, expert } = drawn(madeUp, { settings });
  expect(values(html)).toEqual(expect.arrayContaining(["7", "Amber", "4"]));
  expect(expert).toEqual(["Incense", "Rite", "Bells"]); // drums are not asked for with this kind
  expect(html).toContain("2 changed");
});

test("a setting that is not taken says so at its field, in words where its range tells why, and is unfolded", () => {
  const outside = drawn(madeUp, { settings: { questions: 12 }, problems: { questions: "Too big" } });
  expect(outside.html).toContain("1 to 9");
  expect(outside.html).toContain('aria-invalid="true"');
  expect(outside.isOpen).toBe(false);
  const strange = drawn(madeUp, { settings: { rite: { bells: 1 } }, problems: { rite: "Too loud" } });
  expect(strange.html).toContain("Too loud");
  expect(strange.isOpen).toBe(true);
});
