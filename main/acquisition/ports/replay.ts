import { setTimeout as pause } from "node:timers/promises";
import { AppError } from "../../../preload/contract/errors.ts";
import { openCapture, type CaptureEnd, type OpenCapture } from "./capture.ts";
import { monotonicS, type PortListener, type PortOpener } from "./port.ts";

const ADDRESS = /^replay:(.+?)(?:\?speed=([^?/\\]*))?$/s;
const SPEED_MAX = 1000;

/**
 * A capture played back, at the speed at which it came or as told: `replay:FILE?speed=4`. What is written to it is heard
 * by nobody. At its end the port is lost with device/replay-ended; what made the capture end early is a warning before.
 */
export const openReplay: PortOpener = async ({ path, listener }) => {
  const [, file, speedText = "1"] = ADDRESS.exec(path) ?? [];
  const speed = Number(speedText);
  if (file === undefined)
    throw new AppError("device/cannot-open", `${path} is not replay:FILE or replay:FILE?speed=4`, { path });
  if (!(speed > 0) || speed > SPEED_MAX)
    throw new AppError(
      "device/cannot-open",
      `${file} cannot be played back at ${speedText} times its speed; up to ${SPEED_MAX} times is possible`,
      { path },
    );
  const capture = await openFile(file);
  const stopped = new AbortController();
  const playing = play(capture, speed, listener, stopped.signal)
    .then((end) => {
      if (end === undefined) return;
      if (end.end !== "whole") listener.warned(warningOf(file, end));
      listener.lost(new AppError("device/replay-ended", `${file} ends here`, { path }));
    })
    .catch((error: unknown) => {
      if (stopped.signal.aborted) return;
      const message = error instanceof Error ? error.message : String(error);
      listener.lost(
        new AppError("device/port-lost", `${file} cannot be read on: ${message}`, { path }, error),
      );
    })
    .finally(() => capture.close());
  return {
    write: () => Promise.resolve(),
    close: () => {
      stopped.abort();
      return playing;
    },
  };
};

async function openFile(file: string): Promise<OpenCapture> {
  try {
    return await openCapture(file);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const isMissing = message.includes("ENOENT");
    if (message.includes("EISDIR"))
      throw new AppError("device/cannot-open", `${file} is a folder, no capture`, { path: file }, error);
    throw isMissing
      ? new AppError("device/not-found", `No capture at ${file}`, { path: file }, error)
      : new AppError(
          "device/cannot-open",
          `${file} cannot be played back: ${message}`,
          { path: file },
          error,
        );
  }
}

function warningOf(file: string, { end, offset }: CaptureEnd): { code: string; message: string } {
  return end === "cut-off"
    ? { code: "device/replay-cut-off", message: `${file} ends within a record, at byte ${offset}` }
    : {
        code: "device/replay-damaged",
        message: `${file} is damaged at byte ${offset}; what follows is left out`,
      };
}

/** Undefined: it was stopped. */
async function play(
  { records }: OpenCapture,
  speed: number,
  listener: PortListener,
  signal: AbortSignal,
): Promise<CaptureEnd | undefined> {
  const beganS = monotonicS();
  for (;;) {
    const next = await records.next();
    if (signal.aborted) return undefined;
    if (next.done === true) return next.value;
    const waitS = beganS + next.value.sinceS / speed - monotonicS();
    // Shorter than a timer can tell: at once. The loop gives way at every read of the file.
    if (waitS > 0.0005) await pause(waitS * 1000, undefined, { signal });
    listener.data(next.value.bytes, monotonicS());
  }
}
