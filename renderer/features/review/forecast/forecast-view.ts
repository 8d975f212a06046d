import { create } from "zustand";
import type { SeriesSummary } from "../../../../preload/contract/finding.ts";

/** What of models over time is on screen. It stays from one recording to the next. */
export interface ForecastView {
  readonly isOn: boolean; // the fan at the cursor
  readonly forks: boolean; // its branches and where they part
  readonly came: boolean; // what was recorded after the cursor
  readonly regimes: boolean;
  readonly baseline: boolean;
  readonly fills: boolean;
  readonly runId: string | undefined; // that looks ahead; absent: the newest that can
}
export type ViewPart = "forks" | "came" | "regimes" | "baseline" | "fills";

export const useForecastView = create<ForecastView>(() => ({
  ...{ isOn: false, forks: true, came: true, regimes: true, baseline: true, fills: true },
  runId: undefined,
}));

export const turnForecast = (isOn?: boolean): void =>
  useForecastView.setState((view) => ({ isOn: isOn ?? !view.isOn }));

export const turnPart = (part: ViewPart): void =>
  useForecastView.setState((view) => ({ [part]: !view[part] }));

export const chooseForecaster = (runId: string): void => useForecastView.setState({ runId });

/** Whether a series of a finding is to be drawn. */
export function isSeriesShown(
  { name, as }: Pick<SeriesSummary, "name" | "as">,
  view: Pick<ForecastView, "regimes" | "baseline" | "fills">,
): boolean {
  if (as === "share") return view.regimes;
  if (as === "filled") return view.fills;
  return name !== "baseline" || view.baseline;
}
