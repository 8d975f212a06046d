import type { Page } from "@playwright/test";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { testIds } from "../../renderer/ui/test-ids.ts";
import { expect, idle, launch, test } from "../fixtures/app.ts";
import { answerOpenDialog, at, goTo, jobsDone } from "../pages/kodo.ts";

/** Opens a new training as proposed, under a name, and starts it. Returns its id. */
async function start(window: Page, name: string): Promise<string> {
  await window.mouse.move(0, 0);
  const known = await at(window, testIds.runRow).count();
  if (known > 0) await at(window, testIds.newTraining).click();
  await idle(window);
  await window.getByLabel("Name of the run").fill(name);
  await idle(window);
  await at(window, testIds.startTraining).click();
  await expect(at(window, testIds.runRow)).toHaveCount(known + 1);
  return (await at(window, testIds.runRow).first().getAttribute("data-run"))!;
}

test("a run pauses and goes on, the next one takes its place in between; names, removal and its undo work by key; its model goes to another library", async ({
  app,
  window,
  libraryPath,
}) => {
  test.setTimeout(360_000);
  await at(window, testIds.openSample).first().click();
  await jobsDone(window);
  await goTo(window, "train");
  await at(window, testIds.trainExpert).locator("summary").click();
  await at(window, testIds.trainSetting, { key: "variation" }).click();
  await expect(at(window, testIds.trainSetting, { key: "variation" })).toBeChecked();
  const first = await start(window, "First");
  const second = await start(window, "Second");
  await expect(at(window, testIds.runRow, { run: second })).toHaveAttribute("data-phase", "waiting");

  await at(window, testIds.runRow, { run: first }).click();
  await expect(at(window, testIds.runProgress)).toHaveAttribute("data-phase", "training", {
    timeout: 60_000,
  });
  await window.keyboard.press("p");
  await expect(at(window, testIds.runRow, { run: first })).toHaveAttribute("data-phase", "paused", {
    timeout: 60_000,
  });
  await expect(at(window, testIds.runRow, { run: second })).not.toHaveAttribute("data-phase", "waiting", {
    timeout: 60_000,
  });
  await at(window, testIds.runRow, { run: second }).click();
  await window.keyboard.press("x");
  await expect(at(window, testIds.runRow, { run: second })).toHaveAttribute("data-phase", "cancelled", {
    timeout: 60_000,
  });

  await at(window, testIds.runRow, { run: first }).click();
  await at(window, testIds.resumeTraining).click();
  await expect(at(window, testIds.runResult)).toBeVisible({ timeout: 240_000 });
  await expect(window.getByText("Samples varied")).toBeVisible();
  await window.keyboard.press("F2");
  await window.keyboard.type("Renamed");
  await window.keyboard.press("Enter");
  await expect(at(window, testIds.runRow, { run: first })).toContainText("Renamed");

  await window.keyboard.press("Delete");
  await expect(at(window, testIds.runRow)).toHaveCount(1);
  await window.keyboard.press("Control+z");
  await expect(at(window, testIds.runRow)).toHaveCount(2);
  await expect(at(window, testIds.runRow, { run: first })).toContainText("Renamed");

  const folder = dirname(libraryPath);
  await answerOpenDialog(app, [folder]);
  await window.keyboard.press("Control+e");
  await expect(window.getByText("Renamed.onnx")).toBeVisible();
  const model = join(folder, "Renamed.onnx");
  await answerOpenDialog(app, [model]);
  await window.keyboard.press("Control+Shift+O");
  await expect(window.getByText("data/model-known")).toBeVisible();
  await expect(at(window, testIds.runRow)).toHaveCount(2);

  const elsewhere = join(folder, "elsewhere");
  mkdirSync(elsewhere);
  const stranger = join(elsewhere, "stranger.onnx");
  writeFileSync(stranger, "no model");
  const other = await launch(join(elsewhere, "library.kodo"));
  try {
    await answerOpenDialog(other.app, [stranger]);
    await other.window.keyboard.press("Control+Shift+O");
    await expect(other.window.getByText("data/not-onnx")).toBeVisible();
    await answerOpenDialog(other.app, [model]);
    await goTo(other.window, "train");
    await other.window.keyboard.press("i");
    await expect(at(other.window, testIds.runRow, { run: first, phase: "done" })).toContainText("Renamed");
    await expect(at(other.window, testIds.runResult)).toBeVisible();
    await other.window.screenshot({ path: "test-results/screens/model-imported.png" });
  } finally {
    await other.app.close();
  }
});

test("a linear discriminant is chosen by name and trains; what it does not have is not shown", async ({
  window,
}) => {
  test.setTimeout(240_000);
  await at(window, testIds.openSample).first().click();
  await jobsDone(window);
  await goTo(window, "train");
  await at(window, testIds.trainModel).click();
  await window.getByRole("option", { name: "Linear discriminant (LDA)" }).click();
  await expect(at(window, testIds.trainEngine)).toHaveCount(0);
  await expect(at(window, testIds.trainSetting, { key: "members" })).toHaveValue("5");
  await start(window, "Floor");
  await expect(at(window, testIds.runResult)).toBeVisible({ timeout: 180_000 });
  await expect(window.getByText("Person by person", { exact: true })).toBeVisible();
  await expect(window.getByText("Linear discriminant (LDA)")).toBeVisible();
  await expect(window.getByText("supervised-only")).toHaveCount(0);
  await expect(at(window, testIds.engineChoice)).toHaveCount(0);
  await expect(at(window, testIds.exportModel)).toHaveCount(0);
  await goTo(window, "layers");
  await expect(window.getByText("No finished run has layers")).toBeVisible();
});
