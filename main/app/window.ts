import { BrowserWindow, nativeTheme, screen } from "electron";
import type { AppLog } from "./log.ts";
import { START_URL } from "./pages.ts";
import { reviveAt } from "./revival.ts";
import { MIN_HEIGHT, MIN_WIDTH, placeOn, readWindowState, writeWindowState } from "./window-state.ts";

export interface WindowKeeper {
  /** False: the window stays for now. */
  readonly mayClose: () => boolean;
  readonly isRecording: () => boolean;
  /** The person logs out, or the computer shuts down (Windows). */
  readonly sessionEnds: () => void;
}

export interface WindowOptions {
  readonly preload: string;
  readonly stateFile: string;
  readonly log: AppLog;
  /** Who decides about it; undefined as long as there is nothing to lose. */
  readonly keeper: () => WindowKeeper | undefined;
  /** It is shown when this has come and its page is drawn. */
  readonly shownAfter: Promise<unknown>;
}

/** Paper and ink of the two themes, so that nothing flashes before the page is there. */
const paper = { light: "#ffffff", dark: "#16181d" } as const;

/** The one window. It owns nothing: after a crash of its process the page is loaded anew and nothing is lost. */
export function openWindow(options: WindowOptions): BrowserWindow {
  const { preload, stateFile, log, keeper, shownAfter } = options;
  const state = readWindowState(stateFile);
  if (state?.theme !== undefined) nativeTheme.themeSource = state.theme; // until the settings are read
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
  const drawn = new Promise<void>((resolve) => window.once("ready-to-show", () => resolve()));
  void Promise.all([drawn, shownAfter]).then(() => {
    if (!window.isDestroyed()) window.show();
  });
  window.on("close", (event) => {
    writeWindowState(stateFile, {
      bounds: window.getNormalBounds(),
      isMaximized: window.isMaximized(),
      theme: nativeTheme.themeSource,
    });
    if (keeper()?.mayClose() === false) event.preventDefault();
  });
  window.on("session-end", () => keeper()?.sessionEnds());
  reviveAfterCrash(window, options);
  void window.loadURL(START_URL).catch((error: unknown) => log.error("window load", error));
  return window;
}

/** Loads the page anew after its process died. */
function reviveAfterCrash(window: BrowserWindow, { log, keeper }: WindowOptions): void {
  let crashes: readonly number[] = [];
  window.webContents.on("render-process-gone", (_event, { reason, exitCode }) => {
    log.note(`window process gone ${reason}`, { exitCode });
    if (reason === "clean-exit" || window.isDestroyed()) return;
    const revival = reviveAt(crashes, performance.now(), keeper()?.isRecording() === true);
    crashes = revival.crashes;
    if (revival.afterMs === undefined) return;
    setTimeout(() => {
      if (!window.isDestroyed() && window.webContents.isCrashed()) window.webContents.reload();
    }, revival.afterMs);
  });
  window.on("unresponsive", () => log.note("window unresponsive"));
}
