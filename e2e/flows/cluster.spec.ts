import type { Page } from "@playwright/test";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { testIds } from "../../renderer/ui/test-ids.ts";
import { expect, idle, launch, test } from "../fixtures/app.ts";
import { startCluster, type TestCluster, withoutServer } from "../fixtures/cluster.ts";
import { answerOpenDialog, ask, at, goTo, jobsDone, pictures } from "../pages/kodo.ts";

test.skip(withoutServer() !== undefined, "there is no PostgreSQL here");

let cluster: TestCluster;
test.beforeAll(async () => {
  cluster = await startCluster();
});
test.afterAll(async () => {
  await cluster.remove();
});

async function connect(window: Page): Promise<void> {
  await goTo(window, "settings");
  await at(window, testIds.clusterPassword).fill(cluster.password);
  await at(window, testIds.clusterConnect).click();
  await expect(at(window, testIds.settingsCluster)).toHaveAttribute("data-password", /kept|until-end/);
}

/** A cross-validation of the plainest method, put together and started there. */
async function startThere(window: Page, name: string, folds: number): Promise<string> {
  await window.getByLabel("Name of the run").fill(name);
  await at(window, testIds.trainModel).click();
  await window.getByRole("option", { name: "Linear discriminant (LDA)" }).click();
  await idle(window);
  if (!(await at(window, testIds.trainFolds).isChecked())) await at(window, testIds.trainFolds).click();
  await window.mouse.move(0, 0);
  await window.getByLabel("Folds", { exact: true }).fill(String(folds));
  if ((await at(window, testIds.trainWhere).getAttribute("data-where")) === "here")
    await window.getByText("The cluster", { exact: true }).click();
  await expect(at(window, testIds.trainWorkers)).toBeVisible();
  await idle(window);
  await expect(at(window, testIds.startTraining)).toBeEnabled();
  await at(window, testIds.startTraining).click();
  const row = at(window, testIds.runRow).filter({ hasText: name });
  await expect(row).toBeVisible();
  return (await row.getAttribute("data-run"))!;
}

/** What the library holds. */
async function idsIn(window: Page): Promise<string[]> {
  const all = {
    kind: "filtered" as const,
    filter: {},
    newest: Number.MAX_SAFE_INTEGER,
    except: [],
    also: [],
  };
  return (await ask(window, "recordings.ids", { selection: all })).ids;
}

/** All that is in the list is read by rule on the cluster: what a worker said is then the library's, and known. */
async function readThere(window: Page): Promise<void> {
  await goTo(window, "library");
  await at(window, testIds.recordingRow).first().click();
  const ask = async (): Promise<void> => {
    await window.keyboard.press("Escape"); // nothing is ticked
    await window.keyboard.press("Control+a");
    await window.keyboard.press("r");
    await expect(at(window, testIds.studyLooked)).toBeVisible({ timeout: 30_000 });
  };
  await ask();
  const fitting = await at(window, testIds.studyLooked).getAttribute("data-fitting");
  expect(Number(fitting)).toBeGreaterThan(0);
  await window.keyboard.press("w");
  await expect(at(window, testIds.studyDialog).getByTestId(testIds.trainWorkers)).toHaveAttribute(
    "data-ours",
    "1",
  );
  await pictures(window, "cluster-study");
  await window.keyboard.press("Control+Enter");
  const job = at(window, testIds.job, { kind: "analyse" });
  await expect(job).toHaveAttribute("data-state", "done", { timeout: 120_000 });
  await expect(job).toHaveAttribute("data-done", fitting ?? "");
  await pictures(window, "cluster-study-done");
  await ask();
  await expect(at(window, testIds.studyLooked)).toHaveAttribute("data-known", fitting ?? "");
  await window.keyboard.press("Escape");
}

/** The cluster is asked to predict one recording, or all that fit; how many are to be done there. */
async function predictThere(window: Page, only?: string): Promise<number> {
  await goTo(window, "library");
  await window.keyboard.press("Escape"); // nothing is ticked
  const rows = at(window, testIds.recordingRow);
  await (only === undefined ? rows : rows.filter({ hasText: only })).first().click();
  if (only === undefined) await window.keyboard.press("Control+a");
  await window.keyboard.press("m");
  await expect(at(window, testIds.studyLooked)).toBeVisible({ timeout: 30_000 });
  await idle(window);
  const fitting = await at(window, testIds.studyLooked).getAttribute("data-fitting");
  const dialog = at(window, testIds.studyDialog);
  if ((await dialog.getAttribute("data-where")) === "here") await window.keyboard.press("w"); // the choice before stays
  await expect(dialog.getByTestId(testIds.trainWorkers)).toBeVisible();
  if (only === undefined) await pictures(window, "cluster-predict");
  await window.keyboard.press("Control+Enter");
  await expect(at(window, testIds.studyDialog)).toHaveCount(0);
  return Number(fitting);
}

/** What the model of this run said of recordings, as the library has it. */
async function predictedBy(window: Page, runId: string): Promise<number> {
  let count = 0;
  for (const id of await idsIn(window)) {
    const findings = await ask(window, "findings.list", { recordingId: id });
    count += findings.filter(({ origin }) => origin.kind === "run" && origin.runId === runId).length;
  }
  return count;
}

const partsDone = (): Promise<string> =>
  cluster.server.sql(
    "SELECT count(*) FROM kodo.result JOIN kodo.asked USING (key) JOIN kodo.work ON kodo.work.id = work WHERE kind = 'predict'",
  );

/** A study that waits at the cluster while no worker is there and Kodo is closed; what came meanwhile is there at its next start. */
async function predictedWhileClosed(
  { app, window }: { readonly app: { close(): Promise<void> }; readonly window: Page },
  libraryPath: string,
  runId: string,
): Promise<Awaited<ReturnType<typeof launch>>> {
  const rest = await predictThere(window);
  expect(rest).toBeGreaterThan(0);
  await expect
    .poll(() => cluster.server.sql("SELECT count(*) FROM kodo.work WHERE kind = 'predict'"), {
      timeout: 120_000,
    })
    .toBe("2");
  await app.close();
  const worker = cluster.work();
  await expect.poll(partsDone, { timeout: 240_000, intervals: [1000] }).toBe("2");
  await worker.off();
  const again = await launch(libraryPath);
  if ((await ask(again.window, "cluster.state", {})).password === "missing") await connect(again.window);
  await goTo(again.window, "library");
  const job = at(again.window, testIds.job, { kind: "predict", state: "done" });
  await expect(job).toContainText(`${rest} done`, { timeout: 120_000 });
  await pictures(again.window, "cluster-predicted");
  expect(await predictedBy(again.window, runId)).toBe(rest + 1);
  return again;
}

/** Everything that was written beside the library and the profile of the window. */
function written(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => readFileSync(join(one.parentPath, one.name), "latin1"))
    .join("\n");
}

test("a cluster is connected, recordings go to the archive and come to another library, folds and predictions of a whole study are done by a worker while the window is closed, and a lost server is said calmly", async ({
  libraryPath,
}) => {
  test.setTimeout(600_000);
  const { app, window } = await launch(libraryPath);
  await at(window, testIds.openSample).first().click();
  await jobsDone(window);
  await expect(at(window, testIds.openArchive)).toHaveCount(0); // off until a person connects one

  await goTo(window, "settings");
  await at(window, testIds.clusterAddress).fill(cluster.address.replace("ito@", "ito:oops@"));
  await at(window, testIds.clusterTest).click();
  await expect(at(window, testIds.settingsCluster)).toContainText("contract/cluster-secret");
  await at(window, testIds.clusterAddress).fill(cluster.address);
  await at(window, testIds.clusterPassword).fill(cluster.password);
  await at(window, testIds.clusterTest).click();
  await expect(at(window, testIds.settingsCluster)).toContainText("device/cluster-certificate");
  await answerOpenDialog(app, [cluster.server.certificate]);
  await at(window, testIds.clusterCertificate).click();
  await at(window, testIds.clusterPassword).fill("wrong");
  await at(window, testIds.clusterTest).click();
  await expect(at(window, testIds.settingsCluster)).toContainText("storage/cluster-refused");
  await at(window, testIds.clusterPassword).fill(cluster.password);
  await at(window, testIds.clusterTest).click();
  await expect(at(window, testIds.clusterTold)).toContainText("0 recordings in the archive");
  await at(window, testIds.clusterConnect).click();
  await expect(at(window, testIds.settingsCluster)).toHaveAttribute("data-password", /kept|until-end/);
  await at(window, testIds.settingsCluster).scrollIntoViewIfNeeded();
  await pictures(window, "cluster-settings");

  await goTo(window, "library");
  await at(window, testIds.recordingRow).first().click();
  await window.keyboard.press("Control+a");
  await window.keyboard.press("p");
  await expect(at(window, testIds.clusterAgree)).toBeVisible();
  await pictures(window, "cluster-agree");
  await at(window, testIds.clusterAgree).click();
  await expect(at(window, testIds.transfer, { kind: "push", state: "done" })).toBeVisible({
    timeout: 60_000,
  });
  await window.keyboard.press("Control+9");
  const count = (await idsIn(window)).length;
  await expect(at(window, testIds.archiveRow)).toHaveCount(count);
  await expect(at(window, testIds.archiveRow, { here: "true" })).toHaveCount(count);
  await pictures(window, "cluster-archive");

  await goTo(window, "train");
  await window.keyboard.press("n");
  const run = await startThere(window, "Shared out", 2);
  await expect(at(window, testIds.runThere)).toHaveAttribute("data-heard", /T/, { timeout: 60_000 });
  await expect(at(window, testIds.pauseTraining)).toHaveCount(0);
  await expect(at(window, testIds.runThere)).toContainText("0 of 3 fits done", { timeout: 60_000 });
  await pictures(window, "cluster-running");

  await cluster.server.kill();
  await expect(at(window, testIds.runThere)).toHaveAttribute("data-lost", /cluster-lost/, {
    timeout: 60_000,
  });
  await pictures(window, "cluster-lost");
  await cluster.server.start();
  await expect(at(window, testIds.runThere)).not.toHaveAttribute("data-lost", /./, { timeout: 60_000 });
  await app.close();

  const worker = cluster.work();
  await expect
    .poll(() => cluster.server.sql("SELECT count(*) FROM kodo.result"), {
      timeout: 240_000,
      intervals: [1000],
    })
    .toBe("3");

  let again = await launch(libraryPath);
  await goTo(again.window, "train");
  await again.window.locator(`[data-run="${run}"]`).click();
  const { password } = await ask(again.window, "cluster.state", {});
  if (password === "missing") {
    await expect(at(again.window, testIds.runThere)).toHaveAttribute("data-lost", /no-password/);
    await connect(again.window);
    await goTo(again.window, "train");
  }
  await expect(at(again.window, testIds.runRow, { run, phase: "done" })).toBeVisible({ timeout: 120_000 });
  await expect(at(again.window, testIds.runResult)).toBeVisible();
  await pictures(again.window, "cluster-result");
  await again.window.keyboard.press("n");
  await idle(again.window);
  await again.window.keyboard.press("w");
  await expect(at(again.window, testIds.trainWorkers)).toHaveAttribute("data-ours", "1", { timeout: 30_000 });
  await at(again.window, testIds.trainWhere).scrollIntoViewIfNeeded();
  await pictures(again.window, "cluster-where");
  await readThere(again.window);
  const emg = (await ask(again.window, "recordings.page", {})).rows.find(({ kind }) => kind === "emg");
  expect(await predictThere(again.window, emg!.name)).toBe(1);
  await expect(at(again.window, testIds.job, { kind: "predict", state: "done" })).toContainText("1 done", {
    timeout: 120_000,
  });
  expect(await predictedBy(again.window, run)).toBe(1);
  await worker.off();
  again = await predictedWhileClosed(again, libraryPath, run);
  await goTo(again.window, "train");
  await again.window.keyboard.press("n");
  await idle(again.window);
  const second = await startThere(again.window, "Stopped there", 3); // the same once more would be known already
  await expect(at(again.window, testIds.runThere)).toContainText("of 4 fits done", { timeout: 60_000 });
  await again.window.keyboard.press("x");
  await expect(at(again.window, testIds.runRow, { run: second, phase: "cancelled" })).toBeVisible({
    timeout: 30_000,
  });
  expect(
    await cluster.server.sql(`SELECT cancelled_at IS NOT NULL FROM kodo.work WHERE id = '${second}'`),
  ).toBe("t");
  await again.app.close();

  const elsewhere = join(dirname(libraryPath), "elsewhere");
  mkdirSync(elsewhere);
  const other = await launch(join(elsewhere, "library.kodo"));
  await goTo(other.window, "settings");
  await at(other.window, testIds.clusterAddress).fill(cluster.address);
  await answerOpenDialog(other.app, [cluster.server.certificate]);
  await at(other.window, testIds.clusterCertificate).click();
  await connect(other.window);
  await other.window.keyboard.press("Control+9");
  await expect(at(other.window, testIds.archiveRow)).toHaveCount(count);
  await at(other.window, testIds.archiveSearch).fill("01");
  await expect(at(other.window, testIds.archiveRow)).not.toHaveCount(count);
  await other.window.keyboard.press("Escape");
  await other.window.keyboard.press("Space");
  await expect(other.window.getByRole("heading", { name: "1 chosen" })).toBeVisible();
  await at(other.window, testIds.archivePull).click();
  await expect(at(other.window, testIds.transfer, { kind: "pull", state: "done" })).toBeVisible();
  await expect(at(other.window, testIds.archiveRow, { here: "true" })).toHaveCount(1);
  expect(await idsIn(other.window)).toHaveLength(1);
  await other.app.close();

  expect(written(dirname(libraryPath))).not.toContain(cluster.password);
  expect(await cluster.server.sql("SELECT run::text FROM kodo.work")).not.toContain(cluster.password);
});
