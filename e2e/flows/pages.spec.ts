import { mkdirSync } from "node:fs";
import { testIds } from "../../renderer/ui/test-ids.ts";
import { expect, idle, test } from "../fixtures/app.ts";
import { at, changeSettings, goTo, jobsDone, openReview, recordingNames, train } from "../pages/kodo.ts";

const folder = "test-results/screens";

test("every page stands in light and dark, English and Japanese, and nothing scrolls sideways", async ({
  window,
}) => {
  test.setTimeout(600_000);
  mkdirSync(folder, { recursive: true });
  await at(window, testIds.openSample).first().click();
  await jobsDone(window);
  const [name] = await recordingNames(window);
  await train(window, 540_000);
  await expect(at(window, testIds.engineChoice)).toContainText("ONNX Runtime");

  for (const language of ["en", "ja"] as const) {
    for (const theme of ["light", "dark"] as const) {
      await changeSettings(window, { language, theme });
      await expect(window.locator("html")).toHaveAttribute("lang", language);
      for (const page of ["library", "record", "train", "layers", "models", "settings", "review"] as const) {
        if (page === "review") await openReview(window, name!);
        else await goTo(window, page);
        await idle(window);
        await window.screenshot({ path: `${folder}/${page}-${theme}-${language}.png` });
        const sideways = await window.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        expect(sideways, `${page} in ${language}, ${theme}`).toBeLessThanOrEqual(0);
      }
    }
  }
});
