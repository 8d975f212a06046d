import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { AppError } from "../../../preload/contract/errors.ts";
import type { PortListener } from "./port.ts";

/** Pairs of virtual ports need the program socat. Says so where it is missing, since tests are then skipped. */
export function skipWithoutSocat(what: string): boolean {
  const isMissing = spawnSync("socat", ["-V"]).error !== undefined;
  if (isMissing) console.warn(`${what}: socat is not installed, so virtual ports are not tested`);
  return isMissing;
}

export interface PtyPair {
  readonly ours: string;
  readonly device: string;
  /** Pulls the plug: both ends are gone at once. */
  readonly unplug: () => void;
}

/** Two virtual ports, what is written to one is read from the other. `folder`: the same paths again, as after a replug. */
export async function ptyPair(folder = mkdtempSync(join(tmpdir(), "kodo-pty-"))): Promise<PtyPair> {
  const [ours, device] = [join(folder, "ours"), join(folder, "device")];
  const end = (path: string): string => `pty,raw,echo=0,link=${path}`;
  const socat = spawn("socat", [end(ours), end(device)], { stdio: "ignore" });
  while (!existsSync(ours) || !existsSync(device)) await pause(5);
  return {
    ours,
    device,
    unplug: () => {
      socat.kill("SIGKILL");
      rmSync(ours, { force: true });
      rmSync(device, { force: true });
    },
  };
}

/** A listener that keeps everything, and lets a test wait for it. */
export function recordingListener() {
  const chunks: Uint8Array[] = [];
  const times: number[] = [];
  const warnings: string[] = [];
  const losses: AppError[] = [];
  const listener: PortListener = {
    data: (bytes, arrivedS) => {
      chunks.push(bytes);
      times.push(arrivedS);
    },
    lost: (cause) => losses.push(cause),
    warned: ({ code }) => warnings.push(code),
  };
  const received = (): Buffer => Buffer.concat(chunks);
  const until = async (isSo: () => boolean, limitMs = 5000): Promise<number> => {
    const began = performance.now();
    while (!isSo()) {
      if (performance.now() - began > limitMs) throw new Error("it did not come");
      await pause(1);
    }
    return performance.now() - began;
  };
  return { listener, received, times, warnings, losses, until };
}
