import type { ElectronApplication, Locator, Page } from "@playwright/test";
import { testIds } from "../../renderer/ui/test-ids.ts";
import { idle } from "../fixtures/app.ts";

/** Finds by test id. `attributes` narrow to data-* values. */
export function at(window: Page, id: string, attributes: Readonly<Record<string, string>> = {}): Locator {
  const narrow = Object.entries(attributes).map(([name, value]) => `[data-${name}="${value}"]`);
  return window.locator(`[data-testid="${id}"]${narrow.join("")}`);
}

export async function goTo(window: Page, page: "library" | "record" | "review" | "train" | "layers" | "models" | "settings"): Promise<void> {
  await at(window, `rail-${page}`).click();
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
      return jobs.length > 0 && jobs.every((job) => !["waiting", "running"].includes(job.getAttribute("data-state") ?? ""));
    },
    testIds.job,
    { timeout: 120_000 },
  );
  await idle(window);
}

export const recordingNames = (window: Page): Promise<string[]> =>
  at(window, testIds.recordingRow).evaluateAll((rows) => rows.map((row) => row.getAttribute("data-name") ?? ""));
