import type { z } from "zod";
import type { LiveDecision } from "../../preload/contract/acquisition.ts";
import type { Forecast } from "../../preload/contract/finding.ts";
import type { outputs } from "./schemas.ts";

type Counts = NonNullable<z.infer<(typeof outputs)["record"]>["live"]>;

/** What a run decided while something was recorded. */
export class Decisions {
  readonly #runId: string;
  readonly #decisions = new Map<string, number>();
  readonly #unknown = { unobserved: 0, untypical: 0, unsure: 0 };
  #windows = 0;
  #forecasts = 0;
  #last: LiveDecision | undefined;

  constructor(runId: string) {
    this.#runId = runId;
  }

  add(decision: LiveDecision): void {
    this.#last = decision;
    this.#windows += 1;
    const { decision: code, why, forecast } = decision;
    if (forecast !== undefined) this.#forecasts += 1;
    else if (code !== undefined) this.#decisions.set(code, (this.#decisions.get(code) ?? 0) + 1);
    else if (why !== undefined) this.#unknown[why] += 1;
  }

  /** The last one, for a line of progress. */
  line(): string {
    const last = this.#last;
    if (last === undefined) return "";
    const delay = `(${last.latencyMs.p95.toFixed(0)} ms)`;
    if (last.forecast !== undefined) return `; ${aheadText(last.forecast)} ${delay}`;
    const most = Math.max(...(last.classes ?? []).map(({ mean }) => mean));
    const said =
      last.decision === undefined ? `unknown: ${last.why ?? ""}` : `${last.decision} ${most.toFixed(2)}`;
    return `; ${said} ${delay}`;
  }

  counts(): Counts {
    return {
      ...{ runId: this.#runId, windows: this.#windows, decisions: Object.fromEntries(this.#decisions) },
      forecasts: this.#forecasts,
      unknown: this.#unknown,
      latencyMs: this.#last?.latencyMs ?? null,
    };
  }

  text(): string {
    const { decisions, forecasts, unknown, latencyMs } = this.counts();
    const ahead = forecasts > 0 ? { "looked ahead": forecasts } : {};
    const named = Object.entries({ ...decisions, ...ahead, ...unknown }).map(
      ([what, count]) => `${what} ${count}`,
    );
    const delay = latencyMs === null ? "" : `, within ${latencyMs.p95.toFixed(0)} ms (95 %)`;
    return `${this.#windows} windows: ${named.join(", ")}${delay}\n`;
  }
}

/** Nine in ten at its end. */
function aheadText({ horizonS, quantiles }: Forecast): string {
  const end = (share: number): string =>
    quantiles
      .find((one) => Math.abs(one.share - share) < 1e-6)
      ?.value.at(-1)
      ?.toFixed(1) ?? "-";
  return `in ${horizonS} s ${end(0.05)} to ${end(0.95)}`;
}
