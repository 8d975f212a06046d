import type { ForecastReport } from "../../../preload/contract/forecast-report.ts";
import { throwIfCancelled } from "../../../preload/contract/errors.ts";
import type { Forecaster, SequenceJudge } from "../../models/model.ts";
import { forecastReport } from "./forecast-report.ts";
import {
  planOf,
  scoreForecasts,
  type ForecastPlan,
  type ForecastScores,
  type Scored,
} from "./forecast-scores.ts";

interface Methods {
  readonly judge: SequenceJudge;
  readonly floors: readonly { readonly name: string; readonly judge: SequenceJudge }[];
  readonly validation: readonly string[]; // people by whom it was calibrated
}

interface Hooks {
  readonly signal: AbortSignal;
  readonly onJudged: (share: number) => void;
}

/** Every recording looked ahead by the model and by what it has to beat. Undefined where nothing could be looked ahead. Floors end here. */
export async function judgeForecasts(
  recordings: readonly Scored[],
  { judge, floors: all, validation }: Methods,
  { signal, onJudged }: Hooks,
): Promise<ForecastReport | undefined> {
  const floors = all.filter((one) => one.judge.forecaster !== undefined);
  try {
    let plan: ForecastPlan | undefined;
    const scored: ForecastScores[] = [];
    for (const [index, recording] of recordings.entries()) {
      throwIfCancelled(signal);
      const { source } = recording;
      const open = (one: SequenceJudge): Promise<Forecaster> | undefined =>
        one.forecaster?.(source, { signal });
      const own = await open(judge);
      plan ??= own && planOf(own, source.durationS);
      if (own === undefined || plan === undefined) continue;
      const others = await Promise.all(floors.flatMap((floor) => open(floor.judge) ?? []));
      scored.push(await scoreForecasts(recording, [own, ...others], plan, signal));
      onJudged((index + 1) / recordings.length);
    }
    return plan && forecastReport(scored, plan, { floors: floors.map(({ name }) => name), validation });
  } finally {
    for (const floor of all) await floor.judge.dispose();
  }
}
