import type { Page } from "@playwright/test";
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Result } from "../../preload/contract/channels.ts";
import { askedInPage, crashPage, expect, idle, launch, projectFolder, test } from "../fixtures/app.ts";
import { testIds } from "../../renderer/ui/test-ids.ts";
import { answerOpenDialog, ask, at, goTo, jobsDone } from "../pages/kodo.ts";

type Job = Result<"jobs.list">[number];

async function jobEnded(window: Page, jobId: string): Promise<Job> {
  const find = async (): Promise<Job | undefined> =>
    (await ask(window, "jobs.list", {})).find((job) => job.jobId === jobId);
  await expect.poll(async () => (await find())?.state, { timeout: 60_000 }).toMatch(/done|failed|cancelled/);
  return (await find())!;
}

const table = (rows: number): string =>
  [
    "time_s,EMG 1 (uV)",
    ...Array.from({ length: rows }, (_, i) => `${(i / 100).toFixed(2)},${(i * 7919) % 997}`),
  ].join("\n");

test("files the application is started with are imported and opened; started with them again, they are only opened", async ({
  libraryPath,
}) => {
  const file = join(dirname(libraryPath), "arm.csv");
  writeFileSync(file, table(500));
  const opened: string[][] = [];
  for (let start = 0; start < 2; start++) {
    const { app, window } = await launch(libraryPath, [file]);
    const openAtStart = async (): Promise<string[]> => (await ask(window, "app.info", {})).openAtStart;
    await expect.poll(openAtStart).toHaveLength(1);
    opened.push(await openAtStart());
    await expect.poll(() => window.evaluate(() => location.hash)).toContain(opened[0]![0]); // on screen
    expect((await ask(window, "recordings.page", {})).rows).toHaveLength(1);
    await app.close();
  }
  expect(opened[1]).toEqual(opened[0]);
});

test("a second start ends at once, and its file is opened in the first", async ({
  app,
  window,
  libraryPath,
}) => {
  const file = join(dirname(libraryPath), "second.csv");
  writeFileSync(file, table(500));
  const seen = window.evaluate(
    () =>
      new Promise<string>((done) =>
        (
          globalThis as unknown as {
            api: { on(name: string, listener: (payload: { id: string }) => void): void };
          }
        ).api.on("open.recording", ({ id }) => done(id)),
      ),
  );
  const flags = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  const args = [...flags, projectFolder, `--user-data-dir=${join(dirname(libraryPath), "profile")}`, file];
  const second = spawn(process.env["ELECTRON_EXEC_PATH"]!, args, {
    env: { ...process.env, KODO_LIBRARY: libraryPath },
    stdio: "ignore",
  });
  const code = await new Promise((done) => second.on("exit", done));
  expect(code).toBe(0);
  const [recording] = await (async () => {
    const id = await seen;
    return (await ask(window, "recordings.page", {})).rows.filter((one) => one.id === id);
  })();
  expect(recording?.name).toBe("second");
  expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
});

test("the page comes back after its process died, with everything it showed", async ({
  app,
  window,
  libraryPath,
}) => {
  const file = join(dirname(libraryPath), "a.csv");
  writeFileSync(file, table(300));
  await answerOpenDialog(app, [file]);
  const paths = await ask(window, "import.choose", {});
  const { jobId } = await ask(window, "import.start", { paths, options: {} });
  await jobEnded(window, jobId);
  await crashPage(app);
  expect(await askedInPage(app, "recordings.page")).toEqual({
    rows: [expect.objectContaining({ name: "a" })],
  });
});

test("the sample study trains in a process of its own while main stays free", async ({ app, window }) => {
  const { jobId } = await ask(window, "sample.open", {});
  expect((await jobEnded(window, jobId)).state).toBe("done");
  const recordings = (await ask(window, "recordings.page", {})).rows.filter(({ kind }) => kind === "emg");
  const config = {
    name: "shell",
    recordingIds: recordings.map(({ id }) => id),
    labelSet: "emg-gestures",
    labels: ["neutral", "hand-close", "hand-open"],
    channels: Array.from({ length: 8 }, (_, i) => `EMG ${i + 1}`),
    windowS: 0.25,
    strideS: 0.25,
    testSubjects: ["SYN-09"],
    validationSubjects: ["SYN-08"],
    epochs: 8,
    members: 1,
  };
  await app.evaluate(() => (globalThis as unknown as { kodoVitals: { reset(): void } }).kodoVitals.reset());
  const run = await ask(window, "runs.start", config);
  await expect
    .poll(async () => (await ask(window, "runs.get", { id: run.id })).phase, {
      timeout: 120_000,
    })
    .toMatch(/done|failed/);
  const ended = await ask(window, "runs.get", { id: run.id });
  expect(ended.error).toBeUndefined();
  expect(ended.metrics?.test.accuracy).toBeGreaterThan(0.5); // three classes
  const vitals = await app.evaluate(() => {
    const { kodoVitals } = globalThis as unknown as {
      kodoVitals: { maxBlockMs(): number; p99BlockMs(): number; maxOwnMs(): number | undefined };
    };
    return {
      maxMs: kodoVitals.maxBlockMs(),
      p99Ms: kodoVitals.p99BlockMs(),
      ownMs: kodoVitals.maxOwnMs(),
    };
  });
  console.log(
    `main's event loop while importing into and training from the library: longest block ${vitals.maxMs.toFixed(1)} ms, p99 ${vitals.p99Ms.toFixed(1)} ms, of its own at most ${vitals.ownMs?.toFixed(1)} ms`,
  );
  expect(vitals.p99Ms).toBeLessThan(50);
  const prediction = await ask(window, "predictions.make", {
    runId: run.id,
    recordingId: recordings[0]!.id,
    adaptation: "none",
  });
  expect(prediction.classes).toHaveLength(3);
});

test("the log says what failed and not whose file it was", async ({ app, window, libraryPath }) => {
  const file = join(dirname(libraryPath), "Yamada-Hanako.edf");
  writeFileSync(file, "not an edf");
  await answerOpenDialog(app, [file]);
  const paths = await ask(window, "import.choose", {});
  const { jobId } = await ask(window, "import.start", { paths, options: {} });
  expect((await jobEnded(window, jobId)).files[0]?.error?.code).toMatch(/^data\//);
  await expect(ask(window, "recordings.get", { id: "Yamada-Hanako" })).rejects.toThrow(/storage\/not-found/);
  await idle(window);
  const log = readFileSync(join(dirname(libraryPath), "profile", "app.log"), "utf8");
  expect(log).toContain("error request recordings.get storage/not-found");
  expect(log).not.toMatch(/Yamada|Hanako/);
});

test("the library is checked in a process of its own, which a stop ends while the library goes on being used", async ({
  app,
  window,
}) => {
  await ask(window, "sample.open", {});
  await jobsDone(window);
  await goTo(window, "settings");
  await at(window, testIds.checkLibrary).click();
  await expect(at(window, testIds.libraryCare)).toContainText("The library is sound", { timeout: 60_000 });
  const stopped = window.evaluate(() => {
    type Api = { request(name: string, params: object): Promise<{ error?: { code: string } }> };
    const { api } = globalThis as unknown as { api: Api };
    const checked = api.request("library.verify", {});
    return api.request("library.cancelVerify", {}).then(async () => (await checked).error?.code);
  });
  expect(await stopped).toBe("cancelled/by-user");
  const checking = async (): Promise<boolean> =>
    (await app.evaluate(({ app: electron }) => electron.getAppMetrics())).some(({ name, serviceName }) =>
      [name, serviceName].includes("Kodo library check"),
    );
  await expect.poll(checking).toBe(false);
  expect((await ask(window, "recordings.page", {})).rows.length).toBeGreaterThan(0);
});

test("a library that cannot be opened ends the start with one clear line", async ({ libraryPath }) => {
  const flags = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  const args = [
    ...flags,
    projectFolder,
    `--user-data-dir=${join(dirname(libraryPath), "profile")}`,
    "--library",
    join(dirname(libraryPath), "no", "such.kodo"),
  ];
  const child = spawn(process.env["ELECTRON_EXEC_PATH"]!, args, {
    env: { ...process.env, KODO_QUIET_ERRORS: "1" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let err = "";
  child.stderr.on("data", (piece: Buffer) => (err += piece.toString()));
  const code = await new Promise((done) => child.on("exit", done));
  expect(code).toBe(1);
  expect(err).toMatch(/^error storage\/cannot-open: such\.kodo/m);
});

test("quitting ends the application though its page hangs", async ({ libraryPath }) => {
  const { app, window } = await launch(libraryPath);
  const ended = new Promise<number | null>((done) => app.process().once("exit", done));
  await window.evaluate(() => {
    setTimeout(() => {
      for (;;);
    }, 100);
  });
  await app.evaluate(({ app: electron }) => {
    setTimeout(() => electron.quit(), 300);
  });
  expect(await ended).toBe(0);
});
