import type { Page } from "@playwright/test";
import { testIds } from "../../renderer/ui/test-ids.ts";
import { expect, idle, launch, test } from "../fixtures/app.ts";
import { violations } from "../pages/axe.ts";
import { ask, at, goTo, jobsDone, pictures } from "../pages/kodo.ts";

async function trainPlain(window: Page): Promise<void> {
  await goTo(window, "train");
  await at(window, testIds.trainModel).click();
  await window.getByRole("option", { name: "Linear discriminant (LDA)" }).click();
  await idle(window);
  await at(window, testIds.startTraining).click();
  await expect(at(window, testIds.runRow, { phase: "done" })).toBeVisible({ timeout: 120_000 });
}

/** All recordings are asked about; the dialog is open once it is known which fit. */
async function askAll(window: Page, key: "m" | "r"): Promise<void> {
  await goTo(window, "library");
  await at(window, testIds.recordingRow).first().click();
  await window.keyboard.press("Escape");
  await window.keyboard.press("Control+a");
  await window.keyboard.press(key);
  await expect(at(window, testIds.studyLooked)).toBeVisible({ timeout: 30_000 });
  await idle(window);
}

test("a whole study is predicted and read by rule from the list, stopped by a key, gone on with after a restart, and never done twice", async ({
  libraryPath,
}) => {
  test.setTimeout(420_000);
  const { app, window } = await launch(libraryPath);
  await at(window, testIds.openSample).first().click();
  await jobsDone(window);
  await trainPlain(window);
  const rows = (await ask(window, "recordings.page", {})).rows;
  const count = (kind: string): number => rows.filter((one) => one.kind === kind).length;

  await askAll(window, "m");
  const looked = at(window, testIds.studyLooked);
  await expect(looked).toHaveAttribute("data-fitting", String(count("emg")));
  await expect(looked.locator("[data-reason=kind]")).toContainText(String(count("ctg")));
  expect(await violations(window)).toEqual([]);
  await pictures(window, "studies-predict");
  await window.keyboard.press("Control+Enter");
  await expect(at(window, testIds.studyDialog)).toHaveCount(0);
  await expect(at(window, testIds.job, { kind: "predict", state: "done" })).toContainText(
    `${count("emg")} done`,
    { timeout: 60_000 },
  );

  await askAll(window, "m"); // asked again, nothing is done twice
  await expect(looked).toHaveAttribute("data-known", String(count("emg")));
  await expect(at(window, testIds.studyStart)).toBeDisabled();
  await window.keyboard.press("Escape");

  await at(window, testIds.recordingRow).first().click({ button: "right" });
  await expect(window.getByTestId("context-menu")).toBeVisible();
  await pictures(window, "studies-menu");
  await window.keyboard.press("Escape");
  await expect(window.getByTestId("context-menu")).toBeHidden();

  const { ctg } = await ask(window, "settings.get", {});
  await ask(window, "settings.set", { ctg: { ...ctg, draws: 1000 } }); // slow enough to be stopped
  await askAll(window, "r");
  await expect(looked).toHaveAttribute("data-fitting", String(count("ctg")));
  expect(await violations(window)).toEqual([]);
  await pictures(window, "studies-rules");
  await window.keyboard.press("Control+Enter");
  const reading = at(window, testIds.job, { kind: "analyse" });
  await expect(reading.and(window.locator("[data-state=running]"))).toBeVisible();
  await window.screenshot({ path: "test-results/screens/studies-running.png" });
  await at(window, "rail-settings").click();
  await window.keyboard.press("Control+Shift+X");
  await expect(reading.and(window.locator("[data-state=cancelled]"))).toBeVisible({ timeout: 30_000 });

  await askAll(window, "r");
  await window.keyboard.press("Control+Enter");
  await expect(reading.and(window.locator("[data-state=running]"))).toBeVisible({ timeout: 30_000 });
  await app.close();

  const again = await launch(libraryPath);
  const left = at(again.window, testIds.job, { kind: "analyse" });
  await expect(left).toHaveAttribute("data-state", "failed");
  expect(await violations(again.window)).toEqual([]);
  await pictures(again.window, "studies-left");
  await at(again.window, testIds.studyGoOn).click();
  await expect(left).toHaveAttribute("data-state", "done", { timeout: 180_000 });
  await askAll(again.window, "r");
  await expect(at(again.window, testIds.studyLooked)).toHaveAttribute("data-known", String(count("ctg")));
  await again.app.close();
});
