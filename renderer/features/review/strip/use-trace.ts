import { useMemo, useState, type RefObject } from "react";
import { useCoarseTiles } from "../../../trace/tiles/coarse-tiles.ts";
import type { StripHandle } from "../../../trace/strip/strip.tsx";
import { autoRange, type ValueRange } from "../../../trace/tracks/range.ts";
import type { TraceChannel } from "../../../trace/tracks/track.ts";
import { inOrder, useChannelView } from "./channel-view.ts";
import type { Place } from "../place/remembered.ts";

/** The channels as they are arranged and drawn: their coarse tiles, the range of each, and what could not be read. */
export function useTrace(
  recordingId: string,
  {
    place,
    channels,
    strip,
  }: {
    readonly place: Place;
    readonly channels: readonly TraceChannel[];
    readonly strip: RefObject<StripHandle | null>;
  },
) {
  const arranging = useChannelView(place, channels);
  const { order, hidden, gains } = arranging.view;
  const [traceError, setTraceError] = useState<unknown>(undefined);
  const { tiles: coarse, retry: retryCoarse } = useCoarseTiles(recordingId, channels, setTraceError);
  const ranges = useMemo(() => {
    const found = new Map<number, ValueRange>();
    for (const channel of channels) {
      const range = autoRange(coarse.get(channel.position) ?? [], channel.role);
      if (range) found.set(channel.position, range);
    }
    return found;
  }, [coarse, channels]);
  const shownChannels = useMemo(
    () => inOrder(channels, order).filter((channel) => !hidden.has(channel.position)),
    [channels, order, hidden],
  );
  return {
    arranging,
    hidden,
    gains,
    areTwins: channels.filter(({ role }) => role === "fhr").length > 1, // or one fetus heard twice
    isReordered: order.length > 0,
    orderedChannels: inOrder(channels, order),
    shownChannels,
    coarse,
    ranges,
    traceError,
    setTraceError,
    retryTrace: (): void => {
      setTraceError(undefined);
      retryCoarse();
      strip.current?.retry();
    },
  };
}
