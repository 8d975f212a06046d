import { closeSync, openSync, readSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { AppLog } from "./log.ts";

/** How long main's event loop was ever held up. */
export interface Vitals {
  /** Longest block since the last `reset`, in milliseconds (the sampler's own 5 ms taken off). */
  maxBlockMs(): number;
  p99BlockMs(): number;
  /**
   * Most that main itself computed without a pause since the last `reset`, in milliseconds of processor time. A block far
   * longer than this was a machine with too much to do, not main. Undefined where the system does not tell it.
   */
  maxOwnMs(): number | undefined;
  reset(): void;
}

declare global {
  var kodoVitals: Vitals | undefined;
}

const RESOLUTION_MS = 5;
export const BLOCK_LIMIT_MS = 50;

/** Watches the loop; a minute with a block over 50 ms is noted in the log. Returns the vitals and what stops them. */
export function watchLoop(log: AppLog): { readonly vitals: Vitals; readonly stop: () => void } {
  const overall = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  const minute = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  const own = watchOwnWork();
  overall.enable();
  minute.enable();
  const ms = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
  let ownOverall = 0;
  let ownMinute = 0;
  const collect = (): void => {
    ownMinute = Math.max(ownMinute, own?.take() ?? 0);
    ownOverall = Math.max(ownOverall, ownMinute);
  };
  const timer = setInterval(() => {
    collect();
    if (ms(minute.max) > BLOCK_LIMIT_MS)
      log.note("main loop blocked", {
        maxMs: Math.round(ms(minute.max)),
        ...(own ? { ownMs: Math.round(ownMinute) } : {}),
      });
    ownMinute = 0;
    minute.reset();
  }, 60_000);
  timer.unref();
  const vitals: Vitals = {
    maxBlockMs: () => ms(overall.max),
    p99BlockMs: () => ms(overall.percentile(99)),
    maxOwnMs: () => {
      collect();
      return own ? ownOverall : undefined;
    },
    reset: () => {
      collect();
      ownOverall = 0;
      ownMinute = 0;
      overall.reset();
    },
  };
  globalThis.kodoVitals = vitals;
  return {
    vitals,
    stop: () => {
      clearInterval(timer);
      own?.stop();
      overall.disable();
      minute.disable();
    },
  };
}

interface OwnWork {
  /** Most processor time between two turns of the loop since the last call, in milliseconds. */
  take(): number;
  stop(): void;
}

const OWN_STEP_MS = 10;

function watchOwnWork(): OwnWork | undefined {
  const spent = threadTime();
  if (spent === undefined) return undefined;
  let most = 0;
  let last = spent.ms();
  const look = (): void => {
    const now = spent.ms();
    most = Math.max(most, now - last);
    last = now;
  };
  const timer = setInterval(look, OWN_STEP_MS);
  timer.unref();
  return {
    take: () => {
      look();
      const taken = most;
      most = 0;
      return taken;
    },
    stop: () => {
      clearInterval(timer);
      spent.close();
    },
  };
}

/** Processor time of the main thread; only Linux tells it for one thread (proc(5), schedstat: its first number, ns). */
function threadTime(): { ms(): number; close(): void } | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    const file = openSync(`/proc/self/task/${process.pid}/schedstat`, "r");
    const bytes = Buffer.alloc(96);
    return {
      ms: () =>
        Number.parseInt(bytes.toString("latin1", 0, readSync(file, bytes, 0, bytes.length, 0)), 10) / 1e6,
      close: () => closeSync(file),
    };
  } catch {
    return undefined; // a kernel without it
  }
}
