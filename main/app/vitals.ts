import { monitorEventLoopDelay } from "node:perf_hooks";
import type { AppLog } from "./log.ts";

/** How long main's event loop was ever held up. */
export interface Vitals {
  /** Longest block since the last `reset`, in milliseconds (the sampler's own 5 ms taken off). */
  maxBlockMs(): number;
  p99BlockMs(): number;
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
  overall.enable();
  minute.enable();
  const ms = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
  const timer = setInterval(() => {
    if (ms(minute.max) > BLOCK_LIMIT_MS) log.note("main loop blocked", { maxMs: Math.round(ms(minute.max)) });
    minute.reset();
  }, 60_000);
  timer.unref();
  const vitals: Vitals = {
    maxBlockMs: () => ms(overall.max),
    p99BlockMs: () => ms(overall.percentile(99)),
    reset: () => overall.reset(),
  };
  globalThis.kodoVitals = vitals;
  return {
    vitals,
    stop: () => {
      clearInterval(timer);
      overall.disable();
      minute.disable();
    },
  };
}
