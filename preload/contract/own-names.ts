import type { Content, Forecast } from "./finding.ts";
import { matchChannels, type WantedChannel } from "./match-channels.ts";
import type { ChannelHeader } from "./recording.ts";

interface Over {
  readonly over?: string | undefined;
}
type Named = Over & { readonly name: string; readonly as?: string | undefined };

/** Says what a model said under the names that a recording gives its channels. */
export interface OwnNames {
  readonly content: <C extends Content>(said: C) => C;
  readonly series: <S extends Named>(said: S) => S;
  readonly forecast: (said: Forecast) => Forecast;
}

/**
 * A model knows channels by the names they had where it was trained, `wanted`. A monitor calls its heart rate FHR1: what is
 * said of it has to name that one, or it would be drawn over nothing.
 */
export function ownNames(
  wanted: readonly WantedChannel[],
  channels: readonly Pick<ChannelHeader, "label" | "role">[],
): OwnNames {
  const names = new Map(
    matchChannels(wanted, channels).map((one) => [one.wanted.label, one.channel?.label ?? one.wanted.label]),
  );
  const own = (label: string): string => names.get(label) ?? label;
  const over = <T extends Over>(one: T): T =>
    one.over === undefined ? one : { ...one, over: own(one.over) };
  const series = <S extends Named>(one: S): S => ({
    ...over(one),
    name: one.as === "filled" ? own(one.name) : one.name, // it is called as what it fills
  });
  const forecast = (said: Forecast): Forecast => ({
    ...over(said),
    assumed: said.assumed.map((one) => ({ ...one, channel: own(one.channel) })),
  });
  return {
    ...{ series, forecast },
    content: (said) => {
      if (said.kind === "curves")
        return { ...said, series: said.series.map(series), forecasts: said.forecasts.map(forecast) };
      if (said.kind !== "events") return said;
      const events = said.events.map((event) =>
        event.channel === undefined ? event : { ...event, channel: own(event.channel) },
      );
      return { ...said, events };
    },
  };
}
