import type { AppLog } from "./log.ts";

export interface FailureOptions {
  /** Node's process, as far as it is asked here. */
  readonly process: {
    on(event: "uncaughtException" | "unhandledRejection", listener: (error: unknown) => void): unknown;
  };
  readonly exit: (code: number) => void;
  readonly log: AppLog;
  readonly isRecording: () => boolean;
  /** Says to a person that the program has a fault. */
  readonly tell: () => void;
  readonly say: (text: string) => void; // to the terminal
}

const FATAL = 70; // EX_SOFTWARE of sysexits.h

/**
 * An exception that nobody caught is a bug in main: said in the log, and the program ends; the library keeps what was
 * committed. While a recording is under way the program stays: nothing that main does is worth the end of a recording.
 */
export function watchFailures({ process, exit, log, isRecording, tell, say }: FailureOptions): void {
  let isTold = false;
  process.on("uncaughtException", (error) => {
    const stays = isRecording();
    log.error(stays ? "fault while recording" : "fatal", error);
    say(`fatal: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    if (!stays) exit(FATAL);
    else if (!isTold) {
      isTold = true;
      tell();
    }
  });
  process.on("unhandledRejection", (error) => log.error("unhandled rejection", error));
}
