import type { Content, Curves, Forecast, Series } from "../../../preload/contract/finding.ts";
import type { ChannelHeader } from "../../../preload/contract/recording.ts";
import { matchChannels } from "../../../preload/contract/match-channels.ts";
import { wantedOf, type ReadLibrary, type RunChannels } from "../data/dataset.ts";

/** Says what a model said under the names that a recording gives its channels. */
export interface OwnNames {
  readonly content: (said: Content) => Content;
  readonly curves: (said: Curves) => Curves;
  readonly forecast: (said: Forecast) => Forecast;
}

/**
 * A model knows channels by the names they had where it was trained. A monitor calls its heart rate FHR1: what is said of
 * it has to name that one, or it would be drawn over nothing.
 */
export function ownNames(
  run: RunChannels,
  library: Pick<ReadLibrary, "getRecording">,
  channels: readonly ChannelHeader[],
): OwnNames {
  const names = new Map(
    matchChannels(wantedOf(run, library), channels).map(({ wanted, channel }) => [
      wanted.label,
      channel?.label ?? wanted.label,
    ]),
  );
  const own = (label: string): string => names.get(label) ?? label;
  const over = <T extends { readonly over?: string | undefined }>(one: T): T =>
    one.over === undefined ? one : { ...one, over: own(one.over) };
  const series = (one: Series): Series => ({
    ...over(one),
    name: one.as === "filled" ? own(one.name) : one.name, // it is called as what it fills
  });
  const forecast = (said: Forecast): Forecast => ({
    ...over(said),
    assumed: said.assumed.map((one) => ({ ...one, channel: own(one.channel) })),
  });
  const curves = (said: Curves): Curves => ({
    ...said,
    series: said.series.map(series),
    forecasts: said.forecasts.map(forecast),
  });
  return {
    curves,
    forecast,
    content: (said) => {
      if (said.kind === "curves") return curves(said);
      if (said.kind !== "events") return said;
      const events = said.events.map((event) =>
        event.channel === undefined ? event : { ...event, channel: own(event.channel) },
      );
      return { ...said, events };
    },
  };
}
