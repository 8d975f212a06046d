import type { Page } from "@playwright/test";
import { mkdirSync } from "node:fs";
import { testIds } from "../../renderer/ui/test-ids.ts";
import { expect, idle, test } from "../fixtures/app.ts";
import { violations } from "../pages/axe.ts";
import {
  ask,
  at,
  changeSettings,
  goTo,
  jobsDone,
  openReview,
  pages,
  recordingNames,
  train,
} from "../pages/kodo.ts";

const folder = "test-results/screens";
/** Something for each page to show: a recording that two people read, who differ, and one in the bin. */
async function fill(window: Page, kept: string): Promise<void> {
  const { rows } = await ask(window, "recordings.page", {});
  const read = rows.find(({ kind }) => kind === "ctg");
  const binned = rows.find(({ id, name }) => name !== kept && id !== read?.id);
  await ask(window, "recordings.remove", { id: binned?.id ?? "" });
  const of = { recordingId: read?.id ?? "", labelSet: "ctg-events", labelSetVersion: 1 };
  for (const [author, label, onsetS] of [
    ["Anna", "acceleration", 60],
    ["Ben", "acceleration", 62],
    ["Ben", "deceleration", 200],
  ] as const)
    await ask(window, "annotations.add", {
      ...{ ...of, author, label, onsetS, durationS: 30, note: "", source: "person", channel: 0 },
    });
  for (const author of ["Anna", "Ben"])
    await ask(window, "readings.add", { ...of, author, onsetS: 0, durationS: read?.durationS ?? 0 });
  await openReview(window, read?.name ?? "");
  await at(window, "open-agreement").click();
  await expect(at(window, "agreement-page")).toContainText("Ben");
  await idle(window);
}

/** Texts smaller than 11 px. */
const tinyTexts = (window: Page): Promise<readonly string[]> =>
  window.evaluate(() => {
    const found: string[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const element = node.parentElement;
      if (element === null || element.closest("math, style, script") !== null) continue;
      const text = node.textContent?.trim() ?? "";
      if (
        text !== "" &&
        element.checkVisibility() &&
        Number.parseFloat(getComputedStyle(element).fontSize) < 11
      )
        found.push(text);
    }
    return found;
  });

/** Texts on the page of which a line holds a single letter: a word broken for want of room. */
const lonelyLetters = (window: Page): Promise<readonly string[]> =>
  window.evaluate(() => {
    const found: string[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const range = document.createRange();
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const text = node.textContent ?? "";
      if (text.trim().length < 3 || node.parentElement?.closest("math, style, script") != null) continue;
      if (node.parentElement?.checkVisibility({ visibilityProperty: true }) !== true) continue;
      const lines = new Map<number, string>();
      for (let i = 0; i < text.length; i += 1) {
        range.setStart(node, i);
        range.setEnd(node, i + 1);
        const box = range.getBoundingClientRect();
        if (box.width > 2)
          lines.set(Math.round(box.top), (lines.get(Math.round(box.top)) ?? "") + text.charAt(i));
      }
      if (lines.size > 1 && [...lines.values()].some((line) => line.trim().length === 1)) found.push(text);
    }
    return found;
  });

test("every page stands in light and dark, English and Japanese, and nothing scrolls sideways", async ({
  app,
  window,
}) => {
  test.setTimeout(600_000);
  mkdirSync(folder, { recursive: true });
  await at(window, testIds.openSample).first().click();
  await jobsDone(window);
  const [name] = await recordingNames(window);
  await train(window, 540_000);
  await expect(at(window, testIds.engineChoice)).toContainText("ONNX Runtime");
  await fill(window, name ?? "");

  for (const language of ["en", "ja"] as const) {
    for (const theme of ["light", "dark"] as const) {
      await changeSettings(window, { language, theme });
      await expect(window.locator("html")).toHaveAttribute("lang", language);
      for (const page of pages) {
        if (page === "review") await openReview(window, name!);
        else await goTo(window, page);
        await idle(window);
        await window.screenshot({ path: `${folder}/${page}-${theme}-${language}.png` });
        const sideways = await window.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        expect(sideways, `${page} in ${language}, ${theme}`).toBeLessThanOrEqual(0);
        expect.soft(await tinyTexts(window), `${page} in ${language}, ${theme}`).toEqual([]);
        expect.soft(await violations(window), `axe-core on ${page} in ${language}, ${theme}`).toEqual([]);
      }
    }
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.setZoomFactor(2));
    for (const page of pages) {
      if (page === "review") await openReview(window, name!);
      else await goTo(window, page);
      await idle(window);
      await window.screenshot({ path: `${folder}/${page}-twice-${language}.png` });
      expect.soft(await lonelyLetters(window), `${page} in ${language} at 200 %`).toEqual([]);
    }
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.setZoomFactor(1));
  }
});
