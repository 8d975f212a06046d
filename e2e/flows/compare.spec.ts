import { testIds } from "../../renderer/ui/test-ids.ts";
import { expect, idle, test } from "../fixtures/app.ts";
import { ask, at, changeSettings, goTo, jobsDone } from "../pages/kodo.ts";

const kinds = ["lda", "qda", "logistic"] as const;

test("three quick methods are compared on the sample study, the verdict is read whole, and one of them is used", async ({
  window,
}) => {
  test.setTimeout(300_000);
  await at(window, testIds.openSample).first().click();
  await jobsDone(window);
  await goTo(window, "train");
  await window.keyboard.press("c");
  const methods = at(window, testIds.compareMethod);
  await methods.first().waitFor();
  for (const method of await methods.all()) {
    const kind = (await method.getAttribute("data-kind")) ?? "";
    if (await method.isEnabled()) await method.setChecked(kinds.some((one) => one === kind));
  }
  await at(window, testIds.startComparison).click();

  const comparison = at(window, testIds.comparison, { methods: "3" });
  await comparison.waitFor({ timeout: 240_000 });
  await idle(window);
  await expect(comparison).toContainText(/on people never seen|Too few people/);
  const rows = at(window, testIds.comparedRow);
  await expect(rows).toHaveCount(3);
  await expect(rows.first()).toHaveAttribute("data-kind", "lda");
  await expect(rows.first()).toHaveAttribute("data-verdict", "reference");

  const runs = await ask(window, "runs.list", {});
  expect(runs.map(({ config }) => config.model.kind).sort()).toEqual([...kinds].sort());
  const [first] = runs;
  for (const { config } of runs) expect(config.split).toEqual(first?.config.split);
  const report = await ask(window, "comparisons.report", { runIds: runs.map(({ id }) => id) });
  expect(report.pairs).toHaveLength(3);

  await changeSettings(window, { language: "ja" });
  await goTo(window, "train");
  await rows.first().waitFor();
  const hidden = await rows.first().evaluate((row) => {
    const around = row.closest("table")?.parentElement;
    return around ? around.scrollWidth - around.clientWidth : Number.NaN;
  });
  expect(hidden, "figures that have to be scrolled to, of the smallest window").toBe(0);
  await changeSettings(window, { language: "en" });
  await goTo(window, "train");

  await at(window, testIds.comparedRow, { kind: "lda" }).click();
  await window.keyboard.press("Enter");
  await expect(window.getByText("This model is in use.")).toBeVisible();
});
