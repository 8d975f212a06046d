import { ipcMain, protocol } from "electron";
import type { BrowserWindow } from "electron";
import { join } from "node:path";
import type { EventName, EventPayload, Handlers } from "../../preload/contract/channels.ts";
import { Grants } from "./grants.ts";
import type { AppLog } from "./log.ts";
import { checkPaths } from "./named-paths.ts";
import { isOurPage, pageServer, SCHEME } from "./pages.ts";
import { checkEvent, EVENT, openGate } from "./router.ts";
import { openWindow, type WindowKeeper } from "./window.ts";

/** Must run before `ready`: the page's scheme is as good as https, and nothing else of ours is. */
export function declareScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ]);
}

export interface FrontOptions {
  /** Folder of the built main process; preload and renderer lie beside it. */
  readonly folder: string;
  readonly userData: string;
  readonly log: AppLog;
}

/** What stands behind the window once the library is open. */
export interface Back extends WindowKeeper {
  readonly handlers: Handlers;
  /** Files that the page may name in every window, since a person chose them before. */
  readonly granted: () => readonly string[];
}

/**
 * The page's scheme, the window and the one gate. They are there before the library is: the page is fetched and drawn while
 * that is opened, what it asks waits, and the window is shown when both are ready.
 */
export class Front {
  readonly grants = new Grants();
  readonly #options: FrontOptions;
  readonly #ready: Promise<Back>;
  #serve: (back: Back) => void = () => undefined;
  #back: Back | undefined;
  #window: BrowserWindow | undefined;
  readonly #closeGate: () => void;

  constructor(options: FrontOptions) {
    this.#options = options;
    this.#ready = new Promise((resolve) => (this.#serve = resolve));
    protocol.handle(SCHEME, pageServer(join(options.folder, "..", "renderer")));
    this.#closeGate = openGate({
      gate: ipcMain,
      handlers: this.#ready.then(({ handlers }) => handlers),
      isOurs: (frame) => frame === (this.#window?.webContents.mainFrame as unknown) && isOurPage(frame.url),
      allowed: (name, params) => checkPaths(name, params, this.grants),
      dropped: (path) => this.grants.read([path]),
      failed: (name, error) => options.log.error(`request ${name}`, error),
    });
    this.openWindow();
  }

  /** From now on what the page asks is answered. */
  serve(back: Back): void {
    this.#back = back;
    this.grants.read(back.granted());
    this.#serve(back);
  }

  get window(): BrowserWindow | undefined {
    return this.#window?.isDestroyed() === false ? this.#window : undefined;
  }

  /** Opens the window, or brings it to the front. */
  openWindow(): void {
    const open = this.window;
    if (open !== undefined) {
      if (open.isMinimized()) open.restore();
      open.focus();
      return;
    }
    const { folder, userData, log } = this.#options;
    this.grants.read(this.#back?.granted() ?? []);
    this.#window = openWindow({
      preload: join(folder, "..", "preload", "index.cjs"),
      stateFile: join(userData, "window.json"),
      log,
      keeper: () => this.#back,
      shownAfter: this.#ready,
    });
    this.#window.on("closed", () => {
      this.#window = undefined;
      this.grants.forget();
    });
  }

  tell<N extends EventName>(name: N, payload: EventPayload<N>): void {
    const contents = this.window?.webContents;
    if (contents === undefined || contents.isDestroyed()) return;
    try {
      contents.send(EVENT, name, checkEvent(name, payload));
    } catch (error) {
      this.#options.log.error(`event ${name}`, error);
    }
  }

  /** Nothing that the page asks is answered any more. */
  shut(): void {
    this.#closeGate();
  }

  /** Nothing of the page is given out any more. */
  close(): void {
    protocol.unhandle(SCHEME);
  }
}
