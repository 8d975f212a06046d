// Part of npm run bench: the running application, from its start to its pages, beside an Electron that shows an empty page.
import { _electron } from "@playwright/test";
import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { idle, launch, projectFolder } from "../../e2e/fixtures/app.ts";
import { at, goTo, jobsDone, train } from "../../e2e/pages/kodo.ts";
import { openLibrary } from "../../main/storage/open-library.ts";
import { QUIET_MS } from "../../renderer/ui/idle.ts";
import { testIds } from "../../renderer/ui/test-ids.ts";

const ROUNDS = 5;
const RUNS = 40;
const folder = mkdtempSync(join(tmpdir(), "kodo-bench-app-"));
const library = join(folder, "library.kodo");

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** The sample study, a trained model, and as many runs as somebody has after a while. */
async function furnish() {
  const { app, window } = await launch(library);
  await at(window, testIds.openSample).first().click();
  await jobsDone(window);
  await train(window, 540_000);
  await app.close();
  const binding = process.env.KODO_SQLITE_BINDING;
  delete process.env.KODO_SQLITE_BINDING; // made for Electron; this process is Node
  const opened = openLibrary(library);
  const [run] = opened.listRuns();
  for (let n = 1; n < RUNS; n++) opened.saveRun({ ...run, id: randomUUID() });
  opened.close();
  if (binding) process.env.KODO_SQLITE_BINDING = binding;
}

const electron = (folderOfApp, profile, env = {}) =>
  _electron.launch({
    executablePath: process.env.ELECTRON_EXEC_PATH,
    args: [
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
      folderOfApp,
      `--user-data-dir=${join(folder, profile)}`,
    ],
    env: { ...process.env, ...env },
  });

/**
 * From the launch until the window shows the library and nothing is in flight, by the window's own clock: whoever looks at
 * it from outside learns of it later.
 */
async function start() {
  const begin = Date.now();
  const app = await electron(projectFolder, "profile", { KODO_LIBRARY: library, KODO_QUIET: "1" });
  const window = await app.firstWindow();
  await idle(window);
  const at = await window.evaluate(
    () => performance.timeOrigin + performance.getEntriesByName("idle", "mark")[0].startTime,
  );
  return { app, window, ms: at - begin };
}

async function startEmpty() {
  const empty = join(folder, "empty");
  mkdirSync(empty, { recursive: true });
  writeFileSync(
    join(empty, "package.json"),
    JSON.stringify({ name: "empty", version: "1.0.0", main: "main.cjs" }),
  );
  writeFileSync(join(empty, "page.html"), "<!doctype html><html data-idle='true'><body>empty</body></html>");
  writeFileSync(
    join(empty, "main.cjs"),
    `const { app, BrowserWindow } = require("electron");
     let window;
     app.whenReady().then(() => {
       window = new BrowserWindow({ width: 1280, height: 800 });
       return window.loadFile("page.html");
     });`,
  );
  const begin = Date.now();
  const app = await electron(empty, "profile-of-empty");
  const window = await app.firstWindow();
  await idle(window);
  const at = await window.evaluate(() => {
    const [{ loadEventEnd }] = performance.getEntriesByType("navigation");
    return performance.timeOrigin + loadEventEnd;
  });
  await app.close();
  return at - begin;
}

/** From the click until the page stands, as the window itself sees it. */
const turnTo = (window, page) =>
  window.evaluate(
    (id) =>
      new Promise((resolve) => {
        const begin = performance.now();
        const root = document.documentElement;
        root.dataset.idle = "false";
        const watch = new MutationObserver(() => {
          if (root.dataset.idle !== "true") return;
          watch.disconnect();
          resolve(performance.now() - begin);
        });
        watch.observe(root, { attributes: true, attributeFilter: ["data-idle"] });
        document.querySelector(`[data-testid="${id}"]`).click();
      }),
    `rail-${page}`,
  );

try {
  await furnish();
  const [starts, empties] = [[], []];
  const turns = { models: [], train: [], layers: [], record: [] };
  await (await start()).app.close(); // warms the disk's cache
  for (let round = 0; round < ROUNDS; round++) {
    empties.push(await startEmpty());
    const { app, window, ms } = await start();
    starts.push(ms);
    for (const page of Object.keys(turns)) {
      turns[page].push(await turnTo(window, page));
      await goTo(window, "library");
    }
    await app.close();
  }
  const row = (name, value, peer, peerValue) => ({
    name,
    value: Math.round(value),
    unit: "ms",
    peer,
    peerValue: Math.round(peerValue),
    ratio: peerValue / value,
  });
  const plain = median(turns.record);
  console.log(
    JSON.stringify([
      row(
        "application: from launch to a usable library, until the idle signal",
        median(starts),
        "Electron with an empty page",
        median(empties),
      ),
      row(
        `application: from launch to a usable library, less the ${QUIET_MS} ms that it waits`,
        median(starts) - QUIET_MS,
        "Electron with an empty page",
        median(empties),
      ),
      ...["models", "train", "layers"].flatMap((page) => {
        const name = `application: ${page} page, first visit, ${RUNS} runs`;
        const turned = median(turns[page]);
        // The last thing that the signal does is to wait whether anything follows: the page stood before that.
        return [
          row(`${name}, until the idle signal`, turned, "a page without data", plain),
          row(
            `${name}, less the ${QUIET_MS} ms that it waits`,
            turned - QUIET_MS,
            "a page without data",
            plain - QUIET_MS,
          ),
        ];
      }),
    ]),
  );
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
