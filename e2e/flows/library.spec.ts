import { testIds } from "../../renderer/ui/test-ids.ts";
import { expect, idle, test } from "../fixtures/app.ts";
import { violations } from "../pages/axe.ts";
import { ask, at, goTo, jobsDone, recordingNames, pictures } from "../pages/kodo.ts";

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

test("UC without signal is put back in all recordings from the list, taken out again, and the last of it undone", async ({
  window,
}) => {
  await at(window, testIds.openSample).first().click();
  await jobsDone(window);
  const rules = async (): Promise<number> => {
    const { rows } = await ask(window, "recordings.page", {});
    const lists = await Promise.all(rows.map(({ id }) => ask(window, "masks.list", { recordingId: id })));
    return lists.flat().filter(({ layer }) => layer === "rule").length;
  };
  const before = await rules();
  expect(before).toBeGreaterThan(0);
  const looked = at(window, testIds.passLooked);
  const change = async (what: "lay" | "lift"): Promise<void> => {
    await window.keyboard.press("u");
    await expect(at(window, testIds.passDialog)).toBeVisible();
    if (what === "lift") await window.keyboard.press("w");
    await expect(at(window, testIds.passDialog, { what })).toBeVisible();
    await expect(looked).not.toHaveAttribute("data-recordings", "0");
    expect(await violations(window)).toEqual([]);
    await pictures(window, `rule-${what}`);
    await window.keyboard.press("Control+Enter");
    await expect(at(window, testIds.passDialog)).toHaveCount(0);
    await expect(at(window, testIds.job, { what, state: "done" })).toBeVisible();
  };
  await at(window, testIds.recordingRow).first().click();
  await window.keyboard.press("Control+a");
  await window.keyboard.press("u");
  await expect(looked).toHaveAttribute("data-recordings", "0");
  await expect(at(window, testIds.passStart)).toBeDisabled();
  await window.keyboard.press("Escape");
  await expect(at(window, testIds.passDialog)).toHaveCount(0);
  await idle(window);
  await change("lift");
  expect(await rules()).toBe(0);
  await pictures(window, "rule-done");
  await change("lay");
  expect(await rules()).toBe(before);
  await window.keyboard.press("Control+z");
  await expect(at(window, testIds.job, { what: "undo", state: "done" })).toBeVisible();
  expect(await rules()).toBe(0);
  await pictures(window, "rule-undone");
});
