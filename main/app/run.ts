import { dialog, powerMonitor } from "electron";
import type { App } from "electron";
import { join } from "node:path";
import { reportOf } from "../../preload/contract/errors.ts";
import { openService } from "../service/open.ts";
import { Application } from "./application.ts";
import { startArguments } from "./arguments.ts";
import type { StartArguments } from "./arguments.ts";
import { watchFailures } from "./failures.ts";
import { declareScheme } from "./front.ts";
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
  const running: Running = { application: undefined };
  watchFailures({
    process,
    exit: (code) => app.exit(code),
    log,
    isRecording: () => running.application?.isRecording === true,
    tell: () => running.application?.tellFault(),
    say: (text) => process.stderr.write(text),
  });
  void live({ app, folder }, { given, userData, log, running });
}

interface Running {
  application: Application | undefined;
}

interface Life {
  readonly given: StartArguments;
  readonly userData: string;
  readonly log: AppLog;
  readonly running: Running;
}

async function live({ app, folder }: Start, { given, userData, log, running }: Life): Promise<void> {
  const { vitals, stop: stopWatch } = watchLoop(log);
  const early: (readonly string[])[] = [];
  app.on("second-instance", (_event, _argv, _folder, data) => {
    const files = filesOf(data);
    if (running.application === undefined) early.push(files);
    else void running.application.importAndOpen(files);
  });
  app.on("activate", () => running.application?.openWindow());
  app.on("window-all-closed", () => {
    if (process.platform !== "darwin" && running.application?.isRecording !== true) app.quit();
  });
  app.on("child-process-gone", (_event, { type, reason, exitCode }) =>
    log.note(`process gone ${type} ${reason}`, { exitCode }),
  );
  quitInOrder({
    app,
    running: () => {
      const ending = running.application;
      return ending && (() => ending.stop());
    },
    question: () => running.application?.question,
    failed: (error) => log.error("stop", error),
    stopped: (isWhole) => {
      running.application = undefined;
      log.note(isWhole ? "stopped" : "stopped without waiting", {
        maxBlockMs: Math.round(vitals.maxBlockMs()),
      });
      stopWatch();
    },
  });
  // The library is opened while the system makes windows possible: neither needs the other.
  const opening = openService({
    libraryPath: given.library ?? join(userData, "library.kodo"),
    makeFolder: given.library === undefined,
    keep: userData,
    folder,
    failed: (where, error) => log.error(where, error),
  });
  opening.catch(() => undefined); // said below, once there is a window to say it in
  await app.whenReady();
  log.note("started", { electron: Number.parseFloat(process.versions.electron) });
  try {
    const application = await Application.start({ arguments: given, folder, userData, log, opening });
    running.application = application;
    endWhenTold(application);
    for (const files of early) void application.importAndOpen(files);
  } catch (error) {
    log.error("start", error);
    const { code, message } = reportOf(error);
    process.stderr.write(`error ${code}: ${message}\n`);
    if (process.env.KODO_QUIET_ERRORS === undefined) dialog.showErrorBox("Kodo", `${message}\n\n${code}`);
    app.exit(1);
  }
}

/** The system or the terminal ends the program: in order, and nothing is asked. */
function endWhenTold(application: Application): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(signal, () => application.endWithoutAsking());
  const power: NodeJS.EventEmitter = powerMonitor; // its types leave the event out
  power.on("shutdown", (event: { preventDefault(): void }) => {
    event.preventDefault(); // the system waits a little for what is recorded
    application.endWithoutAsking();
  });
}

function filesOf(data: unknown): readonly string[] {
  if (typeof data !== "object" || data === null || !("files" in data) || !Array.isArray(data.files))
    return [];
  return data.files.filter((file): file is string => typeof file === "string");
}
