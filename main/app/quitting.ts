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
  /** Asks whether it may be stopped; undefined while there is nothing to ask about. */
  readonly question: () => (() => Promise<boolean>) | undefined;
  readonly failed: (error: unknown) => void;
  readonly stopped: (isWhole: boolean) => void;
}

/** For everything under way to stop and clean up, and then for the windows to close. */
export const STOP_MS = 9000;
export const WINDOWS_MS = 2000;

/**
 * Quit always quits: in order where that takes a few seconds, and where something never ends, without it. What the library
 * committed is whole either way, and what was half written is cleaned up when it is next opened. Only a recording under way
 * is asked about first, and kept where the answer says so.
 */
export function quitInOrder({ app, running, question, failed, stopped }: QuitOptions): void {
  let state: "running" | "asking" | "stopping" | "stopped" = "running";
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
  /** A question that cannot be asked keeps nobody from quitting. */
  const asked = async (ask: () => Promise<boolean>, stop: () => Promise<void>): Promise<void> => {
    const mayStop = await ask().catch((error: unknown) => {
      failed(error);
      return true;
    });
    if (state !== "asking") return; // it was told to end meanwhile
    state = mayStop ? "stopping" : "running";
    if (mayStop) await end(stop);
  };
  app.on("before-quit", (event) => {
    const stop = running();
    if (stop === undefined || state === "stopped") return;
    event.preventDefault();
    if (state === "stopping") return;
    const ask = question();
    if (ask !== undefined && state === "asking") return;
    state = ask === undefined ? "stopping" : "asking";
    void (ask === undefined ? end(stop) : asked(ask, stop));
  });
}
