import { within } from "../../preload/contract/within.ts";

/** Electron's app, as far as it is asked here. */
export interface Quittable {
  on(event: "before-quit", listener: (event: { preventDefault(): void }) => void): unknown;
  quit(): void;
  exit(code: number): void;
}

export interface QuitOptions {
  readonly app: Quittable;
  /** What stops the application in order; undefined while there is nothing to stop. */
  readonly running: () => (() => Promise<void>) | undefined;
  readonly failed: (error: unknown) => void;
  readonly stopped: (isWhole: boolean) => void;
}

/** For everything under way to stop and clean up, and then for the windows to close. */
export const STOP_MS = 9000;
export const WINDOWS_MS = 2000;

/**
 * Quit always quits: in order where that takes a few seconds, and where something never ends, without it. What the library
 * committed is whole either way, and what was half written is cleaned up when it is next opened.
 */
export function quitInOrder({ app, running, failed, stopped }: QuitOptions): void {
  let state: "running" | "stopping" | "stopped" = "running";
  const end = async (stop: () => Promise<void>): Promise<void> => {
    const isWhole = await within(
      STOP_MS,
      stop().catch((error: unknown) => failed(error)),
    );
    state = "stopped";
    stopped(isWhole);
    if (!isWhole) {
      app.exit(0);
      return;
    }
    app.quit();
    setTimeout(() => app.exit(0), WINDOWS_MS); // a page that hangs does not close its window
  };
  app.on("before-quit", (event) => {
    const stop = running();
    if (stop === undefined || state === "stopped") return;
    event.preventDefault();
    if (state === "stopping") return;
    state = "stopping";
    void end(stop);
  });
}
