import { testIds } from "../../renderer/ui/test-ids.ts";
import { expect, idle, test } from "../fixtures/app.ts";
import { violations } from "../pages/axe.ts";
import { ask, at, changeSettings, goTo, jobsDone, openReview } from "../pages/kodo.ts";

const shots = "test-results/screens";

test("a model over time learns without labels, looks ahead from the cursor, and says how sure it is", async ({
  window,
}) => {
  test.setTimeout(600_000);
  await at(window, testIds.openSample).first().click();
  await jobsDone(window);
  const panel = window.getByTestId("forecast-panel");
  const strip = window.getByTestId("strip");
  await openReview(window, "synthetic-ctg-03");
  await strip.click({ position: { x: 500, y: 60 } });
  await window.keyboard.press("y");
  await expect(panel).toContainText("No model looks ahead yet");
  await window.screenshot({ path: `${shots}/forecast-none.png` });

  await goTo(window, "train");
  await window.getByText("CTG", { exact: true }).first().click();
  await idle(window);
  await at(window, testIds.trainModel).click();
  await window.getByRole("option", { name: "States and their future" }).click();
  await idle(window);
  await at(window, testIds.trainExpert).first().click();
  await window.locator('[data-key="length"] input, input[data-key="length"]').first().fill("0.05");
  await window.keyboard.press("Tab");
  await window.getByRole("switch", { name: "Regimes of accelerations and decelerations" }).click();
  await idle(window);
  await window.screenshot({ path: `${shots}/forecast-train.png` });
  await at(window, testIds.startTraining).click();
  await window.getByTestId("forecast-result").waitFor({ timeout: 400_000 });
  await idle(window);
  await window.screenshot({ path: `${shots}/forecast-results.png` });

  // The forecast is on since it was first asked for: it begins at the cursor and goes along with it.
  await openReview(window, "synthetic-ctg-03");
  await strip.click({ position: { x: 500, y: 60 } });
  await window.mouse.move(5, 5);
  await window.getByText("Forecast", { exact: true }).click();
  await expect(panel).toHaveAttribute("data-assessed", "true", { timeout: 60_000 });
  await idle(window);
  await expect(window.getByTestId("forecast-sentence")).toContainText(
    /In 60 s FHR is most likely about \d+ bpm/,
  );
  await expect(window.getByTestId("forecast-bands").locator("tbody tr")).toHaveCount(4);
  await window.screenshot({ path: `${shots}/forecast-fan.png` });
  const before = Number(await panel.getAttribute("data-at"));
  await strip.focus();
  for (let i = 0; i < 25; i += 1) await window.keyboard.press("ArrowRight");
  await expect.poll(async () => Number(await panel.getAttribute("data-at"))).toBeGreaterThan(before + 60);
  await expect(panel).toHaveAttribute("aria-busy", "false");
  await window.keyboard.press("Home");
  await expect(window.getByTestId("forecast-cannot")).toBeVisible();

  // What it says of the whole recording, and the keys that hide parts of it.
  await window.getByTestId("find-states").click();
  const ribbon = window.getByTestId("finding-lane").and(window.locator('[data-kind="ribbon"]'));
  await expect(ribbon).toHaveCount(1, { timeout: 60_000 });
  await idle(window);
  await strip.click({ position: { x: 420, y: 60 } });
  await idle(window);
  await window.screenshot({ path: `${shots}/forecast-states.png` });
  for (const count of [0, 1]) {
    await strip.focus();
    await window.keyboard.press("Shift+R");
    await expect(ribbon).toHaveCount(count);
  }
  expect(await violations(window)).toEqual([]);

  // One recording is too little to learn from what gaps hide: that it cannot fill them is said and stays said.
  const gaps = window.getByTestId("gaps");
  await window.getByTestId("fill-gaps").click();
  await expect(gaps.getByRole("alert")).toContainText("This model does not fill gaps", { timeout: 60_000 });
  await expect(gaps).toHaveAttribute("data-filled", "false");

  // A reading by rule may rest upon what the run says of the baseline.
  await window.getByTestId("inspector-tabs").getByText("Reading", { exact: true }).click();
  const chosen = window.getByTestId("baseline-method");
  await chosen.click();
  await window.getByRole("option").last().click();
  const { rows } = await ask(window, "recordings.page", {});
  const recordingId = rows.find(({ name }) => name === "synthetic-ctg-03")?.id ?? "";
  await expect
    .poll(
      async () =>
        (await ask(window, "findings.list", { recordingId })).some(
          ({ origin }) =>
            origin.kind === "rule" && origin.rule === "ctg/events" && origin.config["baseline"] === "run",
        ),
      { timeout: 60_000 },
    )
    .toBe(true);
  await chosen.scrollIntoViewIfNeeded();
  await idle(window);
  await window.screenshot({ path: `${shots}/reading-by-run.png` });
  await window.getByTestId("inspector-tabs").getByText("Forecast", { exact: true }).click();

  await changeSettings(window, { language: "ja", theme: "dark" });
  await panel.getByRole("heading").first().scrollIntoViewIfNeeded();
  await window.screenshot({ path: `${shots}/forecast-ja-dark.png` });
  await window.setViewportSize({ width: 1920, height: 1080 });
  await idle(window);
  await window.screenshot({ path: `${shots}/forecast-ja-dark-1920.png` });
  await changeSettings(window, { language: "en", theme: "light" });
  await strip.focus();
  await window.keyboard.press("3");
  await idle(window);
  await window.screenshot({ path: `${shots}/forecast-light-1920.png` });
  expect(await violations(window)).toEqual([]);
});
