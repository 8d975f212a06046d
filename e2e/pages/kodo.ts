import { type ElectronApplication, expect, type Locator, type Page } from "@playwright/test";
import type { Api, Params, RequestName, Result } from "../../preload/contract/channels.ts";
import type { Settings } from "../../preload/contract/settings.ts";
import { testIds } from "../../renderer/ui/test-ids.ts";
import { idle } from "../fixtures/app.ts";

/** What main answers to a request made in the page. */
export async function ask<N extends RequestName>(
  window: Page,
  name: N,
  params: Params<N>,
): Promise<Result<N>> {
  const outcome = await window.evaluate(
    ([n, p]) => (globalThis as unknown as { api: Api }).api.request(n as never, p as never),
    [name, params] as const,
  );
  if (!outcome.ok) throw new Error(`${name}: ${outcome.error.code} ${outcome.error.message}`);
  return outcome.value;
}

/** Finds by test id. `attributes` narrow to data-* values. */
export function at(window: Page, id: string, attributes: Readonly<Record<string, string>> = {}): Locator {
  const narrow = Object.entries(attributes).map(([name, value]) => `[data-${name}="${value}"]`);
  return window.locator(`[data-testid="${id}"]${narrow.join("")}`);
}

/** Pages that the rail does not lead to. */
const keysOf: Readonly<Record<string, string>> = {
  bin: "Control+7",
  agreement: "Control+8",
  archive: "Control+9",
};

/** Every page there is. */
export const pages = [
  ...(["library", "bin", "archive", "agreement", "record", "train", "layers", "models", "settings"] as const),
  "review",
] as const;

export async function goTo(window: Page, page: (typeof pages)[number]): Promise<void> {
  const keys = keysOf[page];
  if (keys === undefined) await at(window, `rail-${page}`).click();
  else {
    await window.keyboard.press(keys);
    await at(window, `${page}-page`).waitFor();
  }
  await idle(window);
}

/** Answers the system's file dialog, which a test cannot click. Everything behind it is the real thing. */
export async function answerOpenDialog(app: ElectronApplication, paths: readonly string[]): Promise<void> {
  await app.evaluate(({ dialog }, filePaths) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [...filePaths] });
  }, paths);
}

/** Waits until every job on the page has ended, and returns their states. */
export async function jobsDone(window: Page): Promise<void> {
  await window.waitForFunction(
    (id) => {
      const jobs = [...document.querySelectorAll(`[data-testid="${id}"]`)];
      return (
        jobs.length > 0 &&
        jobs.every((job) => !["waiting", "running"].includes(job.getAttribute("data-state") ?? ""))
      );
    },
    testIds.job,
    { timeout: 120_000 },
  );
  await idle(window);
}

export async function recordingNames(window: Page): Promise<string[]> {
  const { recordings } = await ask(window, "recordings.counts", {});
  const list = at(window, testIds.libraryPage).getByRole("grid");
  if (recordings > 0) await expect(list).toHaveAttribute("aria-rowcount", String(recordings + 1));
  return at(window, testIds.recordingRow).evaluateAll((rows) =>
    rows.map((row) => row.getAttribute("data-name") ?? ""),
  );
}

/** Opens a recording's strip from the library's table, as a double click does. */
export async function openReview(window: Page, name: string): Promise<void> {
  if (!(await at(window, testIds.libraryPage).isVisible())) await goTo(window, "library");
  await at(window, testIds.recordingRow, { name }).dblclick();
  await window.getByTestId("strip").waitFor();
  await idle(window);
}

/** What the library holds for the recording under review, oldest first. */
export async function eventLabels(window: Page): Promise<string[]> {
  const recordingId = await at(window, testIds.reviewPage).getAttribute("data-recording");
  return window.evaluate(async (id) => {
    const outcome = await (globalThis as unknown as { api: Api }).api.request("annotations.list", {
      recordingId: id,
    });
    if (!outcome.ok) throw new Error(outcome.error.message);
    return [...outcome.value]
      .sort((a, b) => a.createdAt.localeCompare(b.createdAt))
      .map(({ label }) => label);
  }, recordingId ?? "");
}

/** Waits until the recording under review has that many events. */
export async function eventCount(window: Page, count: number): Promise<void> {
  await expect.poll(async () => (await eventLabels(window)).length).toBe(count);
  await idle(window);
}

/** Cursor into the trace, label key, cursor to the right, label key again. */
export async function labelByKeyboard(window: Page, key: string, steps: number): Promise<void> {
  const before = (await eventLabels(window)).length;
  const strip = window.getByTestId("strip");
  await strip.click({ position: { x: 400, y: 60 } });
  await window.mouse.move(0, 0); // the cursor counts, not the pointer
  await strip.focus();
  await window.keyboard.press(key);
  for (let i = 0; i < steps; i++) await window.keyboard.press("ArrowRight");
  await window.keyboard.press(key);
  await eventCount(window, before + 1);
}

/** Lets the model in use predict the recording under review, and puts the cursor where its probabilities can be read. */
export async function predict(window: Page): Promise<void> {
  await window.getByTestId("strip").focus();
  await window.keyboard.press("o");
  await window.waitForFunction(async (id) => {
    const recordingId = document.querySelector(`[data-testid="${id}"]`)?.getAttribute("data-recording") ?? "";
    const outcome = await (globalThis as unknown as { api: Api }).api.request("predictions.list", {
      recordingId,
    });
    return outcome.ok && outcome.value.length > 0;
  }, testIds.reviewPage);
  await idle(window);
  await window.getByTestId("strip").click({ position: { x: 400, y: 60 } });
  await window.getByTestId("class-probability").first().waitFor();
  await idle(window);
}

/** Starts the training the page proposes and waits for its result. */
export async function train(window: Page, timeoutMs: number): Promise<Readonly<Record<string, string>>> {
  await goTo(window, "train");
  await at(window, testIds.startTraining).click();
  const result = at(window, testIds.runResult);
  await result.waitFor({ timeout: timeoutMs });
  await idle(window);
  return result.evaluate((element) =>
    Object.fromEntries(
      Object.entries((element as HTMLElement).dataset).map(([name, value]) => [name, value ?? ""]),
    ),
  );
}

/** Changes settings through the window's own bridge, which tells every page at once. */
export async function changeSettings(window: Page, settings: Partial<Settings>): Promise<void> {
  await window.evaluate(async (change) => {
    await (globalThis as unknown as { api: Api }).api.request("settings.set", change);
  }, settings);
  await idle(window);
}

const looks = [
  { theme: "light", language: "en", width: 1280, height: 800 },
  { theme: "dark", language: "ja", width: 1920, height: 1080 },
  { theme: "light", language: "ja", width: 1280, height: 800 },
  { theme: "dark", language: "en", width: 1920, height: 1080 },
] as const;

/** The page as it looks, to be looked at. */
export async function pictures(window: Page, name: string): Promise<void> {
  for (const { theme, language, width, height } of looks) {
    await ask(window, "settings.set", { theme, language });
    await window.setViewportSize({ width, height });
    await idle(window);
    await window.screenshot({
      path: `test-results/screens/${name}-${theme}-${language}-${width}.png`,
    });
  }
  await ask(window, "settings.set", { theme: "light", language: "en" });
  await window.setViewportSize({ width: 1280, height: 800 });
  await idle(window);
}
