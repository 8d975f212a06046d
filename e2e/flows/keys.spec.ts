import type { ElectronApplication, Page } from "@playwright/test";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { testIds } from "../../renderer/ui/test-ids.ts";
import { expect, idle, launch, test } from "../fixtures/app.ts";
import { ask, at, changeSettings, goTo, jobsDone, labelByKeyboard, openReview } from "../pages/kodo.ts";

/** What the menu's item does, which a test cannot click. */
async function chooseInMenu(app: ElectronApplication, id: string): Promise<void> {
  await app.evaluate(
    ({ Menu, BrowserWindow }, item) =>
      void Menu.getApplicationMenu()
        ?.getMenuItemById(item)
        ?.click(undefined, BrowserWindow.getAllWindows()[0]),
    id,
  );
}

const table = [
  "time_s,EMG 1 (uV)",
  ...Array.from({ length: 3000 }, (_, i) => `${(i / 100).toFixed(2)},${(i * 7919) % 997}`),
].join("\n");

async function withTable(libraryPath: string): Promise<{ app: ElectronApplication; window: Page }> {
  const file = join(dirname(libraryPath), "arm.csv");
  writeFileSync(file, table);
  return launch(libraryPath, [file]);
}

const events = async (window: Page) =>
  ask(window, "annotations.list", {
    recordingId: (await at(window, testIds.reviewPage).getAttribute("data-recording")) ?? "",
  });

test("a note being typed is kept when a key changes the page, and no key reaches past the go-to dialog", async ({
  libraryPath,
}) => {
  const { app, window } = await withTable(libraryPath);
  await labelByKeyboard(window, "1", 8);
  await window.getByTestId("event-note").fill("seen twice");
  await window.keyboard.press("Control+1");
  await at(window, testIds.libraryPage).waitFor();
  await idle(window);
  await openReview(window, "arm");
  expect((await events(window)).map(({ note }) => note)).toEqual(["seen twice"]);

  await window.getByTestId("strip").focus();
  await window.keyboard.press("[");
  await window.getByTestId("selected-event").waitFor();
  await window.keyboard.press("g");
  await window.getByTestId("go-to-time").waitFor();
  await window.keyboard.press("Tab"); // its button
  await window.keyboard.press("Delete");
  await idle(window);
  expect(await events(window)).toHaveLength(1);
  await app.close();
});

test("an event at the start of the recording keeps its length when it is moved against it", async ({
  libraryPath,
}) => {
  const { app, window } = await withTable(libraryPath);
  await labelByKeyboard(window, "1", 8);
  const [made] = await events(window);
  await ask(window, "annotations.change", { id: made!.id, onsetS: 0 });
  await idle(window);
  await window.getByTestId("strip").focus();
  await window.keyboard.press("End");
  await window.keyboard.press("[");
  await window.getByTestId("selected-event").waitFor();
  await window.keyboard.press("Alt+ArrowLeft");
  await idle(window);
  await window.keyboard.press("Alt+ArrowRight");
  await expect.poll(async () => (await events(window))[0]!.onsetS).toBeGreaterThan(0);
  expect((await events(window))[0]!.durationS).toBeCloseTo(made!.durationS, 6);
  await app.close();
});

test("a reload stays where the person was, and the menu's export opens its dialog from there", async ({
  libraryPath,
}) => {
  const { app, window } = await withTable(libraryPath);
  await goTo(window, "settings");
  await window.reload();
  await idle(window);
  await expect(at(window, testIds.settingsPage)).toBeVisible();
  await chooseInMenu(app, "export");
  await at(window, testIds.exportStart).waitFor();
  await app.close();
});

test("the key that starts a training starts one, and its plots are named in the language on screen", async ({
  window,
}) => {
  test.setTimeout(180_000);
  await at(window, testIds.openSample).first().click();
  await jobsDone(window);
  await changeSettings(window, { language: "ja" });
  await goTo(window, "train");
  await expect(at(window, testIds.startTraining)).toBeEnabled({ timeout: 60_000 });
  await window.keyboard.press("Control+Enter");
  await window.keyboard.press("Control+Enter");
  await at(window, testIds.cancelTraining).waitFor();
  expect(await ask(window, "runs.list", {})).toHaveLength(1);
  const plots = window.locator('[role="img"]:has(canvas)');
  await plots.first().waitFor({ timeout: 120_000 });
  const names = await plots.evaluateAll((all) => all.map((one) => one.getAttribute("aria-label")));
  expect(names.join()).not.toMatch(/chart/i);
  await window.keyboard.press("x");
});
