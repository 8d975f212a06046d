import { expect, test } from "vitest";
import { unwrap } from "../../../preload/contract/errors.ts";
import { drawn, textIn } from "../../fake/drawn.tsx";
import { createFakeApi } from "../../fake/fake.ts";
import { picturesOf } from "../../fake/pictures.ts";
import type { LookOf } from "./look.ts";
import { Pictures } from "./pictures.tsx";
import { scaleOver } from "./scale.ts";

const lookOf: LookOf = (code) => ({ name: `class ${code}`, letter: code.slice(0, 1), colour: "#123456" });

test("each kind of picture is drawn, with classes by name and letter; none is said to be none", async () => {
  const api = createFakeApi();
  const [listed] = unwrap(await api.request("runs.list", {}));
  if (listed === undefined) throw new Error("the study has a run");
  const run = unwrap(await api.request("runs.get", { id: listed.id }));
  const pictures = picturesOf({ ...run, config: { ...run.config, model: { kind: "lda" } } });
  const html = await drawn(<Pictures pictures={pictures} lookOf={lookOf} />, api, []);
  expect([...html.matchAll(/data-picture="([a-z]+)"/g)].map(([, kind]) => kind)).toEqual(
    pictures.map(({ kind }) => kind),
  );
  expect(textIn(html)).toContain(`class ${run.classes[0] ?? ""}`);
  expect(html).not.toContain("NaN");
  expect(textIn(await drawn(<Pictures pictures={[]} lookOf={lookOf} />, api, []))).toContain("shows nothing");
});

test("a bar has the name of its class, or words of its own", async () => {
  const html = await drawn(
    <Pictures
      pictures={[
        {
          ...{ kind: "bars", title: { en: "Shares", ja: "割合" }, unit: { en: "%", ja: "%" } },
          bars: [
            { name: "rest", value: 40 },
            { name: { en: "fast deviation", ja: "速い偏り" }, value: 60 },
          ],
        },
      ]}
      lookOf={lookOf}
    />,
    createFakeApi(),
    [],
  );
  expect(textIn(html)).toContain("class rest");
  expect(textIn(html)).toContain("fast deviation");
});

test("ticks stand at round numbers within what is shown, also where there is one value or none", () => {
  const scale = scaleOver([0.13, 9.2], [0, 100], { room: 0 });
  expect(scale.ticks).toEqual([2, 4, 6, 8]);
  expect([scale.at(0.13), scale.at(9.2)]).toEqual([0, 100]);
  for (const values of [[3], [], [Number.NaN]])
    expect(scaleOver(values, [0, 1]).ticks.every(Number.isFinite)).toBe(true);
});
