import { testIds } from "../../renderer/ui/test-ids.ts";
import { expect, test } from "../fixtures/app.ts";
import { at, goTo, jobsDone, openReview, recordingNames } from "../pages/kodo.ts";

test("@smoke an empty library offers the synthetic study, and its recordings can be reviewed", async ({
  window,
}) => {
  await expect(at(window, testIds.libraryPage)).toBeVisible();
  expect(await recordingNames(window)).toEqual([]);
  await at(window, testIds.openSample).first().click();
  await jobsDone(window);
  const names = await recordingNames(window);
  expect(names.length).toBeGreaterThanOrEqual(8);
  await openReview(window, names[0]!);
  await expect(window.getByTestId("strip")).toBeVisible();
  await expect(window.getByText(/synthetic/i).first()).toBeVisible();
  await goTo(window, "library");
  expect(await recordingNames(window)).toEqual(names);
});
