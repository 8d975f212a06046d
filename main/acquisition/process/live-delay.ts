import type { JudgedWindow, LiveDecision } from "../../../preload/contract/acquisition.ts";

/** Over so long the delay of decisions is told. */
const OVER_S = 60;

/** From the arrival of a window's last sample to what is said of it. */
export class LiveDelay {
  #delays: { readonly atS: number; readonly ms: number }[] = [];

  /** `nowS`: monotonic. A window whose last sample is lost has no delay. */
  decision({ said, arrivedS }: JudgedWindow, nowS: number): LiveDecision {
    if (arrivedS !== undefined) this.#delays.push({ atS: nowS, ms: Math.max(0, nowS - arrivedS) * 1000 });
    const old = this.#delays.findIndex(({ atS }) => atS > nowS - OVER_S);
    this.#delays.splice(0, old < 0 ? this.#delays.length : old);
    const sorted = this.#delays.map(({ ms }) => ms).sort((a, b) => a - b);
    const share = (part: number): number => sorted[Math.ceil(part * sorted.length) - 1] ?? 0;
    return { ...said, latencyMs: { last: this.#delays.at(-1)?.ms ?? 0, p50: share(0.5), p95: share(0.95) } };
  }
}
