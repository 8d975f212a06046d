import { app, Menu, nativeImage, Notification, powerSaveBlocker, shell, Tray } from "electron";
import type { BrowserWindow, NativeImage } from "electron";
import type { RecordingLook } from "./recording-alarms.ts";
import type { recordingWords } from "./recording-words.ts";
import type { Signs } from "./recording-watch.ts";
import { trayPicture } from "./tray-picture.ts";

export interface SignOptions {
  readonly words: () => ReturnType<typeof recordingWords>;
  readonly window: () => BrowserWindow | undefined;
  readonly open: () => void;
  readonly silence: () => void;
}

/** Points of a symbol, as the systems' trays have them. */
const TRAY_SIZE = process.platform === "linux" ? 22 : process.platform === "darwin" ? 18 : 16;

/** The system's own signs. Where it has none of a kind (no tray, no notifications), the others stand alone. */
export function systemSigns({ words, window, open, silence }: SignOptions): Signs {
  const notices = new Map<string, Notification>(); // kept, or the collector takes them with their clicks
  const withdraw = (key: string): void => {
    notices.get(key)?.close();
    notices.delete(key);
  };
  return {
    notify: (key, title, body) => {
      if (!Notification.isSupported()) return;
      withdraw(key);
      const notice = new Notification({ title, body, silent: true, urgency: "critical" });
      notice.on("click", open);
      notice.show();
      notices.set(key, notice);
    },
    withdraw,
    show: traySymbol({ words, open, silence }),
    attract: (isOn) => {
      const shown = window();
      if (shown !== undefined && !shown.isDestroyed()) shown.flashFrame(isOn);
      app.dock?.setBadge(isOn ? "!" : "");
    },
    beep: () => shell.beep(),
    keepAwake: keptAwake(),
  };
}

function traySymbol({ words, open, silence }: Omit<SignOptions, "window">): Signs["show"] {
  let tray: Tray | undefined;
  return (look, tooltip) => {
    if (look === undefined) {
      tray?.destroy();
      tray = undefined;
      return;
    }
    const image = imageOf(look);
    if (tray === undefined) {
      tray = new Tray(image);
      tray.on("click", open);
    } else tray.setImage(image);
    const said = words();
    tray.setToolTip(tooltip);
    tray.setContextMenu(
      Menu.buildFromTemplate([
        { label: tooltip, enabled: false }, // some trays show no tooltip
        { label: said.open, click: open },
        { label: said.silence, visible: look === "alarm", click: silence },
        { label: said.quit, click: () => app.quit() },
      ]),
    );
  };
}

function imageOf(look: RecordingLook): NativeImage {
  const image = nativeImage.createFromBuffer(trayPicture(look, TRAY_SIZE));
  image.addRepresentation({ scaleFactor: 2, buffer: trayPicture(look, 2 * TRAY_SIZE) });
  return image;
}

/** The screen may go dark; the program is not suspended. */
function keptAwake(): Signs["keepAwake"] {
  let id: number | undefined;
  return (isOn) => {
    if (id !== undefined) powerSaveBlocker.stop(id);
    id = isOn ? powerSaveBlocker.start("prevent-app-suspension") : undefined;
  };
}
