import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { Settings } from "../../preload/contract/settings.ts";

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export const MIN_WIDTH = 1280;
export const MIN_HEIGHT = 800;

const WindowState = z.object({
  bounds: z.object({
    x: z.number().int(),
    y: z.number().int(),
    width: z.number().int(),
    height: z.number().int(),
  }),
  isMaximized: z.boolean(),
  theme: Settings.shape.theme.optional(), // absent in files of before
});
export type WindowState = z.infer<typeof WindowState>;

/** Where the window was; undefined where nothing usable was kept. */
export function readWindowState(path: string): WindowState | undefined {
  try {
    return WindowState.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    return undefined;
  }
}

export function writeWindowState(path: string, state: WindowState): void {
  try {
    writeFileSync(`${path}.new`, JSON.stringify(state));
    renameSync(`${path}.new`, path);
  } catch {
    // The window opens in the middle next time.
  }
}

/** The kept place where at least 200 x 100 points of its top lie on a screen; else only its size. */
export function placeOn(screens: readonly Rectangle[], state: WindowState | undefined): Partial<Rectangle> {
  const width = Math.max(MIN_WIDTH, state?.bounds.width ?? 1440);
  const height = Math.max(MIN_HEIGHT, state?.bounds.height ?? 900);
  if (state === undefined) return { width, height };
  const { x, y } = state.bounds;
  const isSeen = screens.some((screen) => {
    const across = Math.min(x + width, screen.x + screen.width) - Math.max(x, screen.x);
    const down = Math.min(y + 100, screen.y + screen.height) - Math.max(y, screen.y);
    return across >= 200 && down >= 100;
  });
  return isSeen ? { x, y, width, height } : { width, height };
}
