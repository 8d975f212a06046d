import type { MaskRun } from "../../preload/contract/mask.ts";
import { sure } from "../../preload/contract/sure.ts";

/** Collects unobserved samples in ascending order; neighbours with one reason become one run. */
export class MaskRunBuilder {
  readonly runs: MaskRun[] = [];
  private first = 0;
  private count = 0;
  private reason = 0;

  add(first: number, count: number, reason: number): void {
    if (count <= 0 || reason === 0) return;
    if (reason === this.reason && first === this.first + this.count) {
      this.count += count;
      return;
    }
    this.flush();
    this.first = first;
    this.count = count;
    this.reason = reason;
  }

  /** The finished runs. */
  done(): readonly MaskRun[] {
    this.flush();
    return this.runs;
  }

  private flush(): void {
    if (this.count > 0) this.runs.push({ first: this.first, count: this.count, reason: this.reason });
    this.count = 0;
    this.reason = 0;
  }
}

/** One reason code a sample (0 observed); runs are clipped to `count`. */
export function reasonsOf(runs: readonly MaskRun[], count: number): Uint8Array {
  const reasons = new Uint8Array(count);
  for (const run of runs)
    reasons.fill(run.reason, Math.min(run.first, count), Math.min(run.first + run.count, count));
  return reasons;
}

/** The inverse of `reasonsOf`. */
export function runsOf(reasons: Uint8Array): readonly MaskRun[] {
  const builder = new MaskRunBuilder();
  for (let i = 0; i < reasons.length; i++) {
    const reason = sure(reasons[i]);
    if (reason !== 0) builder.add(i, 1, reason);
  }
  return builder.done();
}
