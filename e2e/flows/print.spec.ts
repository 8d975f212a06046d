import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { testIds } from "../../renderer/ui/test-ids.ts";
import { expect, launch, sharedData, test } from "../fixtures/app.ts";
import { answerOpenDialog, ask, at } from "../pages/kodo.ts";

const record = join(sharedData() ?? "", "ctg-ctu-uhb", "records", "1303.hea");

test("a cardiotocogram is put on paper by Ctrl+P, in the folder that was chosen, read by rule first", async ({
  libraryPath,
}) => {
  test.skip(!existsSync(record), "needs the CTU-UHB records of shared/data");
  test.setTimeout(180_000);
  const folder = join(dirname(libraryPath), "paper");
  mkdirSync(folder);
  const { app, window } = await launch(libraryPath, [record]);
  await window.keyboard.press("Control+p");
  const dialog = at(window, testIds.printDialog);
  await dialog.waitFor();
  await expect(at(window, testIds.printStart)).toBeDisabled();
  await answerOpenDialog(app, [folder]);
  await dialog.getByRole("button").first().click();
  await dialog.getByText("CSV").click();
  await window.screenshot({ path: "test-results/screens/print-dialog.png" });
  await at(window, testIds.printStart).click();
  await dialog.waitFor({ state: "detached", timeout: 60_000 });
  const job = async () => (await ask(window, "jobs.list", {})).at(-1);
  await expect.poll(async () => (await job())?.state, { timeout: 60_000 }).toBe("done");
  expect(readdirSync(folder).sort()).toEqual(["1303.csv", "1303.pdf"]);
  const pdf = readFileSync(join(folder, "1303.pdf"), "latin1");
  expect(pdf.startsWith("%PDF-1.7")).toBe(true);
  expect(pdf.trimEnd().endsWith("%%EOF")).toBe(true);
  expect(readFileSync(join(folder, "1303.csv"), "utf8")).toContain("ten-minutes");
  await app.close();
});
