import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import type { Api } from "../../../preload/contract/channels.ts";
import { unwrap } from "../../../preload/contract/errors.ts";
import { answering, drawn, textIn } from "../../fake/drawn.tsx";
import { createFakeApi } from "../../fake/fake.ts";
import { Formula, formulaOf } from "../../ui/formula.tsx";
import { everywhere } from "./everywhere.ts";
import { ModelsPage } from "./models-page.tsx";
import { WaysFigure } from "./ways-figure.tsx";

const page = (api: Api): Promise<string> =>
  drawn(<ModelsPage />, api, [
    ["models.list", {}],
    ["runs.list", {}],
  ]);

const shownIn = (html: string): readonly (string | undefined)[] =>
  [...html.matchAll(/data-model="([^"]+)"/g)].map(([, kind]) => kind);

test("every model has a page, and so has what every training has", async () => {
  const api = createFakeApi();
  const html = await page(api);
  expect(shownIn(html)).toEqual(["identity-coupled", "lda", "temperature", "ensemble"]);
  expect(textIn(html)).toContain("measured by us");
});

test("a method without a run says so, one with a run names it; a list that cannot be read says why", async () => {
  const api = createFakeApi();
  expect(textIn(await page(answering(api, { "runs.list": [] })))).toContain("Not trained here yet");
  const [run] = unwrap(await api.request("runs.list", {}));
  expect(textIn(await page(api))).toContain(run?.config.name);
  for (const name of ["runs.list", "models.list"] as const) {
    const failed = textIn(await page(createFakeApi(1, { failing: [name] })));
    expect(failed).toContain("storage/disk-full");
    expect(failed).not.toContain("Not trained here yet");
  }
});

test("a formula becomes elements of MathML and nothing else; one that cannot be set is shown as it was written", () => {
  for (const { about } of everywhere)
    for (const { tex } of about.formulas)
      expect(renderToStaticMarkup(formulaOf(tex))).toMatch(/^<math display="block">.*<\/math>$/);
  const fraction = renderToStaticMarkup(formulaOf(String.raw`\frac{a}{b}`));
  expect(fraction).toContain("<mfrac><mi>a</mi><mi>b</mi></mfrac>");
  const hostile = renderToStaticMarkup(
    <Formula tex={String.raw`\href{javascript:x}{y}\style{color:red}{z}`} />,
  );
  expect(hostile).not.toMatch(/<a|href=|style=|class="[^"]*tml/);
  expect(renderToStaticMarkup(<Formula tex={String.raw`\frac{a`} />)).toContain("<code>\\frac{a</code>");
});

test("a figure of ways draws each as wide as it is probable, names those that are, and tells what is left", () => {
  const way = (name: string, probability: number, end: number) => ({
    ...{ name, probability },
    parts: [{ share: probability, line: [0, 1, end, 0.5] }],
  });
  const moment = {
    ...{ says: { en: "Half way", ja: "半ば" }, seen: [0, 0, 0, 1] },
    ways: [way("6", 0.6, 1), way("0", 0.3, -1), way("9", 0.04, 0.2)],
  };
  const html = renderToStaticMarkup(
    <WaysFigure figure={{ says: { en: "Computed.", ja: "計算" }, moments: [moment] }} />,
  );
  const widths = [...html.matchAll(/stroke-width="([\d.]+)"/g)].map(([, width]) => Number(width));
  expect(widths).toEqual([...widths].sort((a, b) => a - b)); // the most probable on top
  expect((widths[2] ?? 0) - (widths[0] ?? 0)).toBeCloseTo(8.2 * (0.6 - 0.04), 6);
  expect(html.match(/<text[^>]*>\d/g)).toHaveLength(2);
  expect(textIn(html)).toMatch(/6: 60 %.*0: 30 %.*9: 4 %.*others: 6 %/);
});
