import { testIds } from "../../renderer/ui/test-ids.ts";
import { expect, idle, test } from "../fixtures/app.ts";
import { ask, at, goTo, jobsDone, recordingNames } from "../pages/kodo.ts";

test("the first start leads through the tour; what is binned there cannot be opened, and is deleted for good", async ({
  window,
}) => {
  await expect(at(window, testIds.welcome)).toBeVisible();
  await window.keyboard.press("F1");
  const panel = at(window, testIds.tourPanel);
  await expect(panel).toHaveAttribute("data-step", "library");
  await expect(at(window, testIds.tourNext)).toBeEnabled({ timeout: 60_000 });
  for (const step of ["review", "label", "train", "predict", "models", "settings", "own"]) {
    await window.keyboard.press("Control+PageDown");
    await expect(panel).toHaveAttribute("data-step", step);
    await idle(window);
  }
  await window.keyboard.press("Control+PageDown");
  await expect(panel).toHaveCount(0);
  expect((await ask(window, "settings.get", {})).welcomed).toBe(true);

  const recordings = (await ask(window, "recordings.page", {})).rows;
  const { id, name } = recordings.find((one) => one.kind === "ctg")!; // open since the tour
  await at(window, testIds.recordingRow, { name }).locator("input").check();
  const other = at(window, testIds.recordingRow).nth(2);
  await other.locator("input").check();
  await expect(at(window, testIds.selectionPanel)).toContainText("2");
  await window.keyboard.press("Delete");
  await expect(at(window, testIds.undoRemove)).toBeVisible();
  await goTo(window, "review");
  await expect(at(window, testIds.inBin)).toBeVisible();
  await window.keyboard.press("Control+7");
  await expect(at(window, testIds.binRow)).toHaveCount(2);
  await window.keyboard.press("Control+a");
  await window.keyboard.press("Delete");
  await expect(at(window, testIds.purgeConfirm)).toBeVisible();
  await window.keyboard.press("r"); // the keys of the bin rest beneath the question
  await window.keyboard.press("Escape");
  await expect(at(window, testIds.purgeConfirm)).toBeHidden();
  await expect(at(window, testIds.binRow)).toHaveCount(2);
  await window.keyboard.press("Delete");
  await at(window, testIds.purgeConfirm).click();
  await expect(at(window, testIds.binRow)).toHaveCount(0);
  await expect(ask(window, "recordings.get", { id })).rejects.toThrow(/storage\/not-found/);
  await goTo(window, "settings");
  await expect(window.getByTestId(testIds.settingsPage)).not.toContainText(id);
});

test("the right button on a row offers what can be done with it, not with others that are ticked", async ({
  window,
}) => {
  await at(window, testIds.openSample).first().click();
  await jobsDone(window);
  const rows = at(window, testIds.recordingRow);
  const menu = window.getByTestId("context-menu");
  const [first, second] = await recordingNames(window);
  await rows.nth(0).getByRole("checkbox").check();
  await rows.nth(1).click({ button: "right" });
  await expect(rows.nth(0).getByRole("checkbox")).not.toBeChecked();
  await menu.getByRole("menuitem", { name: "Move to bin" }).click();
  await expect(rows.nth(1)).not.toHaveAttribute("data-name", second!);
  await expect(rows.nth(0)).toHaveAttribute("data-name", first!);
  await window.keyboard.press("Shift+F10"); // of the row that is selected now
  const box = (await menu.boundingBox())!;
  const { height } = window.viewportSize()!;
  expect(box.y + box.height).toBeLessThanOrEqual(height);
  await menu.getByRole("menuitem", { name: "Open the recording" }).click();
  await expect(at(window, testIds.reviewPage)).toBeVisible();
});
