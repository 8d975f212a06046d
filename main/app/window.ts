import { BrowserWindow, nativeTheme, screen } from "electron";
import type { AppLog } from "./log.ts";
import { START_URL } from "./pages.ts";
import { reviveAt } from "./revival.ts";
import { MIN_HEIGHT, MIN_WIDTH, placeOn, readWindowState, writeWindowState } from "./window-state.ts";

export interface WindowOptions {
  readonly preload: string;
  readonly stateFile: string;
  readonly log: AppLog;
  /** False: the window stays for now. */
  readonly mayClose: () => boolean;
  readonly isRecording: () => boolean;
  /** The person logs out, or the computer shuts down (Windows). */
  readonly sessionEnds: () => void;
}

/** Paper and ink of the two themes, so that nothing flashes before the page is there. */
const paper = { light: "#ffffff", dark: "#16181d" } as const;

/** The one window. It owns nothing: after a crash of its process the page is loaded anew and nothing is lost. */
export function openWindow(options: WindowOptions): BrowserWindow {
  const { preload, stateFile, log, mayClose, sessionEnds } = options;
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
  window.on("close", (event) => {
    writeWindowState(stateFile, { bounds: window.getNormalBounds(), isMaximized: window.isMaximized() });
    if (!mayClose()) event.preventDefault();
  });
  window.on("session-end", sessionEnds);
  reviveAfterCrash(window, options);
  void window.loadURL(START_URL).catch((error: unknown) => log.error("window load", error));
  return window;
}

/** Loads the page anew after its process died. */
function reviveAfterCrash(window: BrowserWindow, { log, isRecording }: WindowOptions): void {
  let crashes: readonly number[] = [];
  window.webContents.on("render-process-gone", (_event, { reason, exitCode }) => {
    log.note(`window process gone ${reason}`, { exitCode });
    if (reason === "clean-exit" || window.isDestroyed()) return;
    const revival = reviveAt(crashes, Date.now(), isRecording());
    crashes = revival.crashes;
    if (revival.afterMs === undefined) return;
    setTimeout(() => {
      if (!window.isDestroyed() && window.webContents.isCrashed()) window.webContents.reload();
    }, revival.afterMs);
  });
  window.on("unresponsive", () => log.note("window unresponsive"));
}
