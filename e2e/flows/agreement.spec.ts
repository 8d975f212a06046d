import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { noteIn } from "../../preload/contract/noted.ts";
import { testIds } from "../../renderer/ui/test-ids.ts";
import { expect, idle, launch, sharedData, test } from "../fixtures/app.ts";
import {
  answerOpenDialog,
  ask,
  at,
  changeSettings,
  eventCount,
  jobsDone,
  labelByKeyboard,
  openReview,
} from "../pages/kodo.ts";

const record = join(sharedData() ?? "", "ctg-ctu-uhb", "records", "1001.hea");

/** Events as a reader who does not see the other's gives them: seconds from the start. */
type Given = readonly (readonly [label: string, fromS: number, toS: number])[];
const ofAnna: Given = [
  ["acceleration", 300, 330],
  ["deceleration", 900, 960],
  ["acceleration", 1500, 1540],
  ["variable-deceleration", 2100, 2150],
  ["contraction", 280, 350],
];
const ofBen: Given = [
  ["acceleration", 303, 338],
  ["late-deceleration", 905, 970],
  ["variable-deceleration", 2102, 2148],
  ["acceleration", 2700, 2730],
  ["contraction", 285, 345],
];

async function give(window: Page, recordingId: string, author: string, given: Given): Promise<void> {
  for (const [label, fromS, toS] of given)
    await ask(window, "annotations.add", {
      ...{ recordingId, label, author, note: "", source: "person", channel: label === "contraction" ? 1 : 0 },
      ...{ labelSet: "ctg-events", labelSetVersion: 1, onsetS: fromS, durationS: toS - fromS },
    });
  await idle(window);
}

/** What the page and its inspector say, and the lanes under the strip by their titles. */
const pageText = (window: Page): Promise<string> => window.locator("body").innerText();

test("two readers read a record blind; then it is told how far they agree, and what they differ on is decided", async ({
  libraryPath,
}) => {
  test.skip(!existsSync(record), "needs the CTU-UHB records of shared/data");
  test.setTimeout(240_000);
  const { app, window } = await launch(libraryPath);
  await answerOpenDialog(app, [record]);
  await at(window, testIds.importFiles).first().click();
  await jobsDone(window);
  const [recording] = (await ask(window, "recordings.page", {})).rows;
  const recordingId = recording?.id ?? "";

  // Nobody has said who reads: the first label asks, once.
  await changeSettings(window, { author: "" });
  await openReview(window, "1001");
  const strip = window.getByTestId("strip");
  await strip.click({ position: { x: 400, y: 60 } });
  await window.mouse.move(0, 0);
  await strip.focus();
  await window.keyboard.press("t");
  for (let i = 0; i < 4; i++) await window.keyboard.press("ArrowRight");
  await window.keyboard.press("t");
  await at(window, "reader-name").fill("Anna");
  await window.keyboard.press("Enter");
  await eventCount(window, 1);
  expect((await ask(window, "annotations.list", { recordingId }))[0]?.author).toBe("Anna");
  await window.keyboard.press("Control+z");
  await eventCount(window, 0);

  await give(window, recordingId, "Anna", ofAnna);
  await window.getByTestId("strip").focus();
  await window.keyboard.press("w"); // all of it, for all labels
  await at(window, "reading").first().waitFor();

  // Ben opens it blind from the library: of Anna there is nothing.
  await changeSettings(window, { author: "Ben" });
  await at(window, testIds.railLibrary).click();
  await at(window, testIds.recordingRow, { name: "1001" }).click();
  await at(window, "read-blind").click();
  await at(window, "blind").waitFor();
  await idle(window);
  expect(await pageText(window)).not.toContain("Anna");
  await expect(at(window, "reading")).toHaveCount(0);
  await expect(at(window, "open-agreement")).toHaveCount(0);
  await window.keyboard.press("Control+z"); // the last edit is Anna's: neither done nor told
  await idle(window);
  expect(await ask(window, "readings.list", { recordingId })).toEqual([]); // hers stands, as is seen below
  expect(await pageText(window)).not.toContain("Anna");
  await window.keyboard.press("F8"); // paper would tell what rules and others said: it is of the strip alone
  await expect(at(window, testIds.printDialog).getByRole("checkbox", { disabled: true })).toHaveCount(2);
  await window.screenshot({ path: "test-results/screens/print-blind.png" });
  await window.keyboard.press("Escape");
  await expect(at(window, testIds.printDialog)).toHaveCount(0);
  // The library does not tell how much Anna labelled, nor does an export carry it.
  await at(window, testIds.railLibrary).click();
  await expect(at(window, "untold")).toHaveCount(2);
  await window.keyboard.press("e");
  await expect(window.getByRole("switch", { disabled: true })).toHaveCount(2);
  await window.screenshot({ path: "test-results/screens/export-blind.png" });
  await window.keyboard.press("Escape");
  await openReview(window, "1001");
  await window.screenshot({ path: "test-results/screens/agreement-blind-light-en.png" });
  await changeSettings(window, { theme: "dark", language: "ja" });
  await window.screenshot({ path: "test-results/screens/agreement-blind-dark-ja.png" });
  await changeSettings(window, { theme: "light", language: "en" });
  await give(window, recordingId, "Ben", ofBen);
  await labelByKeyboard(window, "b", 4);
  await window.getByTestId("strip").focus();
  await window.keyboard.press("w");
  await expect(at(window, "blind")).toHaveCount(0); // declared complete: Anna is shown again
  await expect(at(window, "reading")).toHaveCount(2);

  // Anna's label is not taken away without being asked, nor is it said less than whose it is.
  const [annas] = (await ask(window, "annotations.list", { recordingId })).filter(
    ({ author }) => author === "Anna",
  );
  const refused = await ask(window, "annotations.remove", { id: annas?.id ?? "" }).catch(String);
  expect(refused).toContain("data/other-reader");

  await at(window, "open-agreement").click();
  await at(window, "agreement-table").waitFor();
  await idle(window);
  const row = at(window, "agreement-label", { label: "acceleration" });
  await expect(row).toContainText("2 · 2 · 1 both");
  await expect(row).toContainText("0.50"); // F1
  await expect(at(window, "agreement-label", { label: "contraction" })).toContainText("1.00");
  const places = at(window, "disagreement");
  await expect(places).toHaveCount(4); // two names for one, two found by one, Ben's bradycardia
  await window.screenshot({ path: "test-results/screens/agreement-light-en.png" });
  await changeSettings(window, { theme: "dark", language: "ja" });
  await window.screenshot({ path: "test-results/screens/agreement-dark-ja.png" });
  await changeSettings(window, { theme: "light", language: "en" });

  // One as Anna has it, one that nobody can tell, one taken back; each by a key.
  await at(window, "disagreement", { kind: "label" }).click();
  await window.keyboard.press("1");
  await expect(at(window, "disagreement", { decision: "deceleration" })).toHaveCount(1);
  const missed = at(window, "disagreement", { kind: "missed", decision: "open" });
  await missed.first().click();
  await window.keyboard.press("c");
  await expect(at(window, "disagreement", { decision: "cannot-tell" })).toHaveCount(1);
  await window.keyboard.press("Control+z");
  await expect(at(window, "disagreement", { decision: "cannot-tell" })).toHaveCount(0);
  await at(window, "keep-agreed").click();
  await expect(at(window, "keep-agreed")).toHaveCount(0);
  const consensus = (await ask(window, "annotations.list", { recordingId })).filter(
    ({ author }) => author === "consensus",
  );
  expect(consensus.map(({ label }) => label).sort()).toEqual([
    "acceleration",
    "contraction",
    "deceleration",
    "variable-deceleration",
  ]);
  expect(noteIn(consensus.find(({ label }) => label === "deceleration")?.note ?? "", "en")).toContain(
    "Decided by Ben. Anna: Deceleration",
  );

  // To the place, and back.
  await at(window, "disagreement", { kind: "label" }).click();
  await window.keyboard.press("s");
  await at(window, testIds.reviewPage).waitFor();
  await idle(window);
  await expect(at(window, "selected-range")).toContainText("15:00");
  await app.close();
});
