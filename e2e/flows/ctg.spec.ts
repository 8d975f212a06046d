import { existsSync } from "node:fs";
import { join } from "node:path";
import { testIds } from "../../renderer/ui/test-ids.ts";
import { expect, launch, sharedData, test } from "../fixtures/app.ts";
import {
  answerOpenDialog,
  at,
  eventCount,
  eventLabels,
  jobsDone,
  labelByKeyboard,
  openReview,
  recordingNames,
} from "../pages/kodo.ts";

const record = join(sharedData() ?? "", "ctg-ctu-uhb", "records", "1001.hea");

test("a CTU-UHB record is imported, a deceleration labelled by keyboard, and undone after a restart", async ({
  libraryPath,
}) => {
  test.skip(!existsSync(record), "needs the CTU-UHB records of shared/data");
  const first = await launch(libraryPath);
  await answerOpenDialog(first.app, [record]);
  await at(first.window, testIds.importFiles).first().click();
  await jobsDone(first.window);
  expect(await recordingNames(first.window)).toEqual(["1001"]);

  await openReview(first.window, "1001");
  await labelByKeyboard(first.window, "d", 8);
  expect(await eventLabels(first.window)).toEqual(["deceleration"]);
  await first.window.screenshot({ path: "test-results/screens/ctg-1001-labelled.png" });
  await first.app.close();

  const second = await launch(libraryPath);
  await openReview(second.window, "1001");
  expect(await eventLabels(second.window)).toEqual(["deceleration"]);
  await second.window.keyboard.press("Control+z");
  await eventCount(second.window, 0);
  await second.window.keyboard.press("Control+Shift+z");
  await eventCount(second.window, 1);
  await second.app.close();
});

test("a label acknowledged before kill -9 is there afterwards", async ({ libraryPath }) => {
  test.skip(!existsSync(record), "needs the CTU-UHB records of shared/data");
  const first = await launch(libraryPath, [record]);
  await labelByKeyboard(first.window, "a", 5);
  expect(await eventLabels(first.window)).toEqual(["acceleration"]);
  first.app.process().kill("SIGKILL");

  const second = await launch(libraryPath);
  await openReview(second.window, "1001");
  expect(await eventLabels(second.window)).toEqual(["acceleration"]);
  await second.app.close();
});
