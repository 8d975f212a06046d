import { existsSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Locator, Page } from "@playwright/test";
import { expect, idle, launch, sharedData, test } from "../fixtures/app.ts";
import { violations } from "../pages/axe.ts";
import { answerOpenDialog, ask, changeSettings } from "../pages/kodo.ts";

const shots = "test-results/screens";
const record = join(sharedData() ?? "", "ctg-ctu-uhb", "records", "1303.hea");
const READ_MS = 60_000;

/** The lanes of a reading, by their kind. */
const lanes = (window: Page, kind: string): Locator =>
  window.getByTestId("finding-lane").and(window.locator(`[data-kind="${kind}"]`));

test("a real record is read by rule when it is opened: ribbons, cues, a point of the baseline, and plain paper again", async ({
  libraryPath,
}) => {
  test.skip(!existsSync(record), "needs the CTU-UHB records of shared/data");
  test.setTimeout(300_000);
  const { app, window } = await launch(libraryPath, [record]);
  const strip = window.getByTestId("strip");
  const tabs = window.getByTestId("inspector-tabs");
  const panel = window.getByTestId("reading-panel");

  await expect(lanes(window, "minute-values")).toHaveCount(1, { timeout: READ_MS });
  await expect(lanes(window, "class-ribbon").first()).toBeVisible();
  expect(await lanes(window, "class-ribbon").count()).toBeGreaterThanOrEqual(3);
  await idle(window);
  await window.screenshot({ path: `${shots}/reading-light.png` });

  // The ribbon is read where it is clicked: every engine says its class with a reason and a clause.
  await lanes(window, "class-ribbon").first().scrollIntoViewIfNeeded();
  const ribbon = await lanes(window, "class-ribbon").first().boundingBox();
  const paper = await window.getByTestId("strip-canvas").boundingBox();
  if (!ribbon || !paper) throw new Error("the strip is on screen");
  // While stretches are chosen a click means time: the labels stay where they are.
  const tool = (name: string): Promise<void> =>
    window.getByText(name, { exact: true }).first().click({ force: true });
  await tool("Select");
  await window.mouse.click(paper.x + paper.width * 0.5, ribbon.y + ribbon.height / 2);
  await expect(window.getByTestId("selected-time")).toBeVisible();
  await tool("Move");
  await window.mouse.click(paper.x + paper.width * 0.75, ribbon.y + ribbon.height / 2);
  await expect(panel).toHaveAttribute("data-read", "true");
  await expect(window.getByTestId("verdict").first()).toContainText("§");
  expect(await window.getByTestId("verdict").count()).toBeGreaterThanOrEqual(3);

  // Cues, from the keys.
  await strip.focus();
  await window.keyboard.press("]");
  const cue = window.getByTestId("cue");
  await expect(cue).toBeVisible();
  const first = Number(await cue.getAttribute("data-onset"));
  await window.keyboard.press("]");
  await expect.poll(async () => Number(await cue.getAttribute("data-onset"))).toBeGreaterThan(first);
  await window.keyboard.press("[");
  await expect(cue).toHaveAttribute("data-onset", String(first));

  // A deceleration is made one's own.
  const dip = window
    .getByTestId("cues")
    .locator("button", { hasText: /late|variable|early|prolonged/ })
    .first();
  await dip.click();
  await expect(cue).toHaveAttribute("data-code", /deceleration/);
  await expect(window.getByTestId("cue-features")).toContainText("depth");
  const code = await cue.getAttribute("data-code");
  await strip.focus();
  await window.keyboard.press("Enter");
  const [{ id: recordingId } = { id: "" }] = (await ask(window, "recordings.page", {})).rows;
  await expect
    .poll(async () => (await ask(window, "annotations.list", { recordingId })).map(({ label }) => label))
    .toContain(code);
  await idle(window);
  await window.screenshot({ path: `${shots}/reading-cue.png` });

  // A point of the baseline: set by a click, undone, done again, taken away by the right button.
  const anchors = async (): Promise<number> =>
    (await ask(window, "ctg.context", { recordingId })).context.anchors.length;
  await expect(window.getByTestId("reading-facts")).toContainText("from header");
  await window.getByTestId("anchor-tool").click();
  await strip.click({ position: { x: 420, y: 120 } });
  await expect.poll(anchors).toBe(1);
  await window.keyboard.press("Control+z");
  await expect.poll(anchors).toBe(0);
  await window.keyboard.press("Control+Shift+z");
  await expect.poll(anchors).toBe(1);
  const isRead = async (): Promise<boolean> =>
    (await ask(window, "findings.list", { recordingId })).every(({ isOutdated }) => !isOutdated);
  await expect.poll(isRead, { timeout: READ_MS }).toBe(true); // the baseline has been drawn to it
  await idle(window);
  await window.screenshot({ path: `${shots}/reading-anchor.png` });
  await strip.click({ position: { x: 420, y: 120 }, button: "right" });
  await expect.poll(anchors).toBe(0);
  await window.getByTestId("anchor-tool").click();

  // All off is plain paper.
  await strip.focus();
  for (const digit of [1, 2, 3, 4, 5, 6]) await window.keyboard.press(`Alt+${digit}`);
  await expect(window.getByTestId("finding-lane")).toHaveCount(0);
  await idle(window);
  await window.screenshot({ path: `${shots}/reading-plain.png` });
  for (const digit of [1, 2, 3, 4, 5, 6]) await window.keyboard.press(`Alt+${digit}`);
  await expect(lanes(window, "class-ribbon").first()).toBeVisible();

  // Two stretches at one scale.
  await strip.focus();
  await window.keyboard.press("Home");
  await window.keyboard.press("h");
  await expect(window.getByTestId("strip-pinned")).toBeVisible();
  await window.keyboard.press("End");
  await changeSettings(window, { language: "ja", theme: "dark" });
  await idle(window);
  await window.screenshot({ path: `${shots}/reading-pair-ja-dark.png` });
  await window.setViewportSize({ width: 1920, height: 1080 });
  await idle(window);
  await window.screenshot({ path: `${shots}/reading-pair-ja-dark-1920.png` });
  await window.getByTestId("unpin").click();
  await expect(window.getByTestId("strip-pinned")).toHaveCount(0);
  await idle(window);
  await window.screenshot({ path: `${shots}/reading-ja-dark-1920.png` });
  await changeSettings(window, { language: "en", theme: "light" });
  await tabs.getByText("Reading").click();
  await idle(window);
  await window.screenshot({ path: `${shots}/reading-light-1920.png` });
  expect(await violations(window)).toEqual([]);
  await app.close();
});

test("a table of centiles is chosen, refused with its line where it is wrong, told with the result, and taken away", async ({
  libraryPath,
}, info) => {
  test.skip(!existsSync(record), "needs the CTU-UHB records of shared/data");
  test.setTimeout(300_000);
  const { app, window } = await launch(libraryPath, [record]);
  const [{ id: recordingId } = { id: "" }] = (await ask(window, "recordings.page", {})).rows;
  await ask(window, "ctg.setContext", {
    recordingId,
    context: { gestationDays: 280, isLabour: false, anchors: [] },
  });
  await window.getByTestId("inspector-tabs").getByText("Reading").click();
  const table = window.getByTestId("reference-table");
  await expect(table).toContainText("None");
  const file = info.outputPath("centiles.csv");
  const choose = async (text: string): Promise<void> => {
    writeFileSync(file, text);
    await answerOpenDialog(app, [file]);
    await table.getByRole("button").first().click();
  };
  await choose("week,p1_ms,p10_ms\n40,44,38\n");
  await expect(window.getByText(/line 2: p1_ms is "44"/)).toBeVisible();
  await choose("# name: Ward table\n# source: made up for this story\nweek,p1_ms,p10_ms\n40,30,38\n");
  await expect(table).toContainText("Ward table (made up for this story): week 40");
  await window.getByTestId("strip").focus();
  await window.keyboard.press("End"); // from the tenth minute on there is something to say
  await window.keyboard.press("[");
  await expect(window.getByText(/Centiles by Ward table/).first()).toBeVisible({ timeout: READ_MS });
  await idle(window);
  await window.screenshot({ path: `${shots}/reading-reference.png` });
  await table.scrollIntoViewIfNeeded();
  await window.screenshot({ path: `${shots}/reading-reference-table.png` });
  await changeSettings(window, { language: "ja", theme: "dark" });
  await table.scrollIntoViewIfNeeded();
  await idle(window);
  await window.screenshot({ path: `${shots}/reading-reference-ja-dark.png` });
  await table.getByRole("button").last().click();
  await expect(table).toContainText("ありません");
  await app.close();
});

test("the mother's rate is hidden and twins are drawn apart by a key; which of them is read is said", async ({
  libraryPath,
}) => {
  const file = join(dirname(libraryPath), "twins.csv");
  const rows = Array.from({ length: 20 * 240 }, (_, i) => {
    const s = i / 4;
    const wave = (base: number, every: number): string => (base + 6 * Math.sin(s / every)).toFixed(1);
    return [s, wave(140, 9), i % 10 === 0 ? "" : wave(150, 11), wave(85, 40), (s % 180) / 4].join(",");
  });
  writeFileSync(file, ["time (s),FHR1 (bpm),FHR2 (bpm),MHR (bpm),UC (nd)", ...rows].join("\n"));
  const { app, window } = await launch(libraryPath, [file]);
  const strip = window.getByTestId("strip");
  const title = strip.locator('[title="FHR1 · FHR2 · MHR (bpm)"]');
  await expect(title).toContainText("FHR2");
  await strip.focus();
  await window.keyboard.press("Shift+m");
  await expect(title).toContainText("FHR2 +20");
  await window.keyboard.press("m");
  await expect(title).toHaveCount(0);
  await expect(strip.locator('[title="FHR1 · FHR2 (bpm)"]')).toContainText("FHR2 +20");
  await expect(window.getByTestId("channel-menu")).toContainText("3/4");
  // Shown again from the menu, and from there on one scale again.
  await window.getByTestId("channel-menu").click();
  await window.getByTestId("channel-row").filter({ hasText: "MHR" }).getByRole("checkbox").click();
  await expect(title).toContainText("FHR2 +20");
  await window.getByTestId("apart").click();
  await expect(title).not.toContainText("+20");
  await window.keyboard.press("Escape");
  await window.getByTestId("inspector-tabs").getByText("Reading").click();
  await expect(window.getByTestId("read-channel")).toContainText("FHR1", { timeout: READ_MS });
  expect(await violations(window)).toEqual([]);
  await app.close();
});
