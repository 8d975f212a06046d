import { testIds } from "../../renderer/ui/test-ids.ts";
import { expect, idle, test } from "../fixtures/app.ts";
import { violations } from "../pages/axe.ts";
import { at, changeSettings, goTo, jobsDone, openReview } from "../pages/kodo.ts";

test("events of whole recordings are learned from the sample study, judged one by one, and drawn with their bands", async ({
  window,
}) => {
  test.setTimeout(300_000);
  await at(window, testIds.openSample).first().click();
  await jobsDone(window);
  await goTo(window, "train");
  await window.getByText("CTG", { exact: true }).first().click();
  await idle(window);
  await at(window, testIds.trainExpert).first().click();
  await window.locator('[data-key="length"] input, input[data-key="length"]').first().fill("0.1");
  await window.keyboard.press("Tab");
  await idle(window);
  await expect(at(window, testIds.trainPreview)).toHaveAttribute("data-labelled", "74");
  await window.screenshot({ path: "test-results/screens/events-train.png" });
  await expect(window.getByText("short measurement")).toHaveCount(0); // no engine is timed on it
  for (const [model, labelled] of [
    ["Linear discriminant", "657"],
    ["Event networks", "74"], // of every group again
  ] as const) {
    await at(window, testIds.trainModel).click();
    await window.getByRole("option", { name: model }).click();
    await expect(at(window, testIds.trainPreview)).toHaveAttribute("data-labelled", labelled);
    await idle(window);
  }
  await at(window, testIds.startTraining).click();
  const result = at(window, testIds.runResult);
  await result.waitFor({ timeout: 240_000 });
  await idle(window);
  for (const label of ["Acceleration", "Deceleration", "Contraction"])
    await expect(result.getByRole("row", { name: new RegExp(label) }).first()).toBeVisible();
  await window.screenshot({ path: "test-results/screens/events-results.png" });
  await expect(result.getByText("1 recording of 1 person never trained on")).toBeVisible();
  await expect(window.getByText("Open the next one")).toHaveCount(0); // it knows no windows
  expect(await violations(window)).toEqual([]);
  await window.keyboard.press("Control+j");
  await idle(window);
  await expect(window.getByRole("alert")).toHaveCount(0);

  await openReview(window, "synthetic-ctg-03");
  await window.getByTestId("prediction-menu").click();
  await window.getByRole("menuitem", { name: /Find events with/ }).click();
  await expect(window.getByTestId("findings")).toHaveAttribute("data-count", "2", { timeout: 60_000 });
  await idle(window);
  await window.screenshot({ path: "test-results/screens/events-review.png" });
  const shown = window.getByTestId("findings").locator("input:checked");
  for (const count of [0, 2]) {
    await window.getByTestId("strip").focus();
    await window.keyboard.press("o");
    await expect(shown).toHaveCount(count);
  }
  await changeSettings(window, { language: "ja", theme: "dark" });
  await window.screenshot({ path: "test-results/screens/events-review-ja-dark.png" });
  await goTo(window, "train");
  await idle(window);
  await window.screenshot({ path: "test-results/screens/events-results-ja-dark.png" });
});
