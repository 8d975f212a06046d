import { dialog } from "electron";
import type { App } from "electron";
import { join } from "node:path";
import { reportOf } from "../../preload/contract/errors.ts";
import { Application, declareScheme } from "./application.ts";
import { startArguments } from "./arguments.ts";
import type { StartArguments } from "./arguments.ts";
import { openLog } from "./log.ts";
import type { AppLog } from "./log.ts";
import { quitInOrder } from "./quitting.ts";
import { closeApplication } from "./security.ts";
import { watchLoop } from "./vitals.ts";

export interface Start {
  readonly app: App;
  /** Folder of the built main process. */
  readonly folder: string;
}

/** Starts the application and stops it, in order. */
export function run({ app, folder }: Start): void {
  const given = startArguments({
    argv: process.argv,
    isPackaged: app.isPackaged,
    environment: process.env,
    folder: process.cwd(),
  });
  const userData = given.userData ?? join(app.getPath("appData"), "kodo");
  app.setPath("userData", userData);
  declareScheme();
  closeApplication();
  if (!app.requestSingleInstanceLock({ files: given.files })) {
    app.quit(); // the first instance was told, with our files
    return;
  }
  const log = openLog(join(userData, "app.log"));
  process.on("uncaughtException", (error) => fatal(app, log, error));
  process.on("unhandledRejection", (error) => log.error("unhandled rejection", error));
  void live({ app, folder }, given, userData, log);
}

async function live(
  { app, folder }: Start,
  given: StartArguments,
  userData: string,
  log: AppLog,
): Promise<void> {
  const { vitals, stop: stopWatch } = watchLoop(log);
  let application: Application | undefined;
  const early: (readonly string[])[] = [];
  app.on("second-instance", (_event, _argv, _folder, data) => {
    const files = filesOf(data);
    if (application === undefined) early.push(files);
    else void application.importAndOpen(files);
  });
  app.on("activate", () => application?.openWindow());
  app.on("window-all-closed", () => {
    if (process.platform !== "darwin") app.quit();
  });
  app.on("child-process-gone", (_event, { type, reason, exitCode }) =>
    log.note(`process gone ${type} ${reason}`, { exitCode }),
  );
  quitInOrder({
    app,
    running: () => {
      const ending = application;
      return ending && (() => ending.stop());
    },
    failed: (error) => log.error("stop", error),
    stopped: (isWhole) => {
      application = undefined;
      log.note(isWhole ? "stopped" : "stopped without waiting", {
        maxBlockMs: Math.round(vitals.maxBlockMs()),
      });
      stopWatch();
    },
  });
  await app.whenReady();
  log.note("started", { electron: Number.parseFloat(process.versions.electron) });
  try {
    application = await Application.start({ arguments: given, folder, userData, log });
    for (const files of early) void application.importAndOpen(files);
  } catch (error) {
    log.error("start", error);
    const { code, message } = reportOf(error);
    process.stderr.write(`error ${code}: ${message}\n`);
    if (process.env.KODO_QUIET_ERRORS === undefined) dialog.showErrorBox("Kodo", `${message}\n\n${code}`);
    app.exit(1);
  }
}

/** A bug in main: said once, in the log; the library keeps what was committed. */
function fatal(app: App, log: AppLog, error: unknown): void {
  log.error("fatal", error);
  process.stderr.write(`fatal: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  app.exit(70);
}

function filesOf(data: unknown): readonly string[] {
  if (typeof data !== "object" || data === null || !("files" in data) || !Array.isArray(data.files))
    return [];
  return data.files.filter((file): file is string => typeof file === "string");
}
