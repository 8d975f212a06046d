import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, constants, existsSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { AppError } from "../../../preload/contract/errors.ts";

const OPEN_MS = 5000;

/** The device's end of a serial line. Neither reading nor writing ever waits. */
export interface DeviceEnd {
  /** What the host sent since the last time. */
  readonly read: () => Uint8Array;
  /** How many of these bytes the line took: none where the host reads nothing. */
  readonly write: (bytes: Uint8Array) => number;
  readonly unplug: () => void;
  readonly plug: () => Promise<void>;
}

/** One end of a pair that somebody else made. Pulled out, it is closed; whether the host sees that is up to the pair. */
export const endAt = (path: string): DeviceEnd =>
  createEnd(
    () => openWhenThere(path),
    () => undefined,
  );

/**
 * A pair of virtual ports of our own, by the program socat: the host's end is at `path`, for as long as the device is
 * plugged in.
 */
export function virtualEnd(path: string): DeviceEnd {
  const inner = `${path}.device`;
  let socat: ChildProcess | undefined;
  const pty = (link: string): string => `pty,raw,echo=0,link=${link}`;
  const open = async (): Promise<number> => {
    if (existsSync(path)) throw new AppError("device/busy", `${path} is there already`, { path });
    socat = spawn("socat", [pty(path), pty(inner)], { stdio: "ignore" });
    const failed = new Promise<never>((_, reject) => {
      socat?.once("error", () =>
        reject(
          new AppError(
            "device/cannot-open",
            "A virtual port needs the program socat (sudo apt install socat)",
          ),
        ),
      );
    });
    return Promise.race([failed, openWhenThere(inner)]);
  };
  return createEnd(open, () => {
    socat?.kill("SIGKILL");
    rmSync(path, { force: true });
    rmSync(inner, { force: true });
  });
}

function createEnd(open: () => Promise<number>, closed: () => void): DeviceEnd {
  let fd: number | undefined;
  const buffer = Buffer.alloc(4096);
  /** 0: the line has or takes nothing now, or its other side is gone. */
  const attempt = (work: (fd: number) => number): number => {
    if (fd === undefined) return 0;
    try {
      return work(fd);
    } catch {
      return 0;
    }
  };
  return {
    read: () =>
      new Uint8Array(
        buffer.subarray(
          0,
          attempt((line) => readSync(line, buffer)),
        ),
      ),
    write: (bytes) => (bytes.length === 0 ? 0 : attempt((line) => writeSync(line, bytes))),
    plug: async () => {
      fd = await open();
    },
    unplug: () => {
      if (fd !== undefined) closeSync(fd);
      fd = undefined;
      closed();
    },
  };
}

async function openWhenThere(path: string): Promise<number> {
  const until = performance.now() + OPEN_MS;
  while (!existsSync(path)) {
    if (performance.now() > until) throw new AppError("device/not-found", `No port at ${path}`, { path });
    await pause(10);
  }
  return openSync(path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
}
