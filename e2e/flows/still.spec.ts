import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, idle, launch, test } from "../fixtures/app.ts";
import { ask, changeSettings } from "../pages/kodo.ts";

const shots = "test-results/screens";
const READ_MS = 120_000;

test("a monitor that stands still is asked about, and is the fetus once a reader says so", async ({
  libraryPath,
}) => {
  test.setTimeout(300_000);
  const file = join(dirname(libraryPath), "still.csv");
  const lines = Array.from({ length: 9600 }, (_, i) => {
    const s = i / 4;
    const fhr = s < 900 ? 140 + 3 * Math.sin(s / 1.7) + 2 * Math.sin(s / 0.9 + 1) : 138.25;
    return `${s},${fhr.toFixed(2)}`;
  });
  writeFileSync(file, ["time_s,FHR [bpm]", ...lines].join("\n"));
  const { window } = await launch(libraryPath, [file]);
  await expect(window.getByTestId("finding-lane").first()).toBeVisible({ timeout: READ_MS });
  await idle(window);
  await window.getByTestId("strip").focus();
  await window.keyboard.press("]");
  const cue = window.getByTestId("cue");
  await expect(cue).toContainText("does not move at all");
  await changeSettings(window, { language: "ja", theme: "dark" });
  await idle(window);
  await window.screenshot({ path: `${shots}/still-ja.png` });
  await changeSettings(window, { language: "en", theme: "light" });
  await expect(window.getByTestId("trust-cue")).toContainText("True signal");
  await window.keyboard.press("Shift+Enter");
  const [{ id: recordingId } = { id: "" }] = (await ask(window, "recordings.page", {})).rows;
  await expect
    .poll(async () => (await ask(window, "annotations.list", { recordingId })).map(({ label }) => label))
    .toEqual(["true-signal"]);
  await expect(cue).toHaveCount(0, { timeout: READ_MS }); // nothing is asked any more
});
