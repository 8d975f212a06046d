import { BrowserWindow, nativeTheme, screen } from "electron";
import type { AppLog } from "./log.ts";
import { START_URL } from "./pages.ts";
import { MIN_HEIGHT, MIN_WIDTH, placeOn, readWindowState, writeWindowState } from "./window-state.ts";

export interface WindowOptions {
  readonly preload: string;
  readonly stateFile: string;
  readonly log: AppLog;
}

/** Paper and ink of the two themes, so that nothing flashes before the page is there. */
const paper = { light: "#ffffff", dark: "#16181d" } as const;

/** The one window. It owns nothing: after a crash of its process the page is loaded anew and nothing is lost. */
export function openWindow({ preload, stateFile, log }: WindowOptions): BrowserWindow {
  const state = readWindowState(stateFile);
  const screens = screen.getAllDisplays().map(({ workArea }) => workArea);
  const window = new BrowserWindow({
    ...placeOn(screens, state),
    minWidth: MIN_WIDTH,
    minHeight: MIN_HEIGHT,
    show: false,
    title: "Kodo",
    backgroundColor: nativeTheme.shouldUseDarkColors ? paper.dark : paper.light,
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
    },
  });
  if (state?.isMaximized === true) window.maximize();
  window.once("ready-to-show", () => window.show());
  window.on("close", () =>
    writeWindowState(stateFile, { bounds: window.getNormalBounds(), isMaximized: window.isMaximized() }),
  );
  reviveAfterCrash(window, log);
  void window.loadURL(START_URL).catch((error: unknown) => log.error("window load", error));
  return window;
}

const CRASHES_ALLOWED = 3;
const WITHIN_MS = 60_000;

/** Loads the page anew after its process died; a page that dies again and again is left dead. */
function reviveAfterCrash(window: BrowserWindow, log: AppLog): void {
  let crashes: number[] = [];
  window.webContents.on("render-process-gone", (_event, { reason, exitCode }) => {
    log.note(`window process gone ${reason}`, { exitCode });
    if (reason === "clean-exit" || window.isDestroyed()) return;
    const nowMs = Date.now();
    crashes = [...crashes.filter((atMs) => nowMs - atMs < WITHIN_MS), nowMs];
    if (crashes.length <= CRASHES_ALLOWED) window.webContents.reload();
  });
  window.on("unresponsive", () => log.note("window unresponsive"));
}
